"""Quiet hours protect people's nights and Sundays, by the clock on their wall."""

from onevoice.nouns.policy import QuietHours, Window
from onevoice.nouns.reason import Reason
from onevoice.rules.table_lines import DAY, ClockLine, QuietWindow


def line(rule: QuietHours) -> ClockLine:
    """Waits for the end of the window; a window over midnight belongs to the day it began."""
    return ClockLine(
        reason=Reason.QUIET_HOURS,
        windows=tuple(_window(window) for window in rule.windows),
        zone=rule.zone,
        default_zone=rule.default_zone if rule.unknown_zone == "default" else "",
    )


def _window(window: Window) -> QuietWindow:
    begin, end = seconds_of(window.begin), seconds_of(window.end)
    length = end - begin if end > begin else end - begin + DAY
    return QuietWindow(begin=begin, length=length, days=window.days, zones=window.zones)


def seconds_of(clock: str) -> int:
    """Seconds after midnight of `HH:MM`, up to `24:00`. Raises ValueError for anything else."""
    hours, colon, minutes = clock.partition(":")
    if not (colon and len(hours) == len(minutes) == 2 and hours.isdecimal() and minutes.isdecimal()):
        raise ValueError(clock)
    seconds = int(hours) * 3_600 + int(minutes) * 60
    if int(minutes) > 59 or seconds > DAY:
        raise ValueError(clock)
    return seconds
