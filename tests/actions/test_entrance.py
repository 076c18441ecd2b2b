"""Who may enter: staff with their passwords, systems with their keys, and nobody by guessing."""

from collections.abc import Callable
from itertools import count

import pytest
from sqlalchemy import text

from onevoice.actions import entrance as entrance_module
from onevoice.actions import passwords
from onevoice.actions.entrance import ACCOUNT_TRIES_MAX, NETWORK_TRIES_MAX, Entrance, authority_of
from onevoice.actions.staff import change_member, change_own_password, invite, set_password
from onevoice.ledger.documents import lock_documents, store_documents, verify_changes
from onevoice.ledger.engine import Engine
from onevoice.nouns.authority import ROLE_VERBS, SYSTEM, Authority, Verb
from onevoice.nouns.problem import NotFound, Refused
from onevoice.nouns.surroundings import Surroundings, Unit
from onevoice.nouns.words import Role
from tests.clock import HandMovedClock

ANNA = "anna@lumen.example"
PHRASE = "three green kites in may"
UNITS = (
    Unit(number=1, key="lumen", name="Lumen"),
    Unit(number=2, key="travel", name="Travel", parent=1),
    Unit(number=3, key="tickets", name="Tickets", parent=2),
    Unit(number=4, key="bank", name="Bank", parent=1),
)


@pytest.fixture
def company(engine: Engine) -> Engine:
    """A company of four units, and nobody in it yet."""
    with engine.writing() as tx:
        lock_documents(tx)
        store_documents(tx, UNITS, by="system", at=1)
    return engine


@pytest.fixture
def entrance(company: Engine, clock: HandMovedClock) -> Entrance:
    """The entrance, with randomness that counts."""
    numbers = count(1)
    draw: Callable[[int], bytes] = lambda size: next(numbers).to_bytes(size, "big")  # noqa: E731
    return Entrance(company, clock, draw, b"k" * 32)


@pytest.fixture
def anna(entrance: Entrance) -> Entrance:
    """Anna, unit admin of the travel desk, with her password."""
    invite(entrance.engine, SYSTEM, email="Anna@Lumen.example", name="Anna", unit="travel", role=Role.UNIT_ADMIN, at=2)
    set_password(entrance.engine, SYSTEM, ANNA, PHRASE, at=3)
    return entrance


def authority(entrance: Entrance, token: str) -> Authority:
    found = entrance.authority_of_session(token)
    assert found is not None
    return found


def test_somebody_with_the_right_password_comes_in_with_their_rights(anna: Entrance) -> None:
    """The session gives the verbs of the role and the units below the member's own, and nothing beside them."""
    mine = authority(anna, anna.start_session("ANNA@lumen.example", PHRASE, "192.0.2.1"))
    assert mine.who == "staff:1"
    assert mine.units == {2, 3}
    assert mine.verbs == ROLE_VERBS[Role.UNIT_ADMIN]
    assert not mine.all_units
    assert mine.sees(3)
    assert not mine.sees(4)


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (ANNA, "three green kites in june"),
        (ANNA, ""),
        (ANNA, PHRASE + "x" * 1_000),
        ("berta@lumen.example", PHRASE),
        ("not an address", PHRASE),
        ("", ""),
    ],
)
def test_whatever_is_wrong_the_answer_is_the_same(
    anna: Entrance, monkeypatch: pytest.MonkeyPatch, email: str, password: str
) -> None:
    """A wrong password and an unknown account get one sentence, after one argon2 verification each."""
    worked: list[str] = []
    verify = passwords.matches

    def counted(given: str, stored: str) -> bool:
        worked.append(given)
        return verify(given, stored)

    monkeypatch.setattr(passwords, "matches", counted)
    with pytest.raises(Refused) as refused:
        anna.start_session(email, password, "192.0.2.1")
    assert refused.value.faults == (entrance_module.WRONG,)
    assert len(worked) == 1


def test_somebody_invited_cannot_enter_before_a_password_is_set(anna: Entrance) -> None:
    """An empty stored password matches nothing, least of all the empty one."""
    invite(anna.engine, SYSTEM, email="new@lumen.example", name="New", unit="bank", role=Role.VIEWER, at=4)
    for password in ("", "a password that nobody has"):
        with pytest.raises(Refused):
            anna.start_session("new@lumen.example", password, "192.0.2.1")


def test_guessing_at_one_account_is_stopped(anna: Entrance, clock: HandMovedClock) -> None:
    """After ten wrong tries from anywhere even the right password is refused, until a quarter of an hour is over."""
    for turn in range(ACCOUNT_TRIES_MAX):
        with pytest.raises(Refused):
            anna.start_session(ANNA, "wrong but long enough", f"192.0.2.{turn}")
    with pytest.raises(Refused) as refused:
        anna.start_session(ANNA, PHRASE, "198.51.100.1")
    assert refused.value.faults == (entrance_module.WRONG,)
    clock.forward(seconds=15 * 60)
    assert anna.start_session(ANNA, PHRASE, "198.51.100.1")


