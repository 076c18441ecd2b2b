"""Sign-in with the company's own accounts: out to the identity provider, back with a proof, in with today's rights."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import msgspec
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from msgspec.structs import replace

from onevoice.actions.entrance import Entrance
from onevoice.actions.second_step import digest
from onevoice.ledger import accounts, staff
from onevoice.ledger.documents import lock_documents, read_surroundings
from onevoice.ledger.engine import Transaction
from onevoice.nouns.company_account import AccountRules, Exchanged, GroupRights, IdentityProvider
from onevoice.nouns.moment import MINUTE, SECOND
from onevoice.nouns.words import Channel
from onevoice.parsing.addresses import normalised
from onevoice.parsing.id_token import Expected, key_id_of, read_id_token

JOURNEY_LASTS: Final = 10 * MINUTE
NAME_MAX: Final = 300
GROUPS_MAX: Final = 2_000
BY: Final = "company account"
"""How the change log calls whoever gives rights by groups."""


class Turned(StrEnum):
    """Why somebody is not let in by their account."""

    AGAIN = "again"
    NO_GROUP = "no-group"
    NO_MEMBER = "no-member"
    NO_UNIT = "no-unit"
    UNVERIFIED = "unverified"
    DOMAIN = "domain"
    TAKEN = "taken"
    INACTIVE = "inactive"


class TurnedAway(Exception):
    """Somebody is not let in by their account; `why` says it in a word."""

    def __init__(self, why: Turned) -> None:
        super().__init__(why)
        self.why = why


class Journey(msgspec.Struct, frozen=True):
    """What the browser carries while somebody is at the provider: random bytes, when it began, where to go then."""

    drawn: bytes
    began: int
    then: str


@dataclass(frozen=True, slots=True)
class Person:
    """What a checked ID token says of somebody; `email` is '' unless it was verified."""

    subject: str
    email: str
    name: str
    groups: frozenset[str]
    unverified: bool = False


@dataclass(frozen=True, slots=True)
class CompanyAccounts:
    """What signing in by accounts needs: the entrance that opens sessions, a line to the provider, the rules, where
    people come back to, and a key that binds each journey to its browser."""

    entrance: Entrance
    provider: IdentityProvider
    rules: AccountRules
    redirect: str
    key: bytes = field(repr=False)

    def begin(self, then: str) -> tuple[str, str]:
        """Where to send somebody, and what their browser must bring back. Writes nothing. Raises Unavailable."""
        endpoints = self.provider.endpoints()
        journey = Journey(self.entrance.random_bytes(32), self.entrance.clock(), then)
        location = prepare_grant_uri(
            endpoints.authorize,
            client_id=self.rules.client,
            response_type="code",
            redirect_uri=self.redirect,
            scope=self.rules.scopes,
            state=self._derived(journey, "state"),
            nonce=self._derived(journey, "nonce"),
            code_challenge=create_s256_code_challenge(self._derived(journey, "verifier")),
            code_challenge_method="S256",
        )
        return location, self._carried(journey)

    def finish(self, carried: str, said: Mapping[str, str]) -> tuple[str, str]:
        """A new session's token, and the page to go to, for whoever comes back with this in the browser and in the
        address. Raises TurnedAway, and Unavailable where the provider does not answer."""
        journey = self._journey(carried)
        if journey is None or not _same(self._derived(journey, "state"), said.get("state", "")):
            raise TurnedAway(Turned.AGAIN)
        named, needed = said.get("iss"), self.provider.endpoints().names_itself
        if (needed or named is not None) and named != self.rules.issuer:  # RFC 9207: another issuer's answer
            raise TurnedAway(Turned.AGAIN)
        code = said.get("code", "")
        if "error" in said or not code:
            raise TurnedAway(Turned.AGAIN)
        given = self.provider.exchange(code=code, verifier=self._derived(journey, "verifier"), redirect=self.redirect)
        person = self._person(given, self._derived(journey, "nonce")) if given else None
        if person is None:
            raise TurnedAway(Turned.AGAIN)
        return self._let_in(person, carried), journey.then

    def end_session(self, back: str) -> str:
        """Where somebody signs out of the provider as well (RP-initiated logout); '' where it has no such page."""
        address = self.provider.endpoints().end_session
        if not address:
            return ""
        asked = {"client_id": self.rules.client, "post_logout_redirect_uri": back}
        return str(add_params_to_uri(address, list(asked.items())))

    def _person(self, given: Exchanged, nonce: str) -> Person | None:
        named = key_id_of(given.id_token)
        if named is None:
            return None
        expected = Expected(
            issuer=self.rules.issuer,
            client=self.rules.client,
            nonce=nonce,
            access_token=given.access_token,
            now=self.entrance.clock() // SECOND,
            skew=self.rules.skew,
        )
        claims = read_id_token(given.id_token, self.provider.keys(named), expected)
        return _person_in(self._completed(claims, given.access_token), self.rules) if claims else None

    def _completed(self, claims: dict[str, Any], access_token: str) -> dict[str, Any]:
        """The claims, with what the provider tells only at its page of user info; that must be of the same subject, and
        changes nothing that the signed token says."""
        wanted = {"email", self.rules.verified_claim} | ({self.rules.group_claim} if self.rules.groups else set())
        if wanted <= claims.keys() or not access_token:
            return claims
        told = self.provider.user_info(access_token) or {}
        return told | claims if told.get("sub") == claims["sub"] else claims

    def _let_in(self, person: Person, carried: str) -> str:
        """One transaction: who it is, what they may do today, that this journey is over, and the session. Where
        somebody lost all their groups, it ends the sessions they have."""
        now, away = self.entrance.clock(), None
        with self.entrance.engine.writing() as tx:
            lock_documents(tx)
            member = accounts.member_of_account(tx.connection, self.rules.issuer, person.subject)
            try:
                return self._enter(tx, person, member, digest(carried), at=now)
            except _RightsGone as gone:
                assert member is not None
                accounts.end_sessions_of(tx, member)
                away = gone.why
        raise TurnedAway(away)

    def _enter(self, tx: Transaction, person: Person, member: staff.Member | None, ticket: bytes, *, at: int) -> str:
        linked = member is not None
        if person.email and self.rules.domains and person.email.rpartition("@")[2] not in self.rules.domains:
            raise _turned(Turned.DOMAIN, linked)
        if not person.email and self.rules.domains:
            raise _turned(Turned.UNVERIFIED, linked)
        rights = self._rights(person, linked)
        if member is None:
            member = self._met(tx, person, rights, at=at)
        if not member.active:
            raise TurnedAway(Turned.INACTIVE)
        member = self._following(tx, member, rights, linked, at=at)
        if not accounts.use_ticket(tx, ticket, member, at=at, ends=at + JOURNEY_LASTS):
            raise TurnedAway(Turned.AGAIN)
        return self.entrance.open_session(tx, member, at=at)

    def _rights(self, person: Person, linked: bool) -> GroupRights | None:
        """The rights of the first group that fits; None where rights are given in Onevoice alone."""
        fits = [each for each in self.rules.groups if each.group in person.groups]
        if self.rules.groups and not fits:
            raise _turned(Turned.NO_GROUP, linked)
        return fits[0] if fits else None

    def _met(self, tx: Transaction, person: Person, rights: GroupRights | None, *, at: int) -> staff.Member:
        """The member with this verified address, linked now; or a new one, where a group gives rights."""
        if not person.email:
            raise TurnedAway(Turned.UNVERIFIED if person.unverified else Turned.NO_MEMBER)
        member = staff.member_of(tx.connection, person.email)
        if member is not None and not member.active:
            raise TurnedAway(Turned.INACTIVE)
        if member is not None and accounts.is_linked(tx.connection, member.number, self.rules.issuer):
            raise TurnedAway(Turned.TAKEN)
        if member is None and rights is None:
            raise TurnedAway(Turned.NO_MEMBER)
        if member is None:
            assert rights is not None
            member = staff.Member(
                number=staff.next_member(tx),
                email=person.email,
                name=person.name or person.email,
                unit=_unit(tx, rights, linked=False),
                role=rights.role,
            )
            staff.store_members(tx, [member], by=BY, at=at)
        accounts.link(tx, member, self.rules.issuer, person.subject, at=at)
        return member

    def _following(
        self, tx: Transaction, member: staff.Member, rights: GroupRights | None, linked: bool, *, at: int
    ) -> staff.Member:
        """The member as the groups say today; a change raises the epoch, which ends their other sessions."""
        if rights is None:
            return member
        changed = replace(member, unit=_unit(tx, rights, linked=linked), role=rights.role)
        staff.store_members(tx, [changed], by=BY, at=at)
        now = staff.member_of(tx.connection, member.email)
        assert now is not None
        return now

    def _derived(self, journey: Journey, purpose: str) -> str:
        """A secret of this journey for one purpose; whoever reads the browser's cookie cannot make it."""
        said = b"\0".join((purpose.encode(), journey.drawn, str(journey.began).encode()))
        return urlsafe_b64encode(hmac.digest(self.key, said, "sha256")).decode().rstrip("=")

    def _carried(self, journey: Journey) -> str:
        packed = msgspec.msgpack.encode(journey)
        return urlsafe_b64encode(packed + hmac.digest(self.key, b"carried\0" + packed, "sha256")).decode()

    def _journey(self, carried: str) -> Journey | None:
        """What a browser brought back, where we gave it, and not long ago."""
        try:
            whole = urlsafe_b64decode(carried.encode())
            packed, proof = whole[:-32], whole[-32:]
            if not hmac.compare_digest(hmac.digest(self.key, b"carried\0" + packed, "sha256"), proof):
                return None
            journey = msgspec.msgpack.decode(packed, type=Journey)
        except (ValueError, UnicodeError):
            return None
        return journey if 0 <= self.entrance.clock() - journey.began < JOURNEY_LASTS else None


