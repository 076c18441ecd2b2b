"""Same content protects people from reading the same words again and again."""

import pytest

from onevoice.nouns.policy import SameContent
from tests.rules.world import Ask, Folio, Touch, mail, told

DAY = 86_400
ONCE = SameContent(name="once", at_most=1, seconds=7 * DAY)
TWICE = SameContent(name="twice", at_most=2, seconds=7 * DAY)
OFFER = SameContent(name="offer", at_most=1, seconds=7 * DAY, of="offer", at_limit="suppress")

CASES = [
    ("new words", ONCE, Ask(content=5, customer=Folio([Touch(DAY, content=4)])), ("send", "cleared")),
    ("same words", ONCE, Ask(content=5, customer=Folio([Touch(DAY, content=5)])), (f"hold {6 * DAY}", "same_content")),
    (
        "other words since",
        ONCE,
        Ask(content=5, customer=Folio([Touch(2 * DAY, content=5), Touch(1, content=4)])),
        (f"hold {5 * DAY}", "same_content"),
    ),
    ("no content", ONCE, Ask(content=0, customer=Folio([Touch(1, content=0)])), ("send", "cleared")),
    ("twice is allowed", TWICE, Ask(content=5, customer=Folio([Touch(1, content=5)])), ("send", "cleared")),
    (
        "the third time",
        TWICE,
        Ask(content=5, customer=Folio([Touch(DAY, content=5), Touch(1, content=5)])),
        (f"hold {6 * DAY}", "same_content"),
    ),
    (
        "same offer",
        OFFER,
        Ask(message=mail(offer=1), customer=Folio([Touch(1, mail(offer=1, unit=3))])),
        ("suppress", "same_offer"),
    ),
    (
        "another offer",
        OFFER,
        Ask(message=mail(offer=2), customer=Folio([Touch(1, mail(offer=1))])),
        ("send", "cleared"),
    ),
    ("no offer", OFFER, Ask(customer=Folio([Touch(1)])), ("send", "cleared")),
]


@pytest.mark.parametrize(("title", "rule", "ask", "answer"), CASES, ids=[case[0] for case in CASES])
def test_the_same_is_not_said_too_often(title: str, rule: SameContent, ask: Ask, answer: tuple[str, str]) -> None:
    """Each line: what stands in the book, and what becomes of the next message."""
    assert told(ask, rule) == answer
