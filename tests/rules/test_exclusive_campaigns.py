"""Exclusive campaigns protect people from being courted by several campaigns at once."""

import pytest

from onevoice.nouns.policy import ExclusiveCampaigns, Scope
from onevoice.nouns.words import FolioKind
from onevoice.rules.explain import Evidence, evidence
from tests.rules.world import NOW, Ask, mail, outcome, past, prepare, text

HOUR, DAY = 3_600, 86_400
ONE = ExclusiveCampaigns(name="homes or savings", campaigns=("homes", "savings"), seconds=DAY)
WAITS = ExclusiveCampaigns(name="one at a time", campaigns=("homes", "savings"), seconds=DAY, at_limit="hold")
MAILS = ExclusiveCampaigns(
    name="by mail", campaigns=("homes", "savings"), seconds=DAY, applies=Scope(channels=("email",))
)
HOMES, SAVINGS, RATES, NONE = mail(campaign=1), mail(campaign=2), mail(campaign=3), mail()
CASES = [
    ("nothing before", ONE, Ask(message=HOMES), "send"),
    ("the other one speaks", ONE, Ask(message=HOMES, customer=past((1, SAVINGS))), "suppress"),
    ("its own voice", ONE, Ask(message=HOMES, customer=past((1, HOMES))), "send"),
    ("a third campaign speaks", ONE, Ask(message=HOMES, customer=past((1, RATES))), "send"),
    ("no campaign speaks", ONE, Ask(message=HOMES, customer=past((1, NONE))), "send"),
    ("a third campaign asks", ONE, Ask(message=RATES, customer=past((1, SAVINGS))), "send"),
    ("no campaign asks", ONE, Ask(message=NONE, customer=past((1, SAVINGS), (1, HOMES))), "send"),
    ("it waits", WAITS, Ask(message=HOMES, customer=past((HOUR, SAVINGS))), f"hold {23 * HOUR}"),
    ("its own is newer", WAITS, Ask(message=HOMES, customer=past((HOUR, SAVINGS), (1, HOMES))), f"hold {23 * HOUR}"),
    ("free to the second", WAITS, Ask(message=HOMES, customer=past((DAY, SAVINGS))), "send"),
    ("a second early", WAITS, Ask(message=HOMES, customer=past((DAY - 1, SAVINGS))), "hold 1"),
    ("texts are not asked", MAILS, Ask(message=text(campaign=1), customer=past((1, SAVINGS))), "send"),
    ("texts count", MAILS, Ask(message=HOMES, customer=past((1, text(campaign=2)))), "suppress"),
]


@pytest.mark.parametrize(("title", "rule", "ask", "answer"), CASES, ids=[case[0] for case in CASES])
def test_one_campaign_speaks_at_a_time(title: str, rule: ExclusiveCampaigns, ask: Ask, answer: str) -> None:
    """Each line: what stands in the book, and what becomes of the next message."""
    assert outcome(ask, rule) == answer


def test_the_book_shows_the_last_word_of_the_other_campaign() -> None:
    """Of two messages of the other campaign only the newest keeps this one away."""
    states, case, compiled = prepare(Ask(message=HOMES, customer=past((9, SAVINGS), (5, SAVINGS), (3, HOMES))), ONE)
    assert evidence(states, case, NOW, compiled, 0) == Evidence(FolioKind.CUSTOMER, (2,))
