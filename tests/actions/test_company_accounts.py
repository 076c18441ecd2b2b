"""Sign-in with the company's own accounts, against a provider that is honest, and against what is not."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from onevoice.actions.company_accounts import CompanyAccounts, Turned, TurnedAway
from onevoice.actions.entrance import Entrance
from onevoice.actions.staff import change_member, invite, set_password
from onevoice.ledger import staff
from onevoice.ledger.documents import lock_documents, store_documents, verify_changes
from onevoice.lines.http import WebLine
from onevoice.lines.identity_provider import ProviderLine
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.company_account import AccountRules, GroupRights
from onevoice.nouns.moment import MINUTE, SECOND
from onevoice.nouns.problem import Refused, Unavailable
from onevoice.nouns.surroundings import Unit
from onevoice.nouns.words import Role
from tests.clock import HandMovedClock
from tests.identity_provider import CLIENT, SECRET, Claims, Provider, identity_provider
from tests.stores import KINDS, open_store

ANNA = "anna@lumen.example"
PHRASE = "three green kites in may"
REDIRECT = "https://onevoice.example/login/company/return"
UNITS = (Unit(number=1, key="lumen", name="Lumen"), Unit(number=2, key="travel", name="Travel", parent=1))
GROUPS = (GroupRights("Admins", Role.ADMIN, "lumen"), GroupRights("Travel desk", Role.SENDER, "travel"))


@pytest.fixture
def provider(clock: HandMovedClock) -> Iterator[Provider]:
    """A provider that knows Anna, of the travel desk."""
    with identity_provider(lambda: clock() // SECOND) as opened:
        opened.person = {
            "sub": "user-17",
            "email": "Anna@Lumen.example",
            "email_verified": True,
            "name": "Anna Berg",
            "groups": ["Everybody", "Travel desk"],
        }
        yield opened


@pytest.fixture(params=KINDS)
def company(
    request: pytest.FixtureRequest, tmp_path: Path, clock: HandMovedClock, provider: Provider
) -> Iterator[CompanyAccounts]:
    """Lumen, with nobody in it yet, and its provider."""
    with open_store(request.param, request, tmp_path) as store:
        with store.writing() as tx:
            lock_documents(tx)
            store_documents(tx, UNITS, by="system", at=1)
        numbers = count(1)

        def draw(size: int) -> bytes:
            return next(numbers).to_bytes(size, "big")

        line = ProviderLine(WebLine(frozenset({"127.0.0.1"})), provider.issuer, CLIENT, SECRET, clock)
        entrance = Entrance(store, clock, draw, b"k" * 32, issuer=provider.issuer)
        rules = AccountRules(issuer=provider.issuer, client=CLIENT, groups=GROUPS)
        yield CompanyAccounts(entrance, line, rules, REDIRECT, b"c" * 32)


def there(company: CompanyAccounts, provider: Provider, then: str = "/") -> tuple[str, dict[str, str]]:
    """What a browser carries, and what it brings back from the provider."""
    location, carried = company.begin(then)
    assert urlsplit(location)._replace(query="").geturl() == f"{provider.issuer}/authorize"
    back = provider.authorize(dict(parse_qsl(urlsplit(location).query)))
    assert back.startswith(f"{REDIRECT}?")
    return carried, dict(parse_qsl(urlsplit(back).query))


def sign_in(company: CompanyAccounts, provider: Provider) -> str:
    return company.finish(*there(company, provider))[0]


def turned(company: CompanyAccounts, provider: Provider) -> Turned:
    with pytest.raises(TurnedAway) as away:
        sign_in(company, provider)
    return away.value.why


def member(company: CompanyAccounts, token: str) -> staff.Member:
    found = company.entrance.member_of_session(token)
    assert found is not None
    return found


def people(company: CompanyAccounts) -> list[staff.Member]:
    with company.entrance.engine.reading() as connection:
        assert verify_changes(connection) == 0
        return staff.all_members(connection)


def test_whoever_a_group_gives_rights_comes_in_at_once(company: CompanyAccounts, provider: Provider) -> None:
    """A first sign-in makes the member, with the role and unit of the group, and leads to the page that was wanted."""
    token, then = company.finish(*there(company, provider, "/decisions?verdict=hold"))
    assert then == "/decisions?verdict=hold"
    came = member(company, token)
    assert (came.email, came.name, came.role, came.unit) == (ANNA, "Anna Berg", Role.SENDER, 2)
    assert member(company, sign_in(company, provider)).number == came.number
    assert len(people(company)) == 1


def test_an_invited_member_is_found_by_the_verified_address(company: CompanyAccounts, provider: Provider) -> None:
    """And from then on by the account, whatever its address becomes; the password opens nothing any more."""
    entrance = company.entrance
    invite(entrance.engine, SYSTEM, email=ANNA, name="Anna", unit="travel", role=Role.SENDER, at=2)
    set_password(entrance.engine, SYSTEM, ANNA, PHRASE, at=3)
    assert entrance.start_session(ANNA, PHRASE, "192.0.2.1")
    assert member(company, sign_in(company, provider)).number == 1
    provider.person |= {"email": "a.berg@lumen.example"}
    assert member(company, sign_in(company, provider)).number == 1
    with pytest.raises(Refused):
        entrance.start_session(ANNA, PHRASE, "192.0.2.1")
    assert replace(entrance, issuer="").start_session(ANNA, PHRASE, "192.0.2.1"), "without a provider it does"


def test_rights_follow_the_groups_and_older_sessions_end(company: CompanyAccounts, provider: Provider) -> None:
    """The first group of the settings decides; the session of the lesser rights is gone at once, also upwards."""
    before = sign_in(company, provider)
    provider.person["groups"] = ["Travel desk", "Admins"]
    after = sign_in(company, provider)
    assert (member(company, after).role, member(company, after).unit) == (Role.ADMIN, 1)
    assert company.entrance.authority_of_session(before) is None
    again = sign_in(company, provider)
    assert company.entrance.authority_of_session(after) is not None, "nothing changed, nothing ends"
    provider.person["groups"] = []
    assert turned(company, provider) is Turned.NO_GROUP
    assert company.entrance.authority_of_session(again) is None
    assert company.entrance.authority_of_session(after) is None


def test_what_the_token_leaves_out_is_asked_for(company: CompanyAccounts, provider: Provider) -> None:
    """Some providers tell address and groups only at a page of their own; of another subject it counts for nothing, and
    against the signed token neither."""
    provider.metadata = {"userinfo_endpoint": f"{provider.issuer}/info"}
    provider.info, provider.person = provider.person, {"sub": "user-17"}
    provider.info["sub"] = "user-18"
    assert turned(company, provider) is Turned.NO_GROUP
    provider.info["sub"] = "user-17"
    assert member(company, sign_in(company, provider)).email == ANNA
    provider.info["groups"], provider.person["groups"] = ["Admins"], ["Travel desk"]
    assert member(company, sign_in(company, provider)).role is Role.SENDER


NOT_LET_IN: list[tuple[str, Claims, Turned]] = [
    ("no group", {"groups": ["Everybody"]}, Turned.NO_GROUP),
    ("groups that are no list", {"groups": {"Admins": True}}, Turned.NO_GROUP),
    ("an address nobody verified", {"email_verified": False}, Turned.UNVERIFIED),
    ("an address that says it is verified in words", {"email_verified": "yes"}, Turned.UNVERIFIED),
    ("no address", {"email": None}, Turned.NO_MEMBER),
    ("an address that is none", {"email": "anna@lumen.example\nbcc: x"}, Turned.NO_MEMBER),
]


@pytest.mark.parametrize(("who", "claims", "why"), NOT_LET_IN, ids=[each[0] for each in NOT_LET_IN])
def test_who_is_not_let_in(company: CompanyAccounts, provider: Provider, who: str, claims: Claims, why: Turned) -> None:
    """Nobody is made a member on the way."""
    provider.person |= claims
    assert turned(company, provider) is why
    assert people(company) == []


def test_further_reasons_to_be_turned_away(company: CompanyAccounts, provider: Provider) -> None:
    """Another domain, a unit that is not there, an address another account has, and access that ended."""
    strict = replace(company, rules=replace(company.rules, domains=frozenset({"bank.example"})))
    assert turned(strict, provider) is Turned.DOMAIN
    lost = replace(company, rules=replace(company.rules, groups=(GroupRights("Travel desk", Role.AGENT, "gone"),)))
    assert turned(lost, provider) is Turned.NO_UNIT
    without = replace(company, rules=replace(company.rules, groups=()))
    assert turned(without, provider) is Turned.NO_MEMBER
    token = sign_in(company, provider)
    provider.person["sub"] = "user-18"
    assert turned(company, provider) is Turned.TAKEN
    provider.person["sub"] = "user-17"
    assert member(without, sign_in(without, provider)).role is Role.SENDER, "without groups, rights are given here"
    change_member(company.entrance.engine, SYSTEM, ANNA, active=False, at=company.entrance.clock())
    assert turned(company, provider) is Turned.INACTIVE
    assert company.entrance.authority_of_session(token) is None


def without(*names: str) -> Callable[[Claims], Claims]:
    return lambda claims: {name: value for name, value in claims.items() if name not in names}


def with_claims(**other: Any) -> Callable[[Claims], Claims]:
    return lambda claims: claims | other


LIES: list[tuple[str, Callable[[Claims], Claims]]] = [
    ("another's issuer", with_claims(iss="https://evil.example")),
    ("another's audience", with_claims(aud="other")),
    ("several audiences and no authorised party", with_claims(aud=[CLIENT, "other"])),
    ("another authorised party", with_claims(aud=[CLIENT, "other"], azp="other")),
    ("another's nonce", with_claims(nonce="x" * 43)),
    ("a nonce among others", lambda claims: claims | {"nonce": [claims["nonce"]]}),
    ("another's access token", with_claims(at_hash="x" * 22)),
    ("expired an hour ago", lambda claims: claims | {"exp": claims["iat"] - 3_600}),
    ("expired a minute ago", lambda claims: claims | {"exp": claims["iat"] - 60}),
    ("made in the future", lambda claims: claims | {"iat": claims["iat"] + 61}),
    ("not valid yet", lambda claims: claims | {"nbf": claims["iat"] + 61}),
    ("a time in words", with_claims(exp="tomorrow")),
    ("an empty subject", with_claims(sub="")),
    ("a subject that is a number", with_claims(sub=17)),
    ("a subject without end", with_claims(sub="x" * 256)),
    *[(f"no {name}", without(name)) for name in ("iss", "sub", "aud", "exp", "iat", "nonce")],
]


@pytest.mark.parametrize(("lie", "change"), LIES, ids=[each[0] for each in LIES])
@pytest.mark.parametrize("company", ["sqlite"], indirect=True)
def test_a_token_that_is_not_for_us_opens_nothing(
    company: CompanyAccounts, provider: Provider, lie: str, change: Callable[[Claims], Claims]
) -> None:
    """Rightly signed, and still not what was asked for."""
    provider.change = change
    assert turned(company, provider) is Turned.AGAIN
    provider.change = with_claims(azp=CLIENT, aud=[CLIENT, "other"])
    assert sign_in(company, provider)


@pytest.mark.parametrize("header", [{"alg": "none"}, {"alg": "HS256"}, {"kid": "nobody"}])
@pytest.mark.parametrize("company", ["sqlite"], indirect=True)
def test_a_signature_of_another_kind_opens_nothing(
    company: CompanyAccounts, provider: Provider, header: Claims
) -> None:
    """None at all, the public key taken for a shared secret, or a key nobody published."""
    provider.header = header
    assert turned(company, provider) is Turned.AGAIN


@pytest.mark.parametrize("company", ["sqlite"], indirect=True)
def test_new_keys_are_fetched_once_a_minute(
    company: CompanyAccounts, provider: Provider, clock: HandMovedClock
) -> None:
    """A provider that changes its keys is believed after it published them; nobody makes us ask it all the time."""
    sign_in(company, provider)
    provider.signing = "two"
    for _ in range(3):
        assert turned(company, provider) is Turned.AGAIN
    assert provider.asked.count("/keys") == 1
    provider.listed = ["two"]
    clock.moment += MINUTE
    assert sign_in(company, provider)
    assert provider.asked.count("/keys") == 2
    assert provider.asked.count("/.well-known/openid-configuration") == 1


@pytest.mark.parametrize("company", ["sqlite"], indirect=True)
def test_the_answer_must_belong_to_this_browser(
    company: CompanyAccounts, provider: Provider, clock: HandMovedClock
) -> None:
    """Another's state, nothing carried, a changed or old cookie, another issuer's answer, a refusal: begin again."""
    carried, said = there(company, provider)
    other, others = there(company, provider)
    changed = carried[:10] + ("A" if carried[10] != "A" else "B") + carried[11:]
    for brought, told in [
        (carried, others),
        (other, said),
        ("", said),
        ("%%%", said),
        (changed, said),
        (carried, {**said, "state": ""}),
        (carried, {**said, "iss": "https://evil.example"}),
        (carried, {name: said[name] for name in ("code", "state")}),
        (carried, {**said, "error": "access_denied"}),
        (carried, {**said, "code": ""}),
    ]:
        with pytest.raises(TurnedAway) as away:
            company.finish(brought, told)
        assert away.value.why is Turned.AGAIN
    assert "/token" not in provider.asked, "no code was given away"
    clock.moment += 10 * MINUTE
    with pytest.raises(TurnedAway):
        company.finish(carried, said)


def test_an_answer_is_good_once(company: CompanyAccounts, provider: Provider) -> None:
    """The provider takes a code once; and where it did not, we take a journey once."""
    carried, said = there(company, provider)
    asked = provider.codes[said["code"]]
    assert company.finish(carried, said)[0]
    with pytest.raises(TurnedAway):
        company.finish(carried, said)
    provider.codes[said["code"]] = asked
    with pytest.raises(TurnedAway) as away:
        company.finish(carried, said)
    assert away.value.why is Turned.AGAIN


@pytest.mark.parametrize("company", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "http://evil.example/authorize"},
        {"authorization_endpoint": 5},
    ],
)
def test_a_provider_that_says_odd_things_of_itself_is_not_followed(
    company: CompanyAccounts, provider: Provider, metadata: Claims
) -> None:
    """It must call itself what the settings do, and lead to safe addresses."""
    provider.metadata = metadata
    with pytest.raises(Unavailable):
        company.begin("/")


@pytest.mark.parametrize("company", ["sqlite"], indirect=True)
def test_a_provider_that_is_down_is_not_asked_by_everybody(
    company: CompanyAccounts, provider: Provider, clock: HandMovedClock
) -> None:
    """For five seconds nobody waits for it again; then it may answer."""
    provider.down = True
    for _ in range(5):
        with pytest.raises(Unavailable):
            company.begin("/")
    assert len(provider.asked) == 1
    provider.down = False
    clock.moment += 5 * SECOND
    assert company.begin("/")


@pytest.mark.parametrize("company", ["sqlite"], indirect=True)
def test_what_the_browser_carries_tells_no_secret(company: CompanyAccounts, provider: Provider) -> None:
    """State, nonce and verifier differ each time and cannot be made from the cookie without our key."""
    location, carried = company.begin("/")
    asked = dict(parse_qsl(urlsplit(location).query))
    assert asked["state"] not in carried and asked["nonce"] not in carried
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    assert SECRET not in repr(company) and "scope" in asked
    assert dict(parse_qsl(urlsplit(company.begin("/")[0]).query))["state"] != asked["state"]
    assert company.end_session("https://onevoice.example/login").startswith(f"{provider.issuer}/end?client_id=onevoice")
