"""Never together protects people from two messages that contradict or spoil each other."""

from onevoice.nouns.policy import NeverTogether
from onevoice.nouns.reason import Reason
from onevoice.rules.table_lines import CountLine


def line(rule: NeverTogether) -> CountLine:
    """Waits for (or gives way to) the newest touch of the other side. A touch more can only be newer."""
    return CountLine(reason=Reason.NEVER_TOGETHER, at_most=1, seconds=rule.seconds, pair=(rule.first, rule.second))
