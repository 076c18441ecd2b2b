"""Personal quiet time protects the hours a person asked to be left alone."""

from onevoice.nouns.policy import PersonalQuietTime
from onevoice.nouns.reason import Reason
from onevoice.rules.table_lines import ClockLine


def line(rule: PersonalQuietTime) -> ClockLine:
    """Waits for the end of the wished quiet time, in the customer's zone, every day."""
    return ClockLine(reason=Reason.PERSONAL_QUIET_TIME, personal=True)
