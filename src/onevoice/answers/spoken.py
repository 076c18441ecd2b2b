"""Answers: moments, spans and counts as people say them, in the zone of whoever reads."""

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from onevoice.nouns.moment import SECOND

DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
SPANS: Final = ((604_800, "week"), (86_400, "day"), (3_600, "hour"), (60, "minute"))
AHEAD_DAYS: Final = 6


def local(moment: int, zone: str) -> datetime:
    """A moment (microseconds UTC) on the wall clock of an IANA zone; UTC where the zone is not known."""
    return datetime.fromtimestamp(moment // SECOND, zone_of(zone))


@lru_cache(maxsize=1_024)
def zone_of(name: str) -> tzinfo:
    """The zone of this name, UTC for none or for one that nobody knows."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def clock_time(moment: int, zone: str) -> str:
    """`09:12`."""
    return f"{local(moment, zone):%H:%M}"


def spoken_day(moment: int, zone: str, now: int) -> str:
    """`today`, `tomorrow`, `yesterday`, `Monday` for the next days, `Monday 16 November`, with the year if another."""
    then, present = local(moment, zone), local(now, zone)
    apart = (then.date() - present.date()).days
    named = {0: "today", 1: "tomorrow", -1: "yesterday"}.get(apart)
    if named:
        return named
    if 0 < apart <= AHEAD_DAYS:
        return DAYS[then.weekday()]
    day = f"{DAYS[then.weekday()]} {then.day} {MONTHS[then.month - 1]}"
    return day if then.year == present.year else f"{then.day} {MONTHS[then.month - 1]} {then.year}"


def spoken_moment(moment: int, zone: str, now: int) -> str:
    """`today 09:12`, `tomorrow 08:00`, `Monday 16 November 09:12`."""
    return f"{spoken_day(moment, zone, now)} {clock_time(moment, zone)}"


def short_moment(moment: int, zone: str, now: int) -> str:
    """`09:12` for today, else `16 Nov 09:12`, with the year if another."""
    then, present = local(moment, zone), local(now, zone)
    if then.date() == present.date():
        return f"{then:%H:%M}"
    day = f"{then.day} {MONTHS[then.month - 1][:3]}"
    return f"{day} {then:%H:%M}" if then.year == present.year else f"{day} {then.year} {then:%H:%M}"


def exact_moment(moment: int, zone: str) -> str:
    """`Saturday 21 November 2026, 09:12:33, Europe/Berlin`: what a title shows."""
    then = local(moment, zone)
    day = f"{DAYS[then.weekday()]} {then.day} {MONTHS[then.month - 1]} {then.year}"
    return f"{day}, {then:%H:%M:%S}, {zone or 'UTC'}"


def iso(moment: int) -> str:
    """RFC 3339 in UTC, for machines."""
    return f"{local(moment, 'UTC'):%Y-%m-%dT%H:%M:%SZ}"


def day_number_named(day: int) -> str:
    """`16 November` for a number of days since 1970-01-01."""
    then = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)
    return f"{then.day} {MONTHS[then.month - 1]}"


def date_of(day: int) -> str:
    """`2026-11-16` for a number of days since 1970-01-01."""
    return f"{datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day):%Y-%m-%d}"


def spoken_span(seconds: int) -> str:
    """`24 hours`, `7 days`, `90 minutes`: the largest unit that fits without a rest, hours up to a day."""
    if seconds == 86_400:
        return "24 hours"
    for size, name in SPANS[1:]:
        if seconds >= size and seconds % size == 0:
            return counted(seconds // size, name)
    return counted(seconds, "second")


def number(value: int) -> str:
    """With thousands separators."""
    return f"{value:,}"


def counted(count: int, noun: str, plural: str = "") -> str:
    """`1 message`, `1,204 messages`."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def listed(parts: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def sentence_case(words: str) -> str:
    """The first letter upper case, the rest as it is."""
    return words[:1].upper() + words[1:]
