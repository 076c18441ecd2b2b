"""A rolling cap protects people from too many messages in any stretch of time, wherever it begins."""

from onevoice.nouns.policy import RollingCap
from onevoice.nouns.reason import Reason
from onevoice.rules.table_lines import CountLine


def line(rule: RollingCap) -> CountLine:
    """Waits until the `at_most`-th newest counted touch is `seconds` old."""
    return CountLine(reason=Reason.ROLLING_CAP, at_most=rule.at_most, seconds=rule.seconds, unit=rule.unit_of_count)
