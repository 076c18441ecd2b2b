"""Console: what every page is asked with, and who reads it."""

from typing import Any, Final

from litestar import Request
from litestar.di import NamedDependency

from onevoice.doors.console.render import View
from onevoice.ledger.book import Reader
from onevoice.nouns.authority import Authority
from onevoice.nouns.problem import NotFound

FORM_BYTES_MAX: Final = 16 * 1024
NUMBER_MAX: Final = 2**63 - 1
Asked = Request[Any, Any, Any]
Asker = NamedDependency[Authority]
House = NamedDependency[Any]
Token = NamedDependency[str]


def view_of(request: Asked, reader: Reader, onevoice: Any, csrf: str) -> View:
    """Who reads, in the zone of their unit."""
    unit = reader.surroundings.units.get(reader.authority.unit)
    member = onevoice.entrance.member_of_session(request.cookies.get("ov_session", ""))
    return View(
        authority=reader.authority,
        zone=unit.zone if unit else "UTC",
        now=reader.now,
        unit=unit.name if unit else "",
        member=member.name if member else "",
        csrf=csrf,
    )


def within(number: int) -> int:
    """A number the book may have given. Raises NotFound."""
    if not 0 < number <= NUMBER_MAX:
        raise NotFound
    return number


def number_in(written: str) -> int:
    """A number as the address of a page carries it. Raises NotFound."""
    if not (written.isascii() and written.isdecimal() and len(written) < 20):
        raise NotFound
    return within(int(written))
