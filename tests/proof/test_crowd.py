"""Many proposals for one person in one group: those that find no place in it keep their place for the next."""

import numpy as np

from onevoice.nouns.label import columns_of
from onevoice.nouns.moment import NEVER
from onevoice.nouns.policy import CalendarCap, Policy, RollingCap, SameContent
from onevoice.nouns.words import EntryKind, Verdict
from onevoice.rules.cases import cases_of
from onevoice.rules.group import judge_group
from onevoice.rules.policy import compile_policy
from tests.proof.comparison import zone_table
from tests.proof.history import Fact, TouchFact, ZoneFact, read
from tests.proof.packing import state_of
from tests.proof.places import ZONES
from tests.proof.reference import Reference
from tests.proof.row import Asked
from tests.proof.small_world import LABELS, NEWS, SALE, SURROUNDINGS, utc
from tests.proof.wall import DAY

CROWD = 400
GROUPS_MAX = 20
POLICY = Policy(
    name="crowd",
    version=1,
    rules=(
        RollingCap(name="cap", at_most=40, seconds=DAY),
        CalendarCap(name="hourly", at_most=25, period="hour"),
        SameContent(name="same", at_most=2, seconds=7 * DAY),
    ),
)


def test_four_hundred_proposals_for_one_customer_are_decided_as_one_after_the_other() -> None:
    """Groups are bounded, so some wait for the next group; in the end each has the verdict it would have had alone, in
    its turn, and not one more was sent than the caps allow."""
    now = utc("2025-06-02T12:00:00Z")
    asked = [Asked(1 + place % 2, place % 31, now, 0, (0, -1, -1, -1)) for place in range(CROWD)]
    assert {NEWS, SALE} == {one.label for one in asked}
    fast, groups = decided_in_groups(asked, now)
    slow = decided_one_by_one(asked, now)
    assert fast == slow
    assert groups > 1, "the crowd was meant to be larger than one group"
    assert 0 < len([when for when in fast if when == now]) <= 25


def decided_in_groups(asked: list[Asked], now: int) -> tuple[list[int], int]:
    """When each may go, and in how many groups that was found out; what was sent is in the book before the next."""
    compiled = compile_policy(POLICY, columns_of(LABELS), SURROUNDINGS, zone_table())
    facts: list[Fact] = [ZoneFact("Europe/Berlin")]
    whens, waiting, groups = {}, list(range(len(asked))), 0
    while waiting:
        groups += 1
        assert groups < GROUPS_MAX
        rows = [asked[place] for place in waiting]
        cases = cases_of([(one.label, one.content, one.created, NEVER, one.folios) for one in rows])
        verdicts, postponed = judge_group([state_of(tuple(facts), ZONES)], cases, now, compiled)
        first = int(np.argmax(postponed)) if postponed.any() else len(waiting)
        assert postponed[first:].all(), "nobody overtakes one who waits for the same person"
        for place, when in zip(waiting[:first], verdicts.when.tolist(), strict=False):
            whens[place] = when
            facts.append(turned_out(asked[place], place, when == now, now))
        waiting = waiting[first:]
    return [whens[place] for place in range(len(asked))], groups


def decided_one_by_one(asked: list[Asked], now: int) -> list[int]:
    reference = Reference(POLICY, LABELS, SURROUNDINGS)
    facts: list[Fact] = [ZoneFact("Europe/Berlin")]
    whens = []
    for place, one in enumerate(asked):
        answer = reference.decide([read(facts)], one, now)
        whens.append(answer.when)
        facts.append(turned_out(one, place, answer.verdict == Verdict.SEND, now))
    return whens


def turned_out(asked: Asked, place: int, goes: bool, now: int) -> TouchFact:
    """What the book says of it: one that goes takes its place, any other makes an entry and no more."""
    return TouchFact(EntryKind.DECIDED if goes else EntryKind.RELEASED, place + 1, now, asked.label, asked.content)
