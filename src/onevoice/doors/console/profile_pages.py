"""Console: one recorded past under the semantics of seven systems, side by side."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

from litestar import Response, get
from litestar.types import ControllerRouterHandler

from onevoice.actions.bench import Bench
from onevoice.answers.profiles import Beside, newest_message, profiles, side_by_side
from onevoice.doors.console.asked import Asked, Asker, House, Token, view_of
from onevoice.doors.console.render import page
from onevoice.nouns.moment import DAY, SECOND
from onevoice.nouns.problem import Fault, Refused
from onevoice.zone_tables import read_zones

DAYS_SHOWN: Final = 90
MESSAGES_MAX: Final = 50_000
"""A page reads so many messages; `onevoice policy profiles` reads more."""


@get("/policy/profiles", sync_to_thread=True)
def profiles_page(request: Asked, authority: Asker, onevoice: House, csrf: Token) -> Response[str]:
    """What would other systems have let through?"""
    with onevoice.book.reader(authority) as reader:
        view = view_of(request, reader, onevoice, csrf)
        newest = datetime.fromtimestamp(newest_message(reader) // SECOND, UTC).date()
        last = _day(request.query_params.get("to", ""), "to") or newest
        first = _day(request.query_params.get("from", ""), "from") or last - timedelta(days=DAYS_SHOWN - 1)
        found: tuple[Beside, ...] = ()
        refused = ""
        try:
            found = side_by_side(
                reader, Bench(reader.known, read_zones).compile, _moment(first), _moment(last) + DAY, most=MESSAGES_MAX
            )
        except Refused as refusal:
            refused = refusal.faults[0].says
        made: Response[str] = page(
            "policy_profiles.html",
            view,
            found=found,
            refused=refused,
            profiles=profiles(),
            first=first.isoformat(),
            last=last.isoformat(),
            most=max((max(one.found.would_go, one.found.went) for one in found), default=0),
        )
        return made


PROFILE_PAGES: Final[tuple[ControllerRouterHandler, ...]] = (profiles_page,)


def _moment(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * SECOND


def _day(written: str, where: str) -> date | None:
    if not written:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Refused([Fault(where, "Write a day as 2026-01-31.")]) from None
