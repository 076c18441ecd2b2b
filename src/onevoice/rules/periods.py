"""Calendar periods: when the hour, day, week or month in which something happened is over."""

import numpy as np

from onevoice.nouns.label import Ints
from onevoice.rules.table_lines import DAY
from onevoice.rules.zones import Zones

HOURS, DAYS, MONTHS = 1, 2, 3


def longest(kind: Ints, length: Ints) -> Ints:
    """Seconds that no period of this kind and length exceeds, a day beyond its sum for any change of clocks."""
    return np.where(kind == MONTHS, length * 31 * DAY, length) + DAY


def period_end(zones: Zones, zone: Ints, second: Ints, *, kind: Ints, length: Ints, phase: Ints) -> Ints:
    """The first UTC second after `second` whose wall clock shows a later period.

    `length` is in seconds for hours and days (a week is 7 days), in months for months; periods are counted from
    1970-01-01 less `phase` seconds. Hours end by the clock they began with, since a clock set back shows them twice.
    """
    wall, _ = zones.look(zone, second)
    span = np.where(kind == MONTHS, 1, length)
    end = ((wall + phase) // span + 1) * span - phase
    months = np.flatnonzero(kind == MONTHS)
    if len(months):
        days = (wall[months] // DAY).astype("datetime64[D]")
        month = days.astype("datetime64[M]").astype(np.int64)
        later = (month // length[months] + 1) * length[months]
        end[months] = later.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) * DAY
    over = np.zeros(len(second), np.int64)
    turning = np.flatnonzero(kind != HOURS)
    over[turning] = zones.reach(zone[turning], second[turning], end[turning])
    hours = np.flatnonzero(kind == HOURS)
    over[hours] = hours_end(zones, zone[hours], second[hours], length[hours])
    return over


def hours_end(zones: Zones, zone: Ints, second: Ints, length: Ints) -> Ints:
    """The UTC second at which the hours (`length` seconds of them) around each second end.

    They end by the clock they began with, even where it was set meanwhile, and the next ones begin there: so time is
    divided without gap or overlap, and what happened later never ends earlier.
    """
    end = second + length - zones.wall(zone, second) % length
    since = zones.since(zone, second)
    fresh = np.flatnonzero((since > 0) & (second - since < length))
    if len(fresh):
        # Hours that began by the clock before may still last.
        begun_before = hours_end(zones, zone[fresh], since[fresh] - 1, length[fresh])
        end[fresh] = np.where(begun_before > second[fresh], begun_before, end[fresh])
    return end
