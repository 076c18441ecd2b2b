"""An ordered gap protects people from a message that follows too soon upon a certain other one."""

import pytest

from onevoice.nouns.policy import OrderedGap, Scope
from onevoice.nouns.words import TouchState
from tests.rules.world import Ask, Folio, Touch, mail, outcome, past, text

HOUR, DAY = 3_600, 86_400
TEXT_THEN_MAIL = OrderedGap(
    name="no mail right after a text",
    applies=Scope(channels=("email",)),
    after=Scope(channels=("sms",)),
    seconds=DAY,
)
STRICT = OrderedGap(name="not at all", after=Scope(topics=("loans",)), seconds=DAY, at_limit="suppress")
SENT = OrderedGap(name="once it went", after=Scope(channels=("sms",)), seconds=DAY, event="sent")
MAIL, TEXT, LOAN = mail(), text(), mail(topics=(2,))
CASES = [
    ("nothing before", TEXT_THEN_MAIL, Ask(), "send"),
    ("a text before", TEXT_THEN_MAIL, Ask(customer=past((HOUR, TEXT))), f"hold {23 * HOUR}"),
    ("the newest text", TEXT_THEN_MAIL, Ask(customer=past((9 * HOUR, TEXT), (HOUR, TEXT))), f"hold {23 * HOUR}"),
    ("free to the second", TEXT_THEN_MAIL, Ask(customer=past((DAY, TEXT))), "send"),
    ("a second early", TEXT_THEN_MAIL, Ask(customer=past((DAY - 1, TEXT))), "hold 1"),
    ("a foreign clock", TEXT_THEN_MAIL, Ask(customer=past((-60, TEXT))), f"hold {DAY + 60}"),
    ("only a mail before", TEXT_THEN_MAIL, Ask(customer=past((1, MAIL))), "send"),
    ("the other way round", TEXT_THEN_MAIL, Ask(message=TEXT, customer=past((1, MAIL))), "send"),
    ("a text after a text", TEXT_THEN_MAIL, Ask(message=TEXT, customer=past((1, TEXT))), "send"),
    ("a topic below it", STRICT, Ask(customer=past((1, LOAN))), "suppress"),
    ("only reserved", SENT, Ask(customer=past((1, TEXT))), "send"),
    ("sent", SENT, Ask(customer=Folio([Touch(HOUR, TEXT, state=TouchState.SENT)])), f"hold {23 * HOUR}"),
]


@pytest.mark.parametrize(("title", "rule", "ask", "answer"), CASES, ids=[case[0] for case in CASES])
def test_an_ordered_gap_waits_after_the_one_and_not_the_other(
    title: str, rule: OrderedGap, ask: Ask, answer: str
) -> None:
    """Each line: what stands in the book, and what becomes of the next message."""
    assert outcome(ask, rule) == answer
