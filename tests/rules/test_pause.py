"""Pause protects the rest a person asked for."""

import pytest

from onevoice.nouns.policy import Pause
from onevoice.nouns.words import MarkKind
from tests.rules.world import NOW, Ask, Folio, Mark, told

RULE = Pause(name="pause")
STRICT = Pause(name="pause", at_limit="suppress")
WEEK = 7 * 86_400

CASES = [
    ("no pause", RULE, Ask(), ("send", "cleared")),
    (
        "a week's pause",
        RULE,
        Ask(customer=Folio(marks=[Mark(MarkKind.PAUSED, until=NOW + WEEK)])),
        (f"hold {WEEK}", "paused_by_customer"),
    ),
    (
        "the longer of two",
        RULE,
        Ask(customer=Folio(marks=[Mark(MarkKind.PAUSED, until=NOW + WEEK), Mark(MarkKind.PAUSED, until=NOW + 60)])),
        (f"hold {WEEK}", "paused_by_customer"),
    ),
    (
        "pause without an end",
        RULE,
        Ask(customer=Folio(marks=[Mark(MarkKind.PAUSED)])),
        ("suppress", "paused_by_customer"),
    ),
    (
        "a strict policy",
        STRICT,
        Ask(customer=Folio(marks=[Mark(MarkKind.PAUSED, until=NOW + 60)])),
        ("suppress", "paused_by_customer"),
    ),
    (
        "longer than any hold",
        RULE,
        Ask(customer=Folio(marks=[Mark(MarkKind.PAUSED, until=NOW + 3 * WEEK)])),
        ("suppress", "no_opening"),
    ),
]


@pytest.mark.parametrize(("title", "rule", "ask", "answer"), CASES, ids=[case[0] for case in CASES])
def test_a_pause_is_a_pause(title: str, rule: Pause, ask: Ask, answer: tuple[str, str]) -> None:
    """Each line: what stands in the book, and what becomes of the next message."""
    assert told(ask, rule) == answer
