"""Do not contact protects people nobody may write to: legal hold, deceased, minor, fraud case."""

from onevoice.nouns.policy import DoNotContact
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import MarkKind
from onevoice.rules.table_lines import MarkLine

KINDS = (MarkKind.LEGAL_HOLD, MarkKind.DECEASED, MarkKind.MINOR, MarkKind.FRAUD_CASE)


def line(rule: DoNotContact) -> MarkLine:
    """Never while one of these marks is live."""
    return MarkLine(reasons=dict.fromkeys(KINDS, Reason.DO_NOT_CONTACT), holds=rule.at_limit == "hold")
