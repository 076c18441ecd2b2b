"""Exclusive campaigns protect people from being courted by several campaigns at once."""

from onevoice.nouns.policy import ExclusiveCampaigns, Scope
from onevoice.nouns.reason import Reason
from onevoice.rules.table_lines import CountLine


def line(rule: ExclusiveCampaigns) -> CountLine:
    """Waits until the newest touch of another of the campaigns is `seconds` old. A touch more of another can only be
    newer; one of the message's own changes nothing."""
    return CountLine(
        reason=Reason.EXCLUSIVE_CAMPAIGNS,
        at_most=1,
        seconds=rule.seconds,
        unit=rule.unit_of_count,
        only=Scope(campaigns=rule.campaigns),
    )
