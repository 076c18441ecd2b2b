"""The second step: a code after the password, good once; recovery codes; and a way back in."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from onevoice.actions.entrance import ACCOUNT_TRIES_MAX, Entrance
from onevoice.actions.one_time_codes import (
    code_at,
    enrolment_uri,
    recovery_hash,
    sealed,
    spelled,
    step_of_code,
    unsealed,
)
from onevoice.actions.second_step import SecondStep, SecondStepFirst, reset_second_step
from onevoice.actions.staff import change_member, invite, set_password
from onevoice.ledger import second_steps, staff
from onevoice.ledger.documents import lock_documents, store_documents, verify_changes
from onevoice.nouns.authority import ROLE_VERBS, SYSTEM, Authority
from onevoice.nouns.moment import MINUTE, SECOND
from onevoice.nouns.problem import NotFound, Refused
from onevoice.nouns.surroundings import Unit
from onevoice.nouns.words import Role
from tests.clock import HandMovedClock
from tests.stores import KINDS, open_store

ANNA, BO = "anna@lumen.example", "bo@lumen.example"
PHRASE = "three green kites in may"
NETWORK = "192.0.2.1"
RFC_SECRET = b"12345678901234567890"


@pytest.fixture(params=KINDS)
def entrance(request: pytest.FixtureRequest, tmp_path: Path, clock: HandMovedClock) -> Iterator[Entrance]:
    """Lumen with Anna, an administrator, and Bo, who sends; both have passwords, nobody has a second step."""
    with open_store(request.param, request, tmp_path) as store:
        with store.writing() as tx:
            lock_documents(tx)
            store_documents(tx, (Unit(number=1, key="lumen", name="Lumen"),), by="system", at=1)
        numbers = count(1)

        def draw(size: int) -> bytes:
            return next(numbers).to_bytes(size, "big")

        for email, role in ((ANNA, Role.ADMIN), (BO, Role.SENDER)):
            invite(store, SYSTEM, email=email, name=email[:4], unit="lumen", role=role, at=2)
            set_password(store, SYSTEM, email, PHRASE, at=3)
        yield Entrance(store, clock, draw, b"k" * 32, second_step=SecondStep(draw, b"s" * 32))


def ticket_of(entrance: Entrance, email: str = ANNA) -> str:
    with pytest.raises(SecondStepFirst) as due:
        entrance.start_session(email, PHRASE, NETWORK)
    return due.value.ticket


def code_of(entrance: Entrance, ticket: str, later: int = 0) -> str:
    """What the app of whoever enrols behind this ticket shows, `later` steps from now."""
    waiting = entrance.waiting(ticket)
    assert waiting is not None and waiting.secret
    return code_at(waiting.secret, entrance.clock() // SECOND // 30 + later)


def enrolled(entrance: Entrance, clock: HandMovedClock) -> tuple[bytes, tuple[str, ...]]:
    """Anna's secret and recovery codes, a minute after she enrolled."""
    ticket = ticket_of(entrance)
    waiting = entrance.waiting(ticket)
    assert waiting is not None
    _, codes = entrance.finish_session(ticket, code_of(entrance, ticket), NETWORK)
    clock.moment += MINUTE
    return waiting.secret, codes


