"""Consent protects people from messages they never agreed to, or no longer want."""

from onevoice.nouns.policy import Consent
from onevoice.rules.table_lines import PermitLine


def line(rule: Consent) -> PermitLine:
    """Never, unless a grant that covers the message is live (or nothing was withdrawn, where that is enough)."""
    return PermitLine(
        needs_grant=rule.needs == "grant",
        proven=False,
        express_days=rule.express_days,
        purchase_days=rule.purchase_days,
        inquiry_days=rule.inquiry_days,
    )
