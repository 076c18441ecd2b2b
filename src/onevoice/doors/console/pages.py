"""Console: one handler for each page; each asks one or two answers and hands them to a template."""

import asyncio
import mimetypes
from typing import Any, Final
from urllib.parse import quote

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from onevoice.actions.bench import Bench
from onevoice.actions.note_look import note_look
from onevoice.answers.customer import customer as customer_of
from onevoice.answers.customers import Customers, customers, described
from onevoice.answers.decisions import decisions
from onevoice.answers.overview import overview
from onevoice.answers.pressure import people_pressed
from onevoice.answers.saved_views import saved_views
from onevoice.answers.spoken import date_of
from onevoice.answers.strip import strip
from onevoice.answers.timeline import timeline
from onevoice.answers.why import Why, why
from onevoice.doors.console.asked import FORM_BYTES_MAX, Asked, Asker, House, Token, number_in, view_of, within
from onevoice.doors.console.chips import chips_of, choices_of, filters_in, query_of, turned
from onevoice.doors.console.decision_pages import DECISION_PAGES, EXPORTED_MAX, PAGE
from onevoice.doors.console.drawing import day_columns, draw_strip, pressure_columns
from onevoice.doors.console.exception_pages import EXCEPTION_PAGES
from onevoice.doors.console.policy_pages import POLICY_PAGES
from onevoice.doors.console.profile_pages import PROFILE_PAGES
from onevoice.doors.console.render import BUILT, page
from onevoice.doors.console.setup_pages import SETUP_PAGES
from onevoice.doors.console.sign_in_pages import SIGN_IN_PAGES
from onevoice.doors.console.webhook_pages import WEBHOOK_PAGES
from onevoice.ledger.book import Reader
from onevoice.nouns.authority import Authority
from onevoice.nouns.problem import Fault, NotFound, Refused
from onevoice.zone_tables import read_zones

COMPRESSED: Final = ".gz"
KEPT_FOR: Final = "public, max-age=31536000, immutable"


@get("/", sync_to_thread=True)
def overview_page(request: Asked, authority: Asker, onevoice: House, csrf: Token) -> Response[str]:
    """How much do we say to each person, and what was kept back?"""
    with onevoice.book.reader(authority) as reader:
        answer = overview(reader)
        first, last = date_of(answer.by_day[0].number), date_of(answer.by_day[-1].number)
        made: Response[str] = page(
            "overview.html",
            view_of(request, reader, onevoice, csrf),
            answer=answer,
            columns=pressure_columns(answer.pressure.bars),
            days=day_columns(answer.by_day),
            period=f"from={first}&to={last}",
        )
        return made


@get("/decisions", sync_to_thread=True)
def decisions_page(request: Asked, authority: Asker, onevoice: House, csrf: Token) -> Response[str]:
    """Which decisions are behind a number? The filters stand in the address."""
    asked = request.query_params
    filters = filters_in(asked)
    with onevoice.book.reader(authority) as reader:
        view = view_of(request, reader, onevoice, csrf)
        answer = decisions(reader, filters, before=asked.get("before", ""))
        open_why = _why(reader, number_in(asked["why"])) if "why" in asked else None
        made: Response[str] = page(
            "decisions.html",
            view,
            answer=answer,
            chips=chips_of(filters, reader),
            choices=choices_of(reader),
            query=query_of(filters),
            turned=turned(filters),
            exported_max=EXPORTED_MAX,
            kept_views=saved_views(reader, PAGE),
            dates=(asked.get("from", ""), asked.get("to", "")),
            address=_without(request, "why"),
            following=_without(request, "why", "before"),
            why=open_why,
        )
        return made


@get("/decisions/{entry:int}", sync_to_thread=True)
def why_page(entry: FromPath[int], request: Asked, authority: Asker, onevoice: House, csrf: Token) -> Response[str]:
    """Why was this message cleared, held or suppressed?"""
    with onevoice.book.reader(authority) as reader:
        made: Response[str] = page(
            "why.html", view_of(request, reader, onevoice, csrf), why=_why(reader, within(entry))
        )
        return made


@get("/customers", sync_to_thread=True)
def customers_page(request: Asked, authority: Asker, onevoice: House, csrf: Token) -> Response[str]:
    """The customers opened last, or (`least`, `most`) those behind a bar of the overview."""
    asked = request.query_params
    least, most = _small(asked.get("least", ""), "least"), _small(asked.get("most", ""), "most")
    with onevoice.book.reader(authority) as reader:
        if least:
            people = [one.customer for one in people_pressed(reader, least=least, most=most)]
            found = Customers(words="", found=described(reader, people))
        else:
            found = customers(reader, "")
        made: Response[str] = page(
            "customers.html", view_of(request, reader, onevoice, csrf), answer=found, least=least, most=most
        )
        return made


