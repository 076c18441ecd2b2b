"""A clock that stands still until a test moves it."""

from datetime import datetime

from onevoice.nouns.moment import SECOND


class HandMovedClock:
    """Calling it gives the present as microseconds UTC, as `onevoice.nouns.moment.Clock` asks."""

    def __init__(self, moment: int) -> None:
        self.moment = moment

    def __call__(self) -> int:
        return self.moment

    def forward(self, *, seconds: float = 0, hours: float = 0, days: float = 0) -> int:
        """Moves on by this much (backwards when negative) and gives the new moment."""
        self.moment += round((seconds + 3_600 * hours + 86_400 * days) * SECOND)
        return self.moment

    def set(self, iso: str) -> int:
        """Moves to an ISO 8601 instant that names its offset, such as `2026-03-29T01:30:00+01:00`."""
        self.moment = moment_of(iso)
        return self.moment


def moment_of(iso: str) -> int:
    """Microseconds UTC of an ISO 8601 instant that names its offset."""
    instant = datetime.fromisoformat(iso)
    assert instant.tzinfo is not None, f"{iso} names no offset"
    return round(instant.timestamp() * SECOND)
