"""Sessions of people: the cookie, the guard before every page, and the tokens that keep forms from being forged."""

import hmac
from collections.abc import Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.handlers import BaseRouteHandler

from onevoice.doors.http.endpoint import Threads
from onevoice.doors.http.permissions import Entry, Permission, may_enter
from onevoice.doors.http.problems import Problem
from onevoice.doors.http.throttle import Throttle, network_of
from onevoice.nouns.authority import Authority
from onevoice.nouns.problem import NotFound, Unavailable

if TYPE_CHECKING:
    from onevoice.actions.company_accounts import CompanyAccounts

SESSION: Final = "ov_session"
TICKET: Final = "ov_login"
SECOND: Final = "ov_second"
JOURNEY: Final = "ov_company"
STEP_SECONDS: Final = 600
NEXT_MAX: Final = 1_000
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
        self._company: CompanyAccounts | None = onevoice.company
        self._away = Threads("onevoice-company", count=2, waiting_max=20)  # a slow provider holds up nobody else
        self._journeys = Throttle(onevoice.book.keys.of("company sign-in"))

    @property
    def company_label(self) -> str:
        """What the button says to sign in with; '' where there are no company accounts."""
        return str(self._onevoice.settings.oidc_label) if self._company else ""

    @property
    def ask_whom(self) -> str:
        """Whom somebody asks who may not come in; '' where nobody said."""
        return str(self._onevoice.settings.sign_in_help) if self._company else ""

    def own_page(self, then: str) -> str:
        """A page of ours to go to after sign-in; anything else becomes the first page."""
        return own_page(then)

    def close(self) -> None:
        """End the threads that wait for the identity provider."""
        self._away.close()

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
        """A new session's cookie. Raises Refused, whatever was wrong with the same words; SecondStepFirst."""
        token = await self._threads.run(self._onevoice.entrance.start_session, email, password, network)
        return self._cookie(SESSION, token, self._seconds)

    async def sign_out(self, token: str) -> Cookie:
        """Ends the session; the cookie that forgets it."""
        if token:
            await self._threads.run(self._onevoice.entrance.end_session, token)
        return self._cookie(SESSION, "", 0)

    def keep_second(self, ticket: str) -> Cookie:
        """The cookie of a sign-in that waits for a code; '' forgets it."""
        return self._cookie(SECOND, ticket, STEP_SECONDS if ticket else 0)

    async def waiting(self, connection: Any) -> Any:
        """Whose sign-in waits for a code in this browser (actions.second_step.Waiting), or None."""
        return await self._threads.run(self._onevoice.entrance.waiting, connection.cookies.get(SECOND, ""))

    async def finish(self, connection: Any, code: str) -> tuple[list[Cookie], tuple[str, ...]]:
        """The cookies of the session after the second step, and recovery codes of whoever just enrolled.
        Raises Refused, whatever was wrong with the same words."""
        ticket = connection.cookies.get(SECOND, "")
        finish = self._onevoice.entrance.finish_session
        token, codes = await self._threads.run(finish, ticket, code, network_of(_client(connection)))
        return [self._cookie(SESSION, token, self._seconds), self.keep_second("")], codes

    async def leave_for_company(self, connection: Any, then: str) -> tuple[str, Cookie]:
        """Where somebody proves who they are, and the cookie that knows them when they come back.
        Raises NotFound, Problem 429 and Unavailable."""
        company = self._asked(connection)
        location, carried = await self._away.run(company.begin, then if len(then) <= NEXT_MAX else "/")
        return location, self._cookie(JOURNEY, carried, STEP_SECONDS)

    async def come_from_company(self, connection: Any, said: Mapping[str, str]) -> tuple[str, list[Cookie]]:
        """The page somebody wanted, and the cookies of their new session; the old one ends.
        Raises TurnedAway, NotFound, Problem 429 and Unavailable."""
        company = self._asked(connection)
        token, then = await self._away.run(company.finish, connection.cookies.get(JOURNEY, ""), said)
        await self.sign_out(connection.cookies.get(SESSION, ""))
        return then, [self._cookie(SESSION, token, self._seconds), self.forget_journey()]

    def forget_journey(self) -> Cookie:
        """The cookie that forgets who went to the provider."""
        return self._cookie(JOURNEY, "", 0)

    async def company_exit(self, token: str = "") -> str:
        """Where to sign out of the provider as well; '' where there is no such page, or it does not answer. With a
        token: only where its session is of somebody who signs in by an account."""
        if self._company is None:
            return ""
        if token and not await self._threads.run(self._onevoice.entrance.signs_in_by_account, token):
            return ""
        back = f"{self._onevoice.settings.address}/login"
        try:
            return await self._away.run(self._company.end_session, back)
        except Unavailable:
            return ""

    def _asked(self, connection: Any) -> "CompanyAccounts":
        if self._company is None:
            raise NotFound("There is no sign-in with company accounts here.")
        network, now = _client(connection), self._onevoice.book.clock()
        if wait := self._journeys.wait(network, now):
            raise Problem(429, "Too many tries from your network.", headers=((b"retry-after", str(wait).encode()),))
        self._journeys.count(network, now)
        return self._company

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


def _client(connection: Any) -> str:
    return connection.client.host if connection.client else ""


def _same(ours: str, said: str) -> bool:
    return hmac.compare_digest(ours.encode(), said.encode(errors="replace"))


def _from_own_site(connection: Any) -> bool:
    return connection.headers.get("sec-fetch-site", "") in OWN_SITE