class _RightsGone(Exception):
    """A member we know is turned away, and what sessions they have end."""

    def __init__(self, why: Turned) -> None:
        super().__init__(why)
        self.why = why


def _turned(why: Turned, linked: bool) -> Exception:
    return _RightsGone(why) if linked else TurnedAway(why)


def _unit(tx: Transaction, rights: GroupRights, *, linked: bool) -> int:
    for unit in read_surroundings(tx.connection).units.values():
        if unit.key == rights.unit:
            return unit.number
    raise _turned(Turned.NO_UNIT, linked)


def _person_in(claims: Mapping[str, Any], rules: AccountRules) -> Person:
    written = claims.get("email")
    address = normalised(Channel.EMAIL, written) if isinstance(written, str) else ""
    email = address.lower() if isinstance(address, str) else ""
    verified = claims.get(rules.verified_claim) in (True, "true", "1")
    listed = claims.get(rules.group_claim)
    groups = [listed] if isinstance(listed, str) else listed if isinstance(listed, list) else []
    name = claims.get("name")
    plain = " ".join(name.split())[:NAME_MAX] if isinstance(name, str) else ""
    return Person(
        subject=claims["sub"],
        email=email if verified else "",
        name="".join(letter for letter in plain if letter.isprintable()),
        groups=frozenset(group for group in groups[:GROUPS_MAX] if isinstance(group, str)),
        unverified=bool(email) and not verified,
    )


def _same(ours: str, said: str) -> bool:
    return hmac.compare_digest(ours.encode(), said.encode(errors="replace"))
