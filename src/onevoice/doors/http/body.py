"""Bodies as they arrive, bounded as a whole or line by line without end; and answers as they leave."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl

import msgspec

from onevoice.doors.http.headers import PROTECTED
from onevoice.doors.http.problems import MEDIA, Problem, body_of

BODY_MAX: Final = 5 * 1024 * 1024
LINE_MAX: Final = 64 * 1024
JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"

encode: Final = msgspec.json.Encoder().encode


Headers = Mapping[bytes, bytes]
"""Lower-case names and values, as ASGI has them; of a header that comes twice, the last."""


class CallerGone(Exception):
    """The caller hung up before the request was whole; there is nobody to answer."""


class Line(NamedTuple):
    """One line of NDJSON: its number from 1, and its bytes; None where it was longer than LINE_MAX."""

    number: int
    raw: bytes | None


def require_media(headers: Headers, wanted: str) -> None:
    """Raises Problem 415 where the body is declared as anything else than this kind (charset utf-8 may be said)."""
    said = headers.get(b"content-type", b"").decode("latin-1")
    if said == wanted:
        return
    kind, _, parameters = said.partition(";")
    charset = parameters.strip().lower()
    if kind.strip().lower() != wanted or charset not in ("", "charset=utf-8", 'charset="utf-8"'):
        raise Problem(415, f"Send it as {wanted}, in UTF-8.")


async def read_body(headers: Headers, receive: Any) -> bytes:
    """The whole body. Raises Problem 413 above BODY_MAX, CallerGone when it never ends."""
    declared = headers.get(b"content-length", b"")
    if declared.isdigit() and int(declared) > BODY_MAX:
        raise _too_large()
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise CallerGone
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > BODY_MAX:
            raise _too_large()
        more = message.get("more_body", False)
        if not (more or parts):
            return part
        parts.append(part)
    return b"".join(parts)


async def read_lines(receive: Any) -> AsyncIterator[Line]:
    """The lines of a body of any length, blank ones left out; never more than one line is held.

    Raises CallerGone when the caller hangs up."""
    held, number, skipping, more = b"", 0, False, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise CallerGone
        more = bool(message.get("more_body"))
        pieces = (held + message.get("body", b"")).split(b"\n")
        held = pieces.pop()
        if not more and (held or skipping):
            pieces.append(held)
        for piece in pieces:
            number += 1
            if skipping or len(piece) > LINE_MAX:
                skipping = False
                yield Line(number, None)
            elif piece.strip():
                yield Line(number, piece)
        if len(held) > LINE_MAX:
            held, skipping = b"", True


async def reply(send: Any, status: int, body: bytes, media: str, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
    """One whole answer."""
    fixed = [(b"content-type", media.encode()), (b"content-length", b"%d" % len(body)), *PROTECTED, *headers]
    await send({"type": "http.response.start", "status": status, "headers": fixed})
    await send({"type": "http.response.body", "body": body})


async def reply_problem(send: Any, problem: Problem) -> None:
    """A refusal, as RFC 9457 says it."""
    await reply(send, problem.status, encode(body_of(problem)), MEDIA, problem.headers)


def query_of(scope: Any) -> Mapping[str, str]:
    """The last value of each name behind the question mark. Raises Problem 400 where it is not UTF-8."""
    try:
        pairs = parse_qsl(
            scope["query_string"].decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=50
        )
    except ValueError:
        raise Problem(400, "What stands behind the question mark cannot be read.") from None
    return dict(pairs)


def _too_large() -> Problem:
    return Problem(413, f"A body has at most {BODY_MAX // 1024 // 1024} MB; send many lines to a batch route.")
