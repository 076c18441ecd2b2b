"""Console: what of mine is waiting, and the exceptions that were asked for, by form and without scripts."""

import asyncio
from typing import Final

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from onevoice.actions.ask_exception import DAYS_MAX, answer_exception, ask_exception
from onevoice.answers.exceptions import COUNTED_DAYS, exceptions_for
from onevoice.answers.held import COUNTED_MAX, held
from onevoice.doors.console.asked import FORM_BYTES_MAX, Asked, Asker, House, Token, number_in, view_of, within
from onevoice.doors.console.render import page
from onevoice.nouns.moment import HOUR
from onevoice.nouns.problem import Fault, Refused

LASTING: Final = ((4, "4 hours"), (24, "a day"), (72, "3 days"), (24 * 7, "a week"), (24 * DAYS_MAX, "two weeks"))
"""How long a granted exception lasts: (hours, words)."""


@get("/held", sync_to_thread=True)
def held_page(request: Asked, authority: Asker, onevoice: House, csrf: Token) -> Response[str]:
    """What of mine is waiting?"""
    asked = request.query_params
    order = asked.get("order", "")
    with onevoice.book.reader(authority) as reader:
        made: Response[str] = page(
            "held.html",
            view_of(request, reader, onevoice, csrf),
            answer=held(reader, order=order, after=asked.get("after", "")),
            following=f"/held?{'order=latest&' if order else ''}",
            counted_max=COUNTED_MAX,
        )
        return made


@get("/exceptions", sync_to_thread=True)
def exceptions_page(request: Asked, authority: Asker, onevoice: House, csrf: Token) -> Response[str]:
    """Which exceptions were asked for, and what was answered?"""
    with onevoice.book.reader(authority) as reader:
        made: Response[str] = page(
            "exceptions.html",
            view_of(request, reader, onevoice, csrf),
            answer=exceptions_for(reader),
            counted_days=COUNTED_DAYS,
            lasting=LASTING,
        )
        return made


@post("/exceptions", status_code=303, request_max_body_size=FORM_BYTES_MAX)
async def ask_form(request: Asked, authority: Asker, onevoice: House) -> Redirect:
    """Asks for the exception in the form, and leads back to the decision."""
    form = await request.form()
    entry = number_in(str(form.get("entry", "")))
    rule, because = str(form.get("rule", "")), str(form.get("because", ""))
    await asyncio.to_thread(ask_exception, onevoice.gate, authority, entry, rule=rule, because=because)
    return Redirect(f"/decisions/{entry}", status_code=303)


@post("/exceptions/{number:int}/answer", status_code=303, request_max_body_size=FORM_BYTES_MAX)
async def answer_form(number: FromPath[int], request: Asked, authority: Asker, onevoice: House) -> Redirect:
    """Grants or refuses, as the pressed button says, and leads back to the list."""
    form = await request.form()
    answer = str(form.get("answer", ""))
    hours = str(form.get("hours", ""))
    if answer not in ("grant", "refuse"):
        raise Refused([Fault("answer", "Grant it or refuse it.")])
    if hours not in {str(one) for one, _ in LASTING}:
        raise Refused([Fault("hours", "Choose how long the exception lasts.")])
    await asyncio.to_thread(
        answer_exception,
        onevoice.gate,
        authority,
        within(number),
        granted=answer == "grant",
        until=onevoice.book.clock() + int(hours) * HOUR,
        words=str(form.get("words", "")),
    )
    return Redirect("/exceptions", status_code=303)


EXCEPTION_PAGES: Final[tuple[ControllerRouterHandler, ...]] = (held_page, exceptions_page, ask_form, answer_form)
