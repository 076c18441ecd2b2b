"""A personal cap protects what a person asked for: at most so many messages in so many days."""

from onevoice.nouns.policy import PersonalCap
from onevoice.nouns.reason import Reason
from onevoice.rules.table_lines import CountLine


def line(rule: PersonalCap) -> CountLine:
    """Waits until the newest counted touch but (wish - 1) is the wished days of 24 h old."""
    return CountLine(reason=Reason.PERSONAL_CAP, personal=True)
