"""Send windows and blackouts at the seconds at which they turn, over both changes of clocks."""

from datetime import datetime, timedelta

import pytest

from onevoice.nouns.moment import NEVER
from onevoice.nouns.policy import Blackout, QuietHours, RollingCap, SendWindow, Window
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import Verdict
from tests.proof.places import TWICE_A_YEAR
from tests.proof.shutters import Openings, first_open, windows_of
from tests.proof.small_world import decided, sent, utc
from tests.proof.test_boundaries import AROUND, latest_changes, window
from tests.proof.wall import DAY, HOUR, wall

BOTH = ("America/New_York", "America/Los_Angeles")


@pytest.mark.parametrize("zone", TWICE_A_YEAR)
def test_send_windows_are_exact_when_clocks_change(zone: str) -> None:
    """Windows that hold the change, end in it, begin in it or are skipped by it open at the same second for both."""
    for change in latest_changes(zone):
        shown = wall(zone, change - 1)
        minute = shown.hour * 60 + shown.minute + 1
        for begin, minutes in ((-90, 120), (-30, 15), (-15, 315), (0, 30), (30, 60), (15, 1_400), (90, 10)):
            rule = SendWindow(name="window", windows=(window(minute + begin, minutes),))
            moments = [change + seconds for seconds in AROUND]
            decided(rule, zone=zone, now=moments[0], also=moments[1:])


@pytest.mark.parametrize("zone", TWICE_A_YEAR)
def test_blackouts_are_exact_when_clocks_change(zone: str) -> None:
    """Blackouts that hold the change, end or begin in it are over at the same second for both."""
    for change in latest_changes(zone):
        shown = wall(zone, change - 1) + timedelta(seconds=1)
        for begin, minutes in ((-1_500, 1_500), (-90, 120), (-30, 15), (-15, 3_015), (0, 30), (30, 60)):
            opens = shown + timedelta(minutes=begin)
            closes = opens + timedelta(minutes=minutes)
            for named in ("customer", zone):
                rule = Blackout(name="dark", begin=_text(opens), end=_text(closes), zone=named)
                moments = [change + seconds for seconds in AROUND]
                decided(rule, zone=zone, now=moments[0], also=moments[1:])


def _text(shown: datetime) -> str:
    return f"{shown:%Y-%m-%dT%H:%M}"


@pytest.mark.parametrize(
    ("moment", "verdict"),
    [
        ("2026-12-24T16:59:59Z", Verdict.SEND),
        ("2026-12-24T17:00:00Z", Verdict.HOLD),
        ("2026-12-26T22:59:59Z", Verdict.HOLD),
        ("2026-12-26T23:00:00Z", Verdict.SEND),
    ],
)
def test_a_blackout_begins_and_ends_to_the_second(moment: str, verdict: Verdict) -> None:
    """Dark in Berlin from Christmas Eve 18:00 until the end of the 26th."""
    rule = Blackout(name="dark", begin="2026-12-24T18:00", end="2026-12-27T00:00", zone="Europe/Berlin")
    answer = decided(rule, now=utc(moment))
    assert answer.verdict == verdict
    assert answer.when == (utc("2026-12-26T23:00:00Z") if verdict == Verdict.HOLD else utc(moment))


def test_what_comes_during_a_blackout_is_refused_and_what_waits_is_held_past_it() -> None:
    """With `suppress` a message of the day itself is refused; one that a cap holds until then waits for the end."""
    dark = Blackout(name="dark", begin="2026-12-24T00:00", end="2026-12-25T00:00", at_limit="suppress")
    during = utc("2026-12-24T12:00:00Z")
    refused = decided(dark, now=during)
    assert (refused.verdict, refused.when, refused.reason) == (Verdict.SUPPRESS, NEVER, Reason.BLACKOUT)
    cap = RollingCap(name="cap", at_most=1, seconds=DAY)
    held = decided(dark, cap, facts=[sent(during - DAY + HOUR)], now=during - 13 * HOUR)
    assert (held.verdict, held.when) == (Verdict.HOLD, utc("2026-12-25T00:00:00Z"))


def test_an_unknown_zone_is_dark_while_it_is_dark_anywhere_it_may_be() -> None:
    """New York or Los Angeles: dark from New York's midnight until that of Los Angeles a day later."""
    rule = Blackout(name="dark", begin="2026-12-24T00:00", end="2026-12-25T00:00", zone="customer")
    for moment, verdict in (
        ("2026-12-24T04:59:59Z", Verdict.SEND),
        ("2026-12-24T05:00:00Z", Verdict.HOLD),
        ("2026-12-25T07:59:59Z", Verdict.HOLD),
        ("2026-12-25T08:00:00Z", Verdict.SEND),
    ):
        assert decided(rule, zone="", plausible=BOTH, now=utc(moment)).verdict == verdict


def test_a_send_window_and_quiet_hours_leave_what_both_leave() -> None:
    """Open from 07:00, quiet until 08:00: at 06:00 a message waits until 08:00; open only in quiet hours: never."""
    now = utc("2025-06-02T06:00:00Z")
    quiet = QuietHours(name="quiet", windows=(Window(begin="21:00", end="08:00"),))
    held = decided(SendWindow(name="open", windows=(Window(begin="07:00", end="12:00"),)), quiet, now=now)
    assert (held.verdict, held.when) == (Verdict.HOLD, utc("2025-06-02T08:00:00Z"))
    lost = decided(SendWindow(name="open", windows=(Window(begin="02:00", end="07:00"),)), quiet, now=now)
    assert lost.verdict == Verdict.SUPPRESS


def test_a_window_over_midnight_belongs_to_the_day_it_began() -> None:
    """Open from Saturday 21:00 to 08:00: early on Sunday a message goes, early on Saturday it waits for the evening."""
    rule = SendWindow(name="open", windows=(Window(begin="21:00", end="08:00", days=(5,)),))
    assert decided(rule, now=utc("2025-06-08T07:59:59Z")).verdict == Verdict.SEND
    assert decided(rule, now=utc("2025-06-08T08:00:00Z")).when == utc("2025-06-14T21:00:00Z")
    assert decided(rule, now=utc("2025-06-07T07:00:00Z")).when == utc("2025-06-07T21:00:00Z")


@pytest.mark.parametrize("zone", ["Africa/Casablanca", "America/St_Johns", "Antarctica/Troll", "Australia/Lord_Howe"])
def test_the_reference_itself_finds_the_first_minute_of_a_window(zone: str) -> None:
    """Walking from edge to edge finds what looking at every single minute finds."""
    for change in latest_changes(zone):
        for windows in ((window(165, 30),), (window(100, 10),), (window(1_380, 180), window(120, 75))):
            openings = Openings(zone, windows_of(windows, zone))
            for start in range(change - 4 * HOUR, change + 4 * HOUR, 1_740):
                minute = start
                while openings.shut(wall(zone, minute)):
                    minute += 60 - minute % 60
                assert first_open([openings], start, start + 3 * DAY) == minute
