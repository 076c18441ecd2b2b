"""An exclusive window protects a person whom one unit looks after from being talked to by all the others."""

import pytest

from onevoice.nouns.policy import ExclusiveWindow, Scope
from onevoice.nouns.words import Category, Channel, MarkKind
from tests.rules.world import NOW, Ask, Folio, Mark, mail, told

GROUP, BAKERY, TRAVEL = 1, 2, 3
WEEK = 7 * 86_400
RULE = ExclusiveWindow(name="one voice")
STRICT = ExclusiveWindow(name="one voice", at_limit="suppress")
SELLING = ExclusiveWindow(name="one voice", applies=Scope(categories=("marketing",)))


def owned(unit: int, until: int = NOW + WEEK, channel: int = 0) -> Mark:
    return Mark(MarkKind.OWNED, until, channel, unit)


BY_TRAVEL = Folio(marks=[owned(TRAVEL)])
CASES = [
    ("nobody's", RULE, Ask(), ("send", "cleared")),
    ("the owner speaks", RULE, Ask(customer=Folio(marks=[owned(BAKERY)])), ("send", "cleared")),
    ("a unit below the owner", RULE, Ask(customer=Folio(marks=[owned(GROUP)])), ("send", "cleared")),
    ("a sister", RULE, Ask(customer=BY_TRAVEL), (f"hold {WEEK}", "owned_by_another")),
    ("a unit above the owner", RULE, Ask(message=mail(unit=GROUP), customer=Folio(marks=[owned(BAKERY)])),
     (f"hold {WEEK}", "owned_by_another")),
    ("a message of no unit", RULE, Ask(message=mail(unit=0), customer=BY_TRAVEL),
     (f"hold {WEEK}", "owned_by_another")),
    ("its last second", RULE, Ask(customer=Folio(marks=[owned(TRAVEL, NOW + 1)])), ("hold 1", "owned_by_another")),
    ("it ends now", RULE, Ask(customer=Folio(marks=[owned(TRAVEL, NOW)])), ("send", "cleared")),
    ("without an end", RULE, Ask(customer=Folio(marks=[Mark(MarkKind.OWNED, scope=TRAVEL)])),
     ("suppress", "owned_by_another")),
    ("two owners, one of them hers", RULE, Ask(customer=Folio(marks=[owned(TRAVEL, NOW + 60), owned(BAKERY)])),
     ("hold 60", "owned_by_another")),
    ("the longer of two", RULE, Ask(message=mail(unit=GROUP), customer=Folio(marks=[owned(TRAVEL, NOW + 60),
     owned(BAKERY)])), (f"hold {WEEK}", "owned_by_another")),
    ("the whole company's", RULE, Ask(customer=Folio(marks=[owned(0)])), ("send", "cleared")),
    ("a unit nobody knows", RULE, Ask(customer=Folio(marks=[owned(77)])), (f"hold {WEEK}", "owned_by_another")),
    ("on another channel", RULE, Ask(customer=Folio(marks=[owned(TRAVEL, channel=Channel.SMS)])), ("send", "cleared")),
    ("on this channel", RULE, Ask(customer=Folio(marks=[owned(TRAVEL, channel=Channel.EMAIL)])),
     (f"hold {WEEK}", "owned_by_another")),
    ("the address is owned", RULE, Ask(address=BY_TRAVEL), (f"hold {WEEK}", "owned_by_another")),
    ("refused", STRICT, Ask(customer=BY_TRAVEL), ("suppress", "owned_by_another")),
    ("service may still write", SELLING, Ask(message=mail(category=Category.SERVICE), customer=BY_TRAVEL),
     ("send", "cleared")),
    ("another state is another rule's", RULE, Ask(customer=Folio(marks=[Mark(MarkKind.PAUSED, NOW + 60)])),
     ("send", "cleared")),
]  # fmt: skip


@pytest.mark.parametrize(("title", "rule", "ask", "answer"), CASES, ids=[case[0] for case in CASES])
def test_only_the_owner_speaks(title: str, rule: ExclusiveWindow, ask: Ask, answer: tuple[str, str]) -> None:
    """Each line: who owns the customer, and what becomes of a message of the bakery, or of another unit."""
    assert told(ask, rule) == answer
