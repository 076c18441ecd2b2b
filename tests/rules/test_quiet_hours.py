"""Quiet hours protect people's nights and Sundays, by the clock on their wall."""

import pytest

from onevoice.nouns.policy import QuietHours, RollingCap, Window
from tests.rules.world import (
    AMERICAN_NUMBER,
    CASABLANCA,
    NEW_YORK,
    UNKNOWN,
    Ask,
    Folio,
    Touch,
    at,
    mail,
    told,
    until,
    verdicts,
)

HOUR, DAY = 3_600, 86_400
NIGHT = QuietHours(name="night", windows=(Window(begin="21:00", end="08:00"),))
NAP = QuietHours(name="nap", windows=(Window(begin="11:30", end="14:00"),))
FROM_NOON = QuietHours(name="from noon", windows=(Window(begin="12:00", end="13:00"),))
TO_NOON = QuietHours(name="to noon", windows=(Window(begin="09:00", end="12:00"),))
TUESDAY_NIGHT = QuietHours(name="tuesday", windows=(Window(begin="20:00", end="13:00", days=(1,)),))
THURSDAY_NIGHT = QuietHours(name="thursday", windows=(Window(begin="20:00", end="13:00", days=(3,)),))
ALL_WEDNESDAY = QuietHours(name="wednesday", windows=(Window(begin="00:00", end="24:00", days=(2,)),))
UNIT = QuietHours(name="office", windows=(Window(begin="18:00", end="09:00"),), zone="unit")
FIXED = QuietHours(name="tokyo", windows=(Window(begin="18:00", end="21:00"),), zone="Asia/Tokyo")
DEFAULT = QuietHours(
    name="night",
    windows=(Window(begin="21:00", end="08:00"),),
    unknown_zone="default",
    default_zone="America/New_York",
)
BERLIN_NAP = QuietHours(
    name="nap",
    windows=(Window(begin="11:00", end="15:00", zones=("Europe/Berlin",)), Window(begin="05:00", end="07:00")),
)
AMERICAN = Folio(zone=AMERICAN_NUMBER)
NOWHERE = Folio(zone=UNKNOWN)

# Now is Wednesday, 2026-03-04, 12:00 in Berlin, 06:00 in New York and 03:00 in Los Angeles.
CASES = [
    ("noon", NIGHT, Ask(), ("send", "cleared")),
    ("her nap", NAP, Ask(), (f"hold {2 * HOUR}", "quiet_hours")),
    ("begins now", FROM_NOON, Ask(), (f"hold {HOUR}", "quiet_hours")),
    ("ends now", TO_NOON, Ask(), ("send", "cleared")),
    ("early in New York", NIGHT, Ask(customer=Folio(zone=NEW_YORK)), (f"hold {2 * HOUR}", "quiet_hours")),
    ("the address", NIGHT, Ask(customer=NOWHERE, address=Folio(zone=NEW_YORK)), (f"hold {2 * HOUR}", "quiet_hours")),
    ("zone of the customer first", NIGHT, Ask(address=Folio(zone=NEW_YORK)), ("send", "cleared")),
    ("began on Tuesday", TUESDAY_NIGHT, Ask(), (f"hold {HOUR}", "quiet_hours")),
    ("begins on Thursday", THURSDAY_NIGHT, Ask(), ("send", "cleared")),
    ("the whole day", ALL_WEDNESDAY, Ask(), (f"hold {12 * HOUR}", "quiet_hours")),
    ("the unit sleeps", UNIT, Ask(message=mail(unit=3)), (f"hold {3 * HOUR}", "quiet_hours")),
    ("the unit is awake", UNIT, Ask(customer=Folio(zone=NEW_YORK)), ("send", "cleared")),
    ("a fixed zone", FIXED, Ask(), (f"hold {HOUR}", "quiet_hours")),
    ("any plausible zone of the number", NIGHT, Ask(customer=AMERICAN), (f"hold {5 * HOUR}", "quiet_hours")),
    ("default for a number", DEFAULT, Ask(customer=AMERICAN), (f"hold {2 * HOUR}", "quiet_hours")),
    ("default for the unknown", DEFAULT, Ask(customer=Folio(zone=UNKNOWN)), (f"hold {2 * HOUR}", "quiet_hours")),
    ("never silently off", NIGHT, Ask(customer=Folio(zone=UNKNOWN)), ("suppress", "zone_unknown")),
    ("windows of this zone", BERLIN_NAP, Ask(), (f"hold {3 * HOUR}", "quiet_hours")),
    ("windows of all other zones", BERLIN_NAP, Ask(customer=Folio(zone=NEW_YORK)), (f"hold {HOUR}", "quiet_hours")),
]  # fmt: skip


