"""A calendar cap protects people from too many messages in one hour, day, week or month as their calendar has it."""

from onevoice.nouns.policy import CalendarCap
from onevoice.nouns.reason import Reason
from onevoice.rules.table_lines import CountLine


def line(rule: CalendarCap) -> CountLine:
    """Waits until the period of the `at_most`-th newest counted touch is over."""
    return CountLine(
        reason=Reason.CALENDAR_CAP,
        at_most=rule.at_most,
        unit=rule.unit_of_count,
        period=rule.period,
        every=rule.every,
        week_start=rule.week_start,
        zone=rule.zone,
    )
