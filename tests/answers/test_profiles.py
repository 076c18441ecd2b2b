"""Each system's documented semantics, with the traps its own documents tell of, on the same small past."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from onevoice.actions.bench import Bench
from onevoice.answers.profiles import profiles, side_by_side
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.moment import DAY, SECOND
from onevoice.nouns.surroundings import Surroundings
from onevoice.rules.check import check_policy
from onevoice.zone_tables import read_zones, zone_names
from tests.book import Company, company, settings  # noqa: F401  # fixtures

DOCS = Path(__file__).parents[2] / "docs" / "reference" / "profiles.md"


def at(zone: str, *written: str) -> list[int]:
    """Moments of one zone's clock, microseconds UTC."""
    return [int(datetime.fromisoformat(one).replace(tzinfo=ZoneInfo(zone)).timestamp()) * SECOND for one in written]


def gone(company: Company, zone: str, moments: list[int]) -> dict[str, int]:  # noqa: F811
    """How many of these e-mails to one customer, who lives there, would have gone under each profile."""
    company.observe("located", "C1", zone=zone)
    for moment in moments:
        company.observe("sent", "C1", channel="email", category="marketing", unit="shop", occurred=moment)
    with company.book.reader(SYSTEM) as reader:
        compile_policy = Bench(reader.known, read_zones).compile
        found = side_by_side(reader, compile_policy, moments[0], moments[-1] + 4 * DAY)
    assert all(one.found.went == len(moments) for one in found)
    return {one.key: one.found.would_go for one in found}


def test_a_calendar_day_lets_twice_as_many_go_around_midnight(company: Company) -> None:  # noqa: F811
    """Two before and two after the customer's midnight: all four where days are the customer's calendar days, two
    where the window rolls. (Braze's own example: one at 23:00, the next an hour later.)"""
    night = at("Europe/Berlin", "2026-03-03T22:20", "2026-03-03T23:30", "2026-03-04T00:10", "2026-03-04T01:00")
    found = gone(company, "Europe/Berlin", night)
    assert (found["braze"], found["moengage"], found["onevoice"]) == (4, 4, 4)
    assert (found["hubspot"], found["unica"]) == (2, 2)


def test_a_day_in_utc_ends_in_the_customers_afternoon(company: Company) -> None:  # noqa: F811
    """In Los Angeles 16:00 is midnight UTC: with UTC days the third of an afternoon goes, with the customer's it does
    not."""
    day = at("America/Los_Angeles", "2026-03-03T14:00", "2026-03-03T15:30", "2026-03-03T16:10")
    found = gone(company, "America/Los_Angeles", day)
    assert found["adobe_journey_optimizer"] == 3
    assert (found["braze"], found["moengage"]) == (2, 2)


def test_the_week_begins_on_sunday(company: Company) -> None:  # noqa: F811
    """Five from Wednesday on are a week's worth until Saturday's last second UTC; the sixth goes on Sunday."""
    week = at(
        "UTC",
        "2026-03-04T10:00",
        "2026-03-04T12:00",
        "2026-03-05T10:00",
        "2026-03-05T12:00",
        "2026-03-06T10:00",
        "2026-03-07T23:59:59",
        "2026-03-08T00:00:00",
    )
    found = gone(company, "UTC", week)
    assert (found["adobe_journey_optimizer"], found["iterable"]) == (6, 6)
    assert (found["hubspot"], found["unica"]) == (5, 5), "any seven days: the next goes on Wednesday"


def test_who_was_written_to_on_friday_waits_until_friday(company: Company) -> None:  # noqa: F811
    """HubSpot's John: what counts is the time since, for each contact by itself."""
    friday = at("UTC", *(f"2026-03-06T{hour:02}:00" for hour in (1, 2)), "2026-03-07T02:00", "2026-03-07T03:00")
    later = at("UTC", "2026-03-08T03:00", "2026-03-13T00:59", "2026-03-13T01:00")
    assert gone(company, "UTC", friday + later)["hubspot"] == 6


def test_a_quarter_of_an_hour_is_too_soon(company: Company) -> None:  # noqa: F811
    """MoEngage's N1 at 13:00 and N2 at 13:15: with a delay of 30 minutes N2 is not sent; at 13:30 it would be."""
    day = at("UTC", "2026-03-03T13:00", "2026-03-03T13:15", "2026-03-03T13:30")
    found = gone(company, "UTC", day)
    assert (found["moengage"], found["braze"]) == (2, 2)
    assert found["onevoice"] == 3, "what finds no room is kept for the next day"


def test_every_profile_is_a_sound_policy_with_its_sources() -> None:
    """Each names where its clauses are documented, and stands in the documents with its rules."""
    told = DOCS.read_text("utf-8")
    for profile in profiles():
        assert profile.sources or profile.key == "onevoice"
        assert profile.policy.name in told
        assert [source for source in profile.sources if source not in told] == []
        assert [rule.name for rule in profile.policy.rules if rule.name not in told] == []
        faults = [fault.where for fault in check_policy(profile.policy, Surroundings(), zone_names())]
        assert faults in ([], ["plausible_zones"])
