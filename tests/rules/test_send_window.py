"""A send window protects people from messages outside the hours that were meant for them."""

import random
from datetime import UTC, datetime, timedelta
from importlib import resources
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest

from onevoice.nouns.policy import QuietHours, RollingCap, SendWindow, Window
from tests.rules.world import (
    AMERICAN_NUMBER,
    BERLIN,
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


def window(*windows: Window, **fields: object) -> SendWindow:
    return SendWindow(name="hours", windows=windows, **fields)  # type: ignore[arg-type]


def hours(begin: str, end: str, **fields: object) -> SendWindow:
    return window(Window(begin=begin, end=end), **fields)


# Now is Wednesday, 2026-03-04, 12:00 in Berlin, 06:00 in New York and 03:00 in Los Angeles.
NOON = hours("11:00", "13:00")
TUESDAY_NIGHT = window(Window(begin="20:00", end="13:00", days=(1,)))
MONDAY = window(Window(begin="09:00", end="17:00", days=(0,)))
SUNDAY_NIGHT = window(Window(begin="22:00", end="02:00", days=(6,)))
TWICE = window(Window(begin="08:00", end="10:00"), Window(begin="18:00", end="20:00"))
JOINED = window(Window(begin="08:00", end="12:00"), Window(begin="12:00", end="14:00"))
ALWAYS = hours("00:00", "24:00")
WITH_BERLIN = window(Window(begin="13:00", end="15:00", zones=("Europe/Berlin",)), Window(begin="05:00", end="07:00"))
ONLY_BERLIN = window(Window(begin="11:00", end="15:00", zones=("Europe/Berlin",)))
OPEN_BERLIN = window(Window(begin="00:00", end="24:00", zones=("Europe/Berlin",)), Window(begin="05:00", end="05:30"))
DEFAULT = hours("05:30", "06:30", unknown_zone="default", default_zone="America/New_York")
IN_NEW_YORK, NOWHERE = Folio(zone=NEW_YORK), Folio(zone=UNKNOWN)
AMERICAN = Folio(zone=AMERICAN_NUMBER)
CASES = [
    ("inside", NOON, Ask(), ("send", "cleared")),
    ("opens now", hours("12:00", "13:00"), Ask(), ("send", "cleared")),
    ("the second before", hours("12:00", "13:00"), Ask(now=at("2026-03-04T12:00") - 1), ("hold 1", "send_window")),
    ("its last second", hours("11:00", "12:00"), Ask(now=at("2026-03-04T12:00") - 1), ("send", "cleared")),
    ("shuts now", hours("11:00", "12:00"), Ask(), (f"hold {23 * HOUR}", "send_window")),
    ("opens later today", hours("17:00", "18:00"), Ask(), (f"hold {5 * HOUR}", "send_window")),
    ("began on Tuesday", TUESDAY_NIGHT, Ask(), ("send", "cleared")),
    ("Tuesday's ends at one", TUESDAY_NIGHT, Ask(now=at("2026-03-04T13:00")), (f"hold {151 * HOUR}", "send_window")),
    ("next Monday", MONDAY, Ask(), (f"hold {117 * HOUR}", "send_window")),
    ("over the end of the week", SUNDAY_NIGHT, Ask(now=at("2026-03-09T01:59")), ("send", "cleared")),
    ("Sunday's has ended", SUNDAY_NIGHT, Ask(now=at("2026-03-09T02:00")), (f"hold {164 * HOUR}", "send_window")),
    ("between two", TWICE, Ask(), (f"hold {6 * HOUR}", "send_window")),
    ("two that join", JOINED, Ask(), ("send", "cleared")),
    ("always open", ALWAYS, Ask(), ("send", "cleared")),
    ("shut in New York", NOON, Ask(customer=IN_NEW_YORK), (f"hold {5 * HOUR}", "send_window")),
    ("the unit is at work", hours("05:00", "07:00", zone="unit"), Ask(message=mail(unit=3)), ("send", "cleared")),
    ("a fixed zone", hours("19:30", "20:30", zone="Asia/Tokyo"), Ask(), ("send", "cleared")),
    ("windows of this zone", WITH_BERLIN, Ask(), (f"hold {HOUR}", "send_window")),
    ("windows of all other zones", WITH_BERLIN, Ask(customer=IN_NEW_YORK), ("send", "cleared")),
    ("no window for her zone", ONLY_BERLIN, Ask(customer=IN_NEW_YORK), ("suppress", "send_window")),
    ("always open in her zone", OPEN_BERLIN, Ask(), ("send", "cleared")),
    ("open in both plausible zones", hours("02:00", "07:00"), Ask(customer=AMERICAN), ("send", "cleared")),
    ("open in one of them", hours("05:30", "09:00"), Ask(customer=AMERICAN), (f"hold {5 * HOUR // 2}", "send_window")),
    ("never open in both", hours("05:30", "06:30"), Ask(customer=AMERICAN), ("suppress", "send_window")),
    ("default for a number", DEFAULT, Ask(customer=AMERICAN), ("send", "cleared")),
    ("default for the unknown", DEFAULT, Ask(customer=NOWHERE), ("send", "cleared")),
    ("never silently off", NOON, Ask(customer=NOWHERE), ("suppress", "zone_unknown")),
]  # fmt: skip


@pytest.mark.parametrize(("title", "rule", "ask", "answer"), CASES, ids=[case[0] for case in CASES])
def test_messages_go_inside_their_hours(title: str, rule: SendWindow, ask: Ask, answer: tuple[str, str]) -> None:
    """Each line: when it is open, by whose clock, and what becomes of the message."""
    assert told(ask, rule) == answer


CLOCKS = [
    ("an opening that spring skips does not come", ("02:00", "02:45"), "2026-03-29T01:00", "2026-03-30T02:00"),
    ("one that begins in the skipped hour opens at the change", ("02:30", "04:00"), "2026-03-29T01:00",
     "2026-03-29T03:00"),
    ("one that ends in the skipped hour ends at the change", ("01:00", "02:30"), "2026-03-29T03:00",
     "2026-03-30T01:00"),
    ("over the change of spring", ("22:00", "06:00"), "2026-03-29T05:59", "2026-03-29T05:59"),
    ("in the hour that comes twice", ("02:30", "02:40"), "2026-10-25T02:00", "2026-10-25T02:30"),
    ("over the repeated hour", ("01:00", "03:30"), "2026-10-25T03:29", "2026-10-25T03:29"),
]  # fmt: skip


@pytest.mark.parametrize(("title", "open_from", "now", "then"), CLOCKS, ids=[case[0] for case in CLOCKS])
def test_a_window_over_a_change_of_clocks(title: str, open_from: tuple[str, str], now: str, then: str) -> None:
    """Each line: when it is open on Berlin's wall, when it is, and when the message goes."""
    assert until(Ask(now=at(now)), hours(*open_from)) == then


def test_an_opening_that_the_clock_repeats_comes_twice() -> None:
    """Berlin, 2026-10-25: twenty to three comes twice. After the first opening the second is fifty minutes away."""
    rule = hours("02:30", "02:40")
    first = at("2026-10-25T02:30")
    assert told(Ask(now=first + 599), rule) == ("send", "cleared")
    assert told(Ask(now=first + 600), rule) == ("hold 3000", "send_window")
    assert told(Ask(now=first + HOUR), rule) == ("send", "cleared")
    assert told(Ask(now=first + HOUR + 600), rule) == (f"hold {DAY - 600}", "send_window")


def test_the_clock_that_goes_back_opens_again() -> None:
    """Casablanca, 2026-02-15: at 03:00 the clock goes back to 02:00, into an hour of sending that had ended."""
    now = at("2026-02-15T02:50", "Africa/Casablanca")
    ask = Ask(customer=Folio(zone=CASABLANCA), now=now)
    assert told(ask, hours("02:00", "02:45")) == ("hold 600", "send_window")


def test_a_window_waits_for_caps_and_quiet_hours_too() -> None:
    """Room at one, quiet until two, open from half past one to half past two: it goes at two."""
    cap = RollingCap(name="one", at_most=1, seconds=3 * HOUR)
    nap = QuietHours(name="nap", windows=(Window(begin="12:30", end="14:00"),))
    ask = Ask(customer=Folio([Touch(2 * HOUR)]))
    assert until(ask, cap, hours("13:30", "14:30"), nap) == "2026-03-04T14:00"
    assert told(ask, nap, hours("12:30", "14:00")) == ("suppress", "no_opening")


def clock_of(name: str) -> ZoneInfo:
    """The zone as the judge's own database knows it: the machine's may be of another year."""
    region, city = name.split("/")
    return ZoneInfo.from_file(BytesIO(resources.files(f"tzdata.zoneinfo.{region}").joinpath(city).read_bytes()))


def open_at(moment: int, zone: ZoneInfo, windows: tuple[Window, ...]) -> bool:
    """Whether any window is open at this moment, told day by day."""
    wall = datetime.fromtimestamp(moment, UTC).astimezone(zone).replace(tzinfo=None)
    for one in windows:
        begin, end = ((int(clock[:2]) * 60 + int(clock[3:])) * 60 for clock in (one.begin, one.end))
        for days_ago in (0, 1):
            day = datetime(wall.year, wall.month, wall.day) - timedelta(days=days_ago)
            length = end - begin if end > begin else end - begin + DAY
            opening = day + timedelta(seconds=begin)
            if day.weekday() in one.days and opening <= wall < opening + timedelta(seconds=length):
                return True
    return False


@pytest.mark.parametrize("block", range(4))
def test_the_next_opening_is_the_first_moment_at_which_a_wall_shows_one(block: int) -> None:
    """Around changes of clocks in three zones: the answer is the first quarter of an hour at which some window is open,
    as a calendar on the wall tells it."""
    zones = {BERLIN: "Europe/Berlin", NEW_YORK: "America/New_York", CASABLANCA: "Africa/Casablanca"}
    turns = ("2026-03-29T01:00", "2026-10-25T00:00", "2026-03-08T06:00", "2026-11-01T05:00", "2026-02-15T01:00")
    dice = random.Random(block)
    for _ in range(40):
        windows = tuple(
            Window(
                begin=f"{dice.randint(0, 23):02}:{dice.choice((0, 15, 30)):02}",
                end=f"{dice.randint(0, 23):02}:45",
                days=tuple(sorted(dice.sample(range(7), dice.randint(1, 7)))),
            )
            for _ in range(dice.randint(1, 3))
        )
        number, now = dice.choice(list(zones)), at(dice.choice(turns), "UTC") + 900 * dice.randint(-8, 8)
        zone = clock_of(zones[number])
        expected = next(second for second in range(now, now + 9 * DAY, 900) if open_at(second, zone, windows))
        found = verdicts(Ask(customer=Folio(zone=number), now=now), window(*windows))
        assert int(found.says[0, 0]) == expected, (windows, number, now)
