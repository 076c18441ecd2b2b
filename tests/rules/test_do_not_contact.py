"""Do not contact protects people nobody may write to."""

import pytest

from onevoice.nouns.policy import DoNotContact
from onevoice.nouns.words import Channel, MarkKind
from tests.rules.world import NOW, Ask, Folio, Mark, told

RULE = DoNotContact(name="never")
HOLDS = DoNotContact(name="wait", at_limit="hold")

CASES = [
    ("nobody said so", RULE, Ask(), ("send", "cleared")),
    ("deceased", RULE, Ask(customer=Folio(marks=[Mark(MarkKind.DECEASED)])), ("suppress", "do_not_contact")),
    (
        "legal hold of the address",
        RULE,
        Ask(address=Folio(marks=[Mark(MarkKind.LEGAL_HOLD)])),
        ("suppress", "do_not_contact"),
    ),
    ("a hold that ended", RULE, Ask(customer=Folio(marks=[Mark(MarkKind.LEGAL_HOLD, until=NOW)])), ("send", "cleared")),
    (
        "one that ends in a second",
        RULE,
        Ask(customer=Folio(marks=[Mark(MarkKind.FRAUD_CASE, until=NOW + 1)])),
        ("suppress", "do_not_contact"),
    ),
    (
        "another channel",
        RULE,
        Ask(customer=Folio(marks=[Mark(MarkKind.MINOR, channel=Channel.SMS)])),
        ("send", "cleared"),
    ),
    (
        "this channel",
        RULE,
        Ask(customer=Folio(marks=[Mark(MarkKind.MINOR, channel=Channel.EMAIL)])),
        ("suppress", "do_not_contact"),
    ),
    (
        "the unit above",
        RULE,
        Ask(customer=Folio(marks=[Mark(MarkKind.MINOR, scope=1)])),
        ("suppress", "do_not_contact"),
    ),
    ("a sister unit", RULE, Ask(customer=Folio(marks=[Mark(MarkKind.MINOR, scope=3)])), ("send", "cleared")),
    ("an unknown unit", RULE, Ask(customer=Folio(marks=[Mark(MarkKind.MINOR, scope=999)])), ("send", "cleared")),
    (
        "waits for the end",
        HOLDS,
        Ask(customer=Folio(marks=[Mark(MarkKind.FRAUD_CASE, until=NOW + 60)])),
        ("hold 60", "do_not_contact"),
    ),
    ("waits for no end", HOLDS, Ask(customer=Folio(marks=[Mark(MarkKind.FRAUD_CASE)])), ("suppress", "do_not_contact")),
    ("another kind of mark", RULE, Ask(customer=Folio(marks=[Mark(MarkKind.PAUSED)])), ("send", "cleared")),
]


@pytest.mark.parametrize(("title", "rule", "ask", "answer"), CASES, ids=[case[0] for case in CASES])
def test_nobody_writes_to_whom_nobody_may_write(
    title: str, rule: DoNotContact, ask: Ask, answer: tuple[str, str]
) -> None:
    """Each line: what stands in the book, and what becomes of the next message."""
    assert told(ask, rule) == answer
