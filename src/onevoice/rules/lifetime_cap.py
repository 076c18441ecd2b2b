"""A lifetime cap protects people from ever getting more than a few of something, such as a request to rate us."""

from onevoice.nouns.policy import LifetimeCap
from onevoice.nouns.reason import Reason
from onevoice.rules.table_lines import CountLine


def line(rule: LifetimeCap) -> CountLine:
    """Never once `at_most` touches counted, however long ago. Once full it stays full: a touch more cannot empty it."""
    return CountLine(reason=Reason.LIFETIME_CAP, at_most=rule.at_most, ever=True)
