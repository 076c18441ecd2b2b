"""Console: setting up: what there is and what is missing, every document by form, and changes taken back."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from onevoice.actions.edit import documents_of
from onevoice.actions.take_back import document_row, edit_category, edit_one, stamp, take_back
from onevoice.answers.activity import Change, changes_of
from onevoice.answers.customers import count_customers
from onevoice.doors.console.asked import Asked, Asker, House, Token, view_of, within
from onevoice.doors.console.render import page
from onevoice.doors.console.setup_forms import FORMS, MODES, Form, by_field, row_in
from onevoice.doors.console.setup_staff_pages import STAFF_PAGES
from onevoice.doors.console.setup_watch_pages import WATCH_PAGES
from onevoice.ledger.book import Reader
from onevoice.ledger.policies import current_policy
from onevoice.ledger.staff import all_keys, all_members
from onevoice.nouns.authority import Authority
from onevoice.nouns.problem import Fault, NotFound, Refused
from onevoice.nouns.surroundings import CategoryBits
from onevoice.nouns.words import Category
from onevoice.parsing.addresses import zone_names

FORM_MAX: Final = 64 * 1024
ROWS_MAX: Final = 1_000
NEEDED: Final = ("units", "platforms", "contact_points", "purposes", "topics")
"""What a company needs before a message can be judged well, in the order in which one fills it."""

Row = dict[str, str]


@get("/setup", sync_to_thread=True)
def setup_page(request: Asked, authority: Asker, onevoice: House, csrf: Token) -> Response[str]:
    """What is set up, how much of it, and what is missing?"""
    with onevoice.book.reader(authority) as reader:
        counts = {kind: len(documents_of(reader, kind)) for kind in FORMS}
        counts["people"] = len([one for one in all_members(reader.connection) if authority.sees(one.unit)])
        counts["keys"] = len(
            [one for one in all_keys(reader.connection) if authority.sees(one.unit) and not one.revoked]
        )
        missing = [kind for kind in NEEDED if counts[kind] <= (kind == "units")]  # the company itself is one
        policy = current_policy(reader.connection)
        made: Response[str] = page(
            "setup/overview.html",
            view_of(request, reader, onevoice, csrf),
            counts=counts,
            customers=count_customers(reader),
            missing=[kind for kind in missing if authority.all_units or not FORMS[kind].whole],
            forms=FORMS,
            policy=policy.name if policy else "",
            latest=changes_of(reader, most=5),
        )
        return made


@get("/setup/documents/{kind:str}", sync_to_thread=True)
def documents_page(
    kind: FromPath[str], request: Asked, authority: Asker, onevoice: House, csrf: Token
) -> Response[str]:
    """The documents of a kind; `saved` names the change that was made last, so that it can be taken back."""
    form = _form_of(kind)
    with onevoice.book.reader(authority) as reader:
        rows = documents_of(reader, kind)
        ordered = _as_tree(rows) if form.tree else [(row, 0) for row in sorted(rows, key=lambda row: row["name"])]
        made: Response[str] = page(
            "setup/documents.html",
            view_of(request, reader, onevoice, csrf),
            kind=kind,
            form=form,
            rows=ordered[:ROWS_MAX],
            total=len(rows),
            words=_words(reader),
            may=not form.whole or authority.all_units,
            saved=_saved(reader, kind, request.query_params.get("saved", "")),
        )
        return made


@get("/setup/documents/{kind:str}/form", sync_to_thread=True)
def document_page(kind: FromPath[str], request: Asked, authority: Asker, onevoice: House, csrf: Token) -> Response[str]:
    """The form of one document (`key`), or of a new one."""
    key = request.query_params.get("key", "")
    with onevoice.book.reader(authority) as reader:
        _form_of(kind)
        there = document_row(reader, kind, key) if key else None
        if key and there is None:
            raise NotFound
        return _form(request, reader, onevoice, csrf, kind, there=there, row=there or _blank(kind, request), faults=())


@post("/setup/documents/{kind:str}/form", status_code=303, request_max_body_size=FORM_MAX)
async def save_document(
    kind: FromPath[str], request: Asked, authority: Asker, onevoice: House, csrf: Token
) -> Response[Any]:
    """Saves the form: `was` is the document's key, empty for a new one; `seen` the stamp of what the form showed."""
    _form_of(kind)
    form = await request.form()
    return await asyncio.to_thread(_saved_or_told, kind, form, request, authority, onevoice, csrf)


@get("/setup/categories", sync_to_thread=True)
def categories_page(request: Asked, authority: Asker, onevoice: House, csrf: Token) -> Response[str]:
    """What each category has to obey, and why."""
    with onevoice.book.reader(authority) as reader:
        return _categories(request, reader, onevoice, csrf)


@post("/setup/categories", status_code=303, request_max_body_size=FORM_MAX)
async def save_category(request: Asked, authority: Asker, onevoice: House, csrf: Token) -> Response[Any]:
    """Sets the two bits of the `category`, with their `reason`."""
    form = await request.form()
    category = next((one for one in Category if one.spoken == form.get("category")), None)
    if category is None:
        raise NotFound
    bits = CategoryBits(
        category=category,
        obeys_caps=bool(form.get("obeys_caps")),
        counts_towards_caps=bool(form.get("counts_towards_caps")),
        reason=str(form.get("reason", "")).strip(),
    )

    def save() -> Response[Any]:
        try:
            edit_category(onevoice.gate, authority, bits)
        except Refused as refused:
            with onevoice.book.reader(authority) as reader:
                return _categories(request, reader, onevoice, csrf, told=bits, faults=refused.faults)
        return Redirect(f"/setup/categories?saved={_newest(onevoice, authority, 'categories')}", status_code=303)

    return await asyncio.to_thread(save)


