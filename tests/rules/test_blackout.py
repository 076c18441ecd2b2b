"""A blackout protects people from being written to on a holiday, in a crisis, during an outage."""

import pytest

from onevoice.nouns.policy import Blackout, MaximumDeferral, QuietHours, RollingCap, Scope, Window
from tests.rules.world import (
    AMERICAN_NUMBER,
    NEW_YORK,
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


def blackout(begin: str, end: str, **fields: object) -> Blackout:
    return Blackout(name="crisis", begin=begin, end=end, **fields)  # type: ignore[arg-type]


# Now is Wednesday, 2026-03-04, 12:00 in Berlin, 11:00 UTC, 06:00 in New York and 03:00 in Los Angeles.
MORNING = blackout("2026-03-04T08:00", "2026-03-04T14:00")
HERE = blackout("2026-03-04T08:00", "2026-03-04T14:00", zone="customer")
OFFICE = blackout("2026-03-04T05:00", "2026-03-04T09:00", zone="unit")
TOKYO = blackout("2026-03-04T00:00", "2026-03-05T00:00", zone="Asia/Tokyo")
STRICT = blackout("2026-03-04T08:00", "2026-03-04T14:00", at_limit="suppress")
REGION = blackout("2026-03-04T08:00", "2026-03-04T14:00", applies=Scope(units=("travel",)))
CASES = [
    ("during it", MORNING, Ask(), (f"hold {3 * HOUR}", "blackout")),
    ("its last second", blackout("2026-03-04T08:00", "2026-03-04T11:01"), Ask(now=at("2026-03-04T12:00") + 59),
     ("hold 1", "blackout")),
    ("it ends now", blackout("2026-03-04T08:00", "2026-03-04T11:00"), Ask(), ("send", "cleared")),
    ("it begins now", blackout("2026-03-04T11:00", "2026-03-04T12:00"), Ask(), (f"hold {HOUR}", "blackout")),
    ("the second before", blackout("2026-03-04T11:00", "2026-03-04T12:00"), Ask(now=at("2026-03-04T12:00") - 1),
     ("send", "cleared")),
    ("a day before", blackout("2026-03-03T08:00", "2026-03-03T14:00"), Ask(), ("send", "cleared")),
    ("a week before", blackout("2026-02-25T08:00", "2026-02-25T14:00"), Ask(), ("send", "cleared")),
    ("a year before", blackout("2025-03-04T08:00", "2025-03-04T14:00"), Ask(), ("send", "cleared")),
    ("a year and a day before", blackout("2025-03-03T08:00", "2025-03-03T14:00"), Ask(), ("send", "cleared")),
    ("the day after", blackout("2026-03-05T08:00", "2026-03-05T14:00"), Ask(), ("send", "cleared")),
    ("over several days", blackout("2026-03-01T00:00", "2026-03-07T00:00"), Ask(), (f"hold {61 * HOUR}", "blackout")),
    ("longer than any hold", blackout("2026-03-01T00:00", "2026-04-07T00:00"), Ask(), ("suppress", "no_opening")),
    ("by her own clock", HERE, Ask(), (f"hold {2 * HOUR}", "blackout")),
    ("not there yet in New York", HERE, Ask(customer=Folio(zone=NEW_YORK)), ("send", "cleared")),
    ("a number of two zones: until it is over in both", blackout("2026-03-04T05:00", "2026-03-04T07:00",
     zone="customer"), Ask(customer=Folio(zone=AMERICAN_NUMBER)), (f"hold {HOUR}", "blackout")),
    ("it has not begun in the second zone", blackout("2026-03-04T05:00", "2026-03-04T06:00", zone="customer"),
     Ask(customer=Folio(zone=AMERICAN_NUMBER)), ("send", "cleared")),
    ("nobody knows where", HERE, Ask(customer=Folio(zone=UNKNOWN)), ("suppress", "zone_unknown")),
    ("a fixed zone needs no zone of hers", MORNING, Ask(customer=Folio(zone=UNKNOWN)),
     (f"hold {3 * HOUR}", "blackout")),
    ("the unit's clock", OFFICE, Ask(message=mail(unit=3)), (f"hold {3 * HOUR}", "blackout")),
    ("another unit's clock", OFFICE, Ask(), ("send", "cleared")),
    ("a zone of the rule", TOKYO, Ask(), (f"hold {4 * HOUR}", "blackout")),
    ("refused", STRICT, Ask(), ("suppress", "blackout")),
    ("not refused after it", STRICT, Ask(now=at("2026-03-04T15:00")), ("send", "cleared")),
    ("another region", REGION, Ask(), ("send", "cleared")),
    ("this region", REGION, Ask(message=mail(unit=3)), (f"hold {3 * HOUR}", "blackout")),
]  # fmt: skip


@pytest.mark.parametrize(("title", "rule", "ask", "answer"), CASES, ids=[case[0] for case in CASES])
def test_nothing_goes_in_a_blackout(title: str, rule: Blackout, ask: Ask, answer: tuple[str, str]) -> None:
    """Each line: when it is, by whose clock, and what becomes of the message."""
    assert told(ask, rule) == answer


def test_an_unknown_zone_waits_until_it_is_over_everywhere() -> None:
    """From eight to nine on the wall: with Berlin and New York plausible it is over in Berlin, and now in New York."""
    rule = blackout("2026-03-04T08:00", "2026-03-04T09:00", zone="customer")
    ask = Ask(customer=Folio(zone=UNKNOWN), now=at("2026-03-04T14:30"))
    zones = ("Europe/Berlin", "America/New_York")
    assert told(ask, rule, plausible_zones=zones) == (f"hold {HOUR // 2}", "blackout")
    between = Ask(customer=Folio(zone=UNKNOWN), now=at("2026-03-04T10:00"))
    assert told(between, rule, plausible_zones=zones) == ("send", "cleared")


CLOCKS = [
    ("its end is skipped in spring", ("2026-03-29T01:00", "2026-03-29T02:30"), "2026-03-29T01:30", "2026-03-29T03:00"),
    ("its begin is skipped in spring", ("2026-03-29T02:30", "2026-03-29T04:00"), "2026-03-29T03:00",
     "2026-03-29T04:00"),
    ("all of it is skipped", ("2026-03-29T02:10", "2026-03-29T02:50"), "2026-03-29T01:59", "2026-03-29T01:59"),
    ("it goes on in the hour that comes twice", ("2026-10-25T02:00", "2026-10-25T02:30"), "2026-10-25T02:10",
     "2026-10-25T02:30"),
    ("over the whole repeated hour", ("2026-10-25T01:00", "2026-10-25T03:30"), "2026-10-25T02:10", "2026-10-25T03:30"),
]  # fmt: skip


@pytest.mark.parametrize(("title", "times", "now", "then"), CLOCKS, ids=[case[0] for case in CLOCKS])
def test_a_blackout_over_a_change_of_clocks(title: str, times: tuple[str, str], now: str, then: str) -> None:
    """Each line: from when to when on Berlin's wall, when it is, and when the message goes."""
    assert until(Ask(now=at(now)), blackout(*times, zone="customer")) == then


def test_what_the_clock_shows_twice_is_shut_twice() -> None:
    """Berlin, 2026-10-25: from two to half past two comes twice. Half past two, the first time, is an opening; two, the
    second time, is none."""
    rule = blackout("2026-10-25T02:00", "2026-10-25T02:30", zone="customer")
    first = at("2026-10-25T02:10")
    assert told(Ask(now=first), rule) == ("hold 1200", "blackout")
    assert told(Ask(now=first + 1200), rule) == ("send", "cleared")
    assert told(Ask(now=first + HOUR), rule) == ("hold 1200", "blackout")
    assert told(Ask(now=first + HOUR + 1200), rule) == ("send", "cleared")


def test_a_message_held_for_another_reason_is_held_past_a_blackout() -> None:
    """Room at one in the afternoon, a blackout until two, quiet until three: it goes at three. One that refuses what
    comes during it is waited for all the same: it has not come yet."""
    cap = RollingCap(name="one", at_most=1, seconds=3 * HOUR)
    nap = QuietHours(name="nap", windows=(Window(begin="14:00", end="15:00"),))
    ask = Ask(customer=Folio([Touch(2 * HOUR)]))
    for at_limit in ("hold", "suppress"):
        rule = blackout("2026-03-04T12:30", "2026-03-04T14:00", zone="customer", at_limit=at_limit)
        assert until(ask, cap, rule, nap) == "2026-03-04T15:00"
        assert told(ask, cap, rule, nap) == (f"hold {3 * HOUR}", "rolling_cap")


def test_a_blackout_longer_than_the_message_may_wait_refuses_it() -> None:
    """At most two hours late, three hours of blackout: it does not go."""
    assert told(Ask(), MORNING, MaximumDeferral(name="fresh", seconds=2 * HOUR)) == ("suppress", "deferred_too_long")
