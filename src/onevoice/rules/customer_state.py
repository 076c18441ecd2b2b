"""Customer state protects people in a bad moment from selling, and from offers for what they already have."""

from onevoice.nouns.policy import CustomerState
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import MarkKind
from onevoice.rules.table_lines import MarkLine


def line(rule: CustomerState) -> MarkLine:
    """Never (or not yet) while the customer is in one of the named states; an unknown name stops nothing."""
    kinds = [MarkKind[state.upper()] for state in rule.states if state.upper() in MarkKind.__members__]
    return MarkLine(reasons=dict.fromkeys(kinds, Reason.CUSTOMER_STATE), holds=rule.at_limit == "hold")
