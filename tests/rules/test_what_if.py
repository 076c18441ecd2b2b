"""A past judged again, all people at once, is what judging it message after message makes of it."""

import dataclasses
import heapq
import random
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from onevoice.nouns.contact_state import MARK, PERMIT, TOUCH, ContactState
from onevoice.nouns.moment import NEVER
from onevoice.nouns.words import Verdict
from onevoice.rules.cases import cases_of
from onevoice.rules.judge import judge
from onevoice.rules.opened import Folded, open_states
from onevoice.rules.ragged import bounds_of
from onevoice.rules.tables import Compiled
from onevoice.rules.what_if import LAST_KEY, RANK_BITS, Outcome, People, Told, keys_of, what_if
from tests.rules.random_worlds import random_world

DAY = 86_400
Records = np.ndarray[Any, np.dtype[Any]]


def with_keys(record: np.dtype[Any], states: list[bytes], dice: random.Random, last: int) -> Folded:
    """These records of each state, told at random moments, and some of them gone again."""
    dtype = np.dtype([*record.descr, ("told", "<i8"), ("gone", "<i8")])
    plain = np.frombuffer(b"".join(states), record)
    records = np.zeros(len(plain), dtype)
    for name in record.names or ():
        records[name] = plain[name]
    records["told"] = [dice.choice((0, dice.randint(0, last))) << RANK_BITS for _ in plain]
    records["gone"] = [dice.choice((LAST_KEY, dice.randint(0, last) << RANK_BITS)) for _ in plain]
    lengths = np.array([len(state) for state in states] + [0], np.int64) // record.itemsize
    return Folded(bounds_of(lengths)[:-1], lengths, records)


def known(folded: Folded, folio: int, key: int, record: np.dtype[Any]) -> bytes:
    """The records of one state that were known at this key, as the state keeps them."""
    mine = folded.records[folded.start[folio] : folded.start[folio] + folded.length[folio]]
    mine = mine[(mine["told"] <= key) & (key < mine["gone"])]
    return np.array([tuple(one[name] for name in record.names or ()) for one in mine], record).tobytes()


def one_by_one(past: Told, people: People, empty: list[ContactState], compiled: Compiled, ends: int) -> Outcome:
    """The same, one message after the other in the order of their keys, each with the judge for one case."""
    touches: list[list[tuple[int, int, int, int]]] = [[] for _ in empty]
    found = Outcome(*(np.full(len(past), value) for value in (int(Verdict.SEND), 0, int(Verdict.SEND), NEVER)))
    queue = [(int(key), row, int(past.told[row])) for row, key in enumerate(keys_of(past.told))]
    heapq.heapify(queue)
    latest = dict.fromkeys(range(len(past)), NEVER)
    while queue:
        key, row, now = heapq.heappop(queue)
        folios = past.folios[:, row].tolist()
        second = int(past.second[row])
        if past.judged[row]:
            states = [
                replace(
                    state,
                    touches=np.array(sorted(mine, key=lambda one: one[0]), TOUCH).tobytes(),
                    permits=known(people.permits, place, key, PERMIT),
                    marks=known(people.marks, place, key, MARK),
                )
                for place, (state, mine) in enumerate(zip(empty, touches, strict=True))
            ]
            case = cases_of([(int(past.label[row]), int(past.content[row]), second, NEVER, tuple(folios))])
            verdicts = judge(states, case, now, compiled)
            when = int(verdicts.when[0])
            latest[row] = min(latest[row], int(verdicts.latest[0]))
            when = NEVER if now < when and when > latest[row] else when
            verdict = Verdict.SEND if when <= now else Verdict.SUPPRESS if when >= NEVER else Verdict.HOLD
            if now == past.told[row]:
                found.verdict[row], found.reason[row] = verdict, verdicts.reason[0]
            found.last[row] = verdict
            if verdict is Verdict.HOLD and when < ends:
                heapq.heappush(queue, (when << RANK_BITS | row, row, when))
            if verdict is not Verdict.SEND:
                continue
            second = now
        found.went[row] = second
        packed = int(past.label[row]) << 2 | int(past.state[row])
        for folio in folios:
            if folio >= 0:
                touches[folio].append((second, packed, int(past.content[row]), row + 1))
    return found


@pytest.mark.parametrize("seed", range(60))
def test_all_at_once_is_one_by_one(seed: int) -> None:
    """Eighty messages to five people with shared addresses and households over twelve days, under random rules: the
    same verdicts, reasons and moments; holds are asked again, late news stands where it happened."""
    dice = random.Random(seed)
    world = random_world(seed)
    policy = replace(world.compiled.policy, longest_hold=dice.choice((DAY, 2 * DAY, 4 * DAY, 14 * DAY)))
    compiled = dataclasses.replace(world.compiled, policy=policy)
    empty = [replace(state, touches=b"", older=None, tallies=b"", reach=0) for state in world.states]
    size, begin = len(empty), world.now
    told = np.sort(np.array([begin + dice.randint(0, 12 * DAY) for _ in range(80)], np.int64))
    judged = np.array([dice.random() < 0.8 for _ in told], np.bool_)
    late = np.array([0 if ask else dice.choice((0, dice.randint(0, 3 * DAY))) for ask in judged], np.int64)
    people = size // 3
    folios = np.array(
        [
            (
                dice.choice((-1, *range(people))),
                dice.choice((-1, *range(people, 2 * people))),
                dice.choice((-1, *range(2 * people, size))),
                -1,
            )
            for _ in told
        ],
        np.int64,
    ).T
    past = Told(
        told=told,
        second=told - late,
        label=np.array([dice.randint(1, len(world.labels) - 1) for _ in told], np.int64),
        content=np.array([dice.randint(0, 3) for _ in told], np.int64),
        folios=np.ascontiguousarray(folios),
        judged=judged,
        state=np.array([dice.choice((0, 1, 2)) for _ in told], np.int64),
    )
    last = begin + 12 * DAY
    opened = open_states(empty)
    crowd = People(
        permits=with_keys(PERMIT, [state.permits for state in empty], dice, last),
        marks=with_keys(MARK, [state.marks for state in empty], dice, last),
        zone=opened.zone,
        wishes=opened.wishes,
    )
    ends = begin + 14 * DAY
    fast = what_if(past, crowd, compiled, ends)
    slow = one_by_one(past, crowd, empty, compiled, ends)
    for name in ("verdict", "reason", "last", "went"):
        assert getattr(fast, name).tolist() == getattr(slow, name).tolist(), name
