"""Contact point ready protects people from senders that nobody has registered or that are not (or no longer) in use."""

from onevoice.nouns.policy import ContactPointReady
from onevoice.rules.table_lines import SenderLine


def line(rule: ContactPointReady) -> SenderLine:
    """Never from a contact point that is unknown, planned, announced, retired or only listens."""
    return SenderLine(named=rule.named)
