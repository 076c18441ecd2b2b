"""Never after protects people from a message that makes no sense, or hurts, once they had a certain other one."""

from onevoice.nouns.policy import NeverAfter
from onevoice.nouns.reason import Reason
from onevoice.rules.table_lines import CountLine


def line(rule: NeverAfter) -> CountLine:
    """Never while a touch in `after` is younger than `seconds`, or once there ever was one. A touch more can only bar
    it."""
    return CountLine(
        reason=Reason.NEVER_AFTER,
        at_most=1,
        seconds=rule.seconds,
        ever=rule.seconds == 0,
    )
