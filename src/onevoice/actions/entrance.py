"""The entrance: staff sign in, systems show their keys, and each gets an Authority or nothing."""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import blake2b, sha256
from typing import Final

from msgspec.structs import replace

from onevoice.actions import passwords
from onevoice.actions.second_step import SecondStep, SecondStepFirst, Waiting
from onevoice.ledger import accounts, staff
from onevoice.ledger.documents import lock_documents, read_surroundings
from onevoice.ledger.engine import Engine, Transaction
from onevoice.ledger.invitations import note_maker, note_use, use_of_key
from onevoice.nouns.authority import ROLE_VERBS, Authority, Verb
from onevoice.nouns.moment import HOUR, MINUTE, Clock
from onevoice.nouns.problem import Fault, NotFound, Refused
from onevoice.nouns.surroundings import Surroundings, subtree
from onevoice.nouns.words import Channel, Role
from onevoice.parsing.addresses import normalised

WINDOW: Final = 15 * MINUTE
ACCOUNT_TRIES_MAX: Final = 10
NETWORK_TRIES_MAX: Final = 60
SLOTS: Final = 4_096
KEY_PREFIX: Final = "ov_"
NAME_MAX: Final = 200
WRONG: Final = Fault(
    "sign_in", "E-mail and password do not belong together, or there were too many tries; then wait 15 minutes."
)
WRONG_CODE: Final = Fault(
    "second_step", "This code is not right, was used already, or there were too many tries; then wait 15 minutes."
)


