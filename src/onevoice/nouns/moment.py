"""Moments: the book counts microseconds UTC, the judge whole seconds; the clock is handed in."""

from collections.abc import Callable
from typing import Final

Clock = Callable[[], int]
"""Returns the present as integer microseconds since 1970-01-01 UTC."""

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

NEVER: Final = 2**40 - 1
"""An ordinary far second (year 36812) that survives sums and fits `zone << 40 | second`."""


def second_of(moment: int) -> int:
    """Whole seconds (floor) of a moment in microseconds."""
    return moment // SECOND
