"""A personal cap protects what a person asked for."""

import pytest

from onevoice.nouns.policy import PersonalCap
from tests.rules.world import Ask, Folio, Touch, told

DAY = 86_400
RULE = PersonalCap(name="as they wish")
ONE_IN_TWO_DAYS = (1, 2, 0, 0)

CASES = [
    ("no wish, no cap", RULE, Ask(customer=Folio([Touch(1)] * 9)), ("send", "cleared")),
    ("wish kept", RULE, Ask(customer=Folio([Touch(2 * DAY)], wish=ONE_IN_TWO_DAYS)), ("send", "cleared")),
    ("wish full", RULE, Ask(customer=Folio([Touch(DAY)], wish=ONE_IN_TWO_DAYS)), (f"hold {DAY}", "personal_cap")),
    (
        "three in a day",
        RULE,
        Ask(customer=Folio([Touch(3), Touch(2), Touch(1)], wish=(3, 1, 0, 0))),
        (f"hold {DAY - 3}", "personal_cap"),
    ),
    ("only quiet hours wished", RULE, Ask(customer=Folio([Touch(1)], wish=(0, 0, 60, 60))), ("send", "cleared")),
    (
        "wish left with the address",
        RULE,
        Ask(customer=Folio([Touch(DAY)]), address=Folio(wish=ONE_IN_TWO_DAYS)),
        (f"hold {DAY}", "personal_cap"),
    ),
]


@pytest.mark.parametrize(("title", "rule", "ask", "answer"), CASES, ids=[case[0] for case in CASES])
def test_a_person_gets_no_more_than_they_wished(
    title: str, rule: PersonalCap, ask: Ask, answer: tuple[str, str]
) -> None:
    """Each line: what stands in the book, and what becomes of the next message."""
    assert told(ask, rule) == answer
