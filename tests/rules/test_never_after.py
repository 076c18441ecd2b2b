"""Never after protects people from a message that makes no sense, or hurts, once they had a certain other one."""

import pytest

from onevoice.nouns.policy import NeverAfter, Scope
from onevoice.nouns.words import TouchState
from onevoice.rules.reach_back import reads_older
from tests.rules.world import NOW, Ask, Folio, Touch, mail, outcome, past, prepare, text

DAY = 86_400
EVER = NeverAfter(name="no loans after a card", applies=Scope(topics=("loans",)), after=Scope(topics=("cards",)))
MONTH = NeverAfter(
    name="no loans for a month", applies=Scope(topics=("loans",)), after=Scope(topics=("cards",)), seconds=30 * DAY
)
DELIVERED = NeverAfter(name="once it arrived", after=Scope(channels=("sms",)), event="delivered")
LOAN, CARD, TEXT = mail(topics=(2,)), mail(topics=(3,)), text()
CASES = [
    ("nothing before", EVER, Ask(message=LOAN), "send"),
    ("a card before", EVER, Ask(message=LOAN, customer=past((1, CARD))), "suppress"),
    ("nine years ago", EVER, Ask(message=LOAN, customer=past((9 * 365 * DAY, CARD))), "suppress"),
    ("long forgotten", EVER, Ask(message=LOAN, customer=Folio(forgotten=[(CARD, 1)])), "suppress"),
    ("another one forgotten", EVER, Ask(message=LOAN, customer=Folio(forgotten=[(TEXT, 1)])), "send"),
    ("older, not read", EVER, Ask(message=LOAN, customer=Folio(older=[Touch(9, CARD)], unread=True)), "suppress"),
    ("the other order", EVER, Ask(message=CARD, customer=past((1, LOAN))), "send"),
    ("within the month", MONTH, Ask(message=LOAN, customer=past((30 * DAY - 1, CARD))), "suppress"),
    ("after the month", MONTH, Ask(message=LOAN, customer=past((30 * DAY, CARD))), "send"),
    ("a month forgets", MONTH, Ask(message=LOAN, customer=Folio(forgotten=[(CARD, 1)])), "send"),
    ("a foreign clock", MONTH, Ask(message=LOAN, customer=past((-9, CARD))), "suppress"),
    ("sent but not there", DELIVERED, Ask(customer=Folio([Touch(9, TEXT, state=TouchState.SENT)])), "send"),
    ("arrived", DELIVERED, Ask(customer=Folio([Touch(9, TEXT, state=TouchState.DELIVERED)])), "suppress"),
]


@pytest.mark.parametrize(("title", "rule", "ask", "answer"), CASES, ids=[case[0] for case in CASES])
def test_what_must_not_follow_does_not(title: str, rule: NeverAfter, ask: Ask, answer: str) -> None:
    """Each line: what stands in the book, and what becomes of the next message."""
    assert outcome(ask, rule) == answer


def test_old_touches_are_read_for_a_month_and_not_for_ever() -> None:
    """For ever is known from the tallies; a month has to look at when it was."""
    for rule, days in ((EVER, 0), (MONTH, 30)):
        _, _, compiled = prepare(Ask(), rule)
        assert reads_older(compiled, NOW) == NOW - days * DAY
