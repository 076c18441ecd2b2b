"""Ledger: the columns of a contact state that hold touches, and how records enter, change and leave them.

`touches` holds the newest, `tallies` counts all that have left it, `older` keeps those that left within 400 days.
`older` is a log in the order of leaving: most facts only append to it (`moved`) without reading it. It is rewritten
whole only when a record inside it changes, and once in TRIMMED_EVERY leavers, when it is cut; a rewriting sorts it.
When that happens depends on the entries alone, so that a rebuild gives identical bytes in every column.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from onevoice.nouns.contact_state import OLDER_DAYS, TOUCHES_MAX, TOUCHES_MOVED, ContactState

TRIMMED_EVERY: Final = 256
"""`older` is cut to 400 days, and sorted, when the count of touches that have left passes a multiple of this: it holds
at most what it held after the last cut and this many more."""

Touch = tuple[int, int, int, int]
"""(second, packed label, content, entry), as in the dtype TOUCH."""

_TOUCH: Final = struct.Struct("<4I")
_TALLY: Final = struct.Struct("<2I")
_ONE: Final = struct.Struct("<I")
_FULL: Final = TOUCHES_MAX * _TOUCH.size
_OLDER_SECONDS: Final = OLDER_DAYS * 86_400


class OlderUnread(Exception):
    """This contact state was opened without its older touches, and they are needed. Read them and fold again."""

    def __init__(self) -> None:
        super().__init__(OlderUnread.__doc__)


@dataclass(slots=True)
class Touches:
    """The touch columns of one folio while facts are folded into them; `older` is None where it was not read."""

    reach: int
    touches: bytes
    tallies: bytes
    older: bytes | None
    moved: bytes = b""
    rewritten: bool = False

    @classmethod
    def of(cls, state: ContactState) -> "Touches":
        # Where nothing is tallied, nothing has left or all of it was released: the log is known to be empty.
        older = state.older if state.older is not None or state.tallies else b""
        return cls(state.reach, state.touches, state.tallies, older)

    def add(self, touch: Touch, recorded: int) -> None:
        """Insert by (second, entry). What is not later than `reach` leaves at once; the 33rd makes the oldest 16 leave.

        Whole seconds leave together, so at least 16 and at most 33 leave: were all of one second, all would. A second
        is therefore never divided, and every touch later than `reach` is in `touches`.
        """
        if touch[0] <= self.reach:
            self._leave([touch], recorded)
            return
        records = sorted([*_TOUCH.iter_unpack(self.touches), touch], key=_order)
        if len(records) > TOUCHES_MAX:
            self.reach = records[TOUCHES_MOVED - 1][0]
            leavers = [record for record in records if record[0] <= self.reach]
            records = records[len(leavers) :]
            self._leave(leavers, recorded)
        self.touches = _packed(records)

    def find(self, entry: int) -> Touch | None:
        """The record of the touch that this entry began, wherever it is. Raises OlderUnread."""
        place = place_of(self.touches, entry)
        if place >= 0:
            return _TOUCH.unpack_from(self.touches, place)
        if not self.tallies:
            return None
        log = self._log()
        place = place_of(log, entry)
        return None if place < 0 else _TOUCH.unpack_from(log, place)

    def remove(self, touch: Touch) -> None:
        """Take away a record that `find` gave."""
        place = place_of(self.touches, touch[3])
        if place >= 0:
            self.touches = self.touches[:place] + self.touches[place + _TOUCH.size :]
        else:
            self._relabel(touch, None)

    def advance(self, touch: Touch, reached: int) -> None:
        """Give a record that `find` gave another TouchState."""
        new = (touch[0], touch[1] & ~3 | reached, touch[2], touch[3])
        place = place_of(self.touches, touch[3])
        if place >= 0:
            self.touches = self.touches[:place] + _TOUCH.pack(*new) + self.touches[place + _TOUCH.size :]
        else:
            self._relabel(touch, new)

    def _relabel(self, old: Touch, new: Touch | None) -> None:
        tallies = tallies_of(self.tallies)
        tallies[old[1]] -= 1
        if new:
            tallies[new[1]] = tallies.get(new[1], 0) + 1
        self.tallies = _tallies_packed(tallies)
        kept = [touch for touch in _TOUCH.iter_unpack(self._log()) if touch[3] != old[3]]
        self._rewrite([*kept, new] if new else kept)

    def _leave(self, leavers: list[Touch], recorded: int) -> None:
        tallies = tallies_of(self.tallies)
        before = sum(tallies.values())
        for _, label, _, _ in leavers:
            tallies[label] = tallies.get(label, 0) + 1
        self.tallies = _tallies_packed(tallies)
        packed = _packed(leavers)
        self.moved += packed
        if self.older is not None:
            self.older += packed
        if before // TRIMMED_EVERY != (before + len(leavers)) // TRIMMED_EVERY:
            oldest = recorded - _OLDER_SECONDS
            self._rewrite([touch for touch in _TOUCH.iter_unpack(self._log()) if touch[0] > oldest])

    def _rewrite(self, records: list[Touch]) -> None:
        self.older = _packed(sorted(records, key=_order))
        self.rewritten = True

    def _log(self) -> bytes:
        if self.older is None:
            raise OlderUnread
        return self.older


def appended(
    touches: bytes, *, reach: int, second: int, packed: int, content: int, sequence: int, first: int
) -> bytes | None:
    """`touches` with one more at the end, if that is all an entry changes besides sequence and head; else None, and
    only `fold` will do. `packed` is the label with its TouchState, `first` the Fact's `touch_sequence`."""
    size = len(touches)
    if first != sequence or second <= reach or size >= _FULL:
        return None
    if size and _ONE.unpack_from(touches, size - _TOUCH.size)[0] > second:
        return None
    return touches + _TOUCH.pack(second, packed, content, sequence)


def may_reach_older(state: ContactState, *, second: int, entry: int, first: bool, decided: bool) -> bool:
    """Whether one fact about the touch that `entry` began may look into `older`. `first`: the fact is of that entry
    itself; `decided`: it reserves, so that a record already in `touches` is put at a new second."""
    if not state.tallies:
        return False
    if not first and place_of(state.touches, entry) < 0:
        return True
    adds = first or decided
    if not adds or (len(state.touches) < _FULL and second > state.reach):
        return False
    return sum(tallies_of(state.tallies).values()) % TRIMMED_EVERY + TOUCHES_MAX + 1 >= TRIMMED_EVERY


def by_second(older: bytes) -> bytes:
    """The records of an `older` log sorted by (second, entry), as `touches` are."""
    return _packed(sorted(_TOUCH.iter_unpack(older), key=_order))


def place_of(touches: bytes, entry: int) -> int:
    """Byte offset of the record of `entry`, or -1."""
    wanted = _ONE.pack(entry)
    found = touches.find(wanted)
    while found >= 0 and found % 16 != 12:
        found = touches.find(wanted, found + 1)
    return found - 12 if found >= 0 else -1


def tallies_of(tallies: bytes) -> dict[int, int]:
    """Packed label -> count."""
    return dict(_TALLY.iter_unpack(tallies))


def _tallies_packed(tallies: dict[int, int]) -> bytes:
    return b"".join([_TALLY.pack(label, tallies[label]) for label in sorted(tallies) if tallies[label]])


def _order(touch: Touch) -> tuple[int, int]:
    return touch[0], touch[3]


def _packed(touches: Iterable[Touch]) -> bytes:
    return b"".join([_TOUCH.pack(*touch) for touch in touches])