def test_guessing_from_one_network_is_stopped(anna: Entrance, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many accounts tried from one network: that network waits, others do not."""
    monkeypatch.setattr(passwords, "matches", lambda given, stored: given == PHRASE and stored != "")
    for turn in range(NETWORK_TRIES_MAX):
        with pytest.raises(Refused):
            anna.start_session(f"guess{turn}@lumen.example", "wrong", "203.0.113.9")
    with pytest.raises(Refused):
        anna.start_session(ANNA, PHRASE, "203.0.113.9")
    assert anna.start_session(ANNA, PHRASE, "198.51.100.1")


def test_a_busy_office_is_not_locked_out(anna: Entrance, monkeypatch: pytest.MonkeyPatch) -> None:
    """Right passwords are forgiven: an office behind one address may sign in all day."""
    monkeypatch.setattr(passwords, "matches", lambda given, stored: given == PHRASE and stored != "")
    for _ in range(NETWORK_TRIES_MAX + ACCOUNT_TRIES_MAX):
        assert anna.start_session(ANNA, PHRASE, "192.0.2.1")


def test_the_table_of_tries_does_not_grow(anna: Entrance, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many accounts are guessed, the tries stay in 4,096 slots."""
    monkeypatch.setattr(entrance_module, "SLOTS", 8)
    monkeypatch.setattr(passwords, "matches", lambda given, stored: False)
    for turn in range(40):
        with pytest.raises(Refused):
            anna.start_session(f"guess{turn}@lumen.example", "wrong", f"192.0.2.{turn}")
    with anna.engine.reading() as connection:
        assert (connection.execute(text("SELECT count(*) FROM sign_in_tries")).scalar() or 0) <= 8


def test_a_session_ends_by_time_and_by_leaving(anna: Entrance, clock: HandMovedClock) -> None:
    """After its hours, or after signing out, the token opens nothing."""
    token = anna.start_session(ANNA, PHRASE, "192.0.2.1")
    other = anna.start_session(ANNA, PHRASE, "192.0.2.1")
    assert token != other
    anna.end_session(other)
    assert anna.authority_of_session(other) is None
    assert anna.authority_of_session(token) is not None
    clock.forward(hours=12)
    assert anna.authority_of_session(token) is None
    assert anna.authority_of_session("") is None
    assert anna.authority_of_session("\udcff") is None


@pytest.mark.parametrize("what", ["role", "unit", "standing", "password", "own password"])
def test_a_change_of_rights_ends_every_session(anna: Entrance, what: str) -> None:
    """Sessions begun before a change of role, unit, standing or password are over at once."""
    token = anna.start_session(ANNA, PHRASE, "192.0.2.1")
    mine = authority(anna, token)
    if what == "role":
        change_member(anna.engine, SYSTEM, ANNA, role=Role.VIEWER, at=5)
    elif what == "unit":
        change_member(anna.engine, SYSTEM, ANNA, unit="bank", at=5)
    elif what == "standing":
        change_member(anna.engine, SYSTEM, ANNA, active=False, at=5)
    elif what == "password":
        set_password(anna.engine, SYSTEM, ANNA, "four red boats in june", at=5)
    else:
        change_own_password(anna.engine, mine, old=PHRASE, new="four red boats in june", at=5)
    assert anna.authority_of_session(token) is None


def test_a_change_of_name_ends_nothing(anna: Entrance) -> None:
    """Only rights end sessions."""
    token = anna.start_session(ANNA, PHRASE, "192.0.2.1")
    assert change_member(anna.engine, SYSTEM, ANNA, name="Anna B.", at=5).name == "Anna B."
    assert anna.authority_of_session(token) is not None


def test_a_leaver_cannot_come_back_by_password(anna: Entrance) -> None:
    """A member who is not active is answered like a stranger."""
    change_member(anna.engine, SYSTEM, ANNA, active=False, at=5)
    with pytest.raises(Refused):
        anna.start_session(ANNA, PHRASE, "192.0.2.1")


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("short", "at least 12"),
        ("x" * 300, "at most 256"),
        ("Password1234", "guesses"),
        ("correct horse battery staple", "guesses"),
        ("aaaaaaaaaaaaaaa", "guesses"),
        ("anna and her twelve cats", "e-mail name"),
    ],
)
def test_a_password_that_anybody_guesses_is_refused(anna: Entrance, password: str, says: str) -> None:
    """Too short, too long, too common or one's own name: refused with a sentence, and the old one stays."""
    with pytest.raises(Refused) as refused:
        set_password(anna.engine, SYSTEM, ANNA, password, at=5)
    assert says in refused.value.faults[0].says
    assert anna.start_session(ANNA, PHRASE, "192.0.2.1")


def test_one_changes_ones_own_password_only_with_the_old_one(anna: Entrance) -> None:
    """A stolen session is not enough to take the account."""
    mine = authority(anna, anna.start_session(ANNA, PHRASE, "192.0.2.1"))
    with pytest.raises(Refused) as refused:
        change_own_password(anna.engine, mine, old="not my password", new="four red boats in june", at=5)
    assert refused.value.faults[0].where == "old"
    with pytest.raises(NotFound):
        change_own_password(anna.engine, SYSTEM, old=PHRASE, new="four red boats in june", at=5)


