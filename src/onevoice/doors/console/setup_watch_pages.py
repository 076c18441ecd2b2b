"""Console: setting up, what to look at: whether a platform is ready to obey, and whether each is still heard from."""

from typing import Final

from litestar import Response, get
from litestar.types import ControllerRouterHandler

from onevoice.answers.connections import connections
from onevoice.answers.readiness import readiness
from onevoice.answers.spoken import date_of
from onevoice.doors.console.asked import Asked, Asker, House, Token, view_of
from onevoice.doors.console.render import page
from onevoice.doors.console.setup_forms import MODES


@get("/setup/readiness", sync_to_thread=True)
def readiness_page(request: Asked, authority: Asker, onevoice: House, csrf: Token) -> Response[str]:
    """What would change, and for whom, if this platform obeyed?"""
    with onevoice.book.reader(authority) as reader:
        answer = readiness(reader, request.query_params.get("platform", ""))
        made: Response[str] = page(
            "setup/readiness.html",
            view_of(request, reader, onevoice, csrf),
            answer=answer,
            period=f"from={date_of(answer.first)}&to={date_of(answer.last)}",
            modes=MODES,
        )
        return made


@get("/setup/connections", sync_to_thread=True)
def connections_page(request: Asked, authority: Asker, onevoice: House, csrf: Token) -> Response[str]:
    """Is each platform still heard from?"""
    with onevoice.book.reader(authority) as reader:
        made: Response[str] = page(
            "setup/connections.html", view_of(request, reader, onevoice, csrf), answer=connections(reader)
        )
        return made


WATCH_PAGES: Final[tuple[ControllerRouterHandler, ...]] = (readiness_page, connections_page)
