"""Refusal protects a person's no to a topic or to a channel."""

import pytest

from onevoice.nouns.policy import Refusal
from onevoice.nouns.words import Channel, MarkKind
from tests.rules.world import NOW, Ask, Folio, Mark, mail, told

RULE = Refusal(name="no")
HOLDS = Refusal(name="no", at_limit="hold")
LOANS, MORTGAGE = 1, 2

CASES = [
    ("no refusal", RULE, Ask(), ("send", "cleared")),
    (
        "topic refused",
        RULE,
        Ask(message=mail(topics=(LOANS,)), customer=Folio(marks=[Mark(MarkKind.TOPIC_REFUSED, scope=LOANS)])),
        ("suppress", "topic_refused"),
    ),
    (
        "topic below refused one",
        RULE,
        Ask(message=mail(topics=(3, MORTGAGE)), customer=Folio(marks=[Mark(MarkKind.TOPIC_REFUSED, scope=LOANS)])),
        ("suppress", "topic_refused"),
    ),
    (
        "topic above refused one",
        RULE,
        Ask(message=mail(topics=(LOANS,)), customer=Folio(marks=[Mark(MarkKind.TOPIC_REFUSED, scope=MORTGAGE)])),
        ("send", "cleared"),
    ),
    (
        "message without topics",
        RULE,
        Ask(customer=Folio(marks=[Mark(MarkKind.TOPIC_REFUSED, scope=LOANS)])),
        ("send", "cleared"),
    ),
    (
        "every topic refused",
        RULE,
        Ask(customer=Folio(marks=[Mark(MarkKind.TOPIC_REFUSED)])),
        ("suppress", "topic_refused"),
    ),
    (
        "topic refused by text only",
        RULE,
        Ask(
            message=mail(topics=(LOANS,)),
            customer=Folio(marks=[Mark(MarkKind.TOPIC_REFUSED, scope=LOANS, channel=Channel.SMS)]),
        ),
        ("send", "cleared"),
    ),
    (
        "channel refused",
        RULE,
        Ask(customer=Folio(marks=[Mark(MarkKind.CHANNEL_REFUSED, channel=Channel.EMAIL)])),
        ("suppress", "channel_refused"),
    ),
    (
        "other channel refused",
        RULE,
        Ask(customer=Folio(marks=[Mark(MarkKind.CHANNEL_REFUSED, channel=Channel.SMS)])),
        ("send", "cleared"),
    ),
    (
        "both refused, channel comes first",
        HOLDS,
        Ask(
            message=mail(topics=(LOANS,)),
            customer=Folio(
                marks=[
                    Mark(MarkKind.TOPIC_REFUSED, scope=LOANS, until=NOW + 90),
                    Mark(MarkKind.CHANNEL_REFUSED, channel=Channel.EMAIL, until=NOW + 60),
                ]
            ),
        ),
        ("hold 90", "channel_refused"),
    ),
]


@pytest.mark.parametrize(("title", "rule", "ask", "answer"), CASES, ids=[case[0] for case in CASES])
def test_a_no_is_a_no(title: str, rule: Refusal, ask: Ask, answer: tuple[str, str]) -> None:
    """Each line: what stands in the book, and what becomes of the next message."""
    assert told(ask, rule) == answer
