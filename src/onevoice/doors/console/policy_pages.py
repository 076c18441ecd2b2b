"""Console: the pages of the policy: what is in force, its versions and what they changed, and going back to one."""

import asyncio
from typing import Any, Final

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from onevoice.actions.draft_policy import roll_back
from onevoice.answers.policy_words import RULE_TYPES, kind_of, title_of
from onevoice.doors.console.asked import FORM_BYTES_MAX, Asked, Asker, House, Token, number_in, view_of, within
from onevoice.doors.console.draft_pages import DRAFT_PAGES, tokens
from onevoice.doors.console.policy_forms import fields_of, help_of
from onevoice.doors.console.policy_views import compared, may_change, policy_shown, version_shown
from onevoice.doors.console.render import page
from onevoice.ledger.policies import current_policy
from onevoice.nouns.problem import NotFound, Refused
from onevoice.rules.files import read_policy

VERSION_MAX: Final = 2**31 - 1


@get("/policy", sync_to_thread=True)
def policy_page(request: Asked, authority: Asker, onevoice: House, csrf: Token) -> Response[str]:
    """What are the rules, who made them, and what is being drafted?"""
    with onevoice.book.reader(authority) as reader:
        view = view_of(request, reader, onevoice, csrf)
        made: Response[str] = page(
            "policy.html", view, may=may_change(view), token=tokens(onevoice), **policy_shown(reader)
        )
        return made


@get("/policy/versions/{version:int}", sync_to_thread=True)
def version_page(
    version: FromPath[int], request: Asked, authority: Asker, onevoice: House, csrf: Token
) -> Response[str]:
    """What did this version say, and what did it change?"""
    return _version(request, authority, onevoice, csrf, version, None)


@post("/policy/versions/{version:int}/roll-back", request_max_body_size=FORM_BYTES_MAX)
async def roll_back_form(
    version: FromPath[int], request: Asked, authority: Asker, onevoice: House, csrf: Token
) -> Response[Any]:
    """Put an earlier version in force again, with the reason."""
    form = await request.form()
    key, says = str(form.get("token", "")), str(form.get("says", ""))

    def run() -> Response[Any]:
        try:
            roll_back(onevoice.book, authority, _version_in(version), key=key, says=says)
        except Refused as refused:
            return _version(request, authority, onevoice, csrf, version, refused)
        return Redirect("/policy", status_code=303)

    return await asyncio.to_thread(run)


@get("/policy/compare", sync_to_thread=True)
def compare_page(request: Asked, authority: Asker, onevoice: House, csrf: Token) -> Response[str]:
    """What is different between two versions?"""
    asked = request.query_params
    with onevoice.book.reader(authority) as reader:
        now = current_policy(reader.connection)
        newest = now.version if now else 0
        first = _version_in(number_in(asked["from"])) if "from" in asked else max(newest - 1, 1)
        second = _version_in(number_in(asked["to"])) if "to" in asked else newest
        made: Response[str] = page(
            "policy_compare.html", view_of(request, reader, onevoice, csrf), **compared(reader, first, second)
        )
        return made


@get("/policy/rules/{kind:str}", sync_to_thread=True)
def rule_type_page(
    kind: FromPath[str], request: Asked, authority: Asker, onevoice: House, csrf: Token
) -> Response[str]:
    """What does a rule of this type mean, and which ones are in force?"""
    if kind not in RULE_TYPES:
        raise NotFound
    with onevoice.book.reader(authority) as reader:
        now = current_policy(reader.connection)
        rules = read_policy(now.body).rules if now else ()
        made: Response[str] = page(
            "policy_rule_type.html",
            view_of(request, reader, onevoice, csrf),
            title=title_of(kind),
            help=help_of(RULE_TYPES[kind]),
            fields=fields_of(RULE_TYPES[kind], {}, {}),
            own=[one.name for one in rules if kind_of(one) == kind],
        )
        return made


def _version(
    request: Asked, authority: Any, onevoice: Any, csrf: str, version: int, refused: Refused | None
) -> Response[str]:
    with onevoice.book.reader(authority) as reader:
        view = view_of(request, reader, onevoice, csrf)
        made: Response[str] = page(
            "policy_version.html",
            view,
            status=422 if refused else 200,
            faults=refused.faults if refused else (),
            may=may_change(view),
            token=tokens(onevoice),
            **version_shown(reader, _version_in(version)),
        )
        return made


def _version_in(number: int) -> int:
    if within(number) > VERSION_MAX:
        raise NotFound
    return number


POLICY_PAGES: Final[tuple[ControllerRouterHandler, ...]] = (
    policy_page,
    version_page,
    roll_back_form,
    compare_page,
    rule_type_page,
    *DRAFT_PAGES,
)
"""The handlers of the policy, for the console."""
