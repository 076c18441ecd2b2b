"""Console: the pages of a draft of the policy: written by forms, tried on the past, approved, put in force."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from onevoice.actions.draft_policy import begin_draft, require_draft, save_draft, take_step, was_taken
from onevoice.actions.try_draft import try_draft
from onevoice.answers.policy_words import RULE_TYPES, kind_of
from onevoice.answers.spoken import zone_of
from onevoice.doors.console.asked import Asked, Asker, House, Token, view_of, within
from onevoice.doors.console.policy_forms import Form, located, read_form
from onevoice.doors.console.policy_views import (
    Who,
    begun,
    draft_shown,
    rule_form,
    settings_form,
    with_rule,
    with_settings,
)
from onevoice.doors.console.render import page
from onevoice.nouns.draft import Draft, Step
from onevoice.nouns.moment import SECOND
from onevoice.nouns.policy import Policy
from onevoice.nouns.problem import Fault, NotFound, Refused
from onevoice.rules.files import read_policy
from onevoice.zone_tables import read_zones

RULE_BYTES_MAX: Final = 256 * 1024
SETTINGS: Final = ("name", "longest_hold", "lease", "plausible_zones")


def tokens(onevoice: Any) -> Callable[[], str]:
    """Makes the token of a form, by which it is taken once however often it is sent."""
    return lambda: str(onevoice.entrance.random_bytes(16).hex())


@post("/policy/drafts", request_max_body_size=RULE_BYTES_MAX)
async def begin_form(request: Asked, authority: Asker, onevoice: House) -> Response[Any]:
    """A new draft of the policy in force; leads to its page."""
    form = await request.form()
    key, why = str(form.get("token", "")), str(form.get("why", ""))

    def run() -> Response[Any]:
        with onevoice.book.reader(authority) as reader:
            body = begun(reader)
        return _to(begin_draft(onevoice.book, authority, key=key, body=body, why=why))

    return await asyncio.to_thread(run)


@get("/policy/drafts/{number:int}", sync_to_thread=True)
def draft_page(number: FromPath[int], request: Asked, authority: Asker, onevoice: House, csrf: Token) -> Response[str]:
    """What does this draft change, for whom, and how far is it?"""
    return _draft(request, authority, onevoice, csrf, number)


@get("/policy/drafts/{number:int}/file", sync_to_thread=True, media_type="text/plain")
def file_page(number: FromPath[int], onevoice: House) -> Response[str]:
    """The draft as the file it stands for."""
    return Response(require_draft(onevoice.book, within(number)).body, media_type="text/plain; charset=utf-8")


@get("/policy/drafts/{number:int}/rules/{place:int}", sync_to_thread=True)
def rule_page(
    number: FromPath[int], place: FromPath[int], request: Asked, authority: Asker, onevoice: House, csrf: Token
) -> Response[str]:
    """The form of one rule, with what is found wrong at its fields."""
    draft = require_draft(onevoice.book, within(number))
    rule = _rule_at(draft, place)
    with onevoice.book.reader(authority) as reader:
        shown = draft_shown(reader, view_of(request, reader, onevoice, csrf), draft)
        faults = list(located(shown["findings"], place))
    return _form(request, authority, onevoice, csrf, draft, kind_of(rule), msgspec.to_builtins(rule), faults, place)


@post("/policy/drafts/{number:int}/rules/{place:int}", request_max_body_size=RULE_BYTES_MAX)
async def rule_saved(
    number: FromPath[int], place: FromPath[int], request: Asked, authority: Asker, onevoice: House, csrf: Token
) -> Response[Any]:
    """Save one rule, or (`deed=remove`) take it out."""
    form = await request.form()

    def run() -> Response[Any]:
        draft = require_draft(onevoice.book, within(number))
        kind = str(form.get("kind", ""))
        if str(form.get("deed", "")) == "remove":
            return _save(request, authority, onevoice, csrf, draft, form, lambda body: with_rule(body, place, None))
        return _rule(request, authority, onevoice, csrf, draft, kind, form, place)

    return await asyncio.to_thread(run)


@get("/policy/drafts/{number:int}/add", sync_to_thread=True)
def new_rule_page(
    number: FromPath[int], request: Asked, authority: Asker, onevoice: House, csrf: Token
) -> Response[str]:
    """The empty form of a rule of the type that was chosen."""
    draft = require_draft(onevoice.book, within(number))
    kind = _kind(request.query_params.get("type", ""))
    return _form(request, authority, onevoice, csrf, draft, kind, {}, (), None)


@post("/policy/drafts/{number:int}/add", request_max_body_size=RULE_BYTES_MAX)
async def new_rule_saved(
    number: FromPath[int], request: Asked, authority: Asker, onevoice: House, csrf: Token
) -> Response[Any]:
    """Add a rule."""
    form = await request.form()

    def run() -> Response[Any]:
        draft = require_draft(onevoice.book, within(number))
        return _rule(request, authority, onevoice, csrf, draft, str(form.get("kind", "")), form, None)

    return await asyncio.to_thread(run)


@get("/policy/drafts/{number:int}/settings", sync_to_thread=True)
def settings_page(
    number: FromPath[int], request: Asked, authority: Asker, onevoice: House, csrf: Token
) -> Response[str]:
    """The form of what holds for the policy as a whole."""
    draft = require_draft(onevoice.book, within(number))
    return _form(request, authority, onevoice, csrf, draft, "", _settings(draft), (), None)


@post("/policy/drafts/{number:int}/settings", request_max_body_size=RULE_BYTES_MAX)
async def settings_saved(
    number: FromPath[int], request: Asked, authority: Asker, onevoice: House, csrf: Token
) -> Response[Any]:
    """Save what holds for the policy as a whole."""
    form = await request.form()

    def run() -> Response[Any]:
        draft = require_draft(onevoice.book, within(number))
        values, faults = read_form(Policy, form)
        if faults:
            return _form(request, authority, onevoice, csrf, draft, "", values, faults, None)
        return _save(request, authority, onevoice, csrf, draft, form, lambda body: with_settings(body, values))

    return await asyncio.to_thread(run)


@post("/policy/drafts/{number:int}/steps", request_max_body_size=RULE_BYTES_MAX)
async def step_form(
    number: FromPath[int], request: Asked, authority: Asker, onevoice: House, csrf: Token
) -> Response[Any]:
    """Ask for approval, approve, send back, put in force now or later, drop."""
    form = await request.form()

    def run() -> Response[Any]:
        book = onevoice.book
        try:
            with book.reader(authority) as reader:
                zone = view_of(request, reader, onevoice, csrf).zone
            step = _step(str(form.get("step", "")))
            at = moment_in(str(form.get("at", "")), zone) if str(form.get("when", "")) == "later" else 0
            draft = take_step(
                book,
                authority,
                within(number),
                key=str(form.get("token", "")),
                step=step,
                revision=_revision(form),
                at=at,
                says=str(form.get("says", "")),
            )
        except Refused as refused:
            return _draft(request, authority, onevoice, csrf, number, refused)
        return _to(draft)

    return await asyncio.to_thread(run)


@post("/policy/drafts/{number:int}/what-if", request_max_body_size=RULE_BYTES_MAX)
async def what_if_form(
    number: FromPath[int], request: Asked, authority: Asker, onevoice: House, csrf: Token
) -> Response[Any]:
    """Judge the recorded past again under the draft; leads back to its page, which shows how far that is."""
    form = await request.form()

    def run() -> Response[Any]:
        draft = require_draft(onevoice.book, within(number))
        written = str(form.get("days", ""))
        try:
            days = int(written) if written.isascii() and written.isdecimal() and len(written) < 5 else 0
            try_draft(onevoice.book, read_zones, authority, draft, days=days)
        except Refused as refused:
            return _draft(request, authority, onevoice, csrf, number, refused)
        return Redirect(f"/policy/drafts/{draft.number}#what-if", status_code=303)

    return await asyncio.to_thread(run)


def moment_in(written: str, zone: str) -> int:
    """A moment as a field of date and time gives it, by the clock of this zone, as microseconds UTC. Raises Refused,
    also for a time that clocks leave out on that day."""
    try:
        there = datetime.fromisoformat(written).replace(tzinfo=zone_of(zone))
    except ValueError:
        raise Refused([Fault("at", "Give a day and a time.")]) from None
    seconds = int(there.timestamp())
    if datetime.fromtimestamp(seconds, zone_of(zone)).replace(tzinfo=None) != there.replace(tzinfo=None, second=0):
        raise Refused([Fault("at", "Clocks are set forward at that time, so it does not exist. Choose another.")])
    return seconds * SECOND


def _rule(
    request: Asked, authority: Any, onevoice: Any, csrf: str, draft: Draft, kind: str, form: Form, place: int | None
) -> Response[Any]:
    kind = _kind(kind)
    values, faults = read_form(RULE_TYPES[kind], form)
    if not faults:
        try:
            rule = {"type": kind, **values}
            return _save(request, authority, onevoice, csrf, draft, form, lambda body: with_rule(body, place, rule))
        except Refused as refused:
            faults = list(refused.faults)
    return _form(request, authority, onevoice, csrf, draft, kind, values, faults, place)


def _save(
    request: Asked,
    authority: Any,
    onevoice: Any,
    csrf: str,
    draft: Draft,
    form: Any,
    rewritten: Callable[[str], str],
) -> Response[Any]:
    """Save the draft as rewritten; where somebody was faster, the page that says so. Raises Refused."""
    revision, key = _revision(form), str(form.get("token", ""))
    if key and was_taken(onevoice.book, authority, key):
        return _to(draft)  # the same form, sent twice
    try:
        if draft.revision != revision:
            raise Refused([Fault("revision", "Somebody else was faster.")])
        body = rewritten(draft.body)
        return _to(save_draft(onevoice.book, authority, draft.number, key=key, revision=revision, body=body))
    except Refused as refused:
        if not any(fault.where in ("revision", "state") for fault in refused.faults):
            raise
    draft = require_draft(onevoice.book, draft.number)
    with onevoice.book.reader(authority) as reader:
        view = view_of(request, reader, onevoice, csrf)
        made: Response[Any] = page(
            "policy_conflict.html", view, status=409, draft=draft, who=Who(reader), own=_sent(form)
        )
        return made


def _sent(form: Any) -> list[tuple[str, str]]:
    """What was sent and not kept, so that it can be read and typed again."""
    left_out = ("csrf_token", "token", "revision", "kind", "deed")
    pairs = [(str(name), str(value)) for name, value in form.multi_items()]
    return [(name, value) for name, value in pairs if value and name not in left_out and not name.endswith(".here")]


def _form(
    request: Asked,
    authority: Any,
    onevoice: Any,
    csrf: str,
    draft: Draft,
    kind: str,
    value: Mapping[str, Any],
    faults: Any,
    place: int | None,
) -> Response[Any]:
    with onevoice.book.reader(authority) as reader:
        view = view_of(request, reader, onevoice, csrf)
        shown = (
            rule_form(reader, draft, kind, value, faults, place)
            if kind
            else settings_form(reader, draft, value, faults)
        )
        status = 422 if faults and request.method == "POST" else 200
        made: Response[Any] = page("policy_form.html", view, status=status, token=tokens(onevoice), **shown)
        return made


def _draft(
    request: Asked, authority: Any, onevoice: Any, csrf: str, number: int, refused: Refused | None = None
) -> Response[Any]:
    draft = require_draft(onevoice.book, within(number))
    with onevoice.book.reader(authority) as reader:
        view = view_of(request, reader, onevoice, csrf)
        shown = draft_shown(reader, view, draft)
        headers = {"refresh": "2"} if shown["running"] and not refused else None
        made: Response[Any] = page(
            "policy_draft.html",
            view,
            status=422 if refused else 200,
            headers=headers,
            faults=refused.faults if refused else (),
            token=tokens(onevoice),
            **shown,
        )
        return made


def _to(draft: Draft) -> Redirect:
    return Redirect(f"/policy/drafts/{draft.number}", status_code=303)


def _kind(kind: str) -> str:
    if kind not in RULE_TYPES:
        raise NotFound
    return kind


def _rule_at(draft: Draft, place: int) -> Any:
    rules = read_policy(draft.body).rules
    if not 0 <= place < len(rules):
        raise NotFound
    return rules[place]


def _settings(draft: Draft) -> dict[str, Any]:
    return {name: getattr(read_policy(draft.body), name) for name in SETTINGS}


def _step(written: str) -> Step:
    try:
        return Step[written.upper()]
    except KeyError:
        raise Refused([Fault("step", "Choose one of the buttons.")]) from None


def _revision(form: Any) -> int:
    written = str(form.get("revision", ""))
    return int(written) if written.isascii() and written.isdecimal() and len(written) < 10 else 0


DRAFT_PAGES: Final[tuple[ControllerRouterHandler, ...]] = (
    begin_form,
    draft_page,
    file_page,
    rule_page,
    rule_saved,
    new_rule_page,
    new_rule_saved,
    settings_page,
    settings_saved,
    step_form,
    what_if_form,
)
"""The handlers of drafts, for the console."""
