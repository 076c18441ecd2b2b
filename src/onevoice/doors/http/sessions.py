"""Sessions of people: the cookie, the guard before every page, and the tokens that keep forms from being forged."""

import hmac
from hashlib import blake2b
from typing import Any, Final
from urllib.parse import quote

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.handlers import BaseRouteHandler

from onevoice.doors.http.endpoint import Threads
from onevoice.doors.http.permissions import Entry, Permission, may_enter
from onevoice.doors.http.problems import Problem
from onevoice.nouns.authority import Authority

SESSION: Final = "ov_session"
TICKET: Final = "ov_login"
TICKET_SECONDS: Final = 3_600
FORM_FIELD: Final = "csrf_token"
FORM_HEADER: Final = "x-csrf-token"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_SITE: Final = frozenset({"", "same-origin", "none"})
"""What a browser says in Sec-Fetch-Site of our own pages; nothing, when it is too old to say."""


class SignInFirst(Exception):
    """Nobody is signed in; `then` is the page to come back to."""

    def __init__(self, then: str) -> None:
        super().__init__(then)
        self.then = then

    @property
    def location(self) -> str:
        """Where to sign in."""
        return f"/login?next={quote(self.then, safe='/')}"


class Sessions:
    """What the guard and the sign-in routes share."""

    def __init__(self, onevoice: Any, threads: Threads, permissions: dict[str, Permission]) -> None:
        self._onevoice = onevoice
        self._threads = threads
        self._permissions = permissions
        self._form_key: bytes = onevoice.book.keys.of("csrf")
        self._secure = onevoice.settings.address.startswith("https://")
        self._seconds = onevoice.settings.session_hours * 3_600

    async def admit(self, connection: "ASGIConnection[Any, Any, Any, Any]", handler: BaseRouteHandler) -> None:
        """Litestar guard of every page. Leaves `authority` (None for an anonymous visitor of a public page) and `csrf`
        in the request's state. Raises SignInFirst, or Problem 401 and 403."""
        del handler
        scope: Any = connection.scope
        method = scope["method"]
        permission = self._permissions.get(f"{method} {plain_path(scope.get('path_template', ''))}")
        if permission is None:
            raise Problem(403, "Nobody said who may come here.")
        token = connection.cookies.get(SESSION, "")
        authority = await self._authority(token)
        scope["state"]["authority"] = authority
        scope["state"]["csrf"] = self.form_token(token) if authority else ""
        if not may_enter(authority, permission):
            if authority is None and method in SAFE:
                raise SignInFirst(scope["path"])
            raise Problem(403 if authority else 401, "Sign in as somebody who may do this.")
        if method not in SAFE and permission is not Entry.ANYONE:
            await self._refuse_forged(connection, token)

    async def sign_in(self, email: str, password: str, network: str) -> Cookie:
        """A new session's cookie. Raises Refused, whatever was wrong with the same words."""
        token = await self._threads.run(self._onevoice.entrance.start_session, email, password, network)
        return self._cookie(SESSION, token, self._seconds)

    async def sign_out(self, token: str) -> Cookie:
        """Ends the session; the cookie that forgets it."""
        if token:
            await self._threads.run(self._onevoice.entrance.end_session, token)
        return self._cookie(SESSION, "", 0)

    def form_token(self, token: str) -> str:
        """The token every form of this session carries in the field `csrf_token` (or a request in X-CSRF-Token)."""
        return blake2b(token.encode(errors="replace"), key=self._form_key, digest_size=16).hexdigest()

    def ticket(self) -> tuple[Cookie, str]:
        """For the sign-in page, where there is no session yet: a cookie, and the token its form carries."""
        value = self._onevoice.entrance.random_bytes(16).hex()
        return self._cookie(TICKET, value, TICKET_SECONDS), self.form_token("ticket:" + value)

    def refuse_forged_ticket(self, connection: "ASGIConnection[Any, Any, Any, Any]", said: str) -> None:
        """Raises Problem 403 where the sign-in form does not belong to the cookie it came with."""
        value = connection.cookies.get(TICKET, "")
        if not value or not _same(self.form_token("ticket:" + value), said) or not _from_own_site(connection):
            raise Problem(403, "The page was open too long. Go back, load it again and sign in.")

    async def _authority(self, token: str) -> Authority | None:
        if not token:
            return None
        found: Authority | None = await self._threads.run(self._onevoice.entrance.authority_of_session, token)
        return found

    async def _refuse_forged(self, connection: Any, token: str) -> None:
        said = connection.headers.get(FORM_HEADER, "")
        if not said:
            said = str((await connection.form()).get(FORM_FIELD, ""))
        if not _same(self.form_token(token), said) or not _from_own_site(connection):
            raise Problem(403, "This did not come from a page of your session. Load the page again and repeat it.")

    def _cookie(self, name: str, value: str, seconds: int) -> Cookie:
        return Cookie(
            key=name, value=value, max_age=seconds, path="/", httponly=True, samesite="lax", secure=self._secure
        )


def plain_path(template: str) -> str:
    """A path as permissions name it: `/customers/{number:int}` becomes `/customers/{number}`."""
    parts = [part.split(":")[0] + "}" if part.startswith("{") and ":" in part else part for part in template.split("/")]
    return "/".join(parts) or "/"


def own_page(then: str) -> str:
    """A page of ours to go to after sign-in; anything else becomes the first page."""
    plain = then.isascii() and then.isprintable() and "\\" not in then
    return then if plain and then.startswith("/") and not then.startswith("//") else "/"


def _same(ours: str, said: str) -> bool:
    return hmac.compare_digest(ours.encode(), said.encode(errors="replace"))


def _from_own_site(connection: Any) -> bool:
    return connection.headers.get("sec-fetch-site", "") in OWN_SITE
