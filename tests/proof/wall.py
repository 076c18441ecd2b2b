"""Clocks on the wall for the reference: zoneinfo and datetime only, one instant at a time."""

from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

HOUR = 3_600
DAY = 86_400
FAR = 2**36
"""A second beyond any that is reckoned with: what opens only then does not open."""


@cache
def place(zone: str) -> ZoneInfo:
    """The zone as the installed tzdata package has it: the machine's own files may be older."""
    *folders, last = zone.split("/")
    with resources.files(".".join(("tzdata.zoneinfo", *folders))).joinpath(last).open("rb") as file:
        return ZoneInfo.from_file(file, key=zone)


@lru_cache(maxsize=1 << 16)
def wall(zone: str, at: int) -> datetime:
    """What a clock on the wall of this zone shows, without the zone."""
    return datetime.fromtimestamp(at, place(zone)).replace(tzinfo=None, fold=0)


@lru_cache(maxsize=1 << 16)
def offset(zone: str, at: int) -> int:
    """Seconds the wall is ahead of UTC."""
    ahead = datetime.fromtimestamp(at, place(zone)).utcoffset()
    assert ahead is not None
    return int(ahead.total_seconds())


def instants(zone: str, shown: datetime) -> tuple[int, int]:
    """The two readings of a wall clock: before and after a change of clocks (equal on all other days)."""
    inside = shown.replace(tzinfo=place(zone))
    return int(inside.replace(fold=0).timestamp()), int(inside.replace(fold=1).timestamp())


def turn(period: str, every: int, week_start: int, shown: datetime) -> int:
    """The number of the calendar period that a wall clock shows."""
    if period == "month":
        return ((shown.year - 1970) * 12 + shown.month - 1) // every
    days = (shown.date() - date(1970, 1, 1)).days
    if period == "day":
        return days // every
    first = date(1970, 1, 1)
    while first.weekday() != week_start:
        first -= timedelta(days=1)
    return (shown.date() - first).days // 7 // every


@lru_cache(maxsize=1 << 14)
def turn_ends(zone: str, period: str, every: int, week_start: int, second: int) -> int:
    """The first second after `second` whose wall shows a later period, found by halving."""
    if period == "hour":
        return hour_ends(zone, every, second)
    now = turn(period, every, week_start, wall(zone, second))
    low, high = second, second + every * DAY * {"day": 1, "week": 7, "month": 31}[period] + 2 * DAY
    assert turn(period, every, week_start, wall(zone, high)) > now
    while high - low > 1:
        middle = (low + high) // 2
        if turn(period, every, week_start, wall(zone, middle)) > now:
            high = middle
        else:
            low = middle
    return high


@lru_cache(maxsize=1 << 14)
def hour_ends(zone: str, every: int, second: int) -> int:
    """The end of the hours in which `second` lies: laid one after the other, each to the end it has by the clock it
    began with, from a second before which no clock was set for as long as they last."""
    long = every * HOUR
    start = second
    while start > 0 and next_change(zone, start - long - 1, start + 1) <= start:
        start -= long
    at = max(start, 0)
    while at <= second:
        at += long - int((wall(zone, at) - datetime(1970, 1, 1)).total_seconds()) % long
    return at


def next_change(zone: str, after: int, limit: int) -> int:
    """The first second in (after, limit] at which the wall jumps; `limit` when it does not."""
    here = offset(zone, after)
    low = after
    while low < limit:
        high = min(low + 3 * HOUR, limit)
        if offset(zone, high) != here:
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(zone, middle) == here else (low, middle)
            return high
        low = high
    return limit
