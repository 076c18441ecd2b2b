"""A calendar cap protects people from too many messages in one hour, day, week or month of their calendar."""

import pytest

from onevoice.nouns.policy import CalendarCap
from tests.rules.world import (
    AMERICAN_NUMBER,
    CASABLANCA,
    NEW_YORK,
    NOW,
    UNKNOWN,
    Ask,
    Folio,
    Touch,
    at,
    mail,
    told,
    until,
)

HOUR, DAY = 3_600, 86_400
A_DAY = CalendarCap(name="one a day", at_most=1, period="day")
TWO_A_DAY = CalendarCap(name="two a day", at_most=2, period="day")
A_WEEK = CalendarCap(name="one a week", at_most=1, period="week")
SUNDAY_WEEK = CalendarCap(name="one a week", at_most=1, period="week", week_start=6)
A_MONTH = CalendarCap(name="one a month", at_most=1, period="month")
A_QUARTER = CalendarCap(name="one a quarter", at_most=1, period="month", every=3)
AN_HOUR = CalendarCap(name="one an hour", at_most=1, period="hour")
UNIT_DAY = CalendarCap(name="one a day", at_most=1, period="day", zone="unit")
TOKYO = CalendarCap(name="one a day", at_most=1, period="day", zone="Asia/Tokyo")
STRICT = CalendarCap(name="one a day", at_most=1, period="day", at_limit="suppress")


def after(*ago: int, zone: int = 1) -> Folio:
    return Folio([Touch(one) for one in ago], zone=zone)


# Now is Wednesday, 2026-03-04, 12:00 in Berlin.
CASES = [
    ("nothing today", A_DAY, Ask(), ("send", "cleared")),
    ("one today", A_DAY, Ask(customer=after(1)), (f"hold {12 * HOUR}", "calendar_cap")),
    ("at midnight sharp", A_DAY, Ask(customer=after(12 * HOUR)), (f"hold {12 * HOUR}", "calendar_cap")),
    ("a second before midnight", A_DAY, Ask(customer=after(12 * HOUR + 1)), ("send", "cleared")),
    ("one of two today", TWO_A_DAY, Ask(customer=after(20 * HOUR, HOUR)), ("send", "cleared")),
    ("two of two today", TWO_A_DAY, Ask(customer=after(2 * HOUR, HOUR)), (f"hold {12 * HOUR}", "calendar_cap")),
    ("her day in New York", A_DAY, Ask(customer=after(1, zone=NEW_YORK)), (f"hold {18 * HOUR}", "calendar_cap")),
    ("latest plausible", A_DAY, Ask(customer=after(1, zone=AMERICAN_NUMBER)), (f"hold {21 * HOUR}", "calendar_cap")),
    ("zone unknown: UTC", A_DAY, Ask(customer=after(1, zone=UNKNOWN)), (f"hold {13 * HOUR}", "calendar_cap")),
    ("the unit's day", UNIT_DAY, Ask(message=mail(unit=3), customer=after(1)), (f"hold {18 * HOUR}", "calendar_cap")),
    ("a fixed zone's day", TOKYO, Ask(customer=after(1)), (f"hold {4 * HOUR}", "calendar_cap")),
    ("this week", A_WEEK, Ask(customer=after(2 * DAY)), (f"hold {4 * DAY + 12 * HOUR}", "calendar_cap")),
    ("last Sunday", A_WEEK, Ask(customer=after(3 * DAY)), ("send", "cleared")),
    ("from Sunday on", SUNDAY_WEEK, Ask(customer=after(3 * DAY)), (f"hold {3 * DAY + 12 * HOUR}", "calendar_cap")),
    ("last month", A_MONTH, Ask(customer=after(4 * DAY)), ("send", "cleared")),
    ("this hour", AN_HOUR, Ask(customer=after(0)), (f"hold {HOUR}", "calendar_cap")),
    ("the hour before", AN_HOUR, Ask(customer=after(1)), ("send", "cleared")),
    ("suppressed", STRICT, Ask(customer=after(1)), ("suppress", "calendar_cap")),
]  # fmt: skip


@pytest.mark.parametrize(("title", "rule", "ask", "answer"), CASES, ids=[case[0] for case in CASES])
def test_a_calendar_cap_waits_for_the_next_period(
    title: str, rule: CalendarCap, ask: Ask, answer: tuple[str, str]
) -> None:
    """Each line: what stands in the book, and what becomes of the next message."""
    assert told(ask, rule) == answer


def test_months_and_quarters_end_with_the_calendar() -> None:
    """March ends on April 1 by a clock that was set forward meanwhile; the quarter ends then too."""
    ask = Ask(customer=after(1))
    assert until(ask, A_MONTH, longest_hold=99 * DAY) == "2026-04-01T00:00"
    assert until(Ask(customer=after(40 * DAY)), A_QUARTER, longest_hold=99 * DAY) == "2026-04-01T00:00"
    assert until(ask, A_MONTH) == "never", "the longest hold is two weeks"


def test_the_day_of_a_change_of_clocks_has_23_or_25_hours() -> None:
    """One message at one in the morning waits 22 hours in spring, 24 in autumn."""
    for day, hours in (("2026-03-29", 22), ("2026-10-25", 24)):
        now = at(f"{day}T01:00")
        assert told(Ask(customer=after(0), now=now), A_DAY) == (f"hold {hours * HOUR}", "calendar_cap")


def test_an_hour_ends_by_the_clock_it_began_with() -> None:
    """Troll sets its clock back by two hours at three: an hour begun at 02:30 ends at the change, though the wall shows
    02:00 to 03:00 once more an hour later."""
    troll = CalendarCap(name="one an hour", at_most=1, period="hour", zone="Antarctica/Troll")
    now = at("2026-10-25T02:30", "Antarctica/Troll")
    assert told(Ask(customer=after(0), now=now), troll) == (f"hold {HOUR // 2}", "calendar_cap")


def test_four_hours_that_began_before_the_clock_was_set_forward_last_four_hours() -> None:
    """Berlin, 29 March: who got a message at 01:50 or, by the new clock, at 03:10, is left alone until 05:00, four
    hours after midnight; the hours after that end at 08:00 by the new clock."""
    four = CalendarCap(name="one in four hours", at_most=1, period="hour", every=4, zone="Europe/Berlin")
    now = at("2026-03-29T03:10")
    for ago in ((0,), (20 * 60,), (20 * 60, 0)):
        assert until(Ask(customer=after(*ago), now=now), four) == "2026-03-29T05:00"
    late = at("2026-03-29T05:00")
    assert until(Ask(customer=after(0), now=late), four) == "2026-03-29T08:00"


def test_a_clock_set_back_at_midnight_does_not_reopen_the_day() -> None:
    """Casablanca goes back from three to two when Ramadan begins: still one message a day."""
    now = at("2026-02-15T02:30", "Africa/Casablanca")
    answer = told(Ask(customer=after(1, zone=CASABLANCA), now=now), A_DAY)
    assert answer == (f"hold {22 * HOUR + HOUR // 2}", "calendar_cap")
    assert now < NOW
