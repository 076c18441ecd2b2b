"""Signing in and out: two forms, the same answer whatever is wrong, and no session before it is right."""

from typing import Any
from urllib.parse import quote

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from onevoice.doors.http.sessions import SESSION, Sessions, own_page
from onevoice.doors.http.throttle import network_of
from onevoice.nouns.problem import Refused

FORM_BYTES_MAX = 64 * 1024


@post("/login", status_code=303, request_max_body_size=FORM_BYTES_MAX)
async def login(request: Request[Any, Any, Any], sessions: NamedDependency[Sessions]) -> Redirect:
    """Takes `email`, `password`, `csrf_token` (the ticket) and `next`; leads on, or back to the page with `wrong=1`."""
    form = await request.form()
    sessions.refuse_forged_ticket(request, str(form.get("csrf_token", "")))
    then = own_page(str(form.get("next", "/")))
    network = network_of(request.client.host if request.client else "")
    try:
        cookie = await sessions.sign_in(str(form.get("email", "")), str(form.get("password", "")), network)
    except Refused:
        return Redirect(f"/login?wrong=1&next={quote(then, safe='/')}", status_code=303)
    return Redirect(then, status_code=303, cookies=[cookie])


@post("/logout", status_code=303, request_max_body_size=FORM_BYTES_MAX)
async def logout(request: Request[Any, Any, Any], sessions: NamedDependency[Sessions]) -> Redirect:
    """Ends the session for good, and leads to the sign-in page."""
    cookie = await sessions.sign_out(request.cookies.get(SESSION, ""))
    return Redirect("/login", status_code=303, cookies=[cookie])
