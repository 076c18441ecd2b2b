"""A minimum gap protects people from messages in quick succession."""

from onevoice.nouns.policy import MinimumGap
from onevoice.nouns.reason import Reason
from onevoice.rules.table_lines import CountLine


def line(rule: MinimumGap) -> CountLine:
    """Waits until the newest counted touch is `seconds` old."""
    return CountLine(reason=Reason.MINIMUM_GAP, at_most=1, seconds=rule.seconds)
