"""An exclusive window protects a person whom one unit looks after from being talked to by all the others."""

from onevoice.nouns.policy import ExclusiveWindow
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import MarkKind
from onevoice.rules.table_lines import MarkLine


def line(rule: ExclusiveWindow) -> MarkLine:
    """While a unit owns the customer, only it and the units below it speak."""
    return MarkLine(reasons={MarkKind.OWNED: Reason.OWNED_BY_ANOTHER}, holds=rule.at_limit == "hold")
