"""Rules that count journeys, packages or campaigns, that count for ever, that weigh, or that look at pairs."""

from collections.abc import Sequence
from random import Random

import pytest

from onevoice.nouns.label import Label
from onevoice.nouns.policy import (
    AnyRule,
    ExclusiveCampaigns,
    JourneyCap,
    LifetimeCap,
    NeverAfter,
    NeverTogether,
    OnlyAfter,
    OrderedGap,
    Policy,
    PressurePoints,
    RollingCap,
    Scope,
)
from onevoice.nouns.surroundings import Campaign, Surroundings
from onevoice.nouns.words import Category, Channel, EntryKind, Verdict
from tests.proof.comparison import Account, agree, compare_together
from tests.proof.history import Fact, TouchFact
from tests.proof.places import ZONES
from tests.proof.random_cases import Batch
from tests.proof.reference import Answer
from tests.proof.row import Asked
from tests.proof.wall import DAY

NOW = 1_750_000_000
PLAIN, SPRING, SUMMER, JOURNEY_ONE, JOURNEY_TWO, JOURNEY_THREE, PACKAGE, OTHER_PACKAGE, CALL = range(1, 10)
LABELS = [
    Label(),
    *(
        Label(category=Category.MARKETING, **{"channel": Channel.EMAIL} | named)
        for named in (
            {},
            {"campaign": 1},
            {"campaign": 2},
            {"journey": 1},
            {"journey": 2},
            {"journey": 3},
            {"package": 1},
            {"package": 2},
            {"channel": Channel.VOICE},
        )
    ),
]
SURROUNDINGS = Surroundings(
    campaigns={n: Campaign(number=n, key=key, name="", unit=0) for n, key in ((1, "spring"), (2, "summer"))},
    zones=ZONES,
)
SEND, HOLD, SUPPRESS = Verdict.SEND, Verdict.HOLD, Verdict.SUPPRESS
IN_SPRING, IN_SUMMER = Scope(campaigns=("spring",)), Scope(campaigns=("summer",))


def asked_of(rule: AnyRule, had: Sequence[tuple[int, int]], labels: Sequence[int]) -> Batch:
    """Messages of these labels to one person, who `had` others: (label, seconds ago)."""
    facts: list[Fact] = [
        TouchFact(EntryKind.SENT, place, NOW - ago, label) for place, (label, ago) in enumerate(had, start=1)
    ]
    return Batch(
        policy=Policy(name="small", version=1, rules=(rule,), longest_hold=60 * DAY),
        labels=LABELS,
        surroundings=SURROUNDINGS,
        facts=(tuple(facts),),
        asked=tuple(Asked(label, 0, NOW, 0, (0, -1, -1, -1)) for label in labels),
        nows=(NOW, NOW + 1, NOW + DAY - 1, NOW + DAY),
    )


def answer(rule: AnyRule, had: Sequence[tuple[int, int]], label: int) -> Answer:
    return agree(asked_of(rule, had, [label]))[0]


TWO_JOURNEYS = JourneyCap(name="rule", at_most=2, seconds=DAY)
TWO_PACKAGES = RollingCap(name="rule", at_most=2, seconds=DAY, unit_of_count="package")
ONE_CAMPAIGN = RollingCap(name="rule", at_most=1, seconds=DAY, unit_of_count="campaign")
TEN_POINTS = PressurePoints(name="rule", budget=10, seconds=DAY, weights={"voice": 5})
FADING = PressurePoints(name="rule", budget=10, seconds=DAY, weights={"voice": 5}, decay="linear")
TOGETHER = NeverTogether(name="rule", first=IN_SPRING, second=IN_SUMMER, seconds=DAY, at_limit="hold")
ONE_OF_TWO = ExclusiveCampaigns(name="rule", campaigns=("spring", "summer"), seconds=DAY, at_limit="hold")
AFTER_SPRING = OrderedGap(name="rule", after=IN_SPRING, seconds=DAY)
NO_MORE = NeverAfter(name="rule", after=IN_SPRING, seconds=DAY)
REMINDER = OnlyAfter(name="rule", applies=IN_SUMMER, after=IN_SPRING, within=DAY)


