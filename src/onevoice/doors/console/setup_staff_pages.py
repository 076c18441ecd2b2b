"""Console: setting up, who may come in: people and their links, API keys, open sessions, and what everybody did."""

import asyncio
from collections.abc import Callable
from hashlib import sha256
from typing import Any, Final

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from onevoice.actions.invitations import Link, accept, invite_by_link, invited, make_link
from onevoice.actions.make_key import make_key_once
from onevoice.actions.staff import change_member, end_sessions, manages, sessions_seen
from onevoice.answers.activity import KINDS, activity, names_of_askers
from onevoice.doors.console.asked import FORM_BYTES_MAX, Asked, Asker, House, Token, number_in, view_of, within
from onevoice.doors.console.render import View, page
from onevoice.ledger.book import Reader
from onevoice.ledger.invitations import invited_until, uses_of_keys
from onevoice.ledger.staff import Member, all_members
from onevoice.nouns.authority import ROLE_VERBS, Authority, Verb
from onevoice.nouns.problem import Fault, NotFound, Refused
from onevoice.nouns.words import Role

ROLES: Final = {
    Role.VIEWER: "reads what their units may see",
    Role.SENDER: "reads, and may ask to send",
    Role.AGENT: "reads, sends, and writes down what customers say",
    Role.UNIT_ADMIN: "an agent who also sets up their unit and its people",
    Role.ADMIN: "all of that, and may have people forgotten",
}
VERBS: Final = {
    Verb.PROPOSE: "asks whether messages may go out",
    Verb.OBSERVE: "tells what happened",
    Verb.ASK: "reads",
    Verb.SETUP: "changes documents and people",
    Verb.POLICY: "writes, approves and activates the policy",
    Verb.ERASE: "has people forgotten",
}
LOGGED: Final = {
    "sign_ins": "Sign-ins", "documents": "Documents", "people": "People", "keys": "Keys", "policy": "Policy",
    "looks": "Looks at customers",
}  # fmt: skip


@get("/setup/people", sync_to_thread=True)
def people_page(request: Asked, authority: Asker, onevoice: House, csrf: Token) -> Response[str]:
    """Who may come in, with which rights, and where?"""
    with onevoice.book.reader(authority) as reader:
        return _people(request, reader, onevoice, csrf)


@post("/setup/people", status_code=200, request_max_body_size=FORM_BYTES_MAX)
async def invite_form(request: Asked, authority: Asker, onevoice: House, csrf: Token) -> Response[str]:
    """Invites somebody, and shows the link once."""
    form = await request.form()
    told = {name: str(form.get(name, "")) for name in ("email", "name", "unit", "role")}

    def run() -> Link:
        return invite_by_link(
            onevoice.entrance, authority, email=told["email"], name=told["name"], unit=told["unit"],
            role=_role(told["role"]),
        )  # fmt: skip

    return await asyncio.to_thread(_linked, run, request, authority, onevoice, csrf, told)


@post("/setup/people/{number:int}/link", status_code=200, request_max_body_size=FORM_BYTES_MAX)
async def link_form(
    number: FromPath[int], request: Asked, authority: Asker, onevoice: House, csrf: Token
) -> Response[str]:
    """Makes a new link for somebody, and shows it once."""

    def run() -> Link:
        return make_link(onevoice.entrance, authority, _member(onevoice, authority, within(number)).email)

    return await asyncio.to_thread(_linked, run, request, authority, onevoice, csrf, {})


@get("/setup/people/{number:int}", sync_to_thread=True)
def person_page(number: FromPath[int], request: Asked, authority: Asker, onevoice: House, csrf: Token) -> Response[str]:
    """One member of staff: what they may do, and where."""
    member = _member(onevoice, authority, within(number))
    with onevoice.book.reader(authority) as reader:
        return _person(request, reader, onevoice, csrf, member, faults=())


