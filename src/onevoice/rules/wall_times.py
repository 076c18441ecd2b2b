"""Times as a policy writes them: what a wall clock shows, as seconds."""

import re
from datetime import UTC, datetime
from typing import Final

from onevoice.nouns.policy import Window
from onevoice.rules.table_lines import DAY, QuietWindow

DATED: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d", re.ASCII)


def seconds_of(clock: str) -> int:
    """Seconds after midnight of `HH:MM`, up to `24:00`. Raises ValueError for anything else."""
    hours, colon, minutes = clock.partition(":")
    if not (colon and len(hours) == len(minutes) == 2 and hours.isdecimal() and minutes.isdecimal()):
        raise ValueError(clock)
    seconds = int(hours) * 3_600 + int(minutes) * 60
    if int(minutes) > 59 or seconds > DAY:
        raise ValueError(clock)
    return seconds


def wall_seconds_of(dated: str) -> int:
    """Seconds from 1970-01-01T00:00 to `YYYY-MM-DDTHH:MM` on one wall clock. Raises ValueError for anything else."""
    if not DATED.fullmatch(dated):
        raise ValueError(dated)
    return int(datetime.fromisoformat(dated).replace(tzinfo=UTC).timestamp())


def shut_in(window: Window) -> QuietWindow:
    """A written window as one that is shut; one that ends before it begins, or as it begins, ends a day later."""
    begin, end = seconds_of(window.begin), seconds_of(window.end)
    length = end - begin if end > begin else end - begin + DAY
    return QuietWindow(begin=begin, length=length, days=window.days, zones=window.zones)
