"""Zone tables read from the zone database, for wiring to hand to the judge."""

import struct
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from io import BytesIO
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from onevoice.nouns.label import Ints
from onevoice.rules.zones import Zones, zones_from

YEAR_END: Final = 2040
STEP: Final = 7 * 86_400


@cache
def zone_names() -> frozenset[str]:
    """Every zone the database knows."""
    return frozenset(resources.files("tzdata").joinpath("zones").read_text().split())


def read_zones(names: tuple[str, ...], also: Iterable[str] = ()) -> Zones:
    """The zone table with these numbers (index = zone number, 0 unknown, `A|B` a set), and `also` numbered after them.

    Raises KeyError with the name of a zone that the database does not know.
    """
    single = [one for name in (*names, *also) if name for one in name.split("|")]
    return zones_from(names, {name: zone_changes(name) for name in dict.fromkeys(single)})


def zone_changes(name: str) -> tuple[Ints, Ints]:
    """The UTC seconds at which the zone's clock changes, from 1970 to 2040, and the offset in seconds from each on.

    The first change is second 0. Raises KeyError with the name when the database does not know it.
    """
    if name not in zone_names():
        raise KeyError(name)
    *folders, last = name.split("/")
    return _changes(resources.files(".".join(["tzdata.zoneinfo", *folders])).joinpath(last).read_bytes())


@cache
def _changes(data: bytes) -> tuple[Ints, Ints]:
    """Changes of the past stand in the file (RFC 8536); those of the years to come follow the rule in its last line."""
    zone = ZoneInfo.from_file(BytesIO(data))
    end = int(datetime(YEAR_END, 1, 1, tzinfo=UTC).timestamp())
    listed = [0, *(second for second in _listed(data) if 0 < second < end)]
    rule = data.rstrip(b"\n").rpartition(b"\n")[2]
    to_come = _found(zone, listed[-1], end) if b"," in rule else []
    changes = [*listed, *to_come]
    offsets = [_offset(zone, second) for second in changes]
    kept = [place for place in range(len(changes)) if place == 0 or offsets[place] != offsets[place - 1]]
    return (
        np.array([changes[place] for place in kept], np.int64),
        np.array([offsets[place] for place in kept], np.int64),
    )


def _offset(zone: ZoneInfo, second: int) -> int:
    offset = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second)).astimezone(zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


def _listed(data: bytes) -> tuple[int, ...]:
    """The transition times of the file's 64-bit block, which follows the 32-bit one."""
    isutcnt, isstdcnt, leapcnt, timecnt, typecnt, charcnt = _counts(data, 0)
    second = 44 + timecnt * 5 + typecnt * 6 + charcnt + leapcnt * 8 + isstdcnt + isutcnt
    timecnt = _counts(data, second)[3]
    times: tuple[int, ...] = struct.unpack_from(f">{timecnt}q", data, second + 44)
    return times


def _counts(data: bytes, begin: int) -> tuple[int, int, int, int, int, int]:
    assert data[begin : begin + 4] == b"TZif" and data[begin + 4 : begin + 5] >= b"2"
    counts: tuple[int, int, int, int, int, int] = struct.unpack_from(">6l", data, begin + 20)
    return counts


def _found(zone: ZoneInfo, begin: int, end: int) -> list[int]:
    """Changes found by looking week by week, then halving: no rule changes clocks twice within a week."""
    changes = []
    for early in range(begin, end, STEP):
        low, high = early, min(early + STEP, end)
        if _offset(zone, low) == _offset(zone, high):
            continue
        while high - low > 1:
            middle = (low + high) // 2
            if _offset(zone, middle) == _offset(zone, low):
                low = middle
            else:
                high = middle
        changes.append(high)
    return changes
