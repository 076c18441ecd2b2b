"""A blackout protects people from being written to on a holiday, in a crisis, during an outage."""

from onevoice.nouns.moment import NEVER
from onevoice.nouns.policy import Blackout
from onevoice.nouns.reason import Reason
from onevoice.rules.table_lines import ClockLine, QuietWindow
from onevoice.rules.wall_times import wall_seconds_of


def line(rule: Blackout) -> ClockLine:
    """Waits for its end, or is refused: one quiet window, whose turn never comes again."""
    begin, end = wall_seconds_of(rule.begin), wall_seconds_of(rule.end)
    return ClockLine(
        reason=Reason.BLACKOUT,
        windows=(QuietWindow(begin=begin, length=end - begin, period=NEVER),),
        zone=rule.zone,
        suppresses=rule.at_limit == "suppress",
    )
