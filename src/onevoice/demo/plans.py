"""Demo, the plans: what departments want to send today and tomorrow, proposed to the gate one by one."""

from collections.abc import Sequence
from typing import Final

from onevoice.demo.script import Customer, Script
from onevoice.demo.stories import planned

PLANS: Final = (
    ("bank", "gold-spring", "Gold card, first year free"),
    ("travel", "travel-deals", "Seats to Trieste"),
    ("hearth-north", "roast-news", "Roast of the week: Harbour"),
    ("hearth-south", "cup-south", "A second cup, on the house"),
)
"""Whose customers, which campaign, and what about."""

EACH: Final = 12


def plan(script: Script, crowd: Sequence[Customer]) -> None:
    """Propose a dozen messages of each plan; every fourth is Onevoice's own to send."""
    for place, (members, campaign, subject) in enumerate(PLANS):
        chosen = [one for number, one in enumerate(crowd) if members in one.units and number % 4 == place][:EACH]
        for number, one in enumerate(chosen):
            planned(script, f"{campaign}:{one.reference}", one, campaign, subject, dispatch=number % 4 == 0)
