"""Clocks on the wall for the reference: zoneinfo and datetime only, one instant at a time."""

from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

from onevoice.nouns.policy import Window

HOUR = 3_600
DAY = 86_400
FAR = 2**36
"""A second beyond any that is reckoned with: what opens only then does not open."""
Quiet = tuple[str, tuple[tuple[int, int, frozenset[int]], ...]]
"""A zone and its windows: minute of the day they begin, length in minutes, days (0 is Monday) on which they begin."""


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


def windows_of(windows: tuple[Window, ...], zone: str) -> Quiet:
    """The windows that count in this zone: those that name it, else those that name none."""
    named = [window for window in windows if zone in window.zones]
    return zone, tuple(_minutes(window) for window in named or [w for w in windows if not w.zones])


def _minutes(window: Window) -> tuple[int, int, frozenset[int]]:
    begin, end = (int(text[:2]) * 60 + int(text[3:]) for text in (window.begin, window.end))
    return begin, end - begin if end > begin else end - begin + 1_440, frozenset(window.days)


def shut_windows(quiet: Quiet, at: int) -> list[datetime]:
    """The ends on the wall of all windows in which `at` lies; a window belongs to the day it began."""
    zone, windows = quiet
    if not windows:
        return []
    shown = wall(zone, at)
    today = datetime(shown.year, shown.month, shown.day)
    ends: list[datetime] = []
    for begin, length, days in windows:
        for day in (today, today - timedelta(days=1)):
            opened = day + timedelta(minutes=begin)
            closes = opened + timedelta(minutes=length)
            if day.weekday() in days and opened <= shown < closes:
                ends.append(closes)
    return ends


def first_open(quiets: list[Quiet], at: int, give_up: int) -> int:
    """The first second from `at` on at which no wall is inside one of its windows; FAR beyond `give_up`.

    Walks from edge to edge: a shut zone can open only where one of its windows ends or where its clocks change.
    """
    if any(length >= 1_440 and len(days) == 7 for _, windows in quiets for _, length, days in windows):
        return FAR
    while at <= give_up:
        edges = [_edge(quiet[0], ends, at) for quiet in quiets if (ends := shut_windows(quiet, at))]
        if not edges:
            return at
        at = min(edges)
    return FAR


def _edge(zone: str, ends: list[datetime], at: int) -> int:
    later = [second for shown in ends for second in instants(zone, shown) if second > at]
    edge = min(later, default=at + 3 * DAY)
    return min(edge, next_change(zone, at, edge))


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
