"""Personal quiet time protects the hours a person asked to be left alone."""

import pytest

from onevoice.nouns.policy import PersonalQuietTime
from tests.rules.world import AMERICAN_NUMBER, NEW_YORK, UNKNOWN, Ask, Folio, told

RULE = PersonalQuietTime(name="as they wish")
HOUR = 3_600
NOON_TO_TWO = (0, 0, 12 * 60, 120)
NIGHT = (0, 0, 20 * 60, 12 * 60)

CASES = [
    ("no wish", RULE, Ask(), ("send", "cleared")),
    ("in the quiet time", RULE, Ask(customer=Folio(wish=NOON_TO_TWO)), (f"hold {2 * HOUR}", "personal_quiet_time")),
    ("outside", RULE, Ask(customer=Folio(wish=NIGHT)), ("send", "cleared")),
    (
        "six in the morning for her",
        RULE,
        Ask(customer=Folio(wish=NIGHT, zone=NEW_YORK)),
        (f"hold {2 * HOUR}", "personal_quiet_time"),
    ),
    (
        "three in the morning, perhaps",
        RULE,
        Ask(customer=Folio(wish=NIGHT, zone=AMERICAN_NUMBER)),
        (f"hold {5 * HOUR}", "personal_quiet_time"),
    ),
    (
        "zone unknown, nothing plausible",
        RULE,
        Ask(customer=Folio(wish=NIGHT, zone=UNKNOWN)),
        ("suppress", "zone_unknown"),
    ),
    ("always quiet", RULE, Ask(customer=Folio(wish=(0, 0, 60, 1440))), ("suppress", "personal_quiet_time")),
    ("said to the address", RULE, Ask(address=Folio(wish=NOON_TO_TWO)), (f"hold {2 * HOUR}", "personal_quiet_time")),
]


@pytest.mark.parametrize(("title", "rule", "ask", "answer"), CASES, ids=[case[0] for case in CASES])
def test_a_person_is_left_alone_as_they_asked(
    title: str, rule: PersonalQuietTime, ask: Ask, answer: tuple[str, str]
) -> None:
    """Each line: what stands in the book, and what becomes of the next message."""
    assert told(ask, rule) == answer
