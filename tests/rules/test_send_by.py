"""Send-by protects people from messages that no longer make sense."""

import pytest

from onevoice.nouns.policy import QuietHours, SendBy, Window
from tests.rules.world import NOW, Ask, told

HOUR = 3_600
RULE = SendBy(name="in time")
UNTIL_TWO = QuietHours(name="nap", windows=(Window(begin="11:00", end="14:00"),))

CASES = [
    ("no send-by", RULE, Ask(), ("send", "cleared")),
    ("at its last second", RULE, Ask(send_by=NOW), ("send", "cleared")),
    ("a second late", RULE, Ask(send_by=NOW - 1), ("suppress", "send_by_passed")),
]


@pytest.mark.parametrize(("title", "rule", "ask", "answer"), CASES, ids=[case[0] for case in CASES])
def test_a_message_leaves_in_time_or_never(title: str, rule: SendBy, ask: Ask, answer: tuple[str, str]) -> None:
    """Each line: what stands in the book, and what becomes of the next message."""
    assert told(ask, rule) == answer


def test_a_message_is_not_held_beyond_its_send_by() -> None:
    """Quiet until two o'clock: what is good until two waits, what is good until a second before does not."""
    assert told(Ask(send_by=NOW + 2 * HOUR), UNTIL_TWO, RULE) == ("hold 7200", "quiet_hours")
    assert told(Ask(send_by=NOW + 2 * HOUR - 1), UNTIL_TWO, RULE) == ("suppress", "send_by_passed")


def test_without_the_rule_a_hold_still_ends_at_the_send_by() -> None:
    """No policy holds a message until after it makes sense."""
    assert told(Ask(send_by=NOW + HOUR), UNTIL_TWO) == ("suppress", "no_opening")
