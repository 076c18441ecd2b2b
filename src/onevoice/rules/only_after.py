"""Only after protects people from the second message before the first: a reminder of what they never had."""

from onevoice.nouns.moment import NEVER
from onevoice.nouns.policy import OnlyAfter
from onevoice.rules.table_lines import AfterLine


def line(rule: OnlyAfter) -> AfterLine:
    """Goes when the other message has gone out (or arrived), and is not too long ago."""
    return AfterLine(
        after=rule.after,
        event=rule.event,
        within=rule.within or NEVER,
        labels_now=rule.labels == "now",
        holds=rule.at_limit == "hold",
    )
