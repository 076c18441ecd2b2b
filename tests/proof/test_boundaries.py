"""The seconds at which rules turn: changes of clocks, ends of periods, the last second of a window."""

from itertools import pairwise
from typing import Literal

import pytest

from onevoice.nouns.moment import NEVER
from onevoice.nouns.policy import CalendarCap, MinimumGap, QuietHours, RollingCap, Scope, SendBy, Window
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import EntryKind, Verdict
from tests.proof.history import TouchFact
from tests.proof.places import STEADY, TWICE_A_YEAR, changes, period_begin
from tests.proof.shutters import Quiet, first_open, windows_of
from tests.proof.small_world import SALE, decided, sent, utc
from tests.proof.wall import DAY, HOUR, offset, turn_ends, wall

AROUND = (-2 * HOUR, -HOUR, -1_800, -1, 0, 1, 1_800, HOUR - 1, HOUR, HOUR + 1, 2 * HOUR, 3 * HOUR, DAY - 1)
PERIODS: tuple[Literal["hour", "day", "week", "month"], ...] = ("hour", "day", "week", "month")


def latest_changes(zone: str) -> list[int]:
    """The latest change forward and the latest change back."""
    forward = [second for second in changes(zone) if offset(zone, second) > offset(zone, second - 1)]
    back = [second for second in changes(zone) if offset(zone, second) < offset(zone, second - 1)]
    return [forward[-1], back[-1]]


def window(begin: int, minutes: int) -> Window:
    """A window from minute `begin` of the day on."""
    begin, end = begin % 1_440, (begin + minutes) % 1_440
    return Window(begin=f"{begin // 60:02}:{begin % 60:02}", end=f"{end // 60:02}:{end % 60:02}")


def test_the_clocks_are_watched_in_forty_zones() -> None:
    """At least forty of the zones have set their clocks forward and back since 2013."""
    assert len([zone for zone in TWICE_A_YEAR if len(changes(zone)) > 1]) >= 40


@pytest.mark.parametrize("zone", TWICE_A_YEAR)
def test_quiet_hours_are_exact_when_clocks_change(zone: str) -> None:
    """Windows that hold the change, end in it or begin in it open at the same second for judge and reference."""
    for change in latest_changes(zone):
        shown = wall(zone, change - 1)
        minute = shown.hour * 60 + shown.minute + 1
        for begin, minutes in ((-90, 120), (-300, 330), (-30, 15), (-15, 315), (0, 30), (30, 60), (15, 1_400)):
            rule = QuietHours(name="quiet", windows=(window(minute + begin, minutes),))
            moments = [change + seconds for seconds in AROUND]
            decided(rule, zone=zone, now=moments[0], also=moments[1:])


@pytest.mark.parametrize("zone", TWICE_A_YEAR)
def test_calendar_caps_are_exact_when_clocks_change(zone: str) -> None:
    """A message counted just before or after the change counts until its own hour, day, week or month is over."""
    for change in latest_changes(zone):
        for period in PERIODS:
            for second in (change - HOUR, change - 1, change, change + 1, change + HOUR):
                rule = CalendarCap(name="cap", at_most=1, period=period)
                moments = [second + seconds for seconds in (0, 1, HOUR - 1, HOUR, 2 * HOUR, DAY - 1, DAY)]
                decided(rule, facts=[sent(second)], zone=zone, now=moments[0], also=moments[1:])


@pytest.mark.parametrize("zone", TWICE_A_YEAR)
def test_joined_hours_are_exact_when_clocks_change(zone: str) -> None:
    """Two messages around the change, in groups of 2 to 100 hours: both count until their own hours are over, and the
    later one never stops counting before the earlier one."""
    for change in latest_changes(zone):
        for every in (2, 3, 4, 5, 7, 24, 100):
            rule = CalendarCap(name="cap", at_most=1, period="hour", every=every)
            next_begin = turn_ends(zone, "hour", every, 0, change - 1)
            seconds = sorted({change - 3 * HOUR, change - 1, change, change + 600, next_begin, change + every * HOUR})
            ends = [turn_ends(zone, "hour", every, 0, second) for second in seconds]
            assert ends == sorted(ends)
            for first, second in pairwise(seconds):
                moments = [second, *sorted({end + by for end in ends for by in (-1, 0) if end > second})]
                decided(rule, facts=[sent(first), sent(second, touch=2)], zone=zone, now=moments[0], also=moments[1:])


@pytest.mark.parametrize("zone", [*TWICE_A_YEAR, *STEADY])
@pytest.mark.parametrize("period", PERIODS)
def test_a_period_ends_with_its_last_second(zone: str, period: Literal["hour", "day", "week", "month"]) -> None:
    """In the last second of a day, week or month the message waits one second; then there is room again."""
    begin = turn_ends(zone, period, 1, 0, period_begin(zone, utc("2024-02-28T12:00:00Z"), period))
    rule = CalendarCap(name="cap", at_most=1, period=period)
    last = decided(rule, facts=[sent(begin - 1)], zone=zone, now=begin - 1, also=[begin, begin + 1])
    assert (last.verdict, last.when) == (Verdict.HOLD, begin)
    assert decided(rule, facts=[sent(begin - 1)], zone=zone, now=begin).verdict == Verdict.SEND
    assert wall(zone, begin).minute == wall(zone, begin).second == 0