@post("/setup/changes/{number:int}/take-back", status_code=303, request_max_body_size=FORM_MAX)
async def take_back_form(number: FromPath[int], request: Asked, authority: Asker, onevoice: House) -> Redirect:
    """Writes the earlier values again, and leads back to the list of what was changed."""
    kind = str((await request.form()).get("kind", ""))
    await asyncio.to_thread(take_back, onevoice.gate, authority, within(number))
    address = f"/setup/documents/{kind}" if kind in FORMS else f"/setup/{'categories' if kind else 'activity'}"
    return Redirect(address, status_code=303)


SETUP_PAGES: Final[tuple[ControllerRouterHandler, ...]] = (
    setup_page,
    documents_page,
    document_page,
    save_document,
    categories_page,
    save_category,
    take_back_form,
    *STAFF_PAGES,
    *WATCH_PAGES,
)
"""The handlers of Setup."""


def _saved_or_told(
    kind: str, form: Any, request: Asked, authority: Authority, onevoice: Any, csrf: str
) -> Response[Any]:
    was = str(form.get("was", ""))
    with onevoice.book.reader(authority) as reader:
        there = document_row(reader, kind, was) if was else None
        if was and there is None:
            raise NotFound
    row = row_in(form, kind, there)
    try:
        edit_one(onevoice.gate, authority, kind, row, seen=str(form.get("seen", "")) if was else "")
    except Refused as refused:
        with onevoice.book.reader(authority) as reader:
            return _form(request, reader, onevoice, csrf, kind, there=there, row=row, faults=refused.faults)
    return Redirect(f"/setup/documents/{kind}?saved={_newest(onevoice, authority, kind)}", status_code=303)


def _form(
    request: Asked,
    reader: Reader,
    onevoice: Any,
    csrf: str,
    kind: str,
    *,
    there: Row | None,
    row: Mapping[str, str],
    faults: Sequence[Fault],
) -> Response[str]:
    root = kind == "units" and there is not None and not there["parent"] and reader.authority.all_units
    made: Response[str] = page(
        "setup/document.html",
        view_of(request, reader, onevoice, csrf),
        status=422 if faults else 200,
        kind=kind,
        form=FORMS[kind],
        there=there,
        row=row,
        seen=stamp(there) if there else "",
        faults=by_field(faults, kind),
        words=_words(reader),
        modes=MODES,
        root=root,
        zones=sorted(zone_names()) if kind == "units" else (),
        may=not FORMS[kind].whole or reader.authority.all_units,
        history=changes_of(reader, document=kind, key=there["key"], most=20) if there else (),
    )
    return made


def _categories(
    request: Asked,
    reader: Reader,
    onevoice: Any,
    csrf: str,
    *,
    told: CategoryBits | None = None,
    faults: Sequence[Fault] = (),
) -> Response[str]:
    made: Response[str] = page(
        "setup/categories.html",
        view_of(request, reader, onevoice, csrf),
        status=422 if faults else 200,
        categories=[told if told and told.category == one.category else one for one in reader.surroundings.categories],
        told=told,
        faults=faults,
        may=reader.authority.all_units,
        saved=_saved(reader, "categories", request.query_params.get("saved", "")),
    )
    return made


def _form_of(kind: str) -> Form:
    if kind not in FORMS:
        raise NotFound
    return FORMS[kind]


def _blank(kind: str, request: Asked) -> Row:
    """A new document, with what its address says already (a unit below another)."""
    asked = request.query_params
    return {field.name: asked.get(field.name, field.default)[:200] for field in FORMS[kind].fields}


def _words(reader: Reader) -> dict[str, dict[str, str]]:
    """Names by key of every kind that documents refer to."""
    kinds = ("units", "platforms", "topics", "offers")
    return {kind: {row["key"]: row["name"] for row in documents_of(reader, kind)} for kind in kinds}


def _as_tree(rows: Sequence[Row]) -> list[tuple[Row, int]]:
    """Each below its parent, with how deep it stands; those whose parent the asker does not see stand at the top."""
    keys = {row["key"] for row in rows}
    below: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: row["name"]):
        below.setdefault(row["parent"] if row["parent"] in keys else "", []).append(row)
    ordered: list[tuple[Row, int]] = []
    waiting = [(row, 0) for row in reversed(below.get("", []))]
    while waiting:
        row, depth = waiting.pop()
        ordered.append((row, depth))
        waiting += [(one, depth + 1) for one in reversed(below.get(row["key"], []))]
    return ordered


def _saved(reader: Reader, kind: str, number: str) -> Change | None:
    """The change a list tells of, where it is one of this kind that the asker sees."""
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        return None
    return next((one for one in changes_of(reader, document=kind, most=20) if one.number == int(number)), None)


def _newest(onevoice: Any, authority: Authority, kind: str) -> int:
    with onevoice.book.reader(authority) as reader:
        return next((one.number for one in changes_of(reader, document=kind, most=1)), 0)