@post("/setup/people/{number:int}", status_code=303, request_max_body_size=FORM_BYTES_MAX)
async def change_person(
    number: FromPath[int], request: Asked, authority: Asker, onevoice: House, csrf: Token
) -> Response[Any]:
    """Changes name, role, unit and standing; a change of rights ends their sessions at once."""
    form = await request.form()
    told = {name: str(form.get(name, "")) for name in ("name", "role", "unit", "active")}

    def run() -> Response[Any]:
        member = _member(onevoice, authority, within(number))
        own = authority.staff == member.number
        try:
            rights: dict[str, Any] = {} if own else {
                "role": _role(told["role"]), "unit": told["unit"], "active": bool(told["active"]),
            }  # fmt: skip
            change_member(
                onevoice.book.engine, authority, member.email, at=onevoice.book.clock(), name=told["name"], **rights
            )
        except Refused as refused:
            with onevoice.book.reader(authority) as reader:
                return _person(request, reader, onevoice, csrf, member, faults=refused.faults)
        return Redirect("/setup/people", status_code=303)

    return await asyncio.to_thread(run)


@get("/welcome/{secret:str}", sync_to_thread=True)
def welcome_page(secret: FromPath[str], onevoice: House, sessions: NamedDependency[Any]) -> Response[str]:
    """Where a link leads: the form for a first (or new) password."""
    member = invited(onevoice.entrance, secret)
    return _welcome(onevoice, sessions, secret, member, ())


@post("/welcome/{secret:str}", status_code=303, request_max_body_size=FORM_BYTES_MAX)
async def welcome_form(
    secret: FromPath[str], request: Asked, onevoice: House, sessions: NamedDependency[Any]
) -> Response[Any]:
    """Sets the password, and leads to the sign-in page."""
    form = await request.form()
    sessions.refuse_forged_ticket(request, str(form.get("csrf_token", "")))
    password, again = str(form.get("password", "")), str(form.get("again", ""))

    def run() -> Response[Any]:
        member = invited(onevoice.entrance, secret)
        if password != again:
            return _welcome(onevoice, sessions, secret, member, ("Both must be the same.",))
        try:
            accept(onevoice.entrance, secret, password)
        except Refused as refused:
            return _welcome(onevoice, sessions, secret, member, tuple(fault.says for fault in refused.faults))
        return Redirect("/login", status_code=303)

    return await asyncio.to_thread(run)


@get("/setup/keys", sync_to_thread=True)
def keys_page(request: Asked, authority: Asker, onevoice: House, csrf: Token) -> Response[str]:
    """Which systems have a key, what may they do, and when did they use it?"""
    with onevoice.book.reader(authority) as reader:
        return _keys(request, reader, onevoice, csrf)


@post("/setup/keys", status_code=200, request_max_body_size=FORM_BYTES_MAX)
async def make_key_form(request: Asked, authority: Asker, onevoice: House, csrf: Token) -> Response[str]:
    """Makes a key and shows its secret once; the same form again makes none."""
    form = await request.form()
    told: dict[str, Any] = {name: str(form.get(name, "")) for name in ("name", "unit", "once")}
    told["verbs"] = [str(one) for one in form.getall("verbs", [])]
    return await asyncio.to_thread(_key_made, request, authority, onevoice, csrf, told)


@post("/setup/keys/{number:int}/rotate", status_code=200, request_max_body_size=FORM_BYTES_MAX)
async def rotate_key_form(
    number: FromPath[int], request: Asked, authority: Asker, onevoice: House, csrf: Token
) -> Response[str]:
    """Makes a second key like this one; the first works on until it is revoked."""
    form = await request.form()

    def run() -> Response[str]:
        key = next((one for one in onevoice.entrance.keys(authority) if one.number == number), None)
        if key is None:
            raise NotFound
        with onevoice.book.reader(authority) as reader:
            unit = reader.surroundings.units[key.unit].key
        told = {"name": key.name, "unit": unit, "verbs": sorted(key.verbs), "once": str(form.get("once", ""))}
        return _key_made(request, authority, onevoice, csrf, told)

    return await asyncio.to_thread(run)


