"""The Python client for senders: ask before sending, confirm after it, tell what happened. Small and synchronous."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from types import TracebackType
from typing import Any, Final, Self, TypeVar
from uuid import uuid4

import httpx2
import msgspec
import stamina

from onevoice.nouns.problem import Fault, KeyReused, NotFound, Refused, Unavailable

Shape = TypeVar("Shape")

TRIES: Final = 5
SECONDS_MAX: Final = 60.0
WAIT_MAX: Final = 15.0
GROUP: Final = 1_000
"""Lines of one request: the answer is read after all of them were sent."""
AGAIN: Final = frozenset({429, 502, 503, 504})


class NotAllowed(Exception):
    """The API key is missing, wrong, revoked, or may not do this. Ask an administrator for the right one."""


class Unexpected(Exception):
    """The server answered something this client does not understand. Compare the versions of both."""


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict on one proposal: `send`, `hold` (until a moment), `reroute` or `suppress`, and the reason.

    `binding` is false where the gate only advises: then send whatever the verdict. After sending, `confirm(touch)`;
    when you did not send, `release(touch)`, before `lease_until`."""

    key: str
    touch: int
    verdict: str
    reason: str
    sentence: str = ""
    until: datetime | None = None
    latest: datetime | None = None
    lease_until: datetime | None = None
    mode: str = "enforce"
    binding: bool = True
    repeated: bool = False
    dry_run: bool = False

    @property
    def may_send(self) -> bool:
        """Whether the message may go out now."""
        return self.verdict == "send" or not self.binding


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an observation: its entry and thread in the book; `repeated` when the book had it already."""

    entry: int
    touch: int
    repeated: bool = False


class _Body(msgspec.Struct, frozen=True, kw_only=True):
    status: int = 0
    title: str = ""
    detail: str = ""
    faults: tuple[Fault, ...] = ()


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    line: int
    decision: Decided | None = None
    problem: _Body | None = None


class _TryAgain(Exception):
    """The same request may succeed in a moment; `wait` is what the server asked for, in seconds (0: nothing)."""

    def __init__(self, says: str, wait: float = 0.0) -> None:
        super().__init__(says)
        self.wait = wait


class Client:
    """Speaks to one Onevoice with one API key. Every request is tried a few times under one idempotency key, so that a
    lost answer never becomes a second message.

    All calls raise Refused (with every fault), KeyReused, NotFound, NotAllowed, and Unavailable when the server cannot
    be reached or answer within the tries: then nothing is known, and nothing may be sent."""

    def __init__(self, url: str, key: str, *, timeout: float = 10.0, tries: int = TRIES, transport: Any = None) -> None:
        """`url` is the address of the server, `key` the API key (`ov_…`), `timeout` seconds of one try."""
        self._tries = tries
        self._http = httpx2.Client(
            base_url=url.rstrip("/") + "/v1/",
            headers={"authorization": f"Bearer {key}", "user-agent": "onevoice-client"},
            timeout=timeout,
            transport=transport,
        )

    def propose(self, *, key: str = "", dry_run: bool = False, **message: Any) -> Decided:
        """May this message go out? Takes the fields of a proposal (`unit`, `channel`, `category`, `customer` ...);
        moments are datetimes that name their offset. `key` is your own id of the message; without one, each call is a
        new message."""
        body = {**message, "key": key or uuid4().hex}
        answer = self._post("proposals/dry-run" if dry_run else "proposals", msgspec.json.encode(body))
        return _read(answer, Decided)

    def propose_many(self, messages: Iterable[Mapping[str, Any]]) -> Iterator[Decided | Exception]:
        """Many proposals, read and answered in order as it goes; one that is refused is answered with its exception.

        Give each its `key`: only then may the whole be repeated after a crash."""
        rows = ({**message, "key": message.get("key") or uuid4().hex} for message in messages)
        while group := list(islice(rows, GROUP)):
            raw = b"".join(msgspec.json.encode(row) + b"\n" for row in group)
            answers = self._post("proposals/batch", raw, media="application/x-ndjson").splitlines()
            if len(answers) != len(group):
                raise Unavailable("The answer broke off. Repeat the batch with the same keys.")
            for answer in answers:
                line = _read(answer, _Line)
                yield line.decision if line.decision is not None else _error(line.problem or _Body())

    def confirm(self, touch: int, *, occurred: datetime | None = None) -> Known:
        """The message was sent (at `occurred`, else now): the reservation is used."""
        body = {"occurred": occurred} if occurred else {}
        return _read(self._post(f"touches/{touch}/confirm", msgspec.json.encode(body)), Known)

    def release(self, touch: int) -> Known:
        """The message was not sent, and will not be: its place is free again."""
        return _read(self._post(f"touches/{touch}/release", b"{}"), Known)

    def observe(self, *, kind: str, key: str, occurred: datetime, **said: Any) -> Known:
        """Tell the book that something happened. `key` is your own id of the fact; told again, it is known already."""
        body = {**said, "kind": kind, "key": key, "occurred": occurred}
        return _read(self._post("observations", msgspec.json.encode(body)), Known)

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _post(self, path: str, raw: bytes, *, media: str = "application/json") -> bytes:
        """The answer's body, after as many tries as it takes; the request stays the same, key and all."""
        try:
            for attempt in stamina.retry_context(
                on=_wait, attempts=self._tries, timeout=SECONDS_MAX, wait_initial=0.1, wait_max=5.0
            ):
                with attempt:
                    return self._try(path, raw, media)
        except (_TryAgain, httpx2.TransportError) as error:
            raise Unavailable(f"Onevoice did not answer ({error}). Hold the message and try again later.") from error
        raise AssertionError("the loop returns or raises")

    def _try(self, path: str, raw: bytes, media: str) -> bytes:
        answer = self._http.post(path, content=raw, headers={"content-type": media})
        if answer.status_code in AGAIN:
            said = answer.headers.get("retry-after", "")
            raise _TryAgain(f"status {answer.status_code}", float(said) if said.isdigit() else 0.0)
        if answer.status_code >= 400:
            raise _error(_problem(answer))
        return answer.content


def _wait(error: Exception) -> bool | float:
    """Whether to try again: after what the server asked for, else by stamina's own growing waits."""
    if isinstance(error, _TryAgain):
        return min(error.wait, WAIT_MAX) if error.wait else True
    return isinstance(error, httpx2.TransportError)


def _problem(answer: httpx2.Response) -> _Body:
    try:
        body = msgspec.json.decode(answer.content, type=_Body)
    except msgspec.DecodeError:
        body = _Body(detail=answer.reason_phrase)
    return msgspec.structs.replace(body, status=answer.status_code)


def _error(problem: _Body) -> Exception:
    match problem.status:
        case 400 | 413 | 415 | 422:
            return Refused(problem.faults or (Fault("request", problem.detail),), problem.title or "Refused.")
        case 401 | 403:
            return NotAllowed(problem.detail)
        case 404:
            return NotFound(problem.detail)
        case 409:
            return KeyReused(problem.detail)
        case 429 | 503:
            return Unavailable(problem.detail)
        case _:
            return Unexpected(f"{problem.status} {problem.title} {problem.detail}".strip())


def _read(raw: bytes, shape: type[Shape]) -> Shape:
    try:
        return msgspec.json.decode(raw, type=shape)
    except msgspec.DecodeError as error:
        raise Unexpected(str(error)) from error
