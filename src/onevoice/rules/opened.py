"""Opening contact states: the records of many folios as contiguous int64 columns, one join and one look each."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from onevoice.nouns.contact_state import MARK, PERMIT, TALLY, TOUCH, WISH, ContactState
from onevoice.nouns.label import Ints
from onevoice.rules.ragged import bounds_of

Records = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Folded:
    """Records of all states in one column: state i has `length[i]` of them from `start[i]`; state -1 has none."""

    start: Ints
    length: Ints
    records: Records

    def field(self, name: str, spare: int = 0) -> Ints:
        """One field of every record and `spare` zeros, widened: u4 + int would wrap or raise."""
        column = np.zeros(len(self.records) + spare, np.int64)
        column[: len(self.records)] = self.records[name]
        return column


@dataclass(frozen=True, slots=True)
class Touches:
    """Touches as columns, sorted by (second, entry) within a state or a row; a last one of 1970 is index -1."""

    second: Ints
    label: Ints
    content: Ints
    entry: Ints


@dataclass(frozen=True)
class Opened:
    """Contact states laid out for the kernels; index -1 of every column is an empty state. `states` are the ones that
    were opened, for what only few rules read; none where touches are all there ever were."""

    touches: Folded
    permits: Folded
    marks: Folded
    columns: Touches
    zone: Ints
    sequence: Ints
    wishes: Ints | None
    """(4, states): at most, days, quiet from (seconds after midnight), quiet for (seconds); None: nobody wishes."""
    states: Sequence[ContactState] = ()

    @cached_property
    def left(self) -> tuple[Folded, Folded] | None:
        """Tallies of all touches that have left `touches`, and those of them that were read as `older`, which stand
        among the touches again; None where none has left."""
        if not any(state.tallies for state in self.states):
            return None
        older = _folded([state.older or b"" for state in self.states], TOUCH)
        return _folded([state.tallies for state in self.states], TALLY), older


def open_states(states: Sequence[ContactState]) -> Opened:
    """The columns of these states, `older` before `touches` where it was read."""
    touches, older = [state.touches for state in states], [state.older for state in states]
    if any(older):
        folded = _sorted(_folded([(old or b"") + new for old, new in zip(older, touches, strict=True)], TOUCH))
    else:
        folded = _folded(touches, TOUCH)
    return Opened(
        touches=folded,
        permits=_folded([state.permits for state in states], PERMIT),
        marks=_folded([state.marks for state in states], MARK),
        columns=Touches(*(folded.field(name, spare=1) for name in ("second", "label", "content", "entry"))),
        zone=np.array([state.zone for state in states] + [0], np.int64),
        sequence=np.array([state.sequence for state in states] + [0], np.int64),
        wishes=_wishes(states),
        states=states,
    )


def _folded(blobs: list[bytes], record: np.dtype[Any]) -> Folded:
    lengths = np.array([len(blob) for blob in blobs] + [0], np.int64) // record.itemsize
    return Folded(bounds_of(lengths)[:-1], lengths, np.frombuffer(b"".join(blobs), record))


def _sorted(folded: Folded) -> Folded:
    """A late arrival may stand in `touches` with a second that `older` has passed."""
    owner = np.arange(len(folded.length)).repeat(folded.length)
    order = np.lexsort((folded.records["entry"], folded.records["second"], owner))
    return Folded(folded.start, folded.length, folded.records[order])


def _wishes(states: Sequence[ContactState]) -> Ints | None:
    with_wish = [place for place, state in enumerate(states) if state.wishes]
    if not with_wish:
        return None
    wishes = np.zeros((4, len(states) + 1), np.int64)
    records = np.frombuffer(b"".join(states[place].wishes[: WISH.itemsize] for place in with_wish), WISH)
    for line, (name, unit) in enumerate((("at_most", 1), ("days", 1), ("quiet_begin", 60), ("quiet_length", 60))):
        wishes[line, with_wish] = records[name].astype(np.int64) * unit
    return wishes
