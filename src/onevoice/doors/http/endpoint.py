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
    Headers,
    encode,
    query_of,
    read_body,
    reply,
    reply_problem,
    require_media,
)
from onevoice.doors.http.faults import CONTROL, NAME_MAX, read_json, read_query
from onevoice.doors.http.keyring import Keyring
from onevoice.doors.http.permissions import Entry, Permission, require
from onevoice.doors.http.problems import Problem, problem_of
from onevoice.doors.http.relay import Relay
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
        relay: Relay,
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
        self._relay = relay

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
        headers: Headers = dict(scope["headers"])
        permission = self._permissions[method]
        authority = NOBODY
        if permission is not Entry.ANYONE:
            authority = await self._keyring.authority(headers, scope)
            require(authority, permission)
        query = _query(route, scope)
        key = _key_of(headers) if route.keyed else ""
        if route.stream is not None:
            require_media(headers, NDJSON)
            await route.stream(Call(self._onevoice, authority, None, query, parts, key), receive, send)
            return
        body = None
        if route.takes is not None:
            require_media(headers, JSON)
            body = read_json(await read_body(headers, receive), self._decoders[method])
        result = await self._result(route, Call(self._onevoice, authority, body, query, parts, key))
        raw = result if isinstance(result, bytes) else encode(told(result))
        await reply(send, route.status, raw, JSON)

    async def _result(self, route: Route, call: Call[Any, Any]) -> object:
        assert route.answer is not None
        result = route.answer(call) if route.swift else await self._threads.run(route.answer, call)
        if isinstance(result, Later):
            return await self._relay.wait(result.future)
        return result

    async def _without_route(self, method: str, send: Any) -> None:
        allow = ((b"allow", self._allow),)
        if method == "OPTIONS":
            await send({"type": "http.response.start", "status": 204, "headers": list(allow)})
            await send({"type": "http.response.body", "body": b""})
        else:
            raise Problem(405, f"Use one of {self._allow.decode()}.", headers=allow)


NOTHING: Final = Nothing()


def _query(route: Route, scope: Any) -> Any:
    if scope["query_string"] or route.asks is not Nothing:
        return read_query(query_of(scope), route.asks)
    return NOTHING


def _key_of(headers: Headers) -> str:
    """The Idempotency-Key header; RFC 8941's quotes around it are taken off."""
    raw = headers.get(b"idempotency-key")
    if raw is None:
        return ""
    said = raw.decode("latin-1").strip(" ")
    if len(said) >= 2 and said[0] == said[-1] == '"':
        said = said[1:-1]
    if len(said) > NAME_MAX or not said.isascii() or CONTROL.search(said):
        raise Problem(400, f"An Idempotency-Key has at most {NAME_MAX} characters, all printable ASCII.")
    return said
