"""Refusal protects a person's no to a topic or to a channel."""

from onevoice.nouns.policy import Refusal
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import MarkKind
from onevoice.rules.table_lines import MarkLine

REASONS = {MarkKind.TOPIC_REFUSED: Reason.TOPIC_REFUSED, MarkKind.CHANNEL_REFUSED: Reason.CHANNEL_REFUSED}


def line(rule: Refusal) -> MarkLine:
    """Never while the topic (or one above it) or the channel is refused."""
    return MarkLine(reasons=REASONS, holds=rule.at_limit == "hold")
