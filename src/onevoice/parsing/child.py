"""The child process in which hostile bytes are read: it limits itself first, then answers one question after another.

Run as `python -m onevoice.parsing.child MODE module:function CPU_SECONDS MEMORY ANSWER`. Questions and answers are
frames: one letter, four bytes of length, MessagePack. It never sends pickled objects, so nothing it says can run code
in its parent.
"""

import importlib
import os
import struct
import sys
from collections.abc import Callable, Iterable
from typing import Any, BinaryIO

import msgspec

READY, VALUE, FAILED, MEMORY, DONE = b"R", b"V", b"F", b"M", b"D"
FRAME = struct.Struct("!cI")
ARRAY = struct.Struct("!BI")
BATCH, BATCH_BYTES = 500, 2_000_000


def limit_all(memory: int) -> None:
    """Memory is capped, no file may grow, no core is left; only the processor time is set per question."""
    try:
        import resource
    except ImportError:  # not on this system: the parent's patience is the only limit
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_cpu(seconds: int) -> None:
    """From now on this many seconds of processor time, counted by the kernel, which ends the process at once."""
    try:
        import resource
    except ImportError:
        return
    spent = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(spent.ru_utime + spent.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def say(out: BinaryIO, letter: bytes, body: bytes = b"") -> None:
    out.write(FRAME.pack(letter, len(body)) + body)
    out.flush()


def exactly(stream: BinaryIO, size: int) -> bytes:
    taken = stream.read(size)
    if len(taken) < size:
        sys.exit(0)
    return taken


def function_of(name: str) -> Callable[[Any], Any]:
    module, _, attribute = name.partition(":")
    function: Callable[[Any], Any] = getattr(importlib.import_module(module), attribute)
    return function


def answer_each(function: Callable[[bytes], Any], questions: BinaryIO, out: BinaryIO, cpu: int, most: int) -> None:
    """One answer to each question; raw bytes in, one value out."""
    encode = msgspec.msgpack.Encoder().encode
    while True:
        _, size = FRAME.unpack(exactly(questions, FRAME.size))
        raw = exactly(questions, size)
        limit_cpu(cpu)
        try:
            body = encode(function(raw))
        except MemoryError:
            say(out, MEMORY)
            return
        except Exception as error:
            say(out, FAILED, type(error).__name__.encode())
            continue
        if len(body) > most:
            say(out, FAILED, b"AnswerTooLarge")
        else:
            say(out, VALUE, body)


class Batch:
    """Encoded values on their way, sent as one MessagePack array when they are many or heavy."""

    def __init__(self, out: BinaryIO) -> None:
        self._out, self._pieces, self._weight = out, list[bytes](), 0

    def add(self, piece: bytes) -> bool:
        """Whether this value sent the batch off."""
        self._pieces.append(piece)
        self._weight += len(piece)
        if len(self._pieces) < BATCH and self._weight < BATCH_BYTES:
            return False
        self.send()
        return True

    def send(self) -> None:
        say(self._out, VALUE, ARRAY.pack(0xDD, len(self._pieces)) + b"".join(self._pieces))
        self._pieces.clear()
        self._weight = 0


def stream_all(function: Callable[[bytes], Iterable[Any]], questions: BinaryIO, out: BinaryIO, cpu: int) -> None:
    """One question, then its values in batches until there are no more."""
    _, size = FRAME.unpack(exactly(questions, FRAME.size))
    encode = msgspec.msgpack.Encoder().encode
    batch = Batch(out)
    limit_cpu(cpu)
    try:
        for value in function(exactly(questions, size)):
            if batch.add(encode(value)):
                limit_cpu(cpu)
        batch.send()
        say(out, DONE)
    except MemoryError:
        batch.send()
        say(out, MEMORY)
    except Exception as error:
        batch.send()
        say(out, FAILED, type(error).__name__.encode())


def main() -> None:
    mode, name, cpu, memory, most = sys.argv[1:6]
    questions, out = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a reader prints cannot be taken for an answer
    function = function_of(name)
    limit_all(int(memory))
    say(out, READY)
    if mode == "stream":
        stream_all(function, questions, out, int(cpu))
    else:
        answer_each(function, questions, out, int(cpu), int(most))


if __name__ == "__main__":
    main()
