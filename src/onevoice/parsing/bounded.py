"""A bounded child: it reads hostile bytes under limits of time, memory and size, and its death is an answer too."""

import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, TypeVar

import msgspec

from onevoice.nouns.observation import Given, Parked, Read
from onevoice.parsing.child import DONE, FRAME, MEMORY, READY, VALUE
from onevoice.parsing.limits import LIMITS, Limits

T = TypeVar("T")

TOO_LONG = "It took longer to read than is allowed."
TOO_MUCH_MEMORY = "It took more memory to read than is allowed."
DIED = "The process that read it ended without an answer."
TOO_LARGE = "What was read from it is larger than is allowed."
START_SECONDS = 60


class ChildWillNotStart(RuntimeError):
    """The process that reads imports does not start. Run `onevoice doctor`."""


class Stopped(msgspec.Struct, frozen=True):
    """The child was stopped, or gave up, over one question: the reason as a sentence."""

    reason: str


class _Gone(Exception):
    """The child said no more; the reason as a sentence."""


class Process:
    """One running child and its two pipes."""

    def __init__(self, mode: str, function: str, limits: Limits) -> None:
        numbers = [str(limits.cpu_seconds), str(limits.memory), str(limits.answer)]
        # Nothing of our own environment goes along: it may hold secrets, and a hijacked child should find none.
        environment = {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"}
        if "SYSTEMROOT" in os.environ:
            environment["SYSTEMROOT"] = os.environ["SYSTEMROOT"]
        # The words of this command are ours; what is hostile goes in by the pipe.
        self._running = subprocess.Popen(  # noqa: S603
            [sys.executable, "-s", "-m", "onevoice.parsing.child", mode, function, *numbers],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            bufsize=0,
        )
        self._limits = limits
        assert self._running.stdin is not None and self._running.stdout is not None
        self._in, self._out = self._running.stdin.fileno(), self._running.stdout.fileno()
        try:
            letter, _ = self.hear(START_SECONDS)
        except _Gone as error:
            self.stop()
            raise ChildWillNotStart(ChildWillNotStart.__doc__) from error
        assert letter == READY

    def tell(self, body: bytes) -> None:
        """Writes one question. Raises _Gone where the child does not take it."""
        left = memoryview(FRAME.pack(b"Q", len(body)) + body)
        deadline = time.monotonic() + self._limits.wall_seconds
        os.set_blocking(self._in, False)
        while left:
            self._wait(self._in, select.POLLOUT, deadline)
            try:
                left = left[os.write(self._in, left) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise _Gone(DIED) from error

    def hear(self, seconds: float) -> tuple[bytes, bytes]:
        """The next frame. Raises _Gone with the reason where none comes in this time."""
        deadline = time.monotonic() + seconds
        letter, size = FRAME.unpack(self._exactly(FRAME.size, deadline))
        if size > 4 * self._limits.answer:
            raise _Gone(TOO_LARGE)
        return letter, self._exactly(size, deadline)

    def stop(self) -> int:
        """Ends the child, whatever it does; its exit code, negative for a signal."""
        if self._running.poll() is None:
            self._running.kill()
        for pipe in (self._running.stdin, self._running.stdout):
            if pipe is not None:
                pipe.close()
        return self._running.wait()

    def _exactly(self, size: int, deadline: float) -> bytes:
        taken = bytearray()
        while len(taken) < size:
            self._wait(self._out, select.POLLIN, deadline)
            piece = os.read(self._out, min(size - len(taken), 1 << 20))
            if not piece:
                # SIGXCPU (24) is the kernel's word that the processor time is used up; SIGKILL (9) the last resort.
                code = self._running.wait()
                raise _Gone(TOO_LONG if code in (-24, -9) else DIED)
            taken += piece
        return bytes(taken)

    def _wait(self, descriptor: int, event: int, deadline: float) -> None:
        watch = select.poll()
        watch.register(descriptor, event)
        left = deadline - time.monotonic()
        if left <= 0 or not watch.poll(left * 1000):
            raise _Gone(TOO_LONG)


def _reason(letter: bytes, body: bytes) -> str:
    if letter == MEMORY:
        return TOO_MUCH_MEMORY
    if body == b"AnswerTooLarge":
        return TOO_LARGE
    return f"It could not be read ({body[:60].decode('ascii', 'replace')})."


class Bounded(Generic[T]):
    """Asks one function, named `module:function`, about one thing after another in a child that is kept for many
    questions and replaced when one of them was too much for it. Use as a context."""

    def __init__(self, function: str, answer: Any, limits: Limits = LIMITS) -> None:
        self._function, self._limits = function, limits
        self._decoder = msgspec.msgpack.Decoder(answer)
        self._process: Process | None = None

    def __enter__(self) -> "Bounded[T]":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        if self._process is not None:
            self._process.stop()
            self._process = None

    def ask(self, raw: bytes) -> T | Stopped:
        """What the function makes of these bytes, or why it did not. Raises ChildWillNotStart."""
        if self._process is None:
            self._process = Process("answer", self._function, self._limits)
        try:
            self._process.tell(raw)
            letter, body = self._process.hear(self._limits.wall_seconds)
        except _Gone as gone:
            self.close()
            return Stopped(str(gone))
        if letter != VALUE:
            if letter == MEMORY:
                self.close()
            return Stopped(_reason(letter, body))
        try:
            value: T = self._decoder.decode(body)
        except msgspec.DecodeError:
            self.close()
            return Stopped(DIED)
        return value


def streamed(function: str, question: bytes, value: Any, limits: Limits = LIMITS) -> Iterator[Any]:
    """All that a function, named `module:function`, yields over one question, read in a child of its own. Ends with one
    Stopped where the child did not come to the end. Raises ChildWillNotStart."""
    decoder = msgspec.msgpack.Decoder(list[value])
    process = Process("stream", function, limits)
    try:
        process.tell(question)
        while True:
            letter, body = process.hear(limits.wall_seconds)
            if letter == DONE:
                return
            if letter != VALUE:
                yield Stopped(_reason(letter, body))
                return
            yield from decoder.decode(body)
    except _Gone as gone:
        yield Stopped(str(gone))
    except msgspec.DecodeError:
        yield Stopped(DIED)
    finally:
        process.stop()


def read_in_child(function: str, question: bytes, limits: Limits = LIMITS) -> Iterator[Read | Parked]:
    """What a vendor's reader yields, read in a child; where the child is stopped, the rest of the source is parked."""
    where = "line 1"
    for item in streamed(function, question, Read | Parked, limits):
        if isinstance(item, Stopped):
            yield Parked(where=f"after {where}", reason=f"The rest was not read. {item.reason}")
            return
        where = item.where
        yield item


class FileAsked(msgspec.Struct, frozen=True):
    """A file to be read by a vendor's reader, and what a person says about it."""

    path: bytes
    given: Given


def file_asked(raw: bytes) -> tuple[Path, Given]:
    """The question of `read_file_in_child`, on the child's side."""
    asked = msgspec.msgpack.decode(raw, type=FileAsked)
    return Path(os.fsdecode(asked.path)), asked.given


def read_file_in_child(function: str, path: Path, given: Given) -> Iterator[Read | Parked]:
    """Reads a file by `module:function` in a child. Raises OSError where it cannot be opened."""
    path.open("rb").close()
    return read_in_child(function, msgspec.msgpack.encode(FileAsked(os.fsencode(path.absolute()), given)))
