"""Console: the addresses that are told what became of what waited, their secrets, and what could not be told."""

import asyncio
from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from onevoice.actions.webhooks import (
    change_secret,
    name_endpoint,
    newest_secret,
    stop_endpoint,
    tell_again,
)
from onevoice.answers.webhooks import webhooks
from onevoice.doors.console.asked import FORM_BYTES_MAX, Asked, Asker, House, Token, view_of, within
from onevoice.doors.console.render import page
from onevoice.nouns.authority import Authority
from onevoice.nouns.problem import Fault, Refused


@get("/webhooks", sync_to_thread=True)
def webhooks_page(request: Asked, authority: Asker, onevoice: House, csrf: Token) -> Response[str]:
    """Who is told what became of what waited?"""
    return _shown(request, authority, onevoice, csrf)


@post("/webhooks", status_code=200, request_max_body_size=FORM_BYTES_MAX)
async def name_form(request: Asked, authority: Asker, onevoice: House, csrf: Token) -> Response[str]:
    """Names an endpoint, and shows its secret this once."""
    form = await request.form()
    hosts = frozenset(onevoice.settings.private_hosts)
    unit, url = str(form.get("unit", "")), str(form.get("url", "")).strip()
    number = await asyncio.to_thread(name_endpoint, onevoice.gate, authority, unit=unit, url=url, private_hosts=hosts)
    return await asyncio.to_thread(_shown, request, authority, onevoice, csrf, number)


@post("/webhooks/{number:int}", status_code=200, request_max_body_size=FORM_BYTES_MAX)
async def change_form(
    number: FromPath[int], request: Asked, authority: Asker, onevoice: House, csrf: Token
) -> Response[str]:
    """Gives an endpoint a new secret and shows it this once, stops it, or lets it hear again."""
    deed = str((await request.form()).get("deed", ""))
    if deed == "secret":
        await asyncio.to_thread(change_secret, onevoice.gate, authority, within(number))
        return await asyncio.to_thread(_shown, request, authority, onevoice, csrf, number)
    if deed not in ("stop", "begin"):
        raise Refused([Fault("deed", "Say secret, stop or begin.")])
    await asyncio.to_thread(stop_endpoint, onevoice.gate, authority, within(number), active=deed == "begin")
    return await asyncio.to_thread(_shown, request, authority, onevoice, csrf)


@post("/webhooks/messages/{number:int}/again", status_code=303, request_max_body_size=FORM_BYTES_MAX)
async def again_form(number: FromPath[int], authority: Asker, onevoice: House) -> Redirect:
    """Has what was given up told again, and leads back to the list."""
    await asyncio.to_thread(tell_again, onevoice.gate, authority, within(number))
    return Redirect("/webhooks", status_code=303)


WEBHOOK_PAGES: Final[tuple[ControllerRouterHandler, ...]] = (webhooks_page, name_form, change_form, again_form)


def _shown(request: Asked, authority: Authority, onevoice: Any, csrf: str, fresh: int = 0) -> Response[str]:
    """The page; with `fresh`, the newest secret of that endpoint."""
    with onevoice.book.reader(authority) as reader:
        units = sorted(
            ((unit.key, unit.name) for unit in reader.surroundings.units.values() if authority.sees(unit.number)),
            key=lambda one: one[1],
        )
        made: Response[str] = page(
            "webhooks.html",
            view_of(request, reader, onevoice, csrf),
            answer=webhooks(reader),
            units=units,
            fresh=fresh,
            secret=newest_secret(reader, fresh) if fresh else "",
        )
        return made
