"""Console: what one does with a list of decisions: take it along as a file, keep its filters under a name."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qsl

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Stream
from litestar.types import ControllerRouterHandler

from onevoice.actions.keep_view import forget_view, keep_view
from onevoice.answers.decisions import decisions, every
from onevoice.answers.spoken import date_of, iso
from onevoice.doors.console.asked import FORM_BYTES_MAX, Asked, Asker, House, within
from onevoice.doors.console.chips import filters_in, query_of
from onevoice.doors.console.exported import as_csv, as_parquet
from onevoice.ledger.book import Reader
from onevoice.nouns.authority import Authority
from onevoice.nouns.moment import DAY
from onevoice.nouns.problem import Fault, NotFound, Refused

PAGE: Final = "decisions"
"""Under which name views of this page are kept."""

EXPORTED_MAX: Final = 100_000
EXPORTED_AT_ONCE: Final = 1_000
KINDS: Final = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}


class RightsChanged(Exception):
    """Whoever took this file lost the right to it on the way; what has left is all there is."""


@contextmanager
def while_signed_in(onevoice: Any, authority: Authority, token: str) -> Iterator[Reader]:
    """A reading for one part of a file. Raises RightsChanged where the session ended or its rights are others now."""
    if onevoice.entrance.authority_of_session(token) != authority:
        raise RightsChanged
    with onevoice.book.reader(authority) as reader:
        yield reader


@get("/decisions/export/{kind:str}", sync_to_thread=True)
def export_page(kind: FromPath[str], request: Asked, authority: Asker, onevoice: House) -> Response[Any]:
    """What the filters show, as a file: the same rows as on the page, at most EXPORTED_MAX of them."""
    if kind not in KINDS:
        raise NotFound
    filters = filters_in(request.query_params)
    reader_of = partial(while_signed_in, onevoice, authority, request.cookies.get("ov_session", ""))
    with onevoice.book.reader(authority) as reader:
        decisions(reader, filters, limit=1)  # what is wrong is told before a file begins
        name = f"decisions-{date_of(reader.now // DAY)}.{kind}"
    parts = every(reader_of, filters, most=EXPORTED_MAX, at_once=EXPORTED_AT_ONCE)
    return Stream(
        as_csv(parts, iso) if kind == "csv" else as_parquet(parts),
        media_type=KINDS[kind],
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


@post("/decisions/views", status_code=303, request_max_body_size=FORM_BYTES_MAX)
async def keep_view_form(request: Asked, authority: Asker, onevoice: House) -> Redirect:
    """Keeps the filters of the form's `query` under its `name`, and leads back to them."""
    form = await request.form()
    query = query_of(filters_in(_parsed(str(form.get("query", "")))))
    name = str(form.get("name", ""))
    await asyncio.to_thread(keep_view, onevoice.book.engine, authority, page=PAGE, name=name, query=query)
    return Redirect(f"/decisions?{query}", status_code=303)


@post("/decisions/views/{number:int}/forget", status_code=303, request_max_body_size=FORM_BYTES_MAX)
async def forget_view_form(number: FromPath[int], authority: Asker, onevoice: House) -> Redirect:
    """Forgets one of the asker's own views, and leads back to the list."""
    await asyncio.to_thread(forget_view, onevoice.book.engine, authority, within(number))
    return Redirect("/decisions", status_code=303)


DECISION_PAGES: Final[tuple[ControllerRouterHandler, ...]] = (export_page, keep_view_form, forget_view_form)


def _parsed(query: str) -> dict[str, str]:
    """The fields of a query. Raises Refused where it cannot be one."""
    try:
        return dict(parse_qsl(query[:4_000], max_num_fields=20))
    except ValueError:
        raise Refused([Fault("query", "These filters cannot be read.")]) from None
