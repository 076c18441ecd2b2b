"""Address failure protects the company's name from addresses that bounced, complained or are gone."""

from onevoice.nouns.policy import AddressFailure
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import MarkKind
from onevoice.rules.table_lines import MarkLine

KINDS = (MarkKind.HARD_BOUNCE, MarkKind.COMPLAINT, MarkKind.DEAD_TOKEN)


def line(rule: AddressFailure) -> MarkLine:
    """Never while one of these marks is live."""
    return MarkLine(reasons=dict.fromkeys(KINDS, Reason.ADDRESS_FAILED), holds=rule.at_limit == "hold")
