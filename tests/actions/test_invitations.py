"""Staff come in by a link, keys reach as far as whoever made them, and taking rights away takes effect at once."""

from typing import Any

import pytest

from onevoice.actions.entrance import Entrance
from onevoice.actions.invitations import GOOD_FOR, accept, invite_by_link, invited, make_link
from onevoice.actions.staff import change_member, end_sessions, sessions_seen
from onevoice.ledger.documents import verify_changes
from onevoice.ledger.invitations import use_of_key
from onevoice.nouns.authority import SYSTEM, Authority, Verb
from onevoice.nouns.moment import DAY, MINUTE
from onevoice.nouns.problem import NotFound, Refused
from onevoice.nouns.words import Role
from tests.book import Company
from tests.clock import HandMovedClock

EVA, PHRASE = "eva@alder.example", "four brass kettles sing"


@pytest.fixture
def entrance(company: Company) -> Entrance:
    """The entrance of a company of a group with a bank and a shop."""
    return company.onevoice.entrance


def arrived(entrance: Entrance, email: str = EVA, unit: str = "shop", role: Role = Role.UNIT_ADMIN) -> str:
    """Somebody invited by link who has set a password; their session's token."""
    link = invite_by_link(entrance, SYSTEM, email=email, name="Eva", unit=unit, role=role)
    accept(entrance, link.secret, PHRASE)
    return entrance.start_session(email, PHRASE, "192.0.2.1")


def rights(entrance: Entrance, token: str) -> Authority:
    found = entrance.authority_of_session(token)
    assert found is not None
    return found


def test_a_link_lets_somebody_set_a_password_once(entrance: Entrance) -> None:
    """Afterwards the password opens, and the link does not."""
    link = invite_by_link(entrance, SYSTEM, email=EVA, name="Eva", unit="shop", role=Role.AGENT)
    assert invited(entrance, link.secret).email == EVA
    with pytest.raises(Refused):
        accept(entrance, link.secret, "short")
    accept(entrance, link.secret, PHRASE)
    assert entrance.start_session(EVA, PHRASE, "192.0.2.1")
    with pytest.raises(NotFound):
        accept(entrance, link.secret, "another long phrase of words")


def test_a_link_ends_after_a_week(entrance: Entrance, clock: HandMovedClock) -> None:
    """To the second."""
    link = invite_by_link(entrance, SYSTEM, email=EVA, name="Eva", unit="shop", role=Role.AGENT)
    assert link.ends == clock() + GOOD_FOR == clock() + 7 * DAY
    clock.forward(seconds=7 * 86_400 - 1)
    assert invited(entrance, link.secret)
    clock.forward(seconds=1)
    with pytest.raises(NotFound):
        invited(entrance, link.secret)


def test_a_newer_link_or_a_change_of_rights_ends_the_older_link(entrance: Entrance) -> None:
    """A link found in an old mail opens nothing, and neither does no link at all."""
    first = invite_by_link(entrance, SYSTEM, email=EVA, name="Eva", unit="shop", role=Role.AGENT)
    second = make_link(entrance, SYSTEM, EVA)
    for secret in (first.secret, "", second.secret[:-1]):
        with pytest.raises(NotFound):
            invited(entrance, secret)
    change_member(entrance.engine, SYSTEM, EVA, role=Role.VIEWER, at=entrance.clock())
    with pytest.raises(NotFound):
        invited(entrance, second.secret)


def test_nobody_invites_with_more_than_they_have(entrance: Entrance) -> None:
    """A unit admin of the shop gives neither an administrator's rights nor a place in the bank, nor a link to one."""
    eva = rights(entrance, arrived(entrance))
    with pytest.raises(Refused):
        invite_by_link(entrance, eva, email="a@alder.example", name="A", unit="shop", role=Role.ADMIN)
    with pytest.raises(NotFound):
        invite_by_link(entrance, eva, email="b@alder.example", name="B", unit="bank", role=Role.VIEWER)
    invite_by_link(entrance, SYSTEM, email="boss@alder.example", name="Boss", unit="shop", role=Role.ADMIN)
    with pytest.raises(Refused):
        make_link(entrance, eva, "boss@alder.example")
    arrived(entrance, "bert@alder.example", "bank", Role.VIEWER)
    with pytest.raises(NotFound):
        make_link(entrance, eva, "bert@alder.example")


