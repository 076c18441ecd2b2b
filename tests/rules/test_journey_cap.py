"""A journey cap protects people from being led along many journeys at once."""

import pytest

from onevoice.nouns.policy import JourneyCap, Scope
from tests.rules.world import Ask, mail, outcome, past, text

DAY = 86_400
TWO = JourneyCap(name="two journeys a week", at_most=2, seconds=7 * DAY)
ONE = JourneyCap(name="one journey", at_most=1, seconds=7 * DAY, at_limit="suppress")
TEXTS = JourneyCap(name="one by text", at_most=1, seconds=7 * DAY, counts=Scope(channels=("sms",)))
NONE, J1, J2, J3 = mail(), mail(journey=1), mail(journey=2), mail(journey=3)
CASES = [
    ("nothing before", TWO, Ask(message=J1), "send"),
    ("one other", TWO, Ask(message=J1, customer=past((DAY, J2))), "send"),
    ("two others", TWO, Ask(message=J1, customer=past((2 * DAY, J2), (DAY, J3))), f"hold {5 * DAY}"),
    ("in one of the two", TWO, Ask(message=J2, customer=past((2 * DAY, J2), (DAY, J3))), "send"),
    ("many of one other", TWO, Ask(message=J1, customer=past((9, J2), (7, J2), (5, J2))), "send"),
    ("the newest of each", TWO, Ask(message=J1, customer=past((9, J2), (7, J3), (5, J2))), f"hold {7 * DAY - 7}"),
    ("free to the second", TWO, Ask(message=J1, customer=past((7 * DAY, J2), (DAY, J3))), "send"),
    ("a second early", TWO, Ask(message=J1, customer=past((7 * DAY - 1, J2), (DAY, J3))), "hold 1"),
    ("no journey is not stopped", TWO, Ask(message=NONE, customer=past((9, J2), (7, J3))), "send"),
    ("no journey does not count", TWO, Ask(message=J1, customer=past((9, NONE), (7, NONE))), "send"),
    ("suppressed", ONE, Ask(message=J1, customer=past((9, J2))), "suppress"),
    ("only texts count", TEXTS, Ask(message=J1, customer=past((9, J2))), "send"),
    ("a text counts", TEXTS, Ask(message=J1, customer=past((DAY, text(journey=2)), (9, J2))), f"hold {6 * DAY}"),
]


@pytest.mark.parametrize(("title", "rule", "ask", "answer"), CASES, ids=[case[0] for case in CASES])
def test_a_journey_begins_when_another_is_silent(title: str, rule: JourneyCap, ask: Ask, answer: str) -> None:
    """Each line: what stands in the book, and what becomes of the next message."""
    assert outcome(ask, rule) == answer
