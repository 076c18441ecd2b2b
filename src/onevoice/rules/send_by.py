"""Send-by protects people from messages that no longer make sense."""

from onevoice.nouns.policy import SendBy
from onevoice.nouns.reason import Reason
from onevoice.rules.table_lines import BoundLine


def line(rule: SendBy) -> BoundLine:
    """Never after the message's own send-by, now or when the other rules would let it go."""
    return BoundLine(reason=Reason.SEND_BY_PASSED)
