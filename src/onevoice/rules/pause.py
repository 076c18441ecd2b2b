"""Pause protects the rest a person asked for."""

from onevoice.nouns.policy import Pause
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import MarkKind
from onevoice.rules.table_lines import MarkLine


def line(rule: Pause) -> MarkLine:
    """Waits for the end of the pause."""
    return MarkLine(reasons={MarkKind.PAUSED: Reason.PAUSED_BY_CUSTOMER}, holds=rule.at_limit == "hold")
