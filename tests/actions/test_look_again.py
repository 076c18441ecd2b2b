"""A hold is a promise to look again, a reservation ends by itself, and nothing is held for ever."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from onevoice.actions.judging import LAPSE, LOOK_AGAIN
from onevoice.actions.look_again import due_now, look_again
from onevoice.ledger.engine import Transaction
from onevoice.ledger.tables import due, waiting
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.moment import DAY, HOUR
from tests.book import Company

WEEK = 7 * DAY
NO_ROOM = """\
name = "no room"

[[rules]]
type = "rolling_cap"
name = "one in a month"
at_most = 1
seconds = 2592000

[[rules]]
type = "maximum_deferral"
name = "at most a week late"
seconds = 604800
"""


def held(company: Company, customer: str = "C1", **fields: object) -> int:
    """The touch of a message held until midnight, after two that went."""
    for _ in range(2):
        sent = company.propose(customer)
        company.observe("sent", touch=sent.touch)
    decision = company.propose(customer, **fields)  # type: ignore[arg-type]
    assert decision.verdict == "hold"
    return decision.touch


def test_a_held_newsletter_goes_when_its_day_comes(company: Company) -> None:
    """At midnight, not before, it is judged anew, gets its place, and the sender has an hour to use it."""
    touch = held(company)
    assert company.gate.look_again() == 0
    company.clock.set("2026-10-01T23:59:59Z")
    assert company.gate.look_again() == 0
    company.clock.set("2026-10-02T00:00:00Z")
    assert company.gate.look_again() == 1
    assert company.kinds(touch) == ["decided", "decided"]
    assert company.thread(touch).verdict == 1
    assert company.rows(due) == [(company.clock() + HOUR, touch, LAPSE, 0, 0)]
    assert company.rows(waiting) == []


def test_a_held_message_of_who_stopped_meanwhile_is_never_sent(company: Company) -> None:
    """Everything is judged again: a STOP that came while it waited suppresses it."""
    touch = held(company, address="ana@example.com")
    company.observe("withdrawn", address="ana@example.com", channel="email")
    company.clock.forward(days=1)
    company.gate.look_again()
    assert company.thread(touch).verdict == 4
    assert (company.rows(due), company.rows(waiting)) == ([], [])


def test_a_hold_that_must_wait_again_waits_again(company: Company) -> None:
    """Three held for one midnight: two go, the third is held for the next, with the same last moment."""
    for _ in range(2):
        company.observe("sent", touch=company.propose("C1").touch)
    three = [company.propose("C1") for _ in range(3)]
    company.clock.set("2026-10-02T00:00:00Z")
    company.gate.look_again()
    threads = [company.thread(one.touch) for one in three]
    assert sorted(thread.verdict for thread in threads) == [1, 1, 2]
    ((at, touch),) = [row[:2] for row in company.rows(due) if row[2] == LOOK_AGAIN]
    assert at == company.clock() + DAY
    assert company.rows(waiting)[0][:2] == (touch, three[2].latest)


def test_what_can_never_go_in_time_is_given_up(company: Company) -> None:
    """While it waits, a stricter policy leaves no room for a month; at most a week late means never: suppressed."""
    touch = held(company)
    company.policy(NO_ROOM)
    company.clock.set("2026-10-02T00:00:00Z")
    company.gate.look_again()
    assert company.thread(touch).verdict == 4
    assert (company.rows(due), company.rows(waiting)) == ([], [])


@pytest.mark.parametrize("late", [0, 1, 30 * DAY, 400 * DAY])
def test_a_worker_that_slept_wakes_to_a_decision(company: Company, late: int) -> None:
    """However late the hold is looked at, it ends: sent in time, suppressed after its last moment, never both."""
    touch = held(company)
    company.clock.set("2026-10-02T00:00:00Z")
    company.clock.moment += late
    company.gate.look_again()
    company.gate.look_again()
    assert company.thread(touch).verdict == (1 if late < WEEK - DAY else 4)
    assert company.rows(waiting) == []


def test_a_message_past_its_send_by_is_not_sent(company: Company) -> None:
    """Held until midnight, of use until eleven: it is given up when looked at, or at once."""
    for _ in range(2):
        company.propose("C1")
    decision = company.propose("C1", send_by=company.clock() + HOUR)
    company.clock.forward(days=1)
    company.gate.look_again()
    assert company.thread(decision.touch).verdict == 4


def test_a_reservation_nobody_confirms_lapses(company: Company) -> None:
    """After an hour the place is free again, and the book says so."""
    first, _ = company.propose("C1"), company.propose("C1")
    company.clock.forward(seconds=3_599)
    assert company.gate.look_again() == 0
    company.clock.forward(seconds=1)
    assert company.gate.look_again() == 2
    assert company.kinds(first.touch) == ["decided", "lapsed"]
    assert [company.propose("C1").verdict for _ in range(3)] == ["send", "send", "hold"]


def test_a_message_sent_after_its_reservation_lapsed_counts_all_the_same(company: Company) -> None:
    """Late is late, but it did go out."""
    first, _ = company.propose("C1"), company.propose("C1")
    company.clock.forward(hours=2)
    company.gate.look_again()
    company.observe("sent", touch=first.touch)
    assert [company.propose("C1").verdict for _ in range(2)] == ["send", "hold"]


def test_a_confirmed_message_does_not_lapse(company: Company) -> None:
    """Once sent, nobody waits for it any more."""
    first = company.propose("C1")
    company.observe("sent", touch=first.touch)
    assert company.rows(due) == []
    company.clock.forward(days=2)
    assert company.gate.look_again() == 0
    assert company.kinds(first.touch) == ["decided", "sent"]


def test_two_workers_end_each_thing_once(company: Company) -> None:
    """Four workers wake together, on PostgreSQL also from a second process: every lapse and every hold is one entry."""
    touches = [company.propose(f"C{number}").touch for number in range(20)] + [held(company, f"H{n}") for n in range(5)]
    other = company.another()
    company.clock.set("2026-10-02T00:00:00Z")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda gate: gate.look_again(), [company.gate, other.gate] * 2))
    ended = [company.kinds(touch)[1:] for touch in touches]
    assert ended == [["lapsed"]] * 20 + [["decided"]] * 5
    if other is not company:
        other.onevoice.close()


def test_a_worker_that_comes_late_finds_the_work_done(company: Company) -> None:
    """Two processes take up the same lapses and holds; the second waits for the first and does nothing over again."""
    company.propose("C0")
    company.clock.forward(hours=1)
    assert company.gate.look_again() == 1  # so that both know the worker's name
    touches = [company.propose(f"C{number}").touch for number in range(3)] + [held(company, "H")]
    company.clock.set("2026-10-02T00:00:00Z")
    with company.book.engine.reading() as connection:
        rows = due_now(connection, company.clock(), (LOOK_AGAIN, LAPSE), 100)
    other = company.another()

    def settle(one: Company) -> int:
        return one.gate.write(lambda tx: slowly(one, tx))

    def slowly(one: Company, tx: Transaction) -> int:
        looked = look_again(tx, one.book, one.gate.bench, rows)
        time.sleep(0.3)
        return looked

    with ThreadPoolExecutor(2) as pool:
        looked = list(pool.map(settle, [company, other]))
    if other is not company:
        other.onevoice.close()
    assert sorted(looked) == [0, 4]
    assert [company.kinds(touch)[1:] for touch in touches] == [["lapsed"]] * 3 + [["decided"]]


def test_five_hundred_held_for_one_person_are_all_looked_at(company: Company) -> None:
    """More than one group may judge together: two go, the rest wait for the next day, and none is forgotten."""
    list(company.gate.propose_many(SYSTEM, [company.proposal("C1") for _ in range(502)]))
    company.clock.set("2026-10-02T00:00:00Z")
    assert company.gate.look_again() >= 500
    waits = [row for row in company.rows(due) if row[2] == LOOK_AGAIN]
    assert len(waits) == len(company.rows(waiting)) == 498
    assert {row[0] for row in waits} == {company.clock() + DAY}