def test_an_opening_that_appears_when_clocks_go_back_is_used() -> None:
    """Casablanca, 15 February 2026: at 02:50 it is quiet until 08:00, but at 03:00 the clocks show 02:00 again, and
    until 02:45 the message may go."""
    rule = QuietHours(name="quiet", windows=(Window(begin="02:45", end="08:00"),))
    change = utc("2026-02-15T02:00:00Z")
    answer = decided(rule, zone="Africa/Casablanca", now=change - 600, also=[change - 1, change, change + 2_700])
    assert (answer.verdict, answer.when) == (Verdict.HOLD, change)


def test_an_hour_ends_by_the_clock_it_began_with() -> None:
    """Troll sets its clocks back by two hours at 03:00: the hour that began at 02:00 is over at 03:00 all the same."""
    change = utc("2026-10-25T01:00:00Z")
    rule = CalendarCap(name="cap", at_most=1, period="hour")
    answer = decided(
        rule, facts=[sent(change - 1)], zone="Antarctica/Troll", now=change - 1, also=[change, change + HOUR]
    )
    assert (answer.verdict, answer.when) == (Verdict.HOLD, change)


@pytest.mark.parametrize(
    ("since", "verdict"), [(-1, Verdict.HOLD), (0, Verdict.HOLD), (DAY - 1, Verdict.HOLD), (DAY, Verdict.SEND)]
)
def test_a_touch_counts_for_its_seconds_and_not_one_more(since: int, verdict: Verdict) -> None:
    """A message at 12:00 counts in any 24 hours until 11:59:59 of the next day; one dated a second ahead counts too."""
    second = utc("2025-06-02T12:00:00Z")
    for rule in (RollingCap(name="cap", at_most=1, seconds=DAY), MinimumGap(name="gap", seconds=DAY)):
        assert decided(rule, facts=[sent(second)], now=second + since).verdict == verdict


@pytest.mark.parametrize(
    ("moment", "verdict"),
    [
        ("2025-06-07T07:59:59Z", Verdict.SEND),
        ("2025-06-07T20:59:59Z", Verdict.SEND),
        ("2025-06-07T21:00:00Z", Verdict.HOLD),
        ("2025-06-08T00:00:00Z", Verdict.HOLD),
        ("2025-06-08T07:59:59Z", Verdict.HOLD),
        ("2025-06-08T08:00:00Z", Verdict.SEND),
        ("2025-06-08T21:00:00Z", Verdict.SEND),
    ],
)
def test_a_night_belongs_to_the_day_it_began(moment: str, verdict: Verdict) -> None:
    """Quiet from Saturday 21:00 to 08:00 is quiet early on Sunday, and not early on Saturday."""
    rule = QuietHours(name="quiet", windows=(Window(begin="21:00", end="08:00", days=(5,)),))
    answer = decided(rule, now=utc(moment))
    assert answer.verdict == verdict
    assert answer.when == (utc(moment) if verdict == Verdict.SEND else utc("2025-06-08T08:00:00Z"))


def test_relabelling_a_campaign_leaves_the_past_alone_unless_the_rule_says_now() -> None:
    """A message went out under "news"; later its campaign became "sale". It counts as news then, and as a sale now."""
    second = utc("2025-06-02T12:00:00Z")
    for labels, topic, verdict in (
        ("then", "news", Verdict.HOLD),
        ("then", "sale", Verdict.SEND),
        ("now", "news", Verdict.SEND),
        ("now", "sale", Verdict.HOLD),
    ):
        assert labels in ("then", "now")
        rule = RollingCap(
            name="cap",
            at_most=1,
            seconds=DAY,
            counts=Scope(topics=(topic,)),
            labels="then" if labels == "then" else "now",
        )
        assert decided(rule, facts=[sent(second)], now=second + 1, label=SALE).verdict == verdict


def test_reports_that_come_late_twice_or_in_the_wrong_order_count_once() -> None:
    """Delivered before sent, sent twice, decided last, and an older message reported after a newer one."""
    second = utc("2025-06-02T12:00:00Z")
    facts = [
        TouchFact(EntryKind.DELIVERED, 2, second, 1),
        TouchFact(EntryKind.SENT, 2, second + 5, 1),
        TouchFact(EntryKind.SENT, 2, second + 5, 1),
        TouchFact(EntryKind.DECIDED, 2, second - 5, 1),
        sent(second - HOUR, touch=1),
        sent(second - HOUR, touch=1),
    ]
    cap = RollingCap(name="cap", at_most=2, seconds=DAY)
    answer = decided(cap, facts=facts, now=second + 1)
    assert (answer.verdict, answer.when) == (Verdict.HOLD, second - HOUR + DAY)
    assert decided(RollingCap(name="cap", at_most=3, seconds=DAY), facts=facts, now=second + 1).verdict == Verdict.SEND
    delivered = RollingCap(name="cap", at_most=1, seconds=DAY, event="delivered")
    assert decided(delivered, facts=facts, now=second + 1).when == second + DAY


