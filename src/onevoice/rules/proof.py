"""Proof protects people from consents that nobody can show: source, wording, time and evidence must be on record."""

from onevoice.nouns.policy import Proof
from onevoice.rules.table_lines import PermitLine


def line(rule: Proof) -> PermitLine:
    """Never, unless a grant with complete proof covers the message and is live."""
    return PermitLine(
        needs_grant=True,
        proven=True,
        express_days=rule.express_days,
        purchase_days=rule.purchase_days,
        inquiry_days=rule.inquiry_days,
    )
