"""Compiling quiet windows: for every rule and zone, the windows that are quiet there."""

from typing import Any

import numpy as np

from onevoice.nouns.label import Ints
from onevoice.rules.ragged import Bools
from onevoice.rules.table_lines import DAY, ClockLine, QuietWindow
from onevoice.rules.tables import ClockTable
from onevoice.rules.zone_choice import zone_choice
from onevoice.rules.zones import Zones

EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)


def clock_table(
    rows: list[tuple[int, Any, Any]], applies: Bools, zones: Zones, members: tuple[Ints, Ints, Ints]
) -> ClockTable:
    """The clock rules' table; `members` are the zones each zone number may be."""
    flat: list[tuple[int, QuietWindow]] = []
    shape = (len(rows), len(zones.names))
    start, length, blind = np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape, np.bool_)
    for place, (_, _, line) in enumerate(rows):
        for zone in range(len(zones.names)):
            single = _singles(line, zone, zones, members)
            start[place, zone] = len(flat)
            flat += [(one, window) for one in single for window in _windows(line, zones.names[one])]
            length[place, zone] = len(flat) - start[place, zone]
            blind[place, zone] = not single
    return ClockTable(
        rules=np.array([index for index, _, _ in rows], np.int64),
        applies=applies,
        reason=np.array([int(line.reason) for _, _, line in rows], np.int64),
        personal=np.array([line.personal for _, _, line in rows], np.bool_),
        zone=zone_choice((line.zone for _, _, line in rows), zones),
        blind=blind,
        start=start,
        length=length,
        window_zone=np.array([zone for zone, _ in flat], np.int64),
        window_begin=np.array([window.begin for _, window in flat], np.int64),
        window_length=np.array([window.length for _, window in flat], np.int64),
        window_on=np.array([[day in window.days for day in EVERY_DAY] for _, window in flat], np.bool_).reshape(-1, 7),
    )


def _singles(line: ClockLine, zone: int, zones: Zones, members: tuple[Ints, Ints, Ints]) -> list[int]:
    """The zones whose windows count for people in this zone: one, or all plausible ones, or the rule's default."""
    starts, lengths, column = members
    unknown = zone == 0 or "|" in zones.names[zone]
    if unknown and line.default_zone:
        return [zones.numbers[line.default_zone]]
    plausible: list[int] = column[starts[zone] : starts[zone] + lengths[zone]].tolist()
    return plausible


def _windows(line: ClockLine, zone: str) -> list[QuietWindow]:
    """The windows that name this zone; where none does, those that name no zone."""
    if line.personal:
        return [QuietWindow(begin=0, length=DAY, days=EVERY_DAY)]
    named = [window for window in line.windows if zone in window.zones]
    return named or [window for window in line.windows if not window.zones]
