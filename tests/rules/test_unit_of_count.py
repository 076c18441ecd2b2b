"""What a cap counts: messages, or campaigns, packages and journeys, each of which is one however much it says."""

import numpy as np
import pytest

from onevoice.nouns.label import Label
from onevoice.nouns.policy import AnyRule, CalendarCap, RollingCap, Scope
from onevoice.nouns.words import Category
from onevoice.rules.judge import judge
from tests.rules.world import NOW, Ask, mail, outcome, past, prepare, text, verdicts

HOUR, DAY = 3_600, 86_400
ONE = RollingCap(name="one package a day", at_most=1, seconds=DAY, unit_of_count="package")
TWO = RollingCap(name="two packages a day", at_most=2, seconds=DAY, unit_of_count="package")
BY_TEXT = RollingCap(
    name="one by text",
    at_most=1,
    seconds=DAY,
    unit_of_count="package",
    counts=Scope(channels=("sms",)),
    at_limit="suppress",
)
JOURNEYS = RollingCap(name="one journey a day", at_most=1, seconds=DAY, unit_of_count="journey")
CAMPAIGNS = CalendarCap(name="two campaigns a day", at_most=2, period="day", unit_of_count="campaign")
P0, P1, P2, P3 = mail(), mail(package=1), mail(package=2), mail(package=3)
J1, J2 = mail(journey=1), mail(journey=2)
C1, C2 = mail(campaign=1), mail(campaign=2)
SERVICE = mail(category=Category.SERVICE)


def asked(message: Label, *touches: tuple[int, Label]) -> Ask:
    return Ask(message=message, customer=past(*touches))


# Now is Wednesday noon in Berlin; P0 names no package.
CASES = [
    ("nothing yet", ONE, asked(P3), "send"),
    ("one of its own package", ONE, asked(P3, (1, P3)), "send"),
    ("nine of its own package", ONE, asked(P3, *((1, P3),) * 9), "send"),
    ("another package", ONE, asked(P3, (HOUR, P1)), f"hold {23 * HOUR}"),
    ("the newest of it", ONE, asked(P3, (9, P1), (5, P1)), f"hold {DAY - 5}"),
    ("two of one package are one", TWO, asked(P3, (9, P1), (5, P1)), "send"),
    ("two packages", TWO, asked(P3, (9, P1), (5, P2), (3, P1)), f"hold {DAY - 5}"),
    ("free to the second", TWO, asked(P3, (DAY, P1), (5, P2)), "send"),
    ("a second early", TWO, asked(P3, (DAY - 1, P1), (5, P2)), "hold 1"),
    ("no package is its own", TWO, asked(P3, (9, P0), (5, P0)), f"hold {DAY - 9}"),
    ("asked without one", ONE, asked(P0, (9, P0)), f"hold {DAY - 9}"),
    ("asked without one, after one", ONE, asked(P0, (9, P1)), f"hold {DAY - 9}"),
    ("a foreign clock", ONE, asked(P3, (9, P1), (-60, P1)), f"hold {DAY + 60}"),
    ("only texts count", BY_TEXT, asked(P3, (5, P1)), "send"),
    ("the newest that counts", BY_TEXT, asked(P3, (9, text(package=1)), (5, P1)), "suppress"),
    ("service obeys no cap", ONE, asked(SERVICE, (5, P1)), "send"),
    ("another journey", JOURNEYS, asked(J1, (9, J2)), f"hold {DAY - 9}"),
    ("the same journey", JOURNEYS, asked(J1, (9, J1)), "send"),
    ("one campaign today", CAMPAIGNS, asked(P0, (9, C1), (5, C1)), "send"),
    ("two campaigns today", CAMPAIGNS, asked(P0, (9, C1), (5, C2)), f"hold {12 * HOUR}"),
    ("one of them yesterday", CAMPAIGNS, asked(P0, (13 * HOUR, C1), (5, C2)), "send"),
]


@pytest.mark.parametrize(("title", "rule", "ask", "answer"), CASES, ids=[case[0] for case in CASES])
def test_a_cap_counts_packages_campaigns_or_journeys(title: str, rule: AnyRule, ask: Ask, answer: str) -> None:
    """Each line: what stands in the book, and what becomes of the next message."""
    assert outcome(ask, rule) == answer


def test_rules_that_count_differently_keep_to_themselves() -> None:
    """A cap on messages, one on packages and one on journeys, over one book: each waits for its own touch."""
    found = verdicts(
        asked(P3, (40, mail(package=1, journey=7)), (30, P1), (20, mail(package=2, journey=7))),
        RollingCap(name="three", at_most=3, seconds=DAY),
        TWO,
        RollingCap(name="journeys", at_most=2, seconds=DAY, unit_of_count="journey"),
    )
    assert found.waits[:, 0].tolist() == [1, 2, 2]


def test_people_do_not_share_their_packages() -> None:
    """The newest of a package is each person's own, in one batch as alone."""
    states, case, compiled = prepare(Ask(message=P3, customer=past((50, P1)), household=past((10, P1))), ONE)
    both = case.take(np.array([0, 0]))
    both.folios[0, 1] = 1
    assert (judge(states, both, NOW, compiled).when - NOW).tolist() == [DAY - 50, DAY - 10]