def test_a_reservation_that_lapsed_frees_its_place_and_one_that_was_sent_does_not() -> None:
    """A late lapse cannot take back a message that is known to be out."""
    second = utc("2025-06-02T12:00:00Z")
    cap = RollingCap(name="cap", at_most=1, seconds=DAY)
    begun = TouchFact(EntryKind.DECIDED, 1, second, 1)
    lapsed = TouchFact(EntryKind.LAPSED, 1, second + HOUR, 1)
    out = TouchFact(EntryKind.SENT, 1, second + 1, 1)
    for facts, verdict in (
        ([begun], Verdict.HOLD),
        ([begun, lapsed], Verdict.SEND),
        ([begun, out, lapsed], Verdict.HOLD),
        ([begun, lapsed, out], Verdict.HOLD),
    ):
        assert decided(cap, facts=facts, now=second + 2 * HOUR).verdict == verdict


def test_a_new_version_of_the_policy_judges_the_same_past_anew() -> None:
    """Version one allowed two a day; version two allows one in three days, and counts what went out before it."""
    second = utc("2025-06-02T12:00:00Z")
    facts = [sent(second)]
    assert (
        decided(RollingCap(name="cap", at_most=2, seconds=DAY), facts=facts, now=second + HOUR).verdict == Verdict.SEND
    )
    answer = decided(RollingCap(name="cap", at_most=1, seconds=3 * DAY), facts=facts, now=second + HOUR)
    assert (answer.verdict, answer.when) == (Verdict.HOLD, second + 3 * DAY)


def test_leap_seconds_do_not_exist() -> None:
    """The second after 2016-12-31 23:59:59 is the first of 2017, for caps and for the calendar."""
    last = utc("2016-12-31T23:59:59Z")
    assert decided(MinimumGap(name="gap", seconds=1), facts=[sent(last)], now=last).when == last + 1
    assert decided(CalendarCap(name="cap", at_most=1, period="month"), facts=[sent(last)], now=last).when == last + 1


def test_a_hold_may_last_to_the_very_second_of_its_send_by() -> None:
    """Quiet until 08:00: a message that makes sense until 08:00:00 waits, one that does until 07:59:59 is not sent."""
    now, opens = utc("2025-06-02T03:00:00Z"), utc("2025-06-02T08:00:00Z")
    rules = (QuietHours(name="quiet", windows=(Window(begin="21:00", end="08:00"),)), SendBy(name="send by"))
    held = decided(*rules, now=now, send_by=opens)
    assert (held.verdict, held.when, held.latest) == (Verdict.HOLD, opens, opens)
    lost = decided(*rules, now=now, send_by=opens - 1)
    assert (lost.verdict, lost.when, lost.reason) == (Verdict.SUPPRESS, NEVER, Reason.SEND_BY_PASSED)


def test_an_unknown_zone_waits_until_it_is_day_everywhere_it_may_be() -> None:
    """Quiet until 08:00, New York or Los Angeles: at 12:30 UTC it is day in New York, but not yet in Los Angeles."""
    rule = QuietHours(name="quiet", windows=(Window(begin="21:00", end="08:00"),))
    now = utc("2025-06-02T12:30:00Z")
    zones = ("America/New_York", "America/Los_Angeles")
    assert decided(rule, zone="", plausible=zones, now=now).when == utc("2025-06-02T15:00:00Z")
    either = "America/New_York|America/Chicago|America/Los_Angeles"
    assert decided(rule, zone=either, now=now).when == utc("2025-06-02T15:00:00Z")
    assert decided(rule, zone="America/New_York", now=now).verdict == Verdict.SEND


@pytest.mark.parametrize("zone", ["Africa/Casablanca", "America/St_Johns", "Antarctica/Troll", "Australia/Lord_Howe"])
def test_the_reference_itself_finds_the_first_open_minute(zone: str) -> None:
    """Walking from edge to edge finds what looking at every single minute finds."""
    for change in latest_changes(zone):
        for windows in ((window(165, 315),), (window(60, 1_435),), (window(1_380, 180), window(120, 75))):
            quiet = Quiet(zone, windows_of(windows, zone))
            for start in range(change - 4 * HOUR, change + 4 * HOUR, 1_740):
                minute = start
                while quiet.shut(wall(zone, minute)):
                    minute += 60 - minute % 60
                assert first_open([quiet], start, start + 3 * DAY) == minute
