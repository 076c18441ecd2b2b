"""A file as a stream of bytes: gzip is seen through, and nothing unpacks without end."""

import gzip
import io
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

from onevoice.parsing.limits import LIMITS, Limits

GZIP = b"\x1f\x8b"
HEAD = 65_536

BROKEN = (EOFError, zlib.error, gzip.BadGzipFile, OSError)
"""What reading a damaged packed file raises."""


class UnpackedTooLarge(OSError):
    """This packed file grows far beyond its size. Unpack it yourself and import the plain file."""


class Counted(io.RawIOBase):
    """A stream that refuses to give more than `most` bytes."""

    def __init__(self, stream: BinaryIO, most: int) -> None:
        self._stream = stream
        self._left = most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)
        piece = self._stream.read(len(view))
        self._left -= len(piece)
        if self._left < 0:
            raise UnpackedTooLarge(UnpackedTooLarge.__doc__)
        view[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._stream.close()
        super().close()


def opened(path: Path, limits: Limits = LIMITS) -> BinaryIO:
    """The plain bytes of a file, gzip or not, buffered. Unpacked size is at most ten times the packed one, or
    `limits.unpacked_always` if that is more. Raises OSError where there is no such file; reading may raise BROKEN."""
    with path.open("rb") as file:
        packed = file.read(2) == GZIP
    if not packed:
        return path.open("rb", buffering=HEAD)
    most = max(limits.unpacked_times * path.stat().st_size, limits.unpacked_always)
    return io.BufferedReader(Counted(cast(BinaryIO, gzip.open(path, "rb")), most), HEAD)


def head_of(path: Path, size: int = HEAD) -> bytes:
    """The first plain bytes of a file; what can be had where it is damaged. Raises OSError where there is none."""
    taken = b""
    with opened(path) as stream, suppress(*BROKEN):
        while len(taken) < size and (piece := stream.read1(size - len(taken))):  # type: ignore[attr-defined]
            taken += piece
    return taken


def why_broken(error: Exception) -> str:
    """A sentence for a source that stopped in the middle."""
    if isinstance(error, UnpackedTooLarge):
        return str(error)
    if isinstance(error, EOFError):
        return "The packed file ends too early; what stood before its end was read. Fetch it again."
    return "The packed file is damaged from here on; what stood before was read. Fetch it again."
