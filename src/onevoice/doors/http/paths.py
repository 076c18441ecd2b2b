"""Paths: which endpoint a request is for, found on the bytes of its path, so that a reference may hold a slash."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from onevoice.doors.http.body import reply_problem
from onevoice.doors.http.endpoint import Endpoint
from onevoice.doors.http.faults import CONTROL, NAME_MAX
from onevoice.doors.http.problems import not_found

Parts = tuple[str, ...]
NO_PARTS: Final[Mapping[str, str]] = {}


class Paths:
    """The paths of /v1. One in braces takes whatever stands between two slashes (%2F is not one of them)."""

    def __init__(self, endpoints: Mapping[str, Endpoint]) -> None:
        self._whole = {path.encode(): endpoint for path, endpoint in endpoints.items() if "{" not in path}
        self._parted = [(tuple(path.split("/")), endpoint) for path, endpoint in endpoints.items() if "{" in path]

    async def serve(self, scope: Any, receive: Any, send: Any) -> None:
        """Hand the request to its endpoint, or say that there is none."""
        raw: bytes = scope["raw_path"].split(b"?", 1)[0]
        endpoint = self._whole.get(raw)
        if endpoint is not None:
            await endpoint.serve(scope, NO_PARTS, receive, send)
            return
        path = raw.rstrip(b"/")
        if path in self._whole:
            await self._whole[path].serve(scope, NO_PARTS, receive, send)
            return
        try:
            said = tuple(unquote_to_bytes(part).decode() for part in path.split(b"/"))
        except UnicodeDecodeError:
            said = ()
        for parts, endpoint in self._parted:
            named = _named(parts, said)
            if named is not None and all(len(one) <= NAME_MAX and not CONTROL.search(one) for one in named.values()):
                await endpoint.serve(scope, named, receive, send)
                return
        await reply_problem(send, not_found())


def _named(parts: Parts, said: Parts) -> dict[str, str] | None:
    """The parts in braces by their names; None where the paths differ."""
    if len(parts) != len(said):
        return None
    named: dict[str, str] = {}
    for part, one in zip(parts, said, strict=True):
        if part.startswith("{") and one:
            named[part.strip("{}")] = one
        elif part != one:
            return None
    return named
