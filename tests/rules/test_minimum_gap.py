"""A minimum gap protects people from messages in quick succession."""

import pytest

from onevoice.nouns.policy import MinimumGap, Scope
from tests.rules.world import Ask, Folio, Touch, mail, text, told

HOUR = 3_600
GAP = MinimumGap(name="gap", seconds=4 * HOUR)
SMS_GAP = MinimumGap(name="gap", seconds=HOUR, applies=Scope(channels=("sms",)))
STRICT = MinimumGap(name="gap", seconds=HOUR, at_limit="suppress")

CASES = [
    ("nothing before", GAP, Ask(), ("send", "cleared")),
    ("an hour after", GAP, Ask(customer=Folio([Touch(HOUR)])), (f"hold {3 * HOUR}", "minimum_gap")),
    (
        "the newest counts",
        GAP,
        Ask(customer=Folio([Touch(9 * HOUR), Touch(1)])),
        (f"hold {4 * HOUR - 1}", "minimum_gap"),
    ),
    ("to the second", GAP, Ask(customer=Folio([Touch(4 * HOUR)])), ("send", "cleared")),
    ("a mail before a text", SMS_GAP, Ask(message=text(), customer=Folio([Touch(1, mail())])), ("send", "cleared")),
    (
        "a text before a text",
        SMS_GAP,
        Ask(message=text(), customer=Folio([Touch(1, text())])),
        ("hold 3599", "minimum_gap"),
    ),
    ("suppressed", STRICT, Ask(customer=Folio([Touch(1)])), ("suppress", "minimum_gap")),
]


@pytest.mark.parametrize(("title", "rule", "ask", "answer"), CASES, ids=[case[0] for case in CASES])
def test_messages_keep_their_distance(title: str, rule: MinimumGap, ask: Ask, answer: tuple[str, str]) -> None:
    """Each line: what stands in the book, and what becomes of the next message."""
    assert told(ask, rule) == answer
