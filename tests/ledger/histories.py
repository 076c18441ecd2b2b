"""Histories of a folio for the tests of contact states, a store to fold them into, and a plain model to compare."""

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st
from msgspec.structs import replace

from onevoice.ledger.states import Fact, fold, needs_older
from onevoice.ledger.touches import by_second
from onevoice.nouns.contact_state import (
    EMPTY,
    FOREVER,
    ContactState,
)
from onevoice.nouns.words import EntryKind, MarkKind

K = EntryKind
DAY = 86_400
NOON = 1_790_000_000
SPRING_SALE, BALANCE_ALERT = 7, 8
HEAD = b"h" * 32


def records(column: bytes, dtype: "np.dtype[Any]") -> list[tuple[int, ...]]:
    return [tuple(int(value) for value in row) for row in np.frombuffer(column, dtype).tolist()]


def touch_fact(kind: EntryKind, sequence: int, *, of: int = 0, second: int = 0, counts: bool = True) -> Fact:
    """A fact about the spring sale's message; `of` is the sequence that began its touch (0: this one)."""
    at = second or NOON + sequence
    return Fact(kind, sequence, at, at, label=SPRING_SALE, content=99, touch_sequence=of or sequence, counts=counts)


class Stored:
    """A contact state in a store: `older` lies in a table of its own and is read only when it is needed."""

    def __init__(self) -> None:
        self.state, self.older, self.readings = EMPTY, b"", 0

    def take(self, facts: Sequence[Fact], *, always: bool = False, in_order: bool = False) -> None:
        read = always or needs_older(self.state, facts)
        self.readings += read
        older = by_second(self.older) if in_order else self.older
        folded = fold(replace(self.state, older=older if read else None), facts, b"%d" % facts[-1].sequence)
        if folded.rewritten:
            assert folded.state.older is not None
            assert folded.moved == b""
            self.older = folded.state.older
        else:
            self.older += folded.moved
        self.state = replace(folded.state, older=None)

    def all(self) -> tuple[ContactState, bytes]:
        return self.state, self.older


class Naive:
    """Every touch ever as a list, and the rule of docs/reference/contact-states.md in plain words; nothing is cut."""

    def __init__(self) -> None:
        self.reach = 0
        self.here: list[list[int]] = []
        self.left: list[list[int]] = []

    def take(self, fact: Fact) -> None:
        mine = [touch for touch in self.here + self.left if touch[3] == fact.touch_sequence]
        if fact.kind == K.DECIDED and fact.counts and not (mine and mine[0][1] % 4):
            self.drop(mine)
            self.put([fact.second, fact.label * 4, fact.content, fact.touch_sequence])
        if fact.kind in (K.SENT, K.DELIVERED):
            step = 1 if fact.kind == K.SENT else 2
            if not mine:
                self.put([fact.second, fact.label * 4 + step, fact.content, fact.touch_sequence])
            elif mine[0][1] % 4 < step:
                mine[0][1] = mine[0][1] // 4 * 4 + step
        if fact.kind in (K.RELEASED, K.LAPSED, K.FAILED):
            self.drop([touch for touch in mine if touch[1] % 4 == 0])

    def drop(self, gone: list[list[int]]) -> None:
        self.here = [touch for touch in self.here if touch not in gone]
        self.left = [touch for touch in self.left if touch not in gone]

    def put(self, touch: list[int]) -> None:
        (self.left if touch[0] <= self.reach else self.here).append(touch)
        self.here.sort(key=lambda one: (one[0], one[3]))
        if len(self.here) == 33:
            self.reach = self.here[15][0]
            self.left += [one for one in self.here if one[0] <= self.reach]
            self.here = [one for one in self.here if one[0] > self.reach]


PERSONAL = [K.CONSENTED, K.WITHDRAWN, K.MARKED, K.UNMARKED, K.WISHED, K.LOCATED]
MOVING = [K.DECIDED, K.SENT, K.DELIVERED, K.RELEASED, K.LAPSED, K.FAILED]


def history(seed: int, count: int, spread: int) -> list[Fact]:
    """A repeatable history with late, repeated and contradictory entries; `spread` seconds lie between two of them."""
    dice = random.Random(seed)
    facts: list[Fact] = []
    begun: list[int] = []
    for sequence in range(1, count + 1):
        again = begun and dice.random() < 0.45
        kind = dice.choice(MOVING if again else [K.DECIDED] * 6 + [K.SENT, K.DELIVERED, K.OPENED, *PERSONAL])
        recorded = NOON + sequence * spread
        late = dice.choice([0, 0, 0, 1, 3, 30, 200]) * spread
        of = (dice.choice(begun) if dice.random() < 0.3 else begun[-1]) if again else sequence
        if kind in (K.DECIDED, K.SENT, K.DELIVERED) and not again:
            begun.append(sequence)
        facts.append(
            Fact(
                kind,
                sequence,
                recorded - late,
                recorded,
                label=dice.choice([SPRING_SALE, BALANCE_ALERT]),
                content=dice.choice([0, 1, sequence]),
                touch_sequence=of,
                counts=dice.random() < 0.8,
                channel=dice.choice([0, 1, 2]),
                purpose=dice.choice([0, 1]),
                permit=dice.choice([1, 2, 3]),
                proof=dice.choice([0, 1]),
                mark=dice.choice([MarkKind.PAUSED, MarkKind.OUTAGE]),
                until=dice.choice([recorded + 5, FOREVER]),
                zone=dice.choice([1, 2]),
                wish=dice.choice([(0, 0, 0, 0), (1, 7, 0, 0)]),
            )
        )
    return facts


HISTORIES = {
    "seed": st.integers(0, 2**32),
    "count": st.integers(1, 700),
    "spread": st.sampled_from([0, 1, 3_600, 3 * DAY]),
}