def test_a_unit_admin_stays_within_the_unit(anna: Entrance) -> None:
    """She invites into her units, not into others; she makes nobody an admin; another unit's members are not there."""
    mine = authority(anna, anna.start_session(ANNA, PHRASE, "192.0.2.1"))
    invite(anna.engine, mine, email="t@lumen.example", name="T", unit="tickets", role=Role.AGENT, at=5)
    with pytest.raises(NotFound):
        invite(anna.engine, mine, email="b@lumen.example", name="B", unit="bank", role=Role.AGENT, at=5)
    with pytest.raises(Refused):
        invite(anna.engine, mine, email="a@lumen.example", name="A", unit="travel", role=Role.ADMIN, at=5)
    invite(anna.engine, SYSTEM, email="bank@lumen.example", name="B", unit="bank", role=Role.AGENT, at=5)
    with pytest.raises(NotFound):
        change_member(anna.engine, mine, "bank@lumen.example", active=False, at=6)
    with pytest.raises(NotFound):
        set_password(anna.engine, mine, "bank@lumen.example", "four red boats in june", at=6)
    with pytest.raises(NotFound):
        change_member(anna.engine, mine, "t@lumen.example", unit="bank", at=6)


def test_every_fault_of_an_invitation_is_told_at_once(anna: Entrance) -> None:
    """Address and name wrong: two faults; the same address twice: one."""
    with pytest.raises(Refused) as refused:
        invite(anna.engine, SYSTEM, email="nobody", name=" ", unit="bank", role=Role.VIEWER, at=5)
    assert [fault.where for fault in refused.value.faults] == ["email", "name"]
    with pytest.raises(Refused):
        invite(anna.engine, SYSTEM, email=ANNA, name="Anna", unit="bank", role=Role.VIEWER, at=5)


def test_a_system_uses_its_key_until_it_is_revoked(anna: Entrance) -> None:
    """The key gives its verbs in its unit; what is stored is not the key; revoked, it opens nothing."""
    mine = authority(anna, anna.start_session(ANNA, PHRASE, "192.0.2.1"))
    key, secret = anna.make_key(mine, name="CRM", unit="tickets", verbs=[Verb.PROPOSE, Verb.OBSERVE])
    assert secret.startswith("ov_")
    assert len(secret) == len("ov_") + 43
    found = anna.authority_of_key(secret)
    assert found is not None
    assert found.who == "key:1"
    assert found.units == {3}
    assert found.verbs == {Verb.PROPOSE, Verb.OBSERVE}
    with anna.engine.reading() as connection:
        stored = connection.execute(text("SELECT * FROM api_keys")).one()
    assert secret.encode() not in bytes(stored.hash)
    assert len(bytes(stored.hash)) == 32
    assert anna.keys(mine) == [key]
    anna.revoke_key(mine, key.number)
    assert anna.authority_of_key(secret) is None
    for wrong in ("", "ov_", secret[:-1], secret[3:], secret + "x"):
        assert anna.authority_of_key(wrong) is None


def test_nobody_gives_a_key_more_than_they_have(anna: Entrance) -> None:
    """A unit admin cannot make a key that erases, one for another unit, or revoke what is not hers."""
    mine = authority(anna, anna.start_session(ANNA, PHRASE, "192.0.2.1"))
    for verbs in ([Verb.ERASE], []):
        with pytest.raises(Refused):
            anna.make_key(mine, name="CRM", unit="travel", verbs=verbs)
    with pytest.raises(NotFound):
        anna.make_key(mine, name="CRM", unit="bank", verbs=[Verb.ASK])
    other, secret = anna.make_key(SYSTEM, name="Bank", unit="bank", verbs=[Verb.ASK])
    with pytest.raises(NotFound):
        anna.revoke_key(mine, other.number)
    assert anna.keys(mine) == []
    assert anna.authority_of_key(secret) is not None


def test_the_log_of_changes_names_no_member_of_staff(anna: Entrance) -> None:
    """Rights are logged by number: the log outlives people, their names and addresses do not belong in it."""
    anna.make_key(SYSTEM, name="Bank", unit="bank", verbs=[Verb.ASK])
    with anna.engine.reading() as connection:
        log = str(connection.execute(text("SELECT document, key, before, after FROM changes")).all())
        assert verify_changes(connection) == 0
    assert "staff:1" in log
    assert "lumen.example" not in log
    assert "Anna" not in log


def test_the_only_root_sees_the_whole_company() -> None:
    """From the one root everything is seen, also what names no unit; of several roots, only an admin sees all."""
    one = Surroundings(units={unit.number: unit for unit in UNITS})
    two = Surroundings(units={**one.units, 5: Unit(number=5, key="other", name="Other")})
    viewer, admin = ROLE_VERBS[Role.VIEWER], ROLE_VERBS[Role.ADMIN]
    assert authority_of("staff:1", 1, viewer, one).all_units
    assert not authority_of("staff:1", 1, viewer, two).all_units
    assert authority_of("staff:1", 1, admin, two).all_units
    assert not authority_of("staff:1", 2, admin, one).all_units
    assert authority_of("staff:1", 99, admin, one).units == frozenset()
