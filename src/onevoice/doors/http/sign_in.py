"""Signing in and out: two forms, the same answer whatever is wrong, and no session before it is right."""

from typing import Any, Final
from urllib.parse import quote

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from onevoice.actions.company_accounts import TurnedAway
from onevoice.actions.second_step import SecondStepFirst
from onevoice.doors.http.sessions import SESSION, Sessions, own_page
from onevoice.doors.http.throttle import network_of
from onevoice.nouns.problem import Refused, Unavailable

FORM_BYTES_MAX = 64 * 1024
ANSWERED: Final = frozenset({"code", "state", "iss", "error"})
"""What a provider's answer may say; everything else is not read."""


@post("/login", status_code=303, request_max_body_size=FORM_BYTES_MAX)
async def login(request: Request[Any, Any, Any], sessions: NamedDependency[Sessions]) -> Redirect:
    """Takes `email`, `password`, `csrf_token` (the ticket) and `next`; leads on, or back to the page with `wrong=1`."""
    form = await request.form()
    sessions.refuse_forged_ticket(request, str(form.get("csrf_token", "")))
    then = own_page(str(form.get("next", "/")))
    network = network_of(request.client.host if request.client else "")
    try:
        cookie = await sessions.sign_in(str(form.get("email", "")), str(form.get("password", "")), network)
    except SecondStepFirst as first:
        cookie = sessions.keep_second(first.ticket)
        return Redirect(f"/login/second-step?next={quote(then, safe='/')}", status_code=303, cookies=[cookie])
    except Refused:
        return Redirect(f"/login?wrong=1&next={quote(then, safe='/')}", status_code=303)
    return Redirect(then, status_code=303, cookies=[cookie])


@post("/logout", status_code=303, request_max_body_size=FORM_BYTES_MAX)
async def logout(request: Request[Any, Any, Any], sessions: NamedDependency[Sessions]) -> Redirect:
    """Ends the session for good, and leads to the sign-in page, which offers to leave the provider as well."""
    token = request.cookies.get(SESSION, "")
    further = await sessions.company_exit(token)
    cookie = await sessions.sign_out(token)
    return Redirect("/login?out=company" if further else "/login", status_code=303, cookies=[cookie])


@get("/login/company", status_code=303)
async def leave_for_company(request: Request[Any, Any, Any], sessions: NamedDependency[Sessions]) -> Redirect:
    """Off to the company's identity provider; `next` is the page to come back to. A link, because browsers let no form
    lead to another site under our policy; it writes nothing but a cookie."""
    then = own_page(request.query_params.get("next", "/"))
    try:
        location, cookie = await sessions.leave_for_company(request, then)
    except Unavailable:
        return Redirect("/login/refused?why=unreachable", status_code=303)
    return Redirect(location, status_code=303, cookies=[cookie])


@get("/login/company/return", status_code=303)
async def come_from_company(request: Request[Any, Any, Any], sessions: NamedDependency[Sessions]) -> Redirect:
    """Back from the provider, with a code or an error. OpenID Connect prescribes GET here; a code works once."""
    said = {name: value for name, value in request.query_params.multi_items() if name in ANSWERED}
    twice = any(len(request.query_params.getall(name)) > 1 for name in said)
    try:
        then, cookies = await sessions.come_from_company(request, {} if twice else said)
    except TurnedAway as away:
        why = str(away.why)
    except Unavailable:
        why = "unreachable"
    else:
        return Redirect(then, status_code=303, cookies=cookies)
    return Redirect(f"/login/refused?why={why}", status_code=303, cookies=[sessions.forget_journey()])


@get("/login/company/out", status_code=303)
async def leave_company(sessions: NamedDependency[Sessions]) -> Redirect:
    """To the provider's own page of signing out, or back to the sign-in page where it has none."""
    return Redirect(await sessions.company_exit() or "/login", status_code=303)


SIGN_IN: Final[tuple[ControllerRouterHandler, ...]] = (
    login,
    logout,
    leave_for_company,
    come_from_company,
    leave_company,
)
"""The handlers of signing in and out that show no page."""