@post("/setup/keys/{number:int}/revoke", status_code=303, request_max_body_size=FORM_BYTES_MAX)
async def revoke_key_form(number: FromPath[int], authority: Asker, onevoice: House) -> Redirect:
    """The key stops working at once."""
    await asyncio.to_thread(onevoice.entrance.revoke_key, authority, within(number))
    return Redirect("/setup/keys", status_code=303)


@get("/setup/sessions", sync_to_thread=True)
def sessions_page(request: Asked, authority: Asker, onevoice: House, csrf: Token) -> Response[str]:
    """Where am I signed in, and who else is?"""
    with onevoice.book.reader(authority) as reader:
        view = view_of(request, reader, onevoice, csrf)
        found = sessions_seen(onevoice.book.engine, authority, at=reader.now)
        made: Response[str] = page(
            "setup/sessions.html",
            view,
            mine=[one for one in found if one.member.number == authority.staff],
            others=[one for one in found if one.member.number != authority.staff],
            this=_this(request),
            admin=authority.may(Verb.SETUP),
            units=_units(reader),
        )
        return made


@post("/setup/sessions", status_code=303, request_max_body_size=FORM_BYTES_MAX)
async def end_session_form(request: Asked, authority: Asker, onevoice: House) -> Redirect:
    """Ends the session of this `handle`, or all of a `member`."""
    form = await request.form()
    member = str(form.get("member", ""))
    await asyncio.to_thread(
        end_sessions,
        onevoice.book.engine,
        authority,
        at=onevoice.book.clock(),
        handle=str(form.get("handle", "")),
        member=number_in(member) if member else 0,
    )
    return Redirect("/setup/sessions", status_code=303)


@get("/setup/activity", sync_to_thread=True)
def activity_page(request: Asked, authority: Asker, onevoice: House, csrf: Token) -> Response[str]:
    """Who did what, and who looked at whom?"""
    asked = request.query_params
    kind, by = asked.get("kind", ""), asked.get("by", "")[:200]
    if kind and kind not in (*KINDS, "looks"):
        raise NotFound
    before = number_in(asked["before"]) if "before" in asked else 0
    with onevoice.book.reader(authority) as reader:
        made: Response[str] = page(
            "setup/activity.html",
            view_of(request, reader, onevoice, csrf),
            answer=activity(reader, kind=kind, by=by, before=before),
            kind=kind,
            by=by,
            kinds=LOGGED,
            askers=sorted(names_of_askers(reader).items(), key=lambda one: one[1]),
        )
        return made


STAFF_PAGES: Final[tuple[ControllerRouterHandler, ...]] = (
    people_page,
    invite_form,
    link_form,
    person_page,
    change_person,
    welcome_page,
    welcome_form,
    keys_page,
    make_key_form,
    rotate_key_form,
    revoke_key_form,
    sessions_page,
    end_session_form,
    activity_page,
)


def _linked(
    run: Callable[[], Link], request: Asked, authority: Authority, onevoice: Any, csrf: str, told: dict[str, str]
) -> Response[str]:
    link, faults = None, ()
    try:
        link = run()
    except Refused as refused:
        faults = refused.faults  # type: ignore[assignment]
    with onevoice.book.reader(authority) as reader:
        return _people(request, reader, onevoice, csrf, link=link, told={} if link else told, faults=faults)


def _people(request: Asked, reader: Reader, onevoice: Any, csrf: str, **more: Any) -> Response[str]:
    link = more.get("link")
    authority = reader.authority
    members = [one for one in all_members(reader.connection) if authority.sees(one.unit)]
    made: Response[str] = page(
        "setup/people.html",
        view_of(request, reader, onevoice, csrf),
        status=422 if more.get("faults") else 200,
        members=[(one, manages(authority, one)) for one in sorted(members, key=lambda one: (not one.active, one.name))],
        waiting=invited_until(reader.connection),
        units=_units(reader),
        places=_places(reader),
        roles=_given(authority),
        role_words=ROLES,
        link=link,
        address=f"{onevoice.settings.address}/welcome/{link.secret}" if link else "",
        told=more.get("told", {}),
        faults={fault.where: fault.says for fault in more.get("faults", ())},
    )
    return made


