"""A holdout protects people from messages that do nothing: some never get them, and are compared with those who do."""

from onevoice.nouns.policy import Holdout
from onevoice.rules.table_lines import HoldoutLine


def line(rule: Holdout) -> HoldoutLine:
    """Never for a share of all people, always the same ones."""
    return HoldoutLine(salt=rule.salt, share=100 * rule.share_percent, household=rule.household)
