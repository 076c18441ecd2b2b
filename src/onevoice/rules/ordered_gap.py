"""An ordered gap protects people from a message that follows too soon upon a certain other one."""

from onevoice.nouns.policy import OrderedGap
from onevoice.nouns.reason import Reason
from onevoice.rules.table_lines import CountLine


def line(rule: OrderedGap) -> CountLine:
    """Waits until the newest touch in `after` is `seconds` old. A touch more can only be newer."""
    return CountLine(reason=Reason.ORDERED_GAP, at_most=1, seconds=rule.seconds)