def code_now(secret: bytes, clock: HandMovedClock) -> str:
    return code_at(secret, clock() // SECOND // 30)


@pytest.mark.parametrize(
    ("second", "code"),
    [
        (59, "94287082"),
        (1_111_111_109, "07081804"),
        (1_111_111_111, "14050471"),
        (1_234_567_890, "89005924"),
        (2_000_000_000, "69279037"),
        (20_000_000_000, "65353130"),
    ],
)
def test_codes_are_those_of_the_standard(second: int, code: str) -> None:
    """RFC 6238, appendix B, SHA-1: all six moments, with eight digits; apps show the last six."""
    assert code_at(RFC_SECRET, second // 30, digits=8) == code
    assert code_at(RFC_SECRET, second // 30) == code[2:]
    assert step_of_code(RFC_SECRET, f" {code[2:5]} {code[5:]}", second) == second // 30


def test_a_clock_may_be_one_step_off_and_no_more() -> None:
    """Ninety seconds of codes are taken, whole; texts that are no codes are not."""
    for off, taken in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        assert (step_of_code(RFC_SECRET, code_at(RFC_SECRET, 1_000 + off), 30_000) is not None) == taken
    for said in ("", "12345", "٠٨١٨٠٤", "0" * 5_000, code_at(RFC_SECRET, 1_000)[1:]):
        assert step_of_code(RFC_SECRET, said, 30_000) is None


def test_a_secret_is_kept_sealed_for_its_member() -> None:
    """Another member's row, another key or a changed byte opens nothing; apps read the text and the address."""
    kept = sealed(RFC_SECRET, b"k" * 32, 1, b"n" * 12)
    assert RFC_SECRET not in kept
    assert unsealed(kept, b"k" * 32, 1) == RFC_SECRET
    assert unsealed(kept, b"k" * 32, 2) is None
    assert unsealed(kept, b"x" * 32, 1) is None
    assert unsealed(kept[:-1] + b"?", b"k" * 32, 1) is None
    assert spelled(RFC_SECRET) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
    assert enrolment_uri(RFC_SECRET, ANNA).startswith("otpauth://totp/Onevoice%3Aanna%40lumen.example?secret=GEZDGNBV")


def test_an_admin_without_a_second_step_enrols_at_the_next_sign_in(entrance: Entrance, clock: HandMovedClock) -> None:
    """The password alone opens nothing; a code of the new secret does, and ten recovery codes are told once."""
    ticket = ticket_of(entrance)
    assert entrance.authority_of_session(ticket) is None
    token, codes = entrance.finish_session(ticket, code_of(entrance, ticket), NETWORK)
    found = entrance.authority_of_session(token)
    assert found is not None and found.who == "staff:1"
    assert len(set(codes)) == 10
    assert entrance.waiting(ticket) is None, "a ticket is good once"
    with entrance.engine.reading() as connection:
        step = second_steps.step_of(connection, 1)
        assert step is not None and step.confirmed == clock()
        assert second_steps.recovery_codes_left(connection, 1) == 10
        assert verify_changes(connection) == 0


def test_somebody_whose_role_needs_none_is_not_asked(entrance: Entrance) -> None:
    """Bo sends; his password is enough."""
    assert entrance.authority_of_session(entrance.start_session(BO, PHRASE, NETWORK)) is not None


def test_enrolling_begun_anew_shows_another_secret(entrance: Entrance) -> None:
    """Who saw the first secret and left it unconfirmed knows nothing of the second."""
    first, second = ticket_of(entrance), ticket_of(entrance)
    code = code_of(entrance, second)
    one, other = entrance.waiting(first), entrance.waiting(second)
    assert one is not None and other is not None and one.secret == other.secret
    assert entrance.finish_session(second, code, NETWORK)[0]


def test_a_code_opens_once(entrance: Entrance, clock: HandMovedClock) -> None:
    """Somebody who looks over a shoulder comes too late, with the same code and with an older one."""
    secret, _ = enrolled(entrance, clock)
    code, older = code_now(secret, clock), code_at(secret, clock() // SECOND // 30 - 1)
    assert entrance.finish_session(ticket_of(entrance), code, NETWORK)[0]
    for said in (code, older):
        with pytest.raises(Refused):
            entrance.finish_session(ticket_of(entrance), said, NETWORK)
    clock.moment += 30 * SECOND
    assert entrance.finish_session(ticket_of(entrance), code_now(secret, clock), NETWORK)[0]


def test_a_recovery_code_opens_once_however_it_is_typed(entrance: Entrance, clock: HandMovedClock) -> None:
    """Capitals and missing hyphens do not matter; it is used up then, and the others are not."""
    _, codes = enrolled(entrance, clock)
    typed = codes[3].upper().replace("-", " ")
    assert entrance.finish_session(ticket_of(entrance), typed, NETWORK)[1] == ()
    with pytest.raises(Refused):
        entrance.finish_session(ticket_of(entrance), codes[3], NETWORK)
    assert entrance.finish_session(ticket_of(entrance), codes[4], NETWORK)[0]
    with entrance.engine.reading() as connection:
        assert second_steps.recovery_codes_left(connection, 1) == 8
    assert recovery_hash("") not in {recovery_hash(code) for code in codes}


def test_nobody_guesses_codes(entrance: Entrance, clock: HandMovedClock) -> None:
    """Ten tries an account in fifteen minutes; the right password in between does not forgive them."""
    secret, _ = enrolled(entrance, clock)
    for turn in range(ACCOUNT_TRIES_MAX):
        with pytest.raises(Refused):
            entrance.finish_session(ticket_of(entrance), "000000x", f"198.51.100.{turn}")
    with pytest.raises(Refused):
        entrance.finish_session(ticket_of(entrance), code_now(secret, clock), "203.0.113.7")
    clock.moment += 15 * MINUTE
    assert entrance.finish_session(ticket_of(entrance), code_now(secret, clock), "203.0.113.7")[0]


def test_a_ticket_ends_with_its_time_and_with_a_change_of_rights(entrance: Entrance, clock: HandMovedClock) -> None:
    """Ten minutes; and at once when the member is changed or gone."""
    secret, _ = enrolled(entrance, clock)
    late = ticket_of(entrance)
    clock.moment += 10 * MINUTE
    early = ticket_of(entrance)
    change_member(entrance.engine, SYSTEM, ANNA, role=Role.UNIT_ADMIN, at=clock())
    for ticket in (late, early, "", "x" * 200, "made up"):
        with pytest.raises(Refused):
            entrance.finish_session(ticket, code_now(secret, clock), NETWORK)
    again = ticket_of(entrance)  # asked still, because it is there
    change_member(entrance.engine, SYSTEM, ANNA, active=False, at=clock())
    assert entrance.waiting(again) is None


def admin(number: int) -> Authority:
    return Authority(who=f"staff:{number}", unit=1, units=frozenset({1}), verbs=ROLE_VERBS[Role.ADMIN], all_units=True)


def test_another_administrator_resets_a_lost_second_step(entrance: Entrance, clock: HandMovedClock) -> None:
    """It ends her sessions, is told in the log, and she enrols anew; nobody does it alone, nor upwards."""
    secret, codes = enrolled(entrance, clock)
    token, _ = entrance.finish_session(ticket_of(entrance), code_now(secret, clock), NETWORK)
    with pytest.raises(Refused, match="another administrator"):
        reset_second_step(entrance.engine, admin(1), ANNA, at=clock())
    weaker = Authority(who="staff:2", unit=1, units=frozenset({1}), verbs=ROLE_VERBS[Role.UNIT_ADMIN], all_units=True)
    with pytest.raises(Refused):
        reset_second_step(entrance.engine, weaker, ANNA, at=clock())
    stranger = Authority(who="staff:9", unit=5, units=frozenset({5}), verbs=ROLE_VERBS[Role.ADMIN])
    with pytest.raises(NotFound):
        reset_second_step(entrance.engine, stranger, ANNA, at=clock())
    reset_second_step(entrance.engine, admin(2), ANNA, at=clock())
    assert entrance.authority_of_session(token) is None
    with entrance.engine.reading() as connection:
        assert second_steps.step_of(connection, 1) is None
        assert verify_changes(connection) == 0
        assert staff.password_of(connection, 1)
    again = ticket_of(entrance)
    with pytest.raises(Refused):
        entrance.finish_session(again, codes[0], NETWORK)
    assert entrance.finish_session(again, code_of(entrance, again), NETWORK)[0]


def test_without_the_setting_nobody_is_asked(entrance: Entrance) -> None:
    """`second_step = "nobody"`: who has none signs in as before."""
    open_to_all = Entrance(
        entrance.engine,
        entrance.clock,
        entrance.random_bytes,
        b"k" * 32,
        second_step=SecondStep(entrance.random_bytes, b"s" * 32, frozenset()),
    )
    assert open_to_all.start_session(ANNA, PHRASE, NETWORK)
