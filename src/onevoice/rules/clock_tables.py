"""Compiling quiet windows: for every rule and zone, the windows that are quiet there."""

from typing import Any

import numpy as np

from onevoice.nouns.label import Ints
from onevoice.rules.ragged import Bools, spread
from onevoice.rules.table_lines import DAY, EVERY_DAY, ClockLine, QuietWindow
from onevoice.rules.tables import ClockTable
from onevoice.rules.zone_choice import zone_choice
from onevoice.rules.zones import Zones

WHOLE_DAY = QuietWindow(begin=0, length=DAY)


def clock_table(
    rows: list[tuple[int, Any, Any]], applies: Bools, zones: Zones, members: tuple[Ints, Ints, Ints]
) -> ClockTable:
    """The clock rules' table; `members` are the zones each zone number may be."""
    shape = (len(rows), len(zones.names))
    start, length, blind = np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape, np.bool_)
    parts, size = [], 0
    for place, (_, _, line) in enumerate(rows):
        owner, zone, window = _windows_of(line, zones, *_plausible(line, zones, members))
        length[place] = np.bincount(owner, minlength=len(zones.names))
        start[place] = size + np.cumsum(length[place]) - length[place]
        blind[place] = _plausible(line, zones, members)[1] == 0
        parts.append(np.column_stack([zone, window]))
        size += len(zone)
    flat = np.concatenate(parts)
    suppresses = np.array([line.suppresses for _, _, line in rows], np.bool_)
    return ClockTable(
        rules=np.array([index for index, _, _ in rows], np.int64),
        applies=applies,
        reason=np.array([int(line.reason) for _, _, line in rows], np.int64),
        personal=np.array([line.personal for _, _, line in rows], np.bool_),
        zone=zone_choice((line.zone for _, _, line in rows), zones),
        blind=blind,
        start=start,
        length=length,
        window_zone=np.ascontiguousarray(flat[:, 0]),
        window_begin=np.ascontiguousarray(flat[:, 1]),
        window_length=np.ascontiguousarray(flat[:, 2]),
        window_on=flat[:, 4:] > 0,
        window_period=np.ascontiguousarray(flat[:, 3]) if (flat[:, 3] != DAY).any() else None,
        suppresses=suppresses if suppresses.any() else None,
    )


def _plausible(line: ClockLine, zones: Zones, members: tuple[Ints, Ints, Ints]) -> tuple[Ints, Ints, Ints]:
    """Start, length and column of the zones whose windows count in each zone: itself, or all plausible ones, or, where
    it is unknown, the rule's default."""
    start, length, column = members
    if not line.default_zone:
        return members
    unknown = np.array([zone == 0 or len(own) > 1 for zone, own in enumerate(zones.members)])
    default = np.append(column, zones.numbers[line.default_zone])
    return np.where(unknown, len(column), start), np.where(unknown, 1, length), default


def _windows_of(line: ClockLine, zones: Zones, start: Ints, length: Ints, column: Ints) -> tuple[Ints, Ints, Ints]:
    """Flat: the zone number that reads a window, the single zone whose clock it goes by, and the window's begin,
    length, period and seven days. In a zone that some windows name only those count; elsewhere those that name none."""
    windows = [WHOLE_DAY] if line.personal else [window for window in line.windows if not window.zones]
    first, count = np.zeros(len(zones.names), np.int64), np.full(len(zones.names), len(windows))
    for name in dict.fromkeys(zone for window in line.windows for zone in window.zones):
        named = [window for window in line.windows if name in window.zones]
        first[zones.numbers[name]], count[zones.numbers[name]] = len(windows), len(named)
        windows += named
    owner, place = spread(start, length)
    single = column[place]
    reader, chosen = spread(first[single], count[single])
    numbers = [
        (window.begin, window.length, window.period, *(day in window.days for day in EVERY_DAY)) for window in windows
    ]
    table = np.array(numbers, np.int64).reshape(-1, 3 + len(EVERY_DAY))
    return owner[reader], single[reader], table[chosen]
