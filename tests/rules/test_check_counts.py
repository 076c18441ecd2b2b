"""Counting rules whose numbers make no sense are found before they are put in force."""

import pytest

from onevoice.nouns.policy import (
    AnyRule,
    ExclusiveCampaigns,
    JourneyCap,
    LifetimeCap,
    NeverAfter,
    NeverTogether,
    OrderedGap,
    Policy,
    PressurePoints,
    Scope,
)
from onevoice.nouns.problem import Refused
from onevoice.rules.check import check_policy
from onevoice.rules.files import read_policy
from tests.rules.world import SURROUNDINGS

LONG = 401 * 86_400
CARDS, LOANS, ALL, FAX = Scope(topics=("cards",)), Scope(topics=("loans",)), Scope(), Scope(channels=("fax",))
PAIR = ("homes", "savings")
CASES: list[tuple[str, AnyRule, list[str]]] = [
    ("none in a life", LifetimeCap(name="a", at_most=0), ["at_most"]),
    ("no gap", OrderedGap(name="a", after=CARDS, seconds=0), ["seconds"]),
    ("a gap after everything", OrderedGap(name="a", after=ALL, seconds=9), ["after"]),
    ("a gap after no channel", OrderedGap(name="a", after=FAX, seconds=9), ["after.channels"]),
    ("never together for ever", NeverTogether(name="a", first=CARDS, second=LOANS, seconds=LONG), ["seconds"]),
    ("with anything", NeverTogether(name="a", first=CARDS, second=ALL, seconds=9), ["second"]),
    ("with no channel", NeverTogether(name="a", first=FAX, second=CARDS, seconds=9), ["first.channels"]),
    ("never after anything", NeverAfter(name="a", after=ALL), ["after"]),
    ("never after less than nothing", NeverAfter(name="a", after=CARDS, seconds=-1), ["seconds"]),
    ("never after for ever", NeverAfter(name="a", after=CARDS), []),
    ("one campaign", ExclusiveCampaigns(name="a", campaigns=("homes",), seconds=9), ["campaigns"]),
    ("one campaign twice", ExclusiveCampaigns(name="a", campaigns=("homes",) * 2, seconds=9), ["campaigns"]),
    ("an unknown campaign", ExclusiveCampaigns(name="a", campaigns=(*PAIR, "x"), seconds=9), ["campaigns"]),
    ("no time", ExclusiveCampaigns(name="a", campaigns=PAIR, seconds=0), ["seconds"]),
    ("no journey", JourneyCap(name="a", at_most=0, seconds=9), ["at_most"]),
    ("journeys for ever", JourneyCap(name="a", at_most=1, seconds=LONG), ["seconds"]),
    ("no budget", PressurePoints(name="a", budget=0, seconds=9), ["budget"]),
    ("no budget end", PressurePoints(name="a", budget=10**6, seconds=9), ["budget"]),
    ("points for ever", PressurePoints(name="a", budget=1, seconds=LONG), ["seconds"]),
    ("relief", PressurePoints(name="a", budget=1, seconds=9, weights={"sms": -1}), ["weights.sms"]),
    ("relief by default", PressurePoints(name="a", budget=1, seconds=9, default_weight=-1), ["default_weight"]),
    ("an unknown channel", PressurePoints(name="a", budget=1, seconds=9, weights={"fax": 1}), ["weights"]),
]


@pytest.mark.parametrize(("title", "rule", "parts"), CASES, ids=[case[0] for case in CASES])
def test_a_fault_is_found_where_it_is(title: str, rule: AnyRule, parts: list[str]) -> None:
    """One rule, one fault, and its place; none where it makes sense."""
    found = check_policy(Policy(name="p", rules=(rule,)), SURROUNDINGS)
    assert [fault.where for fault in found] == [f"rules[0] a: {part}" for part in parts]


@pytest.mark.parametrize(
    "line",
    [
        'type = "lifetime_cap"\nat_most = 1\nat_limit = "hold"',
        'type = "never_after"\nafter = { topics = ["cards"] }\nat_limit = "hold"',
        'type = "ordered_gap"\nafter = { topics = ["cards"] }\nseconds = 9\ncounts = { topics = ["loans"] }',
        'type = "minimum_gap"\nseconds = 9\nunit_of_count = "package"',
        'type = "rolling_cap"\nat_most = 1\nseconds = 9\nunit_of_count = "topic"',
        'type = "pressure_points"\nbudget = 1\nseconds = 9\ndecay = "exponential"',
    ],
)
def test_what_a_rule_cannot_mean_is_not_read(line: str) -> None:
    """Nothing to wait for, nothing else to count: the file is refused, not understood in another way."""
    with pytest.raises(Refused):
        read_policy(f'name = "p"\n[[rules]]\nname = "a"\n{line}\n')
