"""A rolling cap protects people from too many messages in any stretch of time."""

import pytest

from onevoice.nouns.policy import RollingCap, Scope
from onevoice.nouns.words import Category, TouchState
from tests.rules.world import Ask, Folio, Touch, mail, text, told

HOUR = 3_600
DAY = 24 * HOUR
TWO_A_DAY = RollingCap(name="two a day", at_most=2, seconds=DAY)
ONE_MAIL = RollingCap(name="one mail", at_most=1, seconds=DAY, applies=Scope(channels=("email",)))
MAIL_AFTER_TEXT = RollingCap(
    name="no mail after a text",
    at_most=1,
    seconds=DAY,
    applies=Scope(channels=("email",)),
    counts=Scope(channels=("sms",)),
)
STRICT = RollingCap(name="never late", at_most=1, seconds=DAY, at_limit="suppress")
DELIVERED = RollingCap(name="delivered only", at_most=1, seconds=DAY, event="delivered")
EXEMPT = RollingCap(name="but cards", at_most=1, seconds=DAY, exempts=(Scope(topics=("cards",)),))
NONE = RollingCap(name="none at all", at_most=0, seconds=DAY)
AT_HOME = RollingCap(name="per home", at_most=1, seconds=DAY, per="household")
THEN = RollingCap(name="cards then", at_most=1, seconds=DAY, counts=Scope(topics=("cards",)))
TODAY = RollingCap(name="cards as tagged now", at_most=1, seconds=DAY, counts=Scope(topics=("cards",)), labels="now")


def after(*ago: int, **changes: object) -> Folio:
    return Folio(touches=[Touch(one, mail(**changes)) for one in ago])


SENT = Folio([Touch(1, state=TouchState.SENT)])
SERVICE = {"category": Category.SERVICE}
CASES = [
    ("nothing yet", TWO_A_DAY, Ask(), ("send", "cleared")),
    ("one of two", TWO_A_DAY, Ask(customer=after(HOUR)), ("send", "cleared")),
    ("two of two", TWO_A_DAY, Ask(customer=after(5 * HOUR, HOUR)), (f"hold {19 * HOUR}", "rolling_cap")),
    ("three of two", TWO_A_DAY, Ask(customer=after(9 * HOUR, 5 * HOUR, HOUR)), (f"hold {19 * HOUR}", "rolling_cap")),
    ("free to the second", TWO_A_DAY, Ask(customer=after(DAY, HOUR)), ("send", "cleared")),
    ("one second early", TWO_A_DAY, Ask(customer=after(DAY - 1, HOUR)), ("hold 1", "rolling_cap")),
    ("a foreign clock", TWO_A_DAY, Ask(customer=after(HOUR, -60)), (f"hold {23 * HOUR}", "rolling_cap")),
    ("another channel", ONE_MAIL, Ask(message=text(), customer=after(HOUR)), ("send", "cleared")),
    ("a text before", MAIL_AFTER_TEXT, Ask(customer=Folio([Touch(0, text())])), (f"hold {DAY}", "rolling_cap")),
    ("a mail before", MAIL_AFTER_TEXT, Ask(customer=after(0)), ("send", "cleared")),
    ("suppressed at the limit", STRICT, Ask(customer=after(1)), ("suppress", "rolling_cap")),
    ("sent counts as reserved too", STRICT, Ask(customer=SENT), ("suppress", "rolling_cap")),
    ("only reserved", DELIVERED, Ask(customer=after(1)), ("send", "cleared")),
    (
        "delivered",
        DELIVERED,
        Ask(customer=Folio([Touch(HOUR, state=TouchState.DELIVERED)])),
        (f"hold {23 * HOUR}", "rolling_cap"),
    ),
    ("service obeys no cap", STRICT, Ask(message=mail(**SERVICE), customer=after(1)), ("send", "cleared")),
    ("service counts", STRICT, Ask(customer=after(1, **SERVICE)), ("suppress", "rolling_cap")),
    ("exempt by the rule's own text", EXEMPT, Ask(message=mail(topics=(3,)), customer=after(1)), ("send", "cleared")),
    ("not exempt", EXEMPT, Ask(message=mail(topics=(2,)), customer=after(DAY // 2)), ("hold 43200", "rolling_cap")),
    ("none at all", NONE, Ask(), ("suppress", "rolling_cap")),
    ("another home", AT_HOME, Ask(customer=after(1)), ("send", "cleared")),
    ("same home", AT_HOME, Ask(household=after(HOUR)), (f"hold {23 * HOUR}", "rolling_cap")),
    ("tagged loans then", THEN, Ask(customer=after(1, campaign=1, topics=(1,))), ("send", "cleared")),
    ("tagged cards now", TODAY, Ask(customer=after(0, campaign=1, topics=(1,))), (f"hold {DAY}", "rolling_cap")),
    ("read further back", TWO_A_DAY, Ask(customer=Folio([Touch(1)], older=[Touch(60)])), ("hold 86340", "rolling_cap")),
]


@pytest.mark.parametrize(("title", "rule", "ask", "answer"), CASES, ids=[case[0] for case in CASES])
def test_a_rolling_cap_waits_until_there_is_room(
    title: str, rule: RollingCap, ask: Ask, answer: tuple[str, str]
) -> None:
    """Each line: what stands in the book, and what becomes of the next message."""
    assert told(ask, rule) == answer
