"""The HTTP application: every route of /v1, the pages of people, and what holds for all of them."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from litestar import Litestar, Request, Response, Router
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.response import Redirect
from litestar.types import (
    ControllerRouterHandler,
    LifeSpanReceive,
    LifeSpanScope,
    LifeSpanSend,
    Receive,
    Scope,
    Send,
)

from onevoice.doors.http.body import encode
from onevoice.doors.http.endpoint import Endpoint, Threads
from onevoice.doors.http.headers import protect
from onevoice.doors.http.keyring import Keyring
from onevoice.doors.http.paths import Paths
from onevoice.doors.http.permissions import PERMISSIONS, Permission, refuse_undeclared
from onevoice.doors.http.problems import MEDIA, Problem, body_of, not_found, problem_of
from onevoice.doors.http.relay import Relay
from onevoice.doors.http.route import Route
from onevoice.doors.http.routes import ROUTES
from onevoice.doors.http.sessions import Sessions, SignInFirst, plain_path
from onevoice.doors.http.sign_in import SIGN_IN
from onevoice.doors.http.throttle import Throttle

log: Final = logging.getLogger("onevoice.http")

Page = Callable[[Request[Any, Any, Any], Problem], Response[Any]]
"""Makes the page a person sees instead of a problem."""


class Door(Litestar):
    """Litestar for people; /v1 goes straight to its endpoints, because that is the hot road and needs nothing of it."""

    def __init__(self, paths: Paths, **given: Any) -> None:
        super().__init__(**given)
        self.paths = paths

    async def __call__(
        self, scope: Scope | LifeSpanScope, receive: Receive | LifeSpanReceive, send: Send | LifeSpanSend
    ) -> None:
        if scope["type"] != "lifespan" and scope["path"].startswith("/v1/"):
            await self.paths.serve(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def create_app(
    onevoice: Any,
    *,
    console: Sequence[ControllerRouterHandler] = (),
    page: Page | None = None,
    routes: Sequence[Route] = ROUTES,
    permissions: Mapping[str, Permission] = PERMISSIONS,
) -> Litestar:
    """The application of one installation (wiring's `Onevoice`). `console` are Litestar handlers of pages: they may ask
    for `authority`, `onevoice`, `sessions` and `csrf`, and `page` shows them what went wrong.

    Raises Undeclared where a route has no line in permissions.py."""
    threads = Threads("onevoice-http")
    declared = dict(permissions)
    refuse_undeclared((route.name for route in routes), declared)
    throttle = Throttle(onevoice.book.keys.of("throttle"))

    async def look_up(secret: str) -> Any:
        return await threads.run(onevoice.entrance.authority_of_key, secret)

    keyring = Keyring(look_up, onevoice.book.clock, throttle, onevoice.book.documents_version)
    sessions = Sessions(onevoice, threads, declared)
    relay = Relay()
    paths = Paths(
        {
            path: Endpoint(
                group, onevoice=onevoice, keyring=keyring, threads=threads, relay=relay, permissions=declared
            )
            for path, group in _by_path(routes).items()
        }
    )

    async def admit(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        await sessions.admit(connection, handler)  # Litestar copies what hangs on a router, functions excepted

    people = Router(
        path="/",
        route_handlers=[*SIGN_IN, *console],
        guards=[admit],
        dependencies={
            "authority": Provide(_authority, sync_to_thread=False),
            "csrf": Provide(_csrf, sync_to_thread=False),
            "onevoice": Provide(lambda: onevoice, sync_to_thread=False),
            "sessions": Provide(lambda: sessions, sync_to_thread=False),
        },
    )
    app = Door(
        paths,
        route_handlers=[people],
        state=State({"onevoice": onevoice}),
        before_send=[_protect],
        exception_handlers={SignInFirst: _to_sign_in, HTTPException: _tell(page), Exception: _tell(page)},
        on_shutdown=[threads.close, sessions.close],
        openapi_config=None,
        logging_config=None,
    )
    refuse_undeclared(served(app), declared)
    return app


def served(app: Litestar) -> Iterator[str]:
    """`METHOD /path` of every page the application serves beside /v1."""
    for route in app.routes:
        path = plain_path(route.path)
        for method in getattr(route, "methods", ("GET",)):
            if method != "OPTIONS":
                yield f"{method} {path}"


def _by_path(routes: Sequence[Route]) -> dict[str, list[Route]]:
    found: dict[str, list[Route]] = {}
    for route in routes:
        found.setdefault(route.path, []).append(route)
    return found


def _authority(request: Request[Any, Any, Any]) -> Any:
    return request.scope["state"]["authority"]


def _csrf(request: Request[Any, Any, Any]) -> str:
    return str(request.scope["state"]["csrf"])


async def _protect(message: Any, scope: Any) -> None:
    protect(message, scope)


def _to_sign_in(request: Request[Any, Any, Any], error: SignInFirst) -> Response[Any]:
    del request
    return Redirect(error.location, status_code=303)


def _tell(page: Page | None) -> Callable[[Request[Any, Any, Any], Exception], Response[Any]]:
    def tell(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        problem = _problem(request, error)
        wants_page = "text/html" in request.headers.get("accept", "")
        if page is not None and wants_page:
            return page(request, problem)
        headers = {name.decode(): value.decode() for name, value in problem.headers}
        return Response(encode(body_of(problem)), status_code=problem.status, media_type=MEDIA, headers=headers)

    return tell


def _problem(request: Request[Any, Any, Any], error: Exception) -> Problem:
    if not isinstance(error, HTTPException):
        problem = problem_of(error)
        if problem.status == 500:
            log.error("%s %s broke", request.method, request.scope.get("path_template", ""), exc_info=error)
        return problem
    allow = (error.headers or {}).get("allow", "")
    match error.status_code:
        case 404:
            return not_found()
        case 405:
            return Problem(405, f"Use one of {allow}.", headers=((b"allow", allow.encode()),))
        case 413:
            return Problem(413, "Send less.")
        case status if status < 500:
            return Problem(400, "The request cannot be read.")
        case _:
            return problem_of(error)
