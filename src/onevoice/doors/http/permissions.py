"""Who may come through which door: every route has its line here, or the program does not start."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from onevoice.doors.http.problems import Problem
from onevoice.nouns.authority import Authority, Verb


class Entry(StrEnum):
    """What needs no verb."""

    ANYONE = "anyone"
    SIGNED_IN = "signed in"


Permission = Verb | Entry

SYSTEMS: Final[dict[str, Permission]] = {
    "GET /v1/health": Entry.ANYONE,
    "GET /v1/openapi.json": Entry.ANYONE,
    "POST /v1/proposals": Verb.PROPOSE,
    "POST /v1/proposals/batch": Verb.PROPOSE,
    "POST /v1/proposals/dry-run": Verb.PROPOSE,
    "POST /v1/proposals/explain": Verb.PROPOSE,
    "POST /v1/touches/{touch}/confirm": Verb.PROPOSE,
    "POST /v1/touches/{touch}/release": Verb.PROPOSE,
    "GET /v1/decisions": Verb.ASK,
    "GET /v1/decisions/{touch}": Verb.ASK,
    "POST /v1/observations": Verb.OBSERVE,
    "POST /v1/observations/batch": Verb.OBSERVE,
    "POST /v1/consents": Verb.OBSERVE,
    "GET /v1/consents": Verb.ASK,
    "POST /v1/customers": Verb.SETUP,
    "GET /v1/customers": Verb.ASK,
    "GET /v1/customers/{reference}": Verb.ASK,
    "GET /v1/customers/{reference}/timeline": Verb.ASK,
    "GET /v1/policy": Verb.ASK,
    "GET /v1/policy/versions": Verb.ASK,
    "GET /v1/policy/versions/{version}": Verb.ASK,
    "POST /v1/policy/check": Verb.ASK,
    "POST /v1/policy": Verb.SETUP,
    "GET /v1/policy/drafts": Verb.ASK,
    "POST /v1/policy/drafts": Verb.POLICY,
    "GET /v1/policy/drafts/{draft}": Verb.ASK,
    "PUT /v1/policy/drafts/{draft}": Verb.POLICY,
    "POST /v1/policy/drafts/{draft}/steps": Verb.POLICY,
    "POST /v1/policy/drafts/{draft}/what-if": Verb.POLICY,
    "GET /v1/policy/drafts/{draft}/what-if": Verb.ASK,
    "POST /v1/policy/roll-back": Verb.POLICY,
    "GET /v1/documents/{kind}": Verb.ASK,
    "PUT /v1/documents/{kind}": Verb.SETUP,
    "GET /v1/units": Verb.ASK,
    "PUT /v1/units": Verb.SETUP,
}
"""The routes of /v1, which take an API key."""

PEOPLE: Final[dict[str, Permission]] = {
    "GET /login": Entry.ANYONE,
    "POST /login": Entry.ANYONE,
    "GET /login/company": Entry.ANYONE,
    "GET /login/company/return": Entry.ANYONE,
    "GET /login/company/out": Entry.ANYONE,
    "GET /login/refused": Entry.ANYONE,
    "GET /login/second-step": Entry.ANYONE,
    "POST /login/second-step": Entry.ANYONE,
    "POST /logout": Entry.SIGNED_IN,
    "GET /welcome/{secret}": Entry.ANYONE,
    "POST /welcome/{secret}": Entry.ANYONE,
    "GET /assets/{name}": Entry.ANYONE,
    "GET /": Verb.ASK,
    "GET /decisions": Verb.ASK,
    "GET /decisions/{entry}": Verb.ASK,
    "GET /decisions/export/{kind}": Verb.ASK,
    "POST /decisions/views": Verb.ASK,
    "GET /exceptions": Verb.ASK,
    "POST /exceptions": Verb.PROPOSE,
    "POST /exceptions/{number}/answer": Verb.ASK,
    "GET /held": Verb.PROPOSE,
    "GET /webhooks": Verb.SETUP,
    "POST /webhooks": Verb.SETUP,
    "POST /webhooks/{number}": Verb.SETUP,
    "POST /webhooks/messages/{number}/again": Verb.SETUP,
    "POST /decisions/views/{number}/forget": Verb.ASK,
    "GET /customers": Verb.ASK,
    "POST /customers": Verb.ASK,
    "GET /customers/{number}": Verb.ASK,
    "GET /policy": Verb.ASK,
    "GET /policy/versions/{version}": Verb.ASK,
    "POST /policy/versions/{version}/roll-back": Verb.POLICY,
    "GET /policy/compare": Verb.ASK,
    "GET /policy/profiles": Verb.ASK,
    "GET /policy/rules/{kind}": Verb.ASK,
    "POST /policy/drafts": Verb.POLICY,
    "GET /policy/drafts/{number}": Verb.ASK,
    "GET /policy/drafts/{number}/file": Verb.ASK,
    "GET /policy/drafts/{number}/rules/{place}": Verb.POLICY,
    "POST /policy/drafts/{number}/rules/{place}": Verb.POLICY,
    "GET /policy/drafts/{number}/add": Verb.POLICY,
    "POST /policy/drafts/{number}/add": Verb.POLICY,
    "GET /policy/drafts/{number}/settings": Verb.POLICY,
    "POST /policy/drafts/{number}/settings": Verb.POLICY,
    "POST /policy/drafts/{number}/steps": Verb.POLICY,
    "POST /policy/drafts/{number}/what-if": Verb.POLICY,
    "GET /setup": Verb.SETUP,
    "GET /setup/documents/{kind}": Verb.SETUP,
    "GET /setup/documents/{kind}/form": Verb.SETUP,
    "POST /setup/documents/{kind}/form": Verb.SETUP,
    "GET /setup/categories": Verb.SETUP,
    "POST /setup/categories": Verb.SETUP,
    "POST /setup/changes/{number}/take-back": Verb.SETUP,
    "GET /setup/people": Verb.SETUP,
    "POST /setup/people": Verb.SETUP,
    "GET /setup/people/{number}": Verb.SETUP,
    "POST /setup/people/{number}": Verb.SETUP,
    "POST /setup/people/{number}/link": Verb.SETUP,
    "GET /setup/keys": Verb.SETUP,
    "POST /setup/keys": Verb.SETUP,
    "POST /setup/keys/{number}/rotate": Verb.SETUP,
    "POST /setup/keys/{number}/revoke": Verb.SETUP,
    "GET /setup/activity": Verb.SETUP,
    "GET /setup/readiness": Verb.SETUP,
    "GET /setup/connections": Verb.SETUP,
    "GET /setup/sessions": Entry.SIGNED_IN,
    "POST /setup/sessions": Entry.SIGNED_IN,
}
"""Sign-in and the console, which take a session. A part of a path in braces is written without its type."""

PERMISSIONS: Final[Mapping[str, Permission]] = SYSTEMS | PEOPLE


class Undeclared(Exception):
    """Routes without a line in doors/http/permissions.py (or lines without a route); say there who may use them."""


def refuse_undeclared(served: Iterable[str], permissions: Mapping[str, Permission]) -> None:
    """Raises Undeclared where a route that is served has no permission. `served` are names like `GET /v1/policy`."""
    missing = sorted(set(served) - set(permissions))
    if missing:
        raise Undeclared(f"{Undeclared.__doc__} {', '.join(missing)}")


def may_enter(authority: Authority | None, permission: Permission) -> bool:
    """Whether somebody (None: nobody we know) may use a route with this permission."""
    if permission is Entry.ANYONE:
        return True
    if authority is None:
        return False
    return permission is Entry.SIGNED_IN or authority.may(Verb(permission))


def require(authority: Authority, permission: Permission) -> None:
    """Raises Problem 403 where the asker's verbs do not reach."""
    if not may_enter(authority, permission):
        raise Problem(403, f"This needs the verb “{permission}”, which your key does not have.")
