"""Zone tables show what the clock on the wall shows, at every change of clocks."""

from datetime import UTC, datetime, timedelta
from importlib import resources
from io import BytesIO
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from onevoice.nouns.moment import NEVER
from onevoice.rules.zones import zones_from
from onevoice.zone_tables import read_zones, zone_changes, zone_names
from tests.rules.world import AMERICAN_NUMBER, BERLIN, at, zone_table

TRICKY = (
    "Europe/Berlin",
    "Africa/Casablanca",
    "Antarctica/Troll",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/Caracas",
    "Asia/Kathmandu",
    "America/Nuuk",
    "Africa/Cairo",
    "UTC",
)


def zone_of_database(name: str) -> ZoneInfo:
    """The zone as the same database tells it, read by the standard library."""
    *folders, last = name.split("/")
    file = resources.files(".".join(["tzdata.zoneinfo", *folders])).joinpath(last)
    return ZoneInfo.from_file(BytesIO(file.read_bytes()))


def wall_of(zone: ZoneInfo, second: int) -> int:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
    shown = moment.astimezone(zone).replace(tzinfo=UTC)
    return int((shown - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())


@pytest.mark.parametrize("name", TRICKY)
def test_the_wall_shows_what_the_database_says(name: str) -> None:
    """Around every change from 1970 to 2040, and on many days between."""
    zones, zone = read_zones(("", name)), zone_of_database(name)
    changes = zone_changes(name)[0]
    around = (changes[:, None] + np.array([-3_601, -1, 0, 1, 3_600])).ravel()
    seconds = np.append(around, np.arange(0, at("2040-01-01T00:00", "UTC"), 9 * 86_400 + 12_345))
    seconds = seconds[(seconds >= 0) & (seconds < at("2039-12-31T00:00", "UTC"))]
    shown = zones.wall(np.full(len(seconds), 1), seconds)
    assert shown.tolist() == [wall_of(zone, second) for second in seconds.tolist()]


@pytest.mark.parametrize("name", TRICKY)
def test_reach_is_the_first_second_that_shows_it(name: str) -> None:
    """Walking on minute by minute around changes of clocks finds the same second."""
    zones, zone = read_zones(("", name)), zone_of_database(name)
    for change in zone_changes(name)[0][-4:].tolist():
        begin = max(change - 5_400, 0)
        for ahead in (0, 900, 3_600, 5_400, 9_000, 14_400):
            target = wall_of(zone, begin) + ahead
            found = zones.reach(np.array([1]), np.array([begin]), np.array([target]))[0]
            steps = [begin + 60 * step for step in range(400)]
            assert found == next(second for second in steps if wall_of(zone, second) >= target)


def test_no_zone_goes_back_over_midnight_from_2012_on() -> None:
    """Why days, weeks and months may end at their first later moment: none of them is ever shown twice."""
    recent = int(datetime(2012, 1, 1, tzinfo=UTC).timestamp())
    for name in zone_names():
        seconds, offsets = zone_changes(name)
        back = np.flatnonzero((np.diff(offsets, prepend=offsets[0]) < 0) & (seconds > recent))
        before, after = seconds[back] - 1 + offsets[back - 1], seconds[back] + offsets[back]
        assert (before // 86_400 == after // 86_400).all(), name


def test_a_far_moment_and_a_set_of_zones_have_a_wall_too() -> None:
    """NEVER survives the tables; a set shows the clock of its first member and names all of them."""
    zones = zone_table()
    assert zones.wall(np.array([BERLIN]), np.array([NEVER]))[0] > NEVER
    names = [zones.names[member] for member in zones.members[AMERICAN_NUMBER]]
    assert names == ["America/New_York", "America/Los_Angeles"]
    assert zones.members[0] == ()
    assert zones.number("Europe/Berlin") == BERLIN
    assert zones.number("Europe/Atlantis") is None


def test_a_zone_nobody_knows_is_refused_by_name() -> None:
    """A setup with a misspelt zone says which."""
    with pytest.raises(KeyError, match="Europe/Atlantis"):
        read_zones(("", "Europe/Atlantis"))
    with pytest.raises(KeyError, match="Mars/Base"):
        zones_from(("", "Mars/Base"), {})
