"""Demo, the ground: moments counted from the given present, zones where it is day or night now, and drawing by lot."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from onevoice.nouns.moment import SECOND

Item = TypeVar("Item")
SEED: Final = "fernhill"
HOME: Final = "Europe/London"
ROUND: Final = (
    "Pacific/Auckland",
    "Australia/Sydney",
    "Asia/Tokyo",
    "Asia/Singapore",
    "Asia/Kolkata",
    "Asia/Dubai",
    "Europe/Athens",
    "Europe/London",
    "Atlantic/Azores",
    "America/Sao_Paulo",
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "Pacific/Honolulu",
)
"""Zones around the world, at most three hours apart: somewhere it is always early afternoon."""


class World:
    """The moment the demo is made at, and what follows from it."""

    def __init__(self, now: int) -> None:
        self.now = now - now % SECOND
        self.present = datetime.fromtimestamp(self.now // SECOND, UTC)
        self.day_zone = self._zone_at(14.5, at_home=2)
        self.night_zone = self._zone_at(2.0)

    def ago(self, *, days: float = 0, hours: float = 0, minutes: float = 0) -> datetime:
        """So long before the present, in whole seconds."""
        moment = self.present - timedelta(days=days, hours=hours, minutes=minutes)
        return moment.replace(microsecond=0)

    def at(self, days_ago: int, clock: str, zone: str = HOME) -> datetime:
        """`HH:MM` on the wall clock of a zone, so many days ago there."""
        hour, minute = map(int, clock.split(":"))
        there = self.present.astimezone(ZoneInfo(zone)) - timedelta(days=days_ago)
        return there.replace(hour=hour, minute=minute, second=0, microsecond=0).astimezone(UTC)

    def lot(self, *what: object) -> float:
        """A number from 0 up to 1, the same for the same things in every run."""
        digest = blake2b(repr((SEED, what)).encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") / 2**64

    def pick(self, items: Sequence[Item], *what: object) -> Item:
        """One of these, by lot."""
        return items[int(self.lot(*what) * len(items))]

    def name(self, *what: object) -> str:
        """Thirty-two hexadecimal digits, as vendors name things."""
        return blake2b(repr((SEED, what)).encode(), digest_size=16).hexdigest()

    def _zone_at(self, hour: float, at_home: float = 0) -> str:
        """The zone whose clock is nearest to this hour of the day; the company's own where it is so near."""

        def distance(zone: str) -> float:
            there = self.present.astimezone(ZoneInfo(zone))
            off = abs(there.hour + there.minute / 60 - hour)
            return min(off, 24 - off)

        return HOME if distance(HOME) <= at_home else min(ROUND, key=distance)


def iso(moment: datetime) -> str:
    """As files write it, with its offset."""
    return moment.isoformat(timespec="seconds")


def microseconds(moment: datetime) -> int:
    """As the book counts it."""
    return round(moment.timestamp()) * SECOND
