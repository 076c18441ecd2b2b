"""Maximum deferral protects people from old messages that waited too long."""

import pytest

from onevoice.nouns.policy import MaximumDeferral, QuietHours, Window
from tests.rules.world import NOW, Ask, told, verdicts

HOUR = 3_600
RULE = MaximumDeferral(name="three hours", seconds=3 * HOUR)
UNTIL_TWO = QuietHours(name="nap", windows=(Window(begin="11:00", end="14:00"),))

CASES = [
    ("just made", RULE, Ask(), ("send", "cleared")),
    ("three hours old", RULE, Ask(created=NOW - 3 * HOUR), ("send", "cleared")),
    ("older", RULE, Ask(created=NOW - 3 * HOUR - 1), ("suppress", "deferred_too_long")),
]


@pytest.mark.parametrize(("title", "rule", "ask", "answer"), CASES, ids=[case[0] for case in CASES])
def test_no_message_waits_too_long(title: str, rule: MaximumDeferral, ask: Ask, answer: tuple[str, str]) -> None:
    """Each line: what stands in the book, and what becomes of the next message."""
    assert told(ask, rule) == answer


def test_what_would_wait_too_long_does_not_wait_at_all() -> None:
    """Two more hours are fine for a message of an hour ago, and too many for an older one."""
    assert told(Ask(created=NOW - HOUR), UNTIL_TWO, RULE) == ("hold 7200", "quiet_hours")
    assert told(Ask(created=NOW - HOUR - 1), UNTIL_TWO, RULE) == ("suppress", "deferred_too_long")


def test_the_last_second_of_a_hold_is_the_earliest_bound() -> None:
    """Of the policy's longest hold, the deferral and the send-by, the first one ends the hold."""
    assert verdicts(Ask(), UNTIL_TWO, RULE).latest[0] == NOW + 3 * HOUR
    assert verdicts(Ask(send_by=NOW + 2 * HOUR), UNTIL_TWO, RULE).latest[0] == NOW + 2 * HOUR
    assert verdicts(Ask(), UNTIL_TWO, longest_hold=9_000).latest[0] == NOW + 9_000
