"""What if: a recorded past, judged again under a draft as it would have gone, message after message.

What the draft stops takes no place, so that later messages find room; what it holds is asked again when its time comes.
Messages of one person go one after another; those of different people are judged together, in rounds.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from onevoice.nouns.label import Ints
from onevoice.nouns.moment import NEVER
from onevoice.nouns.words import Verdict
from onevoice.rules.batch import batch_of
from onevoice.rules.cases import Cases
from onevoice.rules.judge import judge_batch
from onevoice.rules.opened import Folded, Opened, Touches
from onevoice.rules.ragged import Bools, bounds_of
from onevoice.rules.tables import Compiled

TOUCHES_AT_ONCE: Final = 1 << 16
"""As many touches are judged at once as stay in the processor's cache."""

RANK_BITS: Final = 30
"""A key is the second at which something was told, and its rank among all that was told."""

LAST_KEY: Final = 2**63 - 1

Progress = Callable[[int], None]
"""Told how many messages are done."""


@dataclass(frozen=True, slots=True)
class Told:
    """What happened, a column entry for each message, in the order in which the book learned of it.

    `told` is the second at which it was told, `second` when it went or was asked for (and is judged); `folios` is (4,
    N), an index into the people or -1. `judged` messages ask the policy; the others went out and count. `state` is the
    TouchState of a message that is out.
    """

    told: Ints
    second: Ints
    label: Ints
    content: Ints
    folios: Ints
    judged: Bools
    state: Ints

    def __len__(self) -> int:
        return len(self.told)


@dataclass(frozen=True, slots=True)
class People:
    """All folios of a past: permits and marks with the keys from which (`told`) and until which (`gone`) the book knew
    them; zones and wishes (4, folios) are those of today. `numbers` are the folios' numbers in the book (None: they are
    numbered as they stand here)."""

    permits: Folded
    marks: Folded
    zone: Ints
    wishes: Ints | None
    numbers: Ints | None = None

    def __len__(self) -> int:
        return len(self.zone) - 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """Per message: the first verdict and its reason; `last` what became of it by the end, `went` the second at which it
    went (NEVER: not). Those that were not judged have sent."""

    verdict: Ints
    reason: Ints
    last: Ints
    went: Ints


def keys_of(told: Ints) -> Ints:
    """The key of each row of a column that is in the order of telling; those at one second keep their order."""
    return told << RANK_BITS | np.arange(len(told))


def what_if(
    past: Told, people: People, compiled: Compiled, ends: int, progress: Progress = lambda done: None
) -> Outcome:
    """How the past would have gone until second `ends`."""
    walk = _Walk(past, people, compiled)
    waiting = np.arange(len(past))
    while len(waiting):
        ready = walk.first(waiting)
        rows = waiting[ready]
        walk.out(rows[~past.judged[rows]], past.second[rows[~past.judged[rows]]])
        again = [walk.judge(part, ends) for part in walk.parts(rows[past.judged[rows]])]
        waiting = np.concatenate([waiting[~ready], *again])
        progress(len(past) - len(waiting))
    return walk.outcome


