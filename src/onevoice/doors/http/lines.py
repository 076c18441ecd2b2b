"""Line by line: NDJSON in and out, in order, with as much in memory as one group of lines."""

import asyncio
import logging
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final, TypeVar

import msgspec

from onevoice.doors.http.body import LINE_MAX, NDJSON, CallerGone, Line, encode, read_lines
from onevoice.doors.http.faults import read_json
from onevoice.doors.http.headers import PROTECTED
from onevoice.doors.http.problems import Problem, body_of, problem_of
from onevoice.doors.http.route import Call
from onevoice.doors.http.wire import told
from onevoice.nouns.authority import Authority

Noun = TypeVar("Noun")

log: Final = logging.getLogger("onevoice.http")

GROUP_LINES: Final = 1_000
GROUP_BYTES: Final = 4 * 1024 * 1024
HELD_BYTES: Final = 1024 * 1024
CHUNK: Final = 64 * 1024

Read = Callable[[Call[Any, Any], Any, int], Noun]
Write = Callable[[Any, Authority, list[Noun]], Sequence[object]]


def stream(shape: type[msgspec.Struct], read: "Read[Noun]", write: "Write[Noun]", what: str) -> Any:
    """A route's stream: each line is read as `shape` and made a noun; groups of nouns are written; each line is
    answered as {"line": n, what: ...} or {"line": n, "problem": ...}."""
    decoder = msgspec.json.Decoder(shape)

    async def run(call: Call[Any, Any], receive: Any, send: Any) -> None:
        answers = Answers(send)
        try:
            async for lines in _groups(receive):
                await answers.write(await asyncio.to_thread(_answered, call, lines, decoder, read, write, what))
            await answers.finish()
        except CallerGone:
            return
        except Exception:  # the answer has begun: breaking it off is the only way left to say so
            log.exception("A batch broke off")
        finally:
            answers.close()

    return run


class Answers:
    """Answers on their way to a caller who may not be listening yet: most clients send all their lines before they read
    one, so what cannot be sent at once waits in a temporary file, not in memory, and never stops the reading."""

    def __init__(self, send: Any) -> None:
        self._send = send
        self._kept = tempfile.SpooledTemporaryFile(max_size=HELD_BYTES)  # noqa: SIM115  # closed by close()
        self._written = 0
        self._sent = 0
        self._whole = False
        self._more = asyncio.Event()
        self._sender = asyncio.ensure_future(self._run())

    async def write(self, raw: bytes) -> None:
        """Add answers; returns at once."""
        if self._sender.done():
            self._sender.result()
        self._kept.seek(self._written)
        self._kept.write(raw)
        self._written += len(raw)
        self._more.set()

    async def finish(self) -> None:
        """Wait until everything has been sent."""
        self._whole = True
        self._more.set()
        await self._sender

    def close(self) -> None:
        """Forget what is left."""
        self._sender.cancel()
        self._kept.close()

    async def _run(self) -> None:
        head = [(b"content-type", NDJSON.encode()), *PROTECTED]
        await self._send({"type": "http.response.start", "status": 200, "headers": head})
        while True:
            self._more.clear()
            while self._sent < self._written:
                self._kept.seek(self._sent)
                raw = self._kept.read(CHUNK)
                self._sent += len(raw)
                await self._send({"type": "http.response.body", "body": raw, "more_body": True})
            if self._whole:
                await self._send({"type": "http.response.body", "body": b""})
                return
            await self._more.wait()


async def _groups(receive: Any) -> AsyncIterator[list[Line]]:
    held: list[Line] = []
    size = 0
    async for line in read_lines(receive):
        held.append(line)
        size += len(line.raw or b"")
        if len(held) >= GROUP_LINES or size >= GROUP_BYTES:
            yield held
            held, size = [], 0
    if held:
        yield held


def _answered(
    call: Call[Any, Any], lines: list[Line], decoder: Any, read: "Read[Noun]", write: "Write[Noun]", what: str
) -> bytes:
    """The answers to a group of lines, in order, as NDJSON."""
    nouns: list[Noun] = []
    refused: dict[int, Exception] = {}
    for line in lines:
        try:
            nouns.append(read(call, _read_line(line, decoder), line.number))
        except Exception as error:  # told as this line's problem, whatever it is
            refused[line.number] = error
    written: Sequence[object] = []
    if nouns:
        try:
            written = write(call.onevoice, call.authority, nouns)
        except Exception as error:  # the group was not written: each of its lines is told so
            written = [error] * len(nouns)
    told_by_turn = iter(written)
    answers = [refused[line.number] if line.number in refused else next(told_by_turn) for line in lines]
    return b"".join(encode(_answer(line.number, one, what)) + b"\n" for line, one in zip(lines, answers, strict=True))


def _read_line(line: Line, decoder: Any) -> Any:
    if line.raw is None:
        raise Problem(413, f"A line has at most {LINE_MAX // 1024} KB.")
    return read_json(line.raw, decoder)


def _answer(number: int, one: object, what: str) -> dict[str, object]:
    if isinstance(one, Exception):
        return {"line": number, "problem": body_of(problem_of(one))}
    return {"line": number, what: told(one)}