@pytest.mark.parametrize(
    ("rule", "had", "label", "verdict", "wait"),
    [
        (TWO_JOURNEYS, [(JOURNEY_ONE, 9), (JOURNEY_TWO, 5)], JOURNEY_THREE, HOLD, DAY - 9),
        (TWO_JOURNEYS, [(JOURNEY_ONE, 9), (JOURNEY_TWO, 5)], JOURNEY_TWO, SEND, 0),
        (TWO_JOURNEYS, [(JOURNEY_ONE, 9), (JOURNEY_TWO, 7), (JOURNEY_ONE, 5)], JOURNEY_THREE, HOLD, DAY - 7),
        (TWO_JOURNEYS, [(JOURNEY_ONE, 9), (PLAIN, 5)], JOURNEY_THREE, SEND, 0),
        (TWO_JOURNEYS, [(JOURNEY_ONE, 9), (JOURNEY_TWO, 5)], PLAIN, SEND, 0),
        (TWO_JOURNEYS, [(JOURNEY_ONE, DAY), (JOURNEY_TWO, 5)], JOURNEY_THREE, SEND, 0),
        (TWO_PACKAGES, [(PACKAGE, 9), (PACKAGE, 5)], OTHER_PACKAGE, SEND, 0),
        (TWO_PACKAGES, [(PACKAGE, 9), (PLAIN, 5)], OTHER_PACKAGE, HOLD, DAY - 9),
        (TWO_PACKAGES, [(PLAIN, 9), (PLAIN, 5)], PLAIN, HOLD, DAY - 9),
        (ONE_CAMPAIGN, [(SPRING, 9), (SPRING, 5)], SPRING, SEND, 0),
        (ONE_CAMPAIGN, [(SPRING, 9), (SPRING, 5)], SUMMER, HOLD, DAY - 5),
        (TEN_POINTS, [(CALL, 9)], CALL, SEND, 0),
        (TEN_POINTS, [(CALL, 9), (PLAIN, 5)], CALL, HOLD, DAY - 9),
        (TEN_POINTS, [(PLAIN, 9), (CALL, 5)], CALL, HOLD, DAY - 9),
        (FADING, [(CALL, 0), (CALL, 0)], PLAIN, HOLD, DAY // 10),
        (FADING, [(CALL, 0), (CALL, DAY // 2)], PLAIN, SEND, 0),
        (FADING, [(CALL, -60), (CALL, -60)], PLAIN, HOLD, DAY // 10 + 60),
        (TOGETHER, [(SPRING, 9)], SUMMER, HOLD, DAY - 9),
        (TOGETHER, [(SUMMER, 9)], SPRING, HOLD, DAY - 9),
        (TOGETHER, [(SPRING, 9)], SPRING, SEND, 0),
        (ONE_OF_TWO, [(SPRING, 9)], SUMMER, HOLD, DAY - 9),
        (ONE_OF_TWO, [(SPRING, 9)], SPRING, SEND, 0),
        (ONE_OF_TWO, [(SPRING, 9)], PLAIN, SEND, 0),
        (AFTER_SPRING, [(SPRING, DAY - 1)], PLAIN, HOLD, 1),
        (AFTER_SPRING, [(SPRING, DAY), (PLAIN, 1)], PLAIN, SEND, 0),
        (NO_MORE, [(SPRING, DAY - 1)], PLAIN, SUPPRESS, 0),
        (NO_MORE, [(SPRING, DAY)], PLAIN, SEND, 0),
        (REMINDER, [(SPRING, DAY - 1)], SUMMER, SEND, 0),
        (REMINDER, [(SPRING, DAY)], SUMMER, SUPPRESS, 0),
        (REMINDER, [], PLAIN, SEND, 0),
    ],
)
def test_what_counts_and_until_when(
    rule: AnyRule, had: list[tuple[int, int]], label: int, verdict: Verdict, wait: int
) -> None:
    """Judge and reference agree, and say what one finds by counting on one's fingers."""
    said = answer(rule, had, label)
    assert said.verdict == verdict
    if verdict == HOLD:
        assert said.when == NOW + wait


@pytest.mark.parametrize(("at_most", "verdict"), [(59, SUPPRESS), (60, SUPPRESS), (61, SEND)])
def test_a_lifetime_counts_what_the_book_only_has_the_number_of(at_most: int, verdict: Verdict) -> None:
    """Of fifty-nine messages three years ago the book keeps the number only; with one of today they are sixty."""
    had = [(SPRING, 1_100 * DAY - place) for place in range(59)]
    had += [(SUMMER, 600 * DAY - place) for place in range(60)] + [(SPRING, 9)]
    assert answer(LifetimeCap(name="rule", at_most=at_most, counts=IN_SPRING), had, PLAIN).verdict == verdict


@pytest.mark.parametrize("events", [0, 1])
def test_one_message_long_ago_is_never_forgotten(events: int) -> None:
    """A single message of three years ago, followed by a hundred others, still bars what never comes after it, and
    still opens the way to what comes only after it."""
    had = [(SPRING, 1_100 * DAY)] * events + [(PLAIN, 600 * DAY - place) for place in range(100)]
    never = NeverAfter(name="rule", after=IN_SPRING)
    only = OnlyAfter(name="rule", after=IN_SPRING)
    assert answer(never, had, SUMMER).verdict == (SUPPRESS if events else SEND)
    assert answer(only, had, SUMMER).verdict == (SEND if events else SUPPRESS)


@pytest.mark.parametrize(
    ("rule", "labels", "sent"),
    [
        (TWO_JOURNEYS, [JOURNEY_ONE, JOURNEY_TWO, JOURNEY_THREE, JOURNEY_ONE, PLAIN], 4),
        (TWO_PACKAGES, [PACKAGE, PACKAGE, OTHER_PACKAGE, PLAIN, PACKAGE, PLAIN], 4),
        (ONE_CAMPAIGN, [SPRING, SPRING, SUMMER, SPRING], 3),
        (LifetimeCap(name="rule", at_most=3), [PLAIN] * 5, 3),
        (TEN_POINTS, [CALL, PLAIN, CALL, PLAIN, PLAIN, PLAIN, PLAIN, PLAIN], 6),
        (FADING, [CALL, CALL, PLAIN], 2),
        (TOGETHER, [SUMMER, SPRING, SUMMER, SPRING], 2),
        (ONE_OF_TWO, [SPRING, SUMMER, SPRING, PLAIN], 3),
        (AFTER_SPRING, [PLAIN, SPRING, PLAIN, SPRING], 2),
        (NO_MORE, [PLAIN, SPRING, PLAIN], 2),
        (REMINDER, [SPRING, SUMMER, SUMMER], 1),
    ],
)
def test_messages_decided_together_are_judged_one_after_the_other(rule: AnyRule, labels: list[int], sent: int) -> None:
    """What goes out of a group counts for the rest of it; a place that is only reserved opens no way."""
    account = Account()
    none_anyway = Random(1)
    none_anyway.random = lambda: 1.0  # type: ignore[method-assign]  # nothing goes against its verdict
    compare_together(asked_of(rule, [], labels), account, "by hand", none_anyway)
    assert account.differences == []
    assert account.verdicts["send"] == sent