class _Walk:
    """The state of a walk through the past: touches so far in one flat column, with room behind each folio's own."""

    def __init__(self, past: Told, people: People, compiled: Compiled) -> None:
        self.past, self.compiled = past, compiled
        self.key = keys_of(past.told)
        self.numbers = people.numbers
        self.now = past.second.copy()
        self.latest = np.full(len(past), NEVER)
        self.outcome = Outcome(
            np.full(len(past), int(Verdict.SEND)),
            np.zeros(len(past), np.int64),
            np.full(len(past), int(Verdict.SEND)),
            np.full(len(past), NEVER),
        )
        size = len(people)
        self._earliest = np.full(size + 1, LAST_KEY)
        room = np.bincount(past.folios[past.folios >= 0], minlength=size)
        start = np.append(bounds_of(room)[:-1], 0)
        spare = int(room.sum()) + 1
        self.length = np.zeros(size + 1, np.int64)
        self.columns = Touches(*(np.zeros(spare, np.int64) for _ in range(4)))
        none = np.zeros(0, people.marks.records.dtype)
        self.opened = Opened(
            touches=Folded(start, self.length, none),
            permits=people.permits,
            marks=people.marks,
            columns=self.columns,
            zone=people.zone,
            sequence=np.zeros(size + 1, np.int64),
            wishes=people.wishes,
        )

    def first(self, waiting: Ints) -> Bools:
        """Which of the waiting come first in every one of their folios."""
        folios, key, earliest = self.past.folios[:, waiting], self.key[waiting], self._earliest
        earliest[folios] = LAST_KEY
        for of_kind in folios:
            np.minimum.at(earliest, of_kind, key)
        found: Bools = ((folios < 0) | (earliest[folios] == key)).all(axis=0)
        return found

    def parts(self, rows: Ints) -> list[Ints]:
        """These rows in parts of about so many touches."""
        size = self.length[self.past.folios[:, rows]].sum(axis=0) + 8
        return np.split(rows, np.flatnonzero(np.diff(size.cumsum() // TOUCHES_AT_ONCE)) + 1) if len(rows) else []

    def judge(self, rows: Ints, ends: int) -> Ints:
        """Judge these rows, each at its moment; those that wait for a moment before the end."""
        past, now = self.past, self.now[rows]
        folios = past.folios[:, rows]
        numbers = None if self.numbers is None else self.numbers[folios]
        never = np.full(len(rows), NEVER)
        cases = Cases(past.label[rows], past.content[rows], past.second[rows], never, folios, numbers)
        batch = replace(batch_of(cases, self.opened), key=self.key[rows])
        found = judge_batch(batch, now, self.compiled)
        when, reason = found.when, found.reason
        self.latest[rows] = np.minimum(self.latest[rows], found.latest)
        when = np.where((when > now) & (when > self.latest[rows]), NEVER, when)
        verdict = np.where(when <= now, Verdict.SEND, np.where(when >= NEVER, Verdict.SUPPRESS, Verdict.HOLD))
        fresh = now == past.second[rows]
        self.outcome.verdict[rows[fresh]] = verdict[fresh]
        self.outcome.reason[rows[fresh]] = reason[fresh]
        self.outcome.last[rows] = verdict
        goes = verdict == Verdict.SEND
        self.out(rows[goes], now[goes])
        waits = (verdict == Verdict.HOLD) & (when < ends)
        held: Ints = rows[waits]
        self.now[held] = when[waits]
        self.key[held] = when[waits] << RANK_BITS | held
        return held

    def out(self, rows: Ints, second: Ints) -> None:
        """These messages are out, at these seconds, and count in each of their folios from now on."""
        self.outcome.went[rows] = second
        kind, which = np.nonzero(self.past.folios[:, rows] >= 0)
        row, folio = rows[which], self.past.folios[kind, rows[which]]
        place = self.opened.touches.start[folio] + self.length[folio]
        self.columns.second[place] = second[which]
        self.columns.label[place] = self.past.label[row] << 2 | self.past.state[row]
        self.columns.content[place] = self.past.content[row]
        self.columns.entry[place] = row + 1
        late = (self.length[folio] > 0) & (self.columns.second[place - 1] > second[which])
        self.length[folio] += 1
        for one in folio[late].tolist():
            self._in_order(one)

    def _in_order(self, folio: int) -> None:
        """What was told late stands where it happened."""
        begin = int(self.opened.touches.start[folio])
        mine = slice(begin, begin + int(self.length[folio]))
        order = np.argsort(self.columns.second[mine], kind="stable")
        for column in (self.columns.second, self.columns.label, self.columns.content, self.columns.entry):
            column[mine] = column[mine][order]
