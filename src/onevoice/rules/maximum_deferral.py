"""Maximum deferral protects people from old messages that waited too long."""

from onevoice.nouns.policy import MaximumDeferral
from onevoice.nouns.reason import Reason
from onevoice.rules.table_lines import BoundLine


def line(rule: MaximumDeferral) -> BoundLine:
    """Never later than `seconds` after the message was created."""
    return BoundLine(reason=Reason.DEFERRED_TOO_LONG, seconds=rule.seconds)