@post("/customers", status_code=200, request_max_body_size=FORM_BYTES_MAX)
async def customers_search(request: Asked, authority: Asker, onevoice: House, csrf: Token) -> Response[str]:
    """The same page for words in a form: names and addresses do not belong in addresses of pages, nor in logs."""
    words = str((await request.form()).get("words", ""))
    return await asyncio.to_thread(_searched, request, authority, onevoice, csrf, words)


def _searched(request: Asked, authority: Authority, onevoice: Any, csrf: str, words: str) -> Response[str]:
    with onevoice.book.reader(authority) as reader:
        made: Response[str] = page(
            "customers.html",
            view_of(request, reader, onevoice, csrf),
            answer=customers(reader, words),
            least=0,
            most=0,
        )
        return made


@get("/customers/{number:int}", sync_to_thread=True)
def customer_page(
    number: FromPath[int], request: Asked, authority: Asker, onevoice: House, csrf: Token
) -> Response[str]:
    """One customer: the strip, every entry as a sentence, permissions, states, and what is due."""
    asked = request.query_params
    with onevoice.book.reader(authority) as reader:
        view = view_of(request, reader, onevoice, csrf)
        head = customer_of(reader, within(number))
        note_look(onevoice.book, authority, number)
        picture = strip(reader, number)
        made: Response[str] = page(
            "customer.html",
            view,
            customer=head,
            strip=picture,
            drawn=draw_strip(picture, view.zone),
            timeline=timeline(reader, number, before=asked.get("before", "")),
            before=asked.get("before", ""),
            address=_without(request, "why"),
            why=_why(reader, number_in(asked["why"])) if "why" in asked else None,
        )
        return made


@get("/assets/{name:str}", sync_to_thread=True)
def asset(name: FromPath[str], request: Asked) -> Response[bytes]:
    """A built stylesheet, script, font or sprite, by a name from the folder's own list; compressed, as it was when
    built, for whoever reads that. Pages are never compressed: what secrets they hold would show in their length."""
    known = {path.name: path for path in BUILT.iterdir() if path.is_file()} if BUILT.is_dir() else {}
    if name not in known or name.endswith(COMPRESSED):
        raise NotFound
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    headers = {"cache-control": KEPT_FOR}
    smaller = known.get(name + COMPRESSED)
    if smaller is not None:
        headers["vary"] = "accept-encoding"
        if reads_gzip(request.headers.get("accept-encoding", "")):
            return Response(smaller.read_bytes(), media_type=kind, headers=headers | {"content-encoding": "gzip"})
    return Response(known[name].read_bytes(), media_type=kind, headers=headers)


def reads_gzip(accepts: str) -> bool:
    """Whether this Accept-Encoding header takes gzip; `gzip;q=0` does not."""
    for part in accepts.lower().split(","):
        coding, _, weight = part.replace(" ", "").partition(";q=")
        if coding in ("gzip", "x-gzip"):
            return weight.strip("0.") != "" or not weight
    return False


CONSOLE: Final[tuple[ControllerRouterHandler, ...]] = (
    overview_page,
    decisions_page,
    why_page,
    customers_page,
    customers_search,
    customer_page,
    *SIGN_IN_PAGES,
    asset,
    *DECISION_PAGES,
    *POLICY_PAGES,
    *PROFILE_PAGES,
    *SETUP_PAGES,
    *EXCEPTION_PAGES,
    *WEBHOOK_PAGES,
)
"""The handlers of the console, for the application to serve."""


def _why(reader: Reader, entry: int) -> Why:
    """The answer with the change that would have been enough; judged by the labels this reader sees."""
    return why(reader, entry, Bench(reader.known, read_zones).compile)


def _small(written: str, where: str) -> int:
    if not written:
        return 0
    if not (written.isascii() and written.isdecimal() and len(written) < 7):
        raise Refused([Fault(where, "Give a whole number.")])
    return int(written)


def _without(request: Asked, *names: str) -> str:
    """This page's address without these parts of the query, ending so that another can be added."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in names]
    query = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in kept)
    return f"{request.scope['path']}?{query}{'&' if query else ''}"


def _quoted(words: str) -> str:
    return quote(words, safe="")
