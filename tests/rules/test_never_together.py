"""Never together protects people from two messages that contradict or spoil each other."""

import pytest

from onevoice.nouns.label import Label, columns_of
from onevoice.nouns.policy import NeverTogether, Scope
from onevoice.nouns.words import FolioKind
from onevoice.rules.counted_labels import counted_labels
from onevoice.rules.explain import Evidence, evidence
from onevoice.rules.scopes import reading_of
from tests.rules.world import NOW, SURROUNDINGS, Ask, mail, outcome, past, prepare, text

HOUR, DAY = 3_600, 86_400
LOANS, CARDS = Scope(topics=("loans",)), Scope(topics=("cards",))
NEVER = NeverTogether(name="loans or cards", first=LOANS, second=CARDS, seconds=DAY)
WAITS = NeverTogether(name="loans or cards", first=LOANS, second=CARDS, seconds=DAY, at_limit="hold")
ONLY_MAIL = NeverTogether(
    name="by mail", first=LOANS, second=CARDS, seconds=DAY, applies=Scope(channels=("email",)), at_limit="hold"
)
NOW_TAGGED = NeverTogether(name="as tagged now", first=LOANS, second=CARDS, seconds=DAY, labels="now")
LOAN, CARD, BOTH, OTHER = mail(topics=(2,)), mail(topics=(3,)), mail(topics=(1, 3)), mail()
LOAN_TEXT, CARD_TEXT = text(topics=(2,)), text(topics=(3,))
RETAGGED = mail(topics=(2,), campaign=1)  # a loan when it was decided; its campaign is about cards today
CASES = [
    ("nothing before", NEVER, Ask(message=CARD), "send"),
    ("cards after loans", NEVER, Ask(message=CARD, customer=past((1, LOAN))), "suppress"),
    ("loans after cards", NEVER, Ask(message=LOAN, customer=past((1, CARD))), "suppress"),
    ("loans after loans", NEVER, Ask(message=LOAN, customer=past((1, LOAN))), "send"),
    ("neither after loans", NEVER, Ask(message=OTHER, customer=past((1, LOAN))), "send"),
    ("cards after neither", NEVER, Ask(message=CARD, customer=past((1, OTHER))), "send"),
    ("cards wait for loans", WAITS, Ask(message=CARD, customer=past((HOUR, LOAN))), f"hold {23 * HOUR}"),
    ("not for newer cards", WAITS, Ask(message=CARD, customer=past((HOUR, LOAN), (1, CARD))), f"hold {23 * HOUR}"),
    ("free to the second", WAITS, Ask(message=CARD, customer=past((DAY, LOAN))), "send"),
    ("a second early", WAITS, Ask(message=CARD, customer=past((DAY - 1, LOAN))), "hold 1"),
    ("a message of both", WAITS, Ask(message=BOTH, customer=past((9, LOAN), (5, CARD))), f"hold {DAY - 5}"),
    ("after one of both", WAITS, Ask(message=LOAN, customer=past((9, BOTH))), f"hold {DAY - 9}"),
    ("both after both", WAITS, Ask(message=BOTH, customer=past((9, BOTH))), f"hold {DAY - 9}"),
    ("a text is not stopped", ONLY_MAIL, Ask(message=CARD_TEXT, customer=past((1, LOAN))), "send"),
    ("a text counts", ONLY_MAIL, Ask(message=CARD, customer=past((9, LOAN_TEXT))), f"hold {DAY - 9}"),
    ("a loan then", NEVER, Ask(message=CARD, customer=past((1, RETAGGED))), "suppress"),
    ("cards today", NOW_TAGGED, Ask(message=CARD, customer=past((1, RETAGGED))), "send"),
    ("cards today, before loans", NOW_TAGGED, Ask(message=LOAN, customer=past((1, RETAGGED))), "suppress"),
]


@pytest.mark.parametrize(("title", "rule", "ask", "answer"), CASES, ids=[case[0] for case in CASES])
def test_two_kinds_of_messages_keep_apart(title: str, rule: NeverTogether, ask: Ask, answer: str) -> None:
    """Each line: what stands in the book, and what becomes of the next message."""
    assert outcome(ask, rule) == answer


def test_whoever_shows_touches_knows_which_label_counts_for_which() -> None:
    """For a message about cards only what is about loans, for one about both what is about either."""
    labels = [Label(), LOAN, CARD, BOTH, OTHER]
    reading = reading_of(columns_of(labels), SURROUNDINGS)
    counted = {own: counted_labels(NEVER, reading, SURROUNDINGS, own).tolist() for own in (2, 3, 4)}
    assert counted[2] == [False, True, False, True, False]
    assert counted[3] == [False, True, True, True, False]
    assert not any(counted[4])


def test_the_book_shows_the_other_side_only() -> None:
    """Loans, cards and loans again: a message about cards gives way to the last loan."""
    ask = Ask(message=CARD, customer=past((9, LOAN), (7, CARD), (5, LOAN), (3, CARD)))
    states, case, compiled = prepare(ask, NEVER)
    assert evidence(states, case, NOW, compiled, 0) == Evidence(FolioKind.CUSTOMER, (3,))
