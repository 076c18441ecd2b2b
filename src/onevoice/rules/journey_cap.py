"""A journey cap protects people from being led along many journeys at once."""

from onevoice.nouns.policy import JourneyCap
from onevoice.nouns.reason import Reason
from onevoice.rules.table_lines import CountLine


def line(rule: JourneyCap) -> CountLine:
    """Waits until the `at_most`-th newest other journey was silent for `seconds`. A touch more makes one journey newer,
    or is of one more journey."""
    return CountLine(
        reason=Reason.JOURNEY_CAP,
        at_most=rule.at_most,
        seconds=rule.seconds,
        unit=rule.unit_of_count,
        named=True,
    )
