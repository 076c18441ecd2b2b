"""Checking counting rules: numbers that make no sense, said before the policy is activated."""

from collections.abc import Iterator, Mapping
from typing import Final

from onevoice.nouns.policy import (
    EVERYTHING,
    CalendarCap,
    Counting,
    ExclusiveCampaigns,
    JourneyCap,
    LifetimeCap,
    NeverAfter,
    NeverTogether,
    OrderedGap,
    PressurePoints,
    RollingCap,
    Rule,
    SameContent,
)
from onevoice.nouns.problem import Fault
from onevoice.rules.table_lines import DAY

WINDOW_MAX: Final = 400 * DAY
POINTS_MAX: Final = 100_000
HOURS_OF: Final = {"hour": 1, "day": 24, "week": 7 * 24, "month": 31 * 24}
CAPS: Final = (RollingCap, CalendarCap, SameContent, LifetimeCap, JourneyCap)

Known = Mapping[str, Mapping[str, int]]
"""By scope field: the number of each key there is."""


def counting_faults(rule: Rule, where: str, known: Known) -> Iterator[Fault]:
    """Every fault of the numbers of a counting rule; none for a rule that does not count."""
    if not isinstance(rule, Counting):
        return
    if isinstance(rule, CAPS) and rule.at_most < 1:
        yield Fault(f"{where}: at_most", "Give at least 1; to stop messages altogether use consent or a mark.")
    yield from _seconds(rule, where)
    if isinstance(rule, CalendarCap):
        if rule.every < 1 or rule.every * HOURS_OF[rule.period] * 3_600 > WINDOW_MAX:
            yield Fault(f"{where}: every", "Give at least 1, and no more periods than 400 days hold.")
        if not 0 <= rule.week_start <= 6:
            yield Fault(f"{where}: week_start", "Give 0 for Monday up to 6 for Sunday.")
    if isinstance(rule, OrderedGap | NeverAfter) and rule.after == EVERYTHING:
        yield Fault(f"{where}: after", "Say after which messages; an empty scope is every message.")
    if isinstance(rule, NeverTogether):
        for side in ("first", "second"):
            if getattr(rule, side) == EVERYTHING:
                yield Fault(f"{where}: {side}", "Say which messages; an empty scope is every message.")
    if isinstance(rule, ExclusiveCampaigns):
        yield from _campaigns(rule, where, known)
    if isinstance(rule, PressurePoints):
        yield from _points(rule, where, known)


def _seconds(rule: Counting, where: str) -> Iterator[Fault]:
    seconds = getattr(rule, "seconds", None)
    if seconds is None or (isinstance(rule, NeverAfter) and seconds == 0):
        return
    if isinstance(rule, SameContent) and seconds > WINDOW_MAX:
        yield Fault(f"{where}: seconds", "Content is remembered for 400 days; for ever, use an offer or a campaign.")
    elif not 0 < seconds <= WINDOW_MAX:
        yield Fault(f"{where}: seconds", "Give a number of seconds, at least 1 and at most 400 days.")


def _campaigns(rule: ExclusiveCampaigns, where: str, known: Known) -> Iterator[Fault]:
    for key in rule.campaigns:
        if key not in known["campaigns"]:
            yield Fault(f"{where}: campaigns", f"There is no {key!r} here.")
    if len(set(rule.campaigns)) < 2:
        yield Fault(f"{where}: campaigns", "Name at least two; one campaign alone excludes nothing.")


def _points(rule: PressurePoints, where: str, known: Known) -> Iterator[Fault]:
    if not 0 < rule.budget <= POINTS_MAX:
        yield Fault(f"{where}: budget", f"Give at least 1 point and at most {POINTS_MAX:,}.")
    for channel in sorted(set(rule.weights) - set(known["channels"])):
        yield Fault(f"{where}: weights", f"There is no {channel!r} here.")
    weights = {"default_weight": rule.default_weight, **{f"weights.{key}": one for key, one in rule.weights.items()}}
    for part, weight in weights.items():
        if not 0 <= weight <= POINTS_MAX:
            yield Fault(f"{where}: {part}", f"Give 0 points or more, at most {POINTS_MAX:,}.")
