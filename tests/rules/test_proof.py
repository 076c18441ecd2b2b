"""Proof protects people from consents that nobody can show."""

import pytest

from onevoice.nouns.policy import Proof
from onevoice.nouns.words import PermitKind
from tests.rules.world import Ask, Folio, Permit, told

DAY = 86_400
RULE = Proof(name="proof", express_days=100)

CASES = [
    ("no consent at all", RULE, Ask(), ("suppress", "consent_unproven")),
    ("proven", RULE, Ask(customer=Folio(permits=[Permit(DAY, proof=1)])), ("send", "cleared")),
    ("unproven", RULE, Ask(customer=Folio(permits=[Permit(DAY, proof=0)])), ("suppress", "consent_unproven")),
    (
        "older one is proven",
        RULE,
        Ask(customer=Folio(permits=[Permit(9 * DAY, proof=1), Permit(DAY, proof=0)])),
        ("send", "cleared"),
    ),
    (
        "proven one ran out",
        RULE,
        Ask(customer=Folio(permits=[Permit(101 * DAY, proof=1), Permit(DAY, proof=0)])),
        ("suppress", "consent_unproven"),
    ),
    (
        "a stop needs no proof",
        RULE,
        Ask(customer=Folio(permits=[Permit(9 * DAY), Permit(DAY, PermitKind.WITHDRAWAL, proof=0)])),
        ("suppress", "consent_unproven"),
    ),
]


@pytest.mark.parametrize(("title", "rule", "ask", "answer"), CASES, ids=[case[0] for case in CASES])
def test_what_is_relied_upon_can_be_shown(title: str, rule: Proof, ask: Ask, answer: tuple[str, str]) -> None:
    """Each line: what stands in the book, and what becomes of the next message."""
    assert told(ask, rule) == answer
