"""Console: the pages of coming in: the form, the second step with its enrolment, and being turned away."""

from typing import Any, Final
from urllib.parse import quote

import segno
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler
from markupsafe import Markup

from onevoice.actions.one_time_codes import enrolment_uri, spelled
from onevoice.doors.console.asked import FORM_BYTES_MAX, Asked, House
from onevoice.doors.console.render import View, page
from onevoice.nouns.problem import Refused

Door = NamedDependency[Any]
"""The HTTP door's sessions."""

TURNED_AWAY: Final = {
    "again": (
        "That did not work",
        "The sign-in took too long, was begun in another window, or was not confirmed. Begin again.",
    ),
    "unreachable": (
        "Your company's sign-in does not answer",
        "Nothing is wrong with your account. Try again in a few minutes.",
    ),
    "no-group": (
        "You have no rights here yet",
        "You are signed in to your company, but none of your groups may use Onevoice.",
    ),
    "no-member": (
        "You are not invited yet",
        "You are signed in to your company, but nobody has invited you to Onevoice.",
    ),
    "no-unit": (
        "You have no rights here yet",
        "Your group leads to a unit that Onevoice does not know. Whoever runs Onevoice can put it right.",
    ),
    "unverified": (
        "Your e-mail address is not verified",
        "Your company's sign-in does not vouch for your e-mail address, so Onevoice cannot tell who you are.",
    ),
    "domain": (
        "This address may not come in",
        "Your e-mail address is of a domain that is not let in here. Take your company account.",
    ),
    "taken": (
        "Somebody else signs in with this address",
        "Another account of your company is already linked to the member of staff with your e-mail address.",
    ),
    "inactive": ("Your access has ended", "You are signed in to your company, but your access to Onevoice has ended."),
}


@get("/login", sync_to_thread=False)
def sign_in_page(request: Asked, onevoice: House, sessions: Door) -> Response[str]:
    """The sign-in form; `wrong=1` says that it was not right, `next` where to go afterwards, `out=company` that there
    is another session to leave."""
    asked = request.query_params
    return _page(
        "sign_in.html",
        onevoice,
        sessions,
        wrong="wrong" in asked,
        then=asked.get("next", "/"),
        further=asked.get("out") == "company" and bool(sessions.company_label),
    )


@get("/login/refused", sync_to_thread=False)
def turned_away_page(request: Asked, onevoice: House, sessions: Door) -> Response[str]:
    """Why somebody is not let in by their account, and whom to ask."""
    title, says = TURNED_AWAY.get(request.query_params.get("why", ""), TURNED_AWAY["again"])
    return _page("turned_away.html", onevoice, sessions, title=title, says=says, ask=sessions.ask_whom)


@get("/login/second-step")
async def second_step_page(request: Asked, onevoice: House, sessions: Door) -> Response[Any]:
    """The code after the password; while somebody enrols, with the secret as a picture and as text."""
    waiting = await sessions.waiting(request)
    if waiting is None:
        return Redirect("/login", status_code=303)
    secret = waiting.secret
    return _page(
        "second_step.html",
        onevoice,
        sessions,
        wrong="wrong" in request.query_params,
        then=request.query_params.get("next", "/"),
        email=waiting.member.email,
        secret=spelled(secret) if secret else "",
        picture=_picture(enrolment_uri(secret, waiting.member.email)) if secret else "",
    )


@post("/login/second-step", status_code=200, request_max_body_size=FORM_BYTES_MAX)
async def second_step(request: Asked, onevoice: House, sessions: Door) -> Response[Any]:
    """Takes `code`, `csrf_token` (the ticket) and `next`; leads on, shows recovery codes, or back with `wrong=1`."""
    form = await request.form()
    sessions.refuse_forged_ticket(request, str(form.get("csrf_token", "")))
    then = sessions.own_page(str(form.get("next", "/")))
    try:
        cookies, codes = await sessions.finish(request, str(form.get("code", "")))
    except Refused:
        return Redirect(f"/login/second-step?wrong=1&next={quote(then, safe='/')}", status_code=303)
    if not codes:
        return Redirect(then, status_code=303, cookies=cookies)
    made = _page("recovery_codes.html", onevoice, sessions, codes=codes, then=then)
    for cookie in cookies:
        made.set_cookie(cookie)
    return made


SIGN_IN_PAGES: Final[tuple[ControllerRouterHandler, ...]] = (
    sign_in_page,
    turned_away_page,
    second_step_page,
    second_step,
)


def _page(template: str, onevoice: Any, sessions: Any, **values: Any) -> Response[Any]:
    """A page for somebody who is not signed in, whose form carries a ticket."""
    cookie, ticket = sessions.ticket()
    view = View(authority=None, zone="UTC", now=onevoice.book.clock(), csrf=ticket)
    made: Response[Any] = page(template, view, company=sessions.company_label, **values)
    made.set_cookie(cookie)
    return made


def _picture(uri: str) -> Markup:
    """The QR code as inline SVG, black on white in every theme, because that is what cameras read."""
    drawn: str = segno.make(uri, error="m", micro=False).svg_inline(
        scale=5, border=3, dark="#000", light="#fff", title="QR code for your authenticator app", omitsize=True
    )
    return Markup(drawn)  # noqa: S704 - drawn by the library: squares, and the title above