@pytest.mark.parametrize(("title", "rule", "ask", "answer"), CASES, ids=[case[0] for case in CASES])
def test_quiet_hours_wait_for_the_morning(title: str, rule: QuietHours, ask: Ask, answer: tuple[str, str]) -> None:
    """Each line: whose clock it is, and what becomes of the message."""
    assert told(ask, rule) == answer


def test_an_unknown_zone_is_quiet_where_any_plausible_zone_is() -> None:
    """With Berlin and New York plausible, a message waits until neither sleeps."""
    ask = Ask(customer=Folio(zone=UNKNOWN))
    assert told(ask, NIGHT, plausible_zones=("Europe/Berlin", "America/New_York")) == (
        f"hold {2 * HOUR}",
        "quiet_hours",
    )
    nobody = ("Europe/Berlin", "Asia/Tokyo", "America/Los_Angeles", "Pacific/Auckland")
    assert told(ask, NIGHT, plausible_zones=nobody) == ("suppress", "quiet_hours")


def test_quiet_hours_see_the_opening_when_clocks_go_back_before_the_window() -> None:
    """Casablanca, 2026-02-15: at 03:00 the clock goes back to 02:00, before a window that began at 02:45. There are 45
    minutes in which it is not quiet."""
    rule = QuietHours(name="night", windows=(Window(begin="02:45", end="08:00"),))
    now = at("2026-02-15T02:50", "Africa/Casablanca")
    assert told(Ask(customer=Folio(zone=CASABLANCA), now=now), rule) == ("hold 600", "quiet_hours")


def test_a_window_that_the_spring_skips_is_not_waited_for() -> None:
    """Berlin, 2026-03-29: from two to three there is no time; quiet until half past two ends at the change."""
    rule = QuietHours(name="night", windows=(Window(begin="00:00", end="02:30"),))
    assert until(Ask(now=at("2026-03-29T01:30")), rule) == "2026-03-29T03:00"


def test_what_a_cap_frees_at_night_waits_for_the_morning() -> None:
    """Room at two in the morning, quiet until eight: the message goes at eight, because of both."""
    cap = RollingCap(name="one", at_most=1, seconds=14 * HOUR)
    ask = Ask(customer=Folio([Touch(0)]))
    assert until(ask, cap, NIGHT) == "2026-03-05T08:00"
    assert told(ask, cap, NIGHT) == (f"hold {20 * HOUR}", "rolling_cap"), "now is not quiet: only the cap holds"


def test_two_quiet_rules_are_waited_for_in_turn() -> None:
    """A nap until two, and a meeting from two to three: the message goes at three."""
    meeting = QuietHours(name="meeting", windows=(Window(begin="14:00", end="15:00"),))
    assert until(Ask(), NAP, meeting) == "2026-03-04T15:00"
    found = verdicts(Ask(), NAP, meeting)
    assert found.says[:, 0].tolist() == [Ask().now + 2 * HOUR, Ask().now]


def test_quiet_rules_that_leave_no_opening_end() -> None:
    """Nights and days together never let anything go; the judge says so instead of looking for ever."""
    days = QuietHours(name="days", windows=(Window(begin="08:00", end="21:00"),))
    assert told(Ask(), NIGHT, days) == ("suppress", "no_opening")
    always = QuietHours(name="always", windows=(Window(begin="00:00", end="24:00"),))
    assert told(Ask(), always) == ("suppress", "quiet_hours")
    assert told(Ask(), NIGHT, days, longest_hold=900 * DAY) == ("suppress", "no_opening")
