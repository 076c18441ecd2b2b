"""What the book knew at any earlier moment can be told again from its entries alone."""

import random
from typing import Any

from sqlalchemy import select

from onevoice.actions.gate import Gate
from onevoice.answers.simulate import simulate
from onevoice.ledger.documents import lock_documents, store_documents
from onevoice.ledger.past import decisions, states_before
from onevoice.ledger.policies import current_policy, store_policy
from onevoice.ledger.tables import contact_states
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.observation import Observation
from onevoice.nouns.proposal import Proposal
from onevoice.nouns.surroundings import Topic, Unit
from onevoice.rules.files import read_policy
from tests.clock import HandMovedClock

POLICY = (
    'name = "p"\nplausible_zones = ["UTC"]\n[[rules]]\ntype = "rolling_cap"\nname = "two a day"\nat_most = 2\n'
    'at_limit = "suppress"\nseconds = 86400\n[[rules]]\ntype = "do_not_contact"\nname = "none"\n'
    '[[rules]]\ntype = "consent"\nname = "stop"\nneeds = "no_withdrawal"\n'
    '[[rules]]\ntype = "rolling_cap"\nname = "household"\nper = "household"\nat_most = 5\n'
    'at_limit = "suppress"\nseconds = 86400\n'
)
FACTS = (
    "sent",
    "delivered",
    "bounced",
    "consented",
    "withdrawn",
    "marked",
    "unmarked",
    "located",
    "wished",
    "received",
)


def lively(gate: Gate, clock: HandMovedClock, randomness: random.Random, turns: int) -> None:
    """Six people in two households, written to again and again, with everything that may happen to them."""
    with gate.book.engine.writing() as tx:
        lock_documents(tx)
        store_documents(tx, [Unit(number=1, key="u", name="U"), Topic(number=1, key="t", name="T")], by="x", at=1)
        store_policy(tx, name="p", body=POLICY, by="x", at=1)
    touches: list[int] = []
    for turn in range(turns):
        clock.forward(hours=randomness.uniform(0, 5))
        person = randomness.randrange(6)
        names = {"customer": f"C{person}", "address": f"a{person}@example.com", "household": f"H{person % 2}"}
        if randomness.random() < 0.6:
            proposal = Proposal(
                key=f"k{turn}", unit="u", channel="email", category="marketing", content=f"{turn % 7}",
                customer=names["customer"], address=names["address"], household=names["household"],
            )  # fmt: skip
            decision = gate.propose(SYSTEM, proposal)
            touches += [decision.touch] if decision.verdict == "send" else []
            continue
        kind = randomness.choice(FACTS)
        known: dict[str, Any] = dict(names)
        if kind in FACTS[:3] and touches:
            known = {"touch": randomness.choice(touches)}
        told = Observation(
            kind=kind, key=f"o{turn}", occurred=clock() - randomness.randrange(10**12), channel="email",
            mark="paused", evidence="e", source="s", wording="w", zone="Europe/Berlin", at_most=3, days=7, **known,
        )  # fmt: skip
        gate.observe(SYSTEM, told)


def test_the_state_before_a_decision_is_the_one_it_was_judged_on(
    gate: Gate, clock: HandMovedClock, randomness: random.Random
) -> None:
    """Judged again under the policy in force then, every one of 300 decisions comes out as it was."""
    lively(gate, clock, randomness, 500)
    with gate.book.reader(SYSTEM) as reader:
        policy = current_policy(reader.connection)
        assert policy is not None
        found = simulate(reader, read_policy(policy.body), gate.bench.compile, 1, clock() + 1)
        strict = POLICY.replace("at_most = 2", "at_most = 1")
        other = simulate(reader, read_policy(strict), gate.bench.compile, 1, clock() + 1)
    assert found.decisions > 200
    assert (found.changed, found.lines) == (0, ())
    assert other.changed > 0
    assert {(line.before, line.reason) for line in other.lines} >= {("send", "rolling_cap")}
    assert (found.went, found.reached, found.fewer, found.more) == (found.would_go, found.would_reach, 0, 0)
    assert other.would_go < other.went
    assert other.fewer > 0


def test_what_a_draft_stops_makes_room_for_what_comes_after(gate: Gate, clock: HandMovedClock) -> None:
    """Five messages, ten hours apart, went out. Under one a day, the second and third are stopped, the fourth goes: it
    is a day and more after the first, and the second never was. Where the draft holds, they go a day apart."""
    with gate.book.engine.writing() as tx:
        lock_documents(tx)
        store_documents(tx, [Unit(number=1, key="u", name="U")], by="x", at=1)
    began = clock()
    for turn in range(5):
        proposal = Proposal(key=f"k{turn}", unit="u", channel="email", category="marketing", customer="C1")
        assert gate.propose(SYSTEM, proposal).verdict == "send"
        clock.forward(hours=10)
    day = 'name = "d"\n[[rules]]\ntype = "rolling_cap"\nname = "one a day"\nat_most = 1\nseconds = 86400\n'
    with gate.book.reader(SYSTEM) as reader:
        stops, holds = read_policy(day + 'at_limit = "suppress"\n'), read_policy(day)
        stopped = simulate(reader, stops, gate.bench.compile, began, clock() + 1)
        held = simulate(reader, holds, gate.bench.compile, began, clock() + 1)
    assert (stopped.went, stopped.would_go, stopped.changed, stopped.fewer) == (5, 2, 3, 1)
    assert [(line.before, line.after, line.count) for line in stopped.lines] == [("send", "suppress", 3)]
    assert (held.would_go, held.changed) == (3, 4)


def test_folding_the_past_gives_the_states_that_are_stored(
    gate: Gate, clock: HandMovedClock, randomness: random.Random
) -> None:
    """Before its newest decision, a folio whose last entry that decision is has the stored state, one touch short."""
    lively(gate, clock, randomness, 300)
    with gate.book.reader(SYSTEM) as reader:
        told = [one for part in decisions(reader.connection, 1, clock() + 1, 10_000) for one in part]
        before = states_before(reader.connection, reader.book.known, told)
        stored = {row.folio: row for row in reader.connection.execute(select(contact_states))}
    newest = {
        folio: max(one.number for one in told if folio in one.folios) for one in told for folio in one.folios if folio
    }
    compared = 0
    for folio, number in newest.items():
        state = before[number][folio]
        row = stored[folio]
        if row.sequence == state.sequence + 1:
            compared += 1
            assert (bytes(row.permits), bytes(row.marks), bytes(row.wishes)) == (
                state.permits,
                state.marks,
                state.wishes,
            )
            assert row.zone == state.zone
    assert compared >= 1
