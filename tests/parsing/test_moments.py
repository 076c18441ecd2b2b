"""Times as exports write them mean one instant, or nothing."""

from datetime import UTC, datetime

import pytest

from onevoice.nouns.moment import SECOND
from onevoice.parsing.moments import when_of


def at(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * SECOND  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("form", "zone", "text", "moment"),
    [
        ("iso", "UTC", "2023-05-09T23:17:40Z", at(2023, 5, 9, 23, 17, 40)),
        ("iso", "UTC", "2023-05-09 23:17:40.768000 UTC", at(2023, 5, 9, 23, 17, 40) + 768_000),
        ("iso", "UTC", "2023-05-09 23:17:40 +0200", at(2023, 5, 9, 21, 17, 40)),
        ("iso", "UTC", "2020-07-17 14", at(2020, 7, 17, 14)),
        ("iso", "Europe/Berlin", "2020-07-17", at(2020, 7, 16, 22)),
        ("iso", "Europe/Berlin", "2020-07-17T12:00:00Z", at(2020, 7, 17, 12)),
        ("mail", "UTC", "Fri, 24 Jan 2020 16:31:01 +0100", at(2020, 1, 24, 15, 31, 1)),
        ("epoch", "UTC", "1461095246", at(2016, 4, 19, 19, 47, 26)),
        ("epoch", "UTC", "1461095246.25", at(2016, 4, 19, 19, 47, 26) + 250_000),
        ("epoch_milliseconds", "UTC", "1461095246001", at(2016, 4, 19, 19, 47, 26) + 1_000),
        ("%d/%m/%Y %H:%M", "UTC", "7/08/2014 9:05", at(2014, 8, 7, 9, 5)),
        ("%m/%d/%Y %I:%M %p", "UTC", "12/31/2014 12:05 AM", at(2014, 12, 31, 0, 5)),
        ("%d %b %Y %H:%M", "America/New_York", "3 March 2024 01:00", at(2024, 3, 3, 6)),
        ("%d.%m.%y %H:%M:%S%z", "UTC", "03.03.24 01:00:00+05:30", at(2024, 3, 2, 19, 30)),
        # A clock that goes back shows 02:30 twice: the first is meant. One that goes forward never shows 02:30.
        ("iso", "Europe/Berlin", "2024-10-27 02:30", at(2024, 10, 27, 0, 30)),
        ("iso", "Europe/Berlin", "2024-03-31 02:30", at(2024, 3, 31, 1, 30)),
    ],
)
def test_a_written_time_is_one_instant(form: str, zone: str, text: str, moment: int) -> None:
    """Every format, with and without its own zone."""
    assert when_of(form, zone)(text) == moment


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("iso", ""),
        ("iso", "yesterday"),
        ("iso", "0001-01-01"),
        ("iso", "9999-12-31T23:59:59"),
        ("iso", "2106-02-08"),
        ("iso", "1969-12-31"),
        ("mail", ""),
        ("mail", "Mon, 99 Foo 10000000000000000000000 25:61:61 +9999"),
        ("epoch", "nan"),
        ("epoch", "1e400"),
        ("epoch", "-5"),
        ("epoch", "²"),
        ("%d/%m/%Y", "31/02/2020"),
        ("%d/%m/%Y", "7/31/2014"),
        ("%d/%m/%Y", "١/٢/٢٠٢٠"),
    ],
)
def test_what_is_no_time_of_the_format_is_refused(form: str, text: str) -> None:
    """A wrong time is a ValueError, never another time and never another exception."""
    with pytest.raises(ValueError):
        when_of(form)(text)


@pytest.mark.parametrize("form", ["%Q", "%H:%M", "%d/%m", "%d %d %m %Y", ""])
def test_a_format_that_cannot_be_a_time_is_refused_before_any_row(form: str) -> None:
    """The fault is in the mapping, and is told there."""
    with pytest.raises(ValueError):
        when_of(form)


def test_a_zone_nobody_knows_is_refused() -> None:
    """Abbreviations are not zones."""
    with pytest.raises(ValueError, match="Europe/Berlin"):
        when_of("iso", "Mars/Olympus")
