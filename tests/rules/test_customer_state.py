"""Customer state protects people in a bad moment from selling."""

import pytest

from onevoice.nouns.policy import CustomerState, Scope
from onevoice.nouns.words import Category, MarkKind
from tests.rules.world import NOW, Ask, Folio, Mark, mail, told

COMPLAINT = CustomerState(name="complaint", states=("open_complaint",), applies=Scope(categories=("marketing",)))
OWNED = CustomerState(name="owned", states=("holds_product", "bought_recently"))
OUTAGE = CustomerState(name="outage", states=("outage",), at_limit="hold")
LOANS, MORTGAGE = 1, 2

CASES = [
    ("no complaint", COMPLAINT, Ask(), ("send", "cleared")),
    (
        "open complaint",
        COMPLAINT,
        Ask(customer=Folio(marks=[Mark(MarkKind.OPEN_COMPLAINT)])),
        ("suppress", "customer_state"),
    ),
    (
        "service may still write",
        COMPLAINT,
        Ask(message=mail(category=Category.SERVICE), customer=Folio(marks=[Mark(MarkKind.OPEN_COMPLAINT)])),
        ("send", "cleared"),
    ),
    ("a state not named", COMPLAINT, Ask(customer=Folio(marks=[Mark(MarkKind.OUTAGE)])), ("send", "cleared")),
    (
        "complaint with the sister unit",
        COMPLAINT,
        Ask(customer=Folio(marks=[Mark(MarkKind.OPEN_COMPLAINT, scope=3)])),
        ("send", "cleared"),
    ),
    (
        "has the product",
        OWNED,
        Ask(message=mail(topics=(MORTGAGE,)), customer=Folio(marks=[Mark(MarkKind.HOLDS_PRODUCT, scope=MORTGAGE)])),
        ("suppress", "customer_state"),
    ),
    (
        "bought something of the kind",
        OWNED,
        Ask(message=mail(topics=(MORTGAGE,)), customer=Folio(marks=[Mark(MarkKind.BOUGHT_RECENTLY, scope=LOANS)])),
        ("suppress", "customer_state"),
    ),
    (
        "has another product",
        OWNED,
        Ask(message=mail(topics=(3,)), customer=Folio(marks=[Mark(MarkKind.HOLDS_PRODUCT, scope=LOANS)])),
        ("send", "cleared"),
    ),
    (
        "outage until six",
        OUTAGE,
        Ask(customer=Folio(marks=[Mark(MarkKind.OUTAGE, until=NOW + 600)])),
        ("hold 600", "customer_state"),
    ),
    (
        "home in outage",
        OUTAGE,
        Ask(household=Folio(marks=[Mark(MarkKind.OUTAGE, until=NOW + 600)])),
        ("hold 600", "customer_state"),
    ),
]


@pytest.mark.parametrize(("title", "rule", "ask", "answer"), CASES, ids=[case[0] for case in CASES])
def test_a_bad_moment_is_respected(title: str, rule: CustomerState, ask: Ask, answer: tuple[str, str]) -> None:
    """Each line: what stands in the book, and what becomes of the next message."""
    assert told(ask, rule) == answer