@dataclass(frozen=True, slots=True)
class Entrance:
    """What is needed to let somebody in: the store, the clock, `random_bytes(count)`, a secret for the throttle's slots
    and how long a session lasts. `surroundings` gives the newest documents (None: they are read each time),
    `second_step` asks for codes after passwords (None: nobody is asked). Whoever has an account at `issuer`, the
    company's identity provider ('': there is none), signs in there and not with a password."""

    engine: Engine
    clock: Clock
    random_bytes: Callable[[int], bytes]
    slot_key: bytes
    session_hours: int = 12
    surroundings: Callable[[], Surroundings] | None = None
    second_step: SecondStep | None = None
    issuer: str = ""

    def start_session(self, email: str, password: str, network: str) -> str:
        """A new session's token, shown once. `network` is the caller's address or prefix.

        Raises Refused, with one and the same sentence whatever was wrong, after the same work; SecondStepFirst where
        all was right and a code must follow."""
        account = _email(email)
        slots = self._slot("account", account, 0), self._slot("network", network, SLOTS // 2)
        now = self.clock()
        with self.engine.writing() as tx:
            tries = staff.count_tries(tx, slots, at=now, window=WINDOW)
            member = staff.member_of(tx.connection, account)
            stored = self._password_of(tx, member)
        if tries[slots[0]] > ACCOUNT_TRIES_MAX or tries[slots[1]] > NETWORK_TRIES_MAX:
            raise Refused([WRONG], "You are not signed in.")
        right = passwords.matches(password, stored) and len(password) <= passwords.PASSWORD_MAX
        if member is None or not right:
            raise Refused([WRONG], "You are not signed in.")
        with self.engine.writing() as tx:
            if self.second_step is not None:
                lock_documents(tx)
            staff.forgive_tries(tx, whole=slots[0], one=slots[1])
            ticket = self.second_step.begin(tx, member, at=now) if self.second_step else ""
            token = "" if ticket else self.open_session(tx, member, at=now)
        if ticket:
            raise SecondStepFirst(ticket)
        return token

    def open_session(self, tx: Transaction, member: staff.Member, *, at: int) -> str:
        """A new session's token for somebody who has proven who they are, with the rights they have now."""
        token = urlsafe_b64encode(self.random_bytes(32)).decode().rstrip("=")
        staff.add_session(tx, _digest(token), member, started=at, ends=at + self.session_hours * HOUR)
        return token

    def waiting(self, ticket: str) -> Waiting | None:
        """Whose sign-in waits for a code behind this ticket; None when none does (any more)."""
        if self.second_step is None:
            return None
        with self.engine.reading() as connection:
            return self.second_step.waiting(connection, ticket, at=self.clock())

    def finish_session(self, ticket: str, code: str, network: str) -> tuple[str, tuple[str, ...]]:
        """A new session's token after the second step, and recovery codes to keep where somebody just enrolled.

        Raises Refused with one sentence whatever was wrong. Tries are counted by account and network; a right password
        does not forgive those of codes."""
        waiting = self.waiting(ticket)
        account = f"code:{waiting.member.number}" if waiting else ""
        slots = self._slot("account", account, 0), self._slot("network", network, SLOTS // 2)
        now = self.clock()
        with self.engine.writing() as tx:
            tries = staff.count_tries(tx, slots, at=now, window=WINDOW)
        if self.second_step is None or waiting is None:
            raise Refused([WRONG_CODE], "You are not signed in.")
        if tries[slots[0]] > ACCOUNT_TRIES_MAX or tries[slots[1]] > NETWORK_TRIES_MAX:
            raise Refused([WRONG_CODE], "You are not signed in.")
        with self.engine.writing() as tx:
            lock_documents(tx)
            taken = self.second_step.take(tx, ticket, code, at=now)
            if taken is None:
                raise Refused([WRONG_CODE], "You are not signed in.")
            staff.forgive_tries(tx, whole=slots[0], one=slots[1])
            return self.open_session(tx, taken[0], at=now), taken[1]

    def authority_of_session(self, token: str) -> Authority | None:
        """Who holds this token, with the rights of this moment; None when it is not (or no longer) a session."""
        member = self.member_of_session(token)
        if member is None:
            return None
        return authority_of(f"staff:{member.number}", member.unit, ROLE_VERBS[member.role], self._documents())

    def authority_of(self, who: str) -> Authority | None:
        """The rights of somebody the log names (`staff:3`, `key:7`) at this moment; None when they have none."""
        kind, _, written = who.partition(":")
        number = int(written) if written.isascii() and written.isdecimal() and len(written) < 16 else 0
        with self.engine.reading() as connection:
            members = [one for one in staff.all_members(connection) if one.number == number and one.active]
            keys = [one for one in staff.all_keys(connection) if one.number == number and not one.revoked]
        if kind == "staff" and members:
            return authority_of(who, members[0].unit, ROLE_VERBS[members[0].role], self._documents())
        if kind == "key" and keys:
            documents = self._documents()
            verbs = self._reach(keys[0], documents)
            return authority_of(who, keys[0].unit, verbs, documents) if verbs else None
        return None

    def member_of_session(self, token: str) -> staff.Member | None:
        """The member of staff behind a token, for a page's head; None as above."""
        if not token:
            return None
        with self.engine.reading() as connection:
            session = staff.session_of(connection, _digest(token))
        if session is None or session.ends <= self.clock():
            return None
        member = session.member
        return member if member.active and member.epoch == session.epoch else None

    def signs_in_by_account(self, token: str) -> bool:
        """Whether this session is of somebody with an account at the company's identity provider."""
        member = self.member_of_session(token)
        if member is None:
            return False
        with self.engine.reading() as connection:
            return accounts.is_linked(connection, member.number, self.issuer)

    def end_session(self, token: str) -> None:
        """The token opens nothing any more; unknown ones are nothing already."""
        with self.engine.writing() as tx:
            staff.end_session(tx, _digest(token))

    def make_key(
        self, authority: Authority, *, name: str, unit: str, verbs: Iterable[Verb]
    ) -> tuple[staff.ApiKey, str]:
        """A new API key for a system of a unit, and its secret, shown once. Nobody gives more than they have.

        Raises Refused with every fault, NotFound for a unit the asker does not see."""
        wanted = frozenset(verbs)
        documents = self._documents()
        number = unit_for(authority, documents, unit)
        faults = [] if authority.may(Verb.SETUP) else [Fault("verbs", "You may not make API keys.")]
        if not wanted or not wanted <= authority.verbs:
            faults.append(Fault("verbs", f"Give one or more of {', '.join(sorted(authority.verbs))}."))
        if not 0 < len(name.strip()) <= NAME_MAX:
            faults.append(Fault("name", f"Name the system that will use the key, in at most {NAME_MAX} characters."))
        if faults:
            raise Refused(faults)
        secret = KEY_PREFIX + urlsafe_b64encode(self.random_bytes(32)).decode().rstrip("=")
        with self.engine.writing() as tx:
            lock_documents(tx)
            key = staff.ApiKey(
                number=staff.next_key(tx), name=name.strip(), unit=number, verbs=wanted, made=self.clock()
            )
            staff.add_key(tx, key, _digest(secret), by=authority.who)
            note_maker(tx, key.number, authority.who)
        return key, secret

    def authority_of_key(self, secret: str) -> Authority | None:
        """What the system with this secret may see and do; None when it is no key, or a revoked one."""
        if not secret.startswith(KEY_PREFIX):
            return None
        with self.engine.reading() as connection:
            key = staff.key_of(connection, _digest(secret))
        if key is None or key.revoked:
            return None
        documents = self._documents()
        verbs = self._reach(key, documents)
        if verbs:
            self._note_use(key)
        return authority_of(f"key:{key.number}", key.unit, verbs, documents) if verbs else None

    def _note_use(self, key: staff.ApiKey) -> None:
        """Once a minute, so that a busy key does not write all the time."""
        with self.engine.reading() as connection:
            fresh = use_of_key(connection, key.number).used > self.clock() - MINUTE
        if not fresh:
            with self.engine.writing() as tx:
                note_use(tx, key.number, at=self.clock())

    def _reach(self, key: staff.ApiKey, documents: Surroundings) -> frozenset[Verb]:
        """What of its verbs a key still has: none beyond those of whoever made it, as they are now."""
        with self.engine.reading() as connection:
            use = use_of_key(connection, key.number)
            maker = staff.member_called(connection, use.made_by)
        if maker is not None:
            verbs = ROLE_VERBS[maker.role] & key.verbs if maker.active else frozenset()
            makers = authority_of(use.made_by, maker.unit, ROLE_VERBS[maker.role], documents)
            key = replace(key, verbs=verbs if makers.sees(key.unit) else frozenset())
        return key.verbs

    def keys(self, authority: Authority) -> list[staff.ApiKey]:
        """The keys of the units the asker sees."""
        with self.engine.reading() as connection:
            return [key for key in staff.all_keys(connection) if authority.sees(key.unit)]

    def revoke_key(self, authority: Authority, number: int) -> None:
        """The key stops working at once. Raises NotFound where the asker sees no such key."""
        with self.engine.writing() as tx:
            lock_documents(tx)
            found = [key for key in staff.all_keys(tx.connection) if key.number == number and authority.sees(key.unit)]
            if not found or not authority.may(Verb.SETUP):
                raise NotFound(f"There is no API key {number} here for you to revoke.")
            if not found[0].revoked:
                staff.revoke_key(tx, found[0], by=authority.who, at=self.clock())

    def _password_of(self, tx: Transaction, member: staff.Member | None) -> str:
        """The hash to compare with; '' where nobody may come in by a password."""
        if member is None or not member.active:
            return ""
        if self.issuer and accounts.is_linked(tx.connection, member.number, self.issuer):
            return ""
        return staff.password_of(tx.connection, member.number)

    def _documents(self) -> Surroundings:
        if self.surroundings is not None:
            return self.surroundings()
        with self.engine.reading() as connection:
            return read_surroundings(connection)

    def _slot(self, kind: str, value: str, first: int) -> int:
        """Accounts and networks have a half of the table each; keyed, so that nobody can aim at another's slot."""
        digest = blake2b(f"{kind}\0{value}".encode(errors="replace"), key=self.slot_key[:64], digest_size=8).digest()
        return first + int.from_bytes(digest, "big") % (SLOTS // 2)


def authority_of(who: str, unit: int, verbs: frozenset[Verb], documents: Surroundings) -> Authority:
    """The authority of somebody of a unit: its subtree; the whole company from its only root, and for an admin from any
    root. A unit that is not there gives nothing to see."""
    roots = [number for number, each in documents.units.items() if each.parent == 0]
    whole = unit in roots and (len(roots) == 1 or verbs >= ROLE_VERBS[Role.ADMIN])
    return Authority(who=who, unit=unit, units=subtree(documents.units, unit), verbs=verbs, all_units=whole)


def unit_for(authority: Authority, documents: Surroundings, key: str) -> int:
    """The number of a unit by its key, where the asker sees it. Raises NotFound, alike for hidden and missing ones."""
    for unit in documents.units.values():
        if unit.key == key and authority.sees(unit.number):
            return unit.number
    raise NotFound(f"There is no unit “{key[:60]}” here for you to see.")


def _email(written: str) -> str:
    address = normalised(Channel.EMAIL, written)
    return "" if isinstance(address, Fault) else address.lower()


def _digest(secret: str) -> bytes:
    return sha256(secret.encode(errors="replace")).digest()
