"""Address failure protects the company's name from dead and complaining addresses."""

import pytest

from onevoice.nouns.policy import AddressFailure
from onevoice.nouns.words import Channel, MarkKind
from tests.rules.world import NOW, Ask, Folio, Mark, told

RULE = AddressFailure(name="failed")

CASES = [
    ("a good address", RULE, Ask(address=Folio()), ("send", "cleared")),
    ("hard bounce", RULE, Ask(address=Folio(marks=[Mark(MarkKind.HARD_BOUNCE)])), ("suppress", "address_failed")),
    ("spam complaint", RULE, Ask(address=Folio(marks=[Mark(MarkKind.COMPLAINT)])), ("suppress", "address_failed")),
    ("dead push token", RULE, Ask(customer=Folio(marks=[Mark(MarkKind.DEAD_TOKEN)])), ("suppress", "address_failed")),
    (
        "bounced long ago",
        RULE,
        Ask(address=Folio(marks=[Mark(MarkKind.HARD_BOUNCE, until=NOW - 1)])),
        ("send", "cleared"),
    ),
    (
        "text failed, mail goes",
        RULE,
        Ask(address=Folio(marks=[Mark(MarkKind.HARD_BOUNCE, channel=Channel.SMS)])),
        ("send", "cleared"),
    ),
]


@pytest.mark.parametrize(("title", "rule", "ask", "answer"), CASES, ids=[case[0] for case in CASES])
def test_a_failed_address_is_left_alone(title: str, rule: AddressFailure, ask: Ask, answer: tuple[str, str]) -> None:
    """Each line: what stands in the book, and what becomes of the next message."""
    assert told(ask, rule) == answer
