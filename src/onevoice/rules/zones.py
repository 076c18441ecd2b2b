"""Zone tables for the judge: what the clock on a person's wall shows, for many moments at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from onevoice.nouns.label import Ints
from onevoice.nouns.moment import NEVER

SHIFT: Final = 40
"""`zone << SHIFT | second` is one sortable key; seconds stay below NEVER = 2**40 - 1."""

Transitions = Mapping[str, tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]]
"""By zone name: the UTC seconds of the changes (ascending) and the offset in seconds from each on."""


@dataclass(frozen=True, slots=True)
class Zones:
    """`names[i]` names zone i; 0 is unknown, `America/New_York|America/Chicago` is a set of plausible ones.

    `members[i]` are the single zones that i may be: itself, the zones of a set, or none (0). A set or 0 by itself shows
    the clock of its first member, or UTC. `keys`, `offsets` and `following` are one row per change of clocks, by zone:
    `zone << 40 | second`, the offset from then on, and the second of the zone's next change (NEVER: none known).
    """

    names: tuple[str, ...]
    numbers: Mapping[str, int]
    members: tuple[tuple[int, ...], ...]
    keys: Ints
    offsets: Ints
    following: Ints

    def number(self, name: str) -> int | None:
        """The zone's number, or None when the table does not know it."""
        return self.numbers.get(name)

    def look(self, zone: Ints, second: Ints) -> tuple[Ints, Ints]:
        """Wall seconds shown at each UTC second in each zone, and the second of the next change of clocks there."""
        row = self._row(zone, second)
        return second + self.offsets[row], self.following[row]

    def since(self, zone: Ints, second: Ints) -> Ints:
        """The UTC second at which the clock shown at each second was set, 0 where it hung there in 1970 already."""
        return self.keys[self._row(zone, second)] & NEVER

    def look_once(self, zone: Ints, second: int) -> tuple[Ints, Ints]:
        """As `look`, at one second for many zones: every zone is asked once at most."""
        if len(zone) <= len(self.names):
            return self.look(zone, np.full(len(zone), second))
        wall, change = self.look(np.arange(len(self.names)), np.full(len(self.names), second))
        return wall[zone], change[zone]

    def wall(self, zone: Ints, second: Ints) -> Ints:
        """Wall seconds (as if the wall were UTC) shown at each UTC second in each zone."""
        return self.look(zone, second)[0]

    def reach(self, zone: Ints, second: Ints, wall: Ints) -> Ints:
        """The first UTC second at or after `second` at which the zone's wall clock shows `wall` or later.

        A clock set forward over `wall` reaches it at the change; one set back before it gets there later.
        """
        at = np.array(second, dtype=np.int64)
        waiting = np.arange(len(at))
        while len(waiting):
            shown, change = self.look(zone[waiting], at[waiting])
            due = at[waiting] + np.maximum(wall[waiting] - shown, 0)
            at[waiting] = np.minimum(due, change)
            # At the change itself the old clock's answer no longer holds.
            waiting = waiting[due >= change]
        return at

    def _row(self, zone: Ints, second: Ints) -> Ints:
        return self.keys.searchsorted((zone << SHIFT) | second, side="right") - 1


def zones_from(names: tuple[str, ...], transitions: Transitions) -> Zones:
    """The zone table with these numbers; zones that `transitions` knows besides are numbered after them, and so is UTC.

    Raises KeyError with the name of a zone, or of a member of a set, that `transitions` does not know.
    """
    assert names and names[0] == "", "zone 0 is unknown"
    known = {"UTC": (np.zeros(1, np.int64), np.zeros(1, np.int64)), **transitions}
    every = tuple(dict.fromkeys((*names, *known)))
    numbers = {name: number for number, name in enumerate(every)}
    members = tuple(tuple(numbers[one] for one in name.split("|")) if name else () for name in every)
    keys, offsets, following = [], [], []
    for number in range(len(every)):
        first = every[members[number][0]] if members[number] else "UTC"
        seconds, shifts = _from_1970(*known[first])
        keys.append(seconds | (number << SHIFT))
        offsets.append(shifts)
        following.append(np.append(seconds[1:], NEVER))
    return Zones(every, numbers, members, np.concatenate(keys), np.concatenate(offsets), np.concatenate(following))


def _from_1970(seconds: np.ndarray[Any, Any], shifts: np.ndarray[Any, Any]) -> tuple[Ints, Ints]:
    """The changes after second 0, led by the offset that held at second 0."""
    seconds, shifts = np.asarray(seconds, np.int64), np.asarray(shifts, np.int64)
    begun = int(np.searchsorted(seconds, 0, side="right"))
    first = shifts[max(begun - 1, 0)] if len(shifts) else 0
    return np.append(np.int64(0), seconds[begun:]), np.append(first, shifts[begun:])
