"""Pressure points protect people from the weight of all channels together: a call is more than an e-mail."""

from onevoice.nouns.policy import PressurePoints
from onevoice.nouns.reason import Reason
from onevoice.rules.table_lines import CountLine


def line(rule: PressurePoints) -> CountLine:
    """Waits until the points of touches younger than `seconds` leave room for the message's own. A touch more can only
    add points, and decay takes as much from each whether there are others or not."""
    return CountLine(
        reason=Reason.PRESSURE_POINTS,
        at_most=rule.budget,
        seconds=rule.seconds,
        weights=rule.weights,
        default_weight=rule.default_weight,
        decays=rule.decay == "linear",
    )
