"""Zones and the seconds in them that are worth a look: changes of clocks, ends of days, weeks and months."""

from datetime import datetime, timedelta
from functools import lru_cache
from random import Random

from tests.proof.wall import DAY, HOUR, instants, next_change, offset, wall

TWICE_A_YEAR = (
    "Africa/Cairo",
    "Africa/Casablanca",
    "Africa/El_Aaiun",
    "Africa/Windhoek",
    "America/Adak",
    "America/Anchorage",
    "America/Asuncion",
    "America/Chicago",
    "America/Halifax",
    "America/Havana",
    "America/Los_Angeles",
    "America/Mexico_City",
    "America/Miquelon",
    "America/New_York",
    "America/Nuuk",
    "America/Port-au-Prince",
    "America/Santiago",
    "America/Sao_Paulo",
    "America/Scoresbysund",
    "America/St_Johns",
    "America/Tijuana",
    "Antarctica/Troll",
    "Asia/Amman",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Jerusalem",
    "Asia/Tehran",
    "Atlantic/Azores",
    "Atlantic/Bermuda",
    "Australia/Adelaide",
    "Australia/Hobart",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Europe/Athens",
    "Europe/Berlin",
    "Europe/Chisinau",
    "Europe/Dublin",
    "Europe/Helsinki",
    "Europe/Istanbul",
    "Europe/Lisbon",
    "Europe/London",
    "Pacific/Apia",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Easter",
    "Pacific/Fiji",
    "Pacific/Norfolk",
)
STEADY = ("Asia/Kathmandu", "Asia/Kolkata", "Asia/Tokyo", "Pacific/Kiritimati", "UTC")
EITHER = (
    "America/New_York|America/Chicago|America/Los_Angeles",
    "Europe/Lisbon|Atlantic/Azores",
    "Australia/Sydney|Australia/Lord_Howe|Australia/Adelaide",
    "Pacific/Auckland|Pacific/Chatham",
    "Africa/Casablanca|Europe/Berlin",
    "America/Santiago|Pacific/Easter",
)
ZONES: tuple[str, ...] = ("", *TWICE_A_YEAR, *STEADY, *EITHER)
JOURNEYS = {f"journey{number}": number for number in range(1, 5)}
"""The journeys that messages name, by key."""
FIRST, LAST = 1_357_000_000, 2_108_000_000
"""Seconds from January 2013 to October 2036: since 2012 no zone has fallen back over midnight."""


@lru_cache(maxsize=256)
def changes(zone: str) -> tuple[int, ...]:
    """Every second from FIRST to LAST at which the clocks of this zone change."""
    found = []
    for week in range(FIRST, LAST, 7 * DAY):
        if offset(zone, week) != offset(zone, week + 7 * DAY):
            found.append(next_change(zone, week, week + 7 * DAY))
    return tuple(found)


def period_begin(zone: str, at: int, period: str) -> int:
    """The second at which the local day, week (Monday) or month around `at` began; for an hour, its whole hour."""
    shown = wall(zone, at)
    if period == "hour":
        return at - (shown.minute * 60 + shown.second)
    day = datetime(shown.year, shown.month, shown.day)
    if period == "week":
        day -= timedelta(days=day.weekday())
    return instants(zone, day.replace(day=1) if period == "month" else day)[0]


def moment(rng: Random, zone: str) -> int:
    """A second, more often than not close to where a rule turns."""
    anywhere = rng.randrange(FIRST + 60 * DAY, LAST - 60 * DAY)
    turns = changes(zone)
    kind = rng.random()
    if kind < 0.4 and turns:
        near = rng.choice(turns)
        wide = rng.choice((0, 0, 60, 900, 1_800, HOUR, 2 * HOUR, rng.randrange(26 * HOUR)))
        return near + rng.choice((-1, 1)) * wide + rng.choice((-1, 0, 0, 1))
    if kind < 0.7:
        near = period_begin(zone, anywhere, rng.choice(("hour", "day", "week", "month")))
        return near + rng.choice((-1, 0, 1, rng.randrange(-HOUR, HOUR)))
    return anywhere