def test_nobody_changes_their_own_rights(entrance: Entrance) -> None:
    """So that the last administrator cannot lock the door from outside; one's own name may be changed."""
    eva = rights(entrance, arrived(entrance))
    changes: tuple[dict[str, Any], ...] = ({"role": Role.VIEWER}, {"active": False}, {"unit": "shop"})
    for change in changes:
        with pytest.raises(Refused, match="own rights"):
            change_member(entrance.engine, eva, EVA, at=entrance.clock(), **change)
    assert change_member(entrance.engine, eva, EVA, name="Eva B", at=entrance.clock()).name == "Eva B"


@pytest.mark.parametrize("change", [{"role": Role.VIEWER}, {"active": False}, {"unit": "bank"}])
def test_a_key_loses_its_reach_with_the_rights_of_whoever_made_it(entrance: Entrance, change: dict[str, Any]) -> None:
    """A viewer cannot propose, so neither can the key she made before she became one; nor from another unit."""
    eva = rights(entrance, arrived(entrance))
    _, secret = entrance.make_key(eva, name="CRM", unit="shop", verbs=[Verb.PROPOSE])
    assert entrance.authority_of_key(secret) is not None
    change_member(entrance.engine, SYSTEM, EVA, at=entrance.clock(), **change)
    assert entrance.authority_of_key(secret) is None


def test_a_key_says_when_it_was_used(entrance: Entrance, clock: HandMovedClock) -> None:
    """To a minute, so that a busy key does not write all the time."""
    key, secret = entrance.make_key(SYSTEM, name="CRM", unit="shop", verbs=[Verb.PROPOSE])

    def used() -> int:
        with entrance.engine.reading() as connection:
            return use_of_key(connection, key.number).used

    assert used() == 0
    entrance.authority_of_key(secret)
    first = used()
    assert first == clock()
    clock.forward(seconds=59)
    entrance.authority_of_key(secret)
    assert used() == first
    clock.forward(seconds=1)
    entrance.authority_of_key(secret)
    assert used() == first + MINUTE


def test_sessions_are_ended_by_their_owner_and_by_whoever_manages_them(entrance: Entrance) -> None:
    """One's own at once; another's by an administrator above; nobody else sees them."""
    first, second = arrived(entrance), entrance.start_session(EVA, PHRASE, "192.0.2.1")
    bert = arrived(entrance, "bert@alder.example", "bank", Role.VIEWER)
    eva, at = rights(entrance, first), entrance.clock()
    engine = entrance.engine
    mine = sessions_seen(engine, eva, at=at)
    assert {one.member.email for one in mine} == {EVA} and len(mine) == 2
    others = sessions_seen(engine, rights(entrance, bert), at=at)
    assert [one.member.email for one in others] == ["bert@alder.example"]
    with pytest.raises(NotFound):
        end_sessions(engine, eva, handle=others[0].handle, at=at)
    assert end_sessions(engine, eva, handle=mine[0].handle, at=at) == 1
    assert [entrance.authority_of_session(one) is None for one in (first, second)].count(True) == 1
    assert end_sessions(engine, SYSTEM, member=1, at=at) == 1
    assert entrance.authority_of_session(first) is None and entrance.authority_of_session(second) is None
    assert entrance.authority_of_session(bert) is not None
    with pytest.raises(NotFound):
        end_sessions(engine, eva, at=at)
    with entrance.engine.reading() as connection:
        assert verify_changes(connection) == 0
