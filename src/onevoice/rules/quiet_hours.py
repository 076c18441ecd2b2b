"""Quiet hours protect people's nights and Sundays, by the clock on their wall."""

from onevoice.nouns.policy import QuietHours
from onevoice.nouns.reason import Reason
from onevoice.rules.table_lines import ClockLine
from onevoice.rules.wall_times import shut_in


def line(rule: QuietHours) -> ClockLine:
    """Waits for the end of the window; a window over midnight belongs to the day it began."""
    return ClockLine(
        reason=Reason.QUIET_HOURS,
        windows=tuple(shut_in(window) for window in rule.windows),
        zone=rule.zone,
        default_zone=rule.default_zone if rule.unknown_zone == "default" else "",
    )
