"""Answers: what a rule demands, told with its numbers."""

from collections.abc import Callable
from typing import Final

from onevoice.answers.spoken import counted, listed, spoken_span
from onevoice.nouns import policy as rules


def rule_words(rule: rules.AnyRule) -> str:
    """What a rule demands, with its numbers: `at most 2 in any 24 hours`; '' where its sentence says it all."""
    tell = _RULES.get(type(rule))
    return tell(rule) if tell else ""


def _window(window: rules.Window) -> str:
    return f"{window.begin} to {window.end}"


def _rolling(rule: rules.RollingCap) -> str:
    return f"at most {rule.at_most:,} in any {spoken_span(rule.seconds)}{_per(rule)}"


def _calendar(rule: rules.CalendarCap) -> str:
    period = f"a {rule.period}" if rule.every == 1 else f"{rule.every} {rule.period}s"
    return f"at most {rule.at_most:,} in {period}{_per(rule)}"


def _gap(rule: rules.MinimumGap) -> str:
    return f"at least {spoken_span(rule.seconds)} between two{_per(rule)}"


def _ordered(rule: rules.OrderedGap) -> str:
    return f"at least {spoken_span(rule.seconds)} after certain others{_per(rule)}"


def _lifetime(rule: rules.LifetimeCap) -> str:
    return f"at most {rule.at_most:,} ever{_per(rule)}"


def _together(rule: rules.NeverTogether) -> str:
    return f"not within {spoken_span(rule.seconds)} of the other kind{_per(rule)}"


def _barred(rule: rules.NeverAfter) -> str:
    return f"never {f'within {spoken_span(rule.seconds)} ' if rule.seconds else ''}after certain others{_per(rule)}"


def _exclusive(rule: rules.ExclusiveCampaigns) -> str:
    return f"one of {counted(len(rule.campaigns), 'campaign')} in any {spoken_span(rule.seconds)}{_per(rule)}"


def _journeys(rule: rules.JourneyCap) -> str:
    return f"at most {counted(rule.at_most, 'journey')} in any {spoken_span(rule.seconds)}{_per(rule)}"


def _pressure(rule: rules.PressurePoints) -> str:
    return f"at most {counted(rule.budget, 'point')} in any {spoken_span(rule.seconds)}{_per(rule)}"


def _same(rule: rules.SameContent) -> str:
    return f"the same {rule.of} at most {counted(rule.at_most, 'time')} in {spoken_span(rule.seconds)}{_per(rule)}"


def _hours(rule: rules.QuietHours) -> str:
    return "quiet from " + listed([_window(window) for window in rule.windows[:3]])


def _after(rule: rules.OnlyAfter) -> str:
    when = f" less than {spoken_span(rule.within)} ago" if rule.within else ""
    return f"only after another message {rule.event}{when}"


def _holdout(rule: rules.Holdout) -> str:
    whom = "households" if rule.household else "people"
    return f"{rule.share_percent} of 100 {whom} are left out to compare"


def _opening(rule: rules.SendWindow) -> str:
    return "only from " + listed([_window(window) for window in rule.windows[:3]])


def _blackout(rule: rules.Blackout) -> str:
    clock = {"customer": "by the customer's clock", "unit": "by the unit's clock"}.get(rule.zone, rule.zone)
    return f"nothing from {rule.begin.replace('T', ' ')} to {rule.end.replace('T', ' ')} ({clock})"


def _deferral(rule: rules.MaximumDeferral) -> str:
    return f"waits at most {spoken_span(rule.seconds)}"


def _per(rule: rules.Counting) -> str:
    return "" if rule.per == "customer" else f", per {rule.per}"


_RULES: Final[dict[type, Callable[..., str]]] = {
    rules.RollingCap: _rolling,
    rules.CalendarCap: _calendar,
    rules.MinimumGap: _gap,
    rules.SameContent: _same,
    rules.LifetimeCap: _lifetime,
    rules.OrderedGap: _ordered,
    rules.NeverTogether: _together,
    rules.NeverAfter: _barred,
    rules.ExclusiveCampaigns: _exclusive,
    rules.JourneyCap: _journeys,
    rules.PressurePoints: _pressure,
    rules.QuietHours: _hours,
    rules.SendWindow: _opening,
    rules.Holdout: _holdout,
    rules.OnlyAfter: _after,
    rules.Blackout: _blackout,
    rules.MaximumDeferral: _deferral,
}