def _person(request: Asked, reader: Reader, onevoice: Any, csrf: str, member: Member, *, faults: Any) -> Response[str]:
    who = f"staff:{member.number}"
    uses = uses_of_keys(reader.connection)
    made: Response[str] = page(
        "setup/person.html",
        view_of(request, reader, onevoice, csrf),
        status=422 if faults else 200,
        member=member,
        may=manages(reader.authority, member),
        own=reader.authority.staff == member.number,
        keys=[one for one in onevoice.entrance.keys(reader.authority)
              if not one.revoked and one.number in uses and uses[one.number].made_by == who],
        units=_units(reader),
        places=_places(reader),
        roles=_given(reader.authority),
        role_words=ROLES,
        faults={fault.where: fault.says for fault in faults},
    )  # fmt: skip
    return made


def _key_made(request: Asked, authority: Authority, onevoice: Any, csrf: str, told: dict[str, Any]) -> Response[str]:
    verbs = [verb for verb in Verb if verb.value in told["verbs"]]
    try:
        key, secret = make_key_once(
            onevoice.book, onevoice.entrance, authority, once=told["once"], name=told["name"], unit=told["unit"],
            verbs=verbs,
        )  # fmt: skip
    except Refused as refused:
        with onevoice.book.reader(authority) as reader:
            return _keys(request, reader, onevoice, csrf, told=told, faults=refused.faults)
    with onevoice.book.reader(authority) as reader:
        return _keys(request, reader, onevoice, csrf, fresh=key, secret=secret)


def _keys(request: Asked, reader: Reader, onevoice: Any, csrf: str, **more: Any) -> Response[str]:
    authority = reader.authority
    made: Response[str] = page(
        "setup/keys.html",
        view_of(request, reader, onevoice, csrf),
        status=422 if more.get("faults") else 200,
        keys=sorted(onevoice.entrance.keys(authority), key=lambda one: (bool(one.revoked), -one.number)),
        uses=uses_of_keys(reader.connection),
        names=names_of_askers(reader),
        units=_units(reader),
        places=_places(reader),
        verbs=[(verb, VERBS[verb]) for verb in VERBS if authority.may(verb)],
        once=onevoice.entrance.random_bytes(16).hex(),
        fresh=more.get("fresh"),
        secret=more.get("secret", ""),
        told=more.get("told", {}),
        faults={fault.where: fault.says for fault in more.get("faults", ())},
    )
    return made


def _welcome(onevoice: Any, sessions: Any, secret: str, member: Member, faults: tuple[str, ...]) -> Response[str]:
    cookie, ticket = sessions.ticket()
    view = View(authority=None, zone="UTC", now=onevoice.book.clock(), csrf=ticket)
    made: Response[str] = page(
        "setup/welcome.html", view, status=422 if faults else 200, secret=secret, member=member, faults=faults
    )
    made.set_cookie(cookie)
    return made


def _member(onevoice: Any, authority: Authority, number: int) -> Member:
    """The member of this number. Raises NotFound where the asker sees none."""
    with onevoice.book.engine.reading() as connection:
        for one in all_members(connection):
            if one.number == number and authority.sees(one.unit):
                return one
    raise NotFound


def _role(spoken: str) -> Role:
    found = next((role for role in Role if role.spoken == spoken), None)
    if found is None:
        raise Refused([Fault("role", "Choose what they may do.")])
    return found


def _given(authority: Authority) -> list[Role]:
    """The roles the asker may give."""
    return [role for role in Role if ROLE_VERBS[role] <= authority.verbs]


def _units(reader: Reader) -> dict[int, str]:
    return {number: unit.name for number, unit in reader.surroundings.units.items()}


def _places(reader: Reader) -> list[tuple[str, str]]:
    """(key, name) of the units the asker sees."""
    seen = [unit for unit in reader.surroundings.units.values() if reader.authority.sees(unit.number)]
    return sorted(((unit.key, unit.name) for unit in seen), key=lambda one: one[1])


def _this(request: Asked) -> str:
    """The handle of the session that asks."""
    return sha256(request.cookies.get("ov_session", "").encode(errors="replace")).hexdigest()[:24]
