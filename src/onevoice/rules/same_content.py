"""Same content protects people from reading the same words, or the same offer, again and again."""

from onevoice.nouns.policy import SameContent
from onevoice.nouns.reason import Reason
from onevoice.rules.table_lines import CountLine


def line(rule: SameContent) -> CountLine:
    """Waits until the `at_most`-th newest counted touch with this content (or offer) is `seconds` old."""
    reason = Reason.SAME_CONTENT if rule.of == "content" else Reason.SAME_OFFER
    return CountLine(reason=reason, at_most=rule.at_most, seconds=rule.seconds, same=rule.of)
