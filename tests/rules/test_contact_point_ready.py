"""Contact point ready protects people from senders nobody has registered."""

import pytest

from onevoice.nouns.policy import ContactPointReady
from tests.rules.world import Ask, mail, told

RULE = ContactPointReady(name="ready")
NAMED = ContactPointReady(name="named", named=True)

CASES = [
    ("active", RULE, Ask(message=mail(contact_point=1)), ("send", "cleared")),
    ("retiring", RULE, Ask(message=mail(contact_point=4)), ("send", "cleared")),
    ("retired", RULE, Ask(message=mail(contact_point=2)), ("suppress", "contact_point_not_active")),
    ("only listens", RULE, Ask(message=mail(contact_point=3)), ("suppress", "contact_point_not_active")),
    ("unknown", RULE, Ask(message=mail(contact_point=99)), ("suppress", "contact_point_unregistered")),
    ("none named", RULE, Ask(), ("send", "cleared")),
    ("none named where one must be", NAMED, Ask(), ("suppress", "contact_point_unregistered")),
]


@pytest.mark.parametrize(("title", "rule", "ask", "answer"), CASES, ids=[case[0] for case in CASES])
def test_only_registered_senders_send(title: str, rule: ContactPointReady, ask: Ask, answer: tuple[str, str]) -> None:
    """Each line: what stands in the book, and what becomes of the next message."""
    assert told(ask, rule) == answer
