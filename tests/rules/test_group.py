"""A group of proposals is judged as if each came after the ones before it, at the cost of a few judgings."""

from typing import Any

import numpy as np
import pytest

from onevoice.nouns.contact_state import ContactState
from onevoice.nouns.moment import NEVER
from onevoice.nouns.policy import Policy, RollingCap
from onevoice.rules import group as group_module
from onevoice.rules.cases import Cases, cases_of
from onevoice.rules.group import judge_group
from onevoice.rules.judge import Verdicts, judge
from onevoice.rules.policy import compile_policy
from onevoice.rules.tables import Compiled
from tests.rules.random_worlds import random_world, with_entry, with_touch
from tests.rules.world import NOW, SURROUNDINGS, Book, mail, zone_table

FIELDS = ("when", "latest", "reason", "says", "reasons", "waits")


def one_by_one(states: list[ContactState], cases: Cases, now: int, compiled: Compiled) -> Verdicts:
    """Each case judged alone, over states that hold what the ones before it reserved."""
    states, found = list(states), []
    for row in range(len(cases)):
        case = cases.take(np.array([row]))
        found.append(judge(states, case, now, compiled))
        for folio in case.folios[:, 0].tolist():
            if folio < 0:
                continue
            if found[-1].when[0] == now:
                states[folio] = with_touch(states[folio], now, int(case.label[0]), int(case.content[0]))
            else:
                states[folio] = with_entry(states[folio])
    return Verdicts(**{name: np.concatenate([getattr(one, name) for one in found], axis=-1) for name in FIELDS})


@pytest.mark.parametrize("block", range(8))
def test_a_group_is_judged_as_if_one_by_one(block: int) -> None:
    """Every verdict, every rule's own answer, reason and evidence are those of judging in order."""
    behind = 0
    for seed in range(50):
        world = random_world(1_000 * block + seed, cases=14, people=3, quiet_book=True)
        found, postponed = judge_group(world.states, world.cases, world.now, world.compiled)
        expected = one_by_one(world.states, world.cases, world.now, world.compiled)
        assert not postponed.any()
        for name in FIELDS:
            assert (getattr(found, name) == getattr(expected, name)).all(), (seed, name)
        alone = judge(world.states, world.cases, world.now, world.compiled)
        behind += int((alone.when != expected.when).sum())
    assert behind > 20, "the ones before must matter, or this proves nothing"


def crowd(size: int, at_most: int, people: int = 1) -> tuple[list[ContactState], Cases, Compiled]:
    """So many proposals to one person (or in turn to several), of whom each may get `at_most` a day."""
    book = Book()
    label = book.number(mail())
    cap = RollingCap(name="cap", at_most=at_most, seconds=86_400)
    compiled = compile_policy(Policy(name="crowd", rules=(cap,)), book.columns(), SURROUNDINGS, zone_table())
    rows = [(label, 0, NOW, NEVER, (row % people, -1, -1, -1)) for row in range(size)]
    return [ContactState(sequence=5)] * people, cases_of(rows), compiled


def test_32_proposals_for_one_person_cost_a_few_judgings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first two go, the others wait for the second of them; nobody judges 32 times."""
    turns = []
    decide = group_module._decide

    def counted(*arguments: Any) -> None:
        turns.append(1)
        decide(*arguments)

    monkeypatch.setattr(group_module, "_decide", counted)
    states, cases, compiled = crowd(32, at_most=2)
    found, postponed = judge_group(states, cases, NOW, compiled)
    assert (found.when == NOW).tolist() == [True] * 2 + [False] * 30
    assert found.waits[0].tolist() == [0, 0, *[6] * 30], "they wait for the first: entry 5 + 1"
    assert not postponed.any()
    assert len(turns) <= 2


def test_what_is_too_much_for_one_group_is_postponed_in_order() -> None:
    """Of a thousand proposals to one person the first are judged, the rest keep their order for the next group."""
    states, cases, compiled = crowd(1_000, at_most=600)
    found, postponed = judge_group(states, cases, NOW, compiled)
    judged = int((~postponed).sum())
    assert 300 < judged < 1_000
    assert postponed.tolist() == [False] * judged + [True] * (1_000 - judged)
    assert (found.when[:judged] == NOW).all()


def test_a_postponed_case_holds_back_everyone_behind_it() -> None:
    """Whoever shares a folio with a postponed case, or with one held back by it, waits; others do not."""
    folios = [(0, 5, -1, -1), (1, 5, -1, -1), (1, -1, -1, -1), (2, -1, -1, -1), (-1, -1, -1, -1)]
    cases = cases_of([(1, 0, 0, NEVER, own) for own in folios])
    first = np.array([True, False, False, False, False])
    assert group_module._with_followers(first, cases).tolist() == [True, True, True, False, False]


def test_proposals_that_share_nothing_take_one_judging() -> None:
    """Sixty-four people, one proposal each: the same verdicts as judging them at once."""
    states, cases, compiled = crowd(64, at_most=1, people=64)
    found, postponed = judge_group(states, cases, NOW, compiled)
    assert (found.when == NOW).all()
    assert not postponed.any()
