"""An endpoint: all routes of one path as one raw ASGI application; reads, allows, answers, and tells every problem."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

import msgspec

from onevoice.doors.http.body import (
    JSON,
    NDJSON,
    CallerGone,
    encode,
    header,
    query_of,
    read_body,
    reply,
    reply_problem,
    require_media,
)
from onevoice.doors.http.faults import CONTROL, NAME_MAX, read_json, read_query
from onevoice.doors.http.keyring import Keyring
from onevoice.doors.http.permissions import Entry, Permission, require
from onevoice.doors.http.problems import Problem, not_found, problem_of
from onevoice.doors.http.route import Call, Later, Nothing, Route
from onevoice.doors.http.wire import told
from onevoice.nouns.authority import Authority
from onevoice.nouns.problem import Unavailable

log: Final = logging.getLogger("onevoice.http")

READERS: Final = 6
WAITING_MAX: Final = 400
NOBODY: Final = Authority(who="anyone", unit=0, units=frozenset(), verbs=frozenset())

Answer = TypeVar("Answer")


class Threads:
    """A few threads for what must wait for the store; too many waiting are refused, not queued without end."""

    def __init__(self, name: str, count: int = READERS, waiting_max: int = WAITING_MAX) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix=name)
        self._waiting_max = waiting_max
        self._waiting = 0

    async def run(self, work: Callable[..., Answer], *given: Any) -> Answer:
        """The result of `work(*given)`. Raises Unavailable when too many wait."""
        if self._waiting >= self._waiting_max:
            raise Unavailable("Too many questions are waiting. Try again in a moment.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work, *given)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """End the threads after what they are doing."""
        self._pool.shutdown(wait=True, cancel_futures=True)


class Endpoint:
    """All methods of one path."""

    def __init__(
        self,
        routes: Sequence[Route],
        *,
        onevoice: Any,
        keyring: Keyring,
        threads: Threads,
        permissions: dict[str, Permission],
    ) -> None:
        self._routes = {route.method: route for route in routes}
        if "GET" in self._routes:
            self._routes.setdefault("HEAD", self._routes["GET"])
        self._allow = ", ".join(sorted([*self._routes, "OPTIONS"])).encode()
        self._permissions = {method: permissions[route.name] for method, route in self._routes.items()}
        self._decoders = {
            method: msgspec.json.Decoder(route.takes)
            for method, route in self._routes.items()
            if route.takes and not route.stream
        }
        self._onevoice = onevoice
        self._keyring = keyring
        self._threads = threads

    async def serve(self, scope: Any, parts: Mapping[str, str], receive: Any, send: Any) -> None:
        """Answer one request, whatever happens; `parts` are those of its path that stand in braces."""
        try:
            await self._answer(scope, parts, receive, send)
        except CallerGone:
            return
        except Exception as error:
            problem = problem_of(error)
            if problem.status == 500:
                log.exception("%s broke", next(iter(self._routes.values())).path)
            await reply_problem(send, problem)

    async def _answer(self, scope: Any, parts: Mapping[str, str], receive: Any, send: Any) -> None:
        method = scope["method"]
        route = self._routes.get(method)
        if route is None:
            await self._without_route(method, send)
            return
        permission = self._permissions[method]
        authority = NOBODY
        if permission is not Entry.ANYONE:
            authority = await self._keyring.authority(scope)
            require(authority, permission)
        if route.stream is not None:
            require_media(scope, NDJSON)
            await route.stream(self._call(route, authority, scope, parts, None), receive, send)
            return
        body = None
        if route.takes is not None:
            require_media(scope, JSON)
            body = read_json(await read_body(scope, receive), self._decoders[method])
        result = await self._result(route, self._call(route, authority, scope, parts, body))
        raw = result if isinstance(result, bytes) else encode(told(result))
        await reply(send, route.status, raw, JSON)

    async def _result(self, route: Route, call: Call[Any, Any]) -> object:
        assert route.answer is not None
        result = route.answer(call) if route.swift else await self._threads.run(route.answer, call)
        if isinstance(result, Later):
            return result.told(await asyncio.wrap_future(result.future))
        return result

    def _call(
        self, route: Route, authority: Authority, scope: Any, parts: Mapping[str, str], body: Any
    ) -> Call[Any, Any]:
        query: Any = NOTHING
        if scope["query_string"] or route.asks is not Nothing:
            query = read_query(query_of(scope), route.asks)
        for part in parts.values():
            if CONTROL.search(part) or len(part) > NAME_MAX:
                raise not_found()
        key = _key_of(scope) if route.keyed else ""
        return Call(self._onevoice, authority, body, query, parts, key)

    async def _without_route(self, method: str, send: Any) -> None:
        allow = ((b"allow", self._allow),)
        if method == "OPTIONS":
            await send({"type": "http.response.start", "status": 204, "headers": list(allow)})
            await send({"type": "http.response.body", "body": b""})
        else:
            raise Problem(405, f"Use one of {self._allow.decode()}.", headers=allow)


NOTHING: Final = Nothing()


def _key_of(scope: Any) -> str:
    """The Idempotency-Key header; RFC 8941's quotes around it are taken off."""
    said = header(scope, b"idempotency-key").decode("latin-1").strip()
    if len(said) >= 2 and said[0] == said[-1] == '"':
        said = said[1:-1]
    if len(said) > NAME_MAX or not said.isascii() or CONTROL.search(said):
        raise Problem(400, f"An Idempotency-Key has at most {NAME_MAX} visible ASCII characters.")
    return said
