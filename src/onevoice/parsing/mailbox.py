"""Archives of mail split into messages: mbox files, single mails, folders and tar archives of them, gzip or not."""

import os
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO, Final

import msgspec

from onevoice.nouns.observation import Parked
from onevoice.parsing.limits import LIMITS, Limits
from onevoice.parsing.source import BROKEN, head_of, opened, why_broken

# A From_ line: bounded classes between literals, matched at the start of one line cut to 300 bytes.
FROM_LINE: Final = re.compile(
    rb"From [^\r\n]{0,200}?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? [^\r\n]{0,20}?\d{1,2}:\d\d[^\r\n]{0,60}?\d{4}"
)
FIELD_LINE: Final = re.compile(rb"[!-9;-~]{1,100}[ \t]?:|>From |[ \t\r\n]")
QUOTED_FROM: Final = re.compile(rb"^>(>*From )", re.MULTILINE)
LINE_MAX: Final = 1 << 20
FILES_MAX: Final = 1_000_000


class Held(msgspec.Struct, frozen=True, tag="held"):
    """One message of an archive: where it stands, and its bytes without a From_ line."""

    where: str
    raw: bytes


def shown(name: str) -> str:
    """A file's name as it may be shown: printable, and not longer than 120 characters."""
    return "".join(c if c.isprintable() else "?" for c in name.encode("utf-8", "replace").decode())[-120:]


def is_tar(head: bytes) -> bool:
    return head[257:262] == b"ustar"


def split_asked(raw: bytes) -> Iterator[Held | Parked]:
    """`split` for a path as bytes: the way into the bounded child."""
    return split(Path(os.fsdecode(raw)))


def split(path: Path, limits: Limits = LIMITS) -> Iterator[Held | Parked]:
    """Every message of a file or folder once, in order; what is no message is parked. Archives are read as a stream and
    nothing of them is written anywhere; links and devices in them are passed over."""
    if not path.is_dir():
        yield from _file(path, "", limits)
        return
    files = (file for file in sorted(path.rglob("*")) if file.is_file() and not file.is_symlink())
    for number, file in enumerate(files):
        if number >= FILES_MAX:
            yield Parked(where="folder", reason=f"It holds more than {FILES_MAX:,} files; the others were not read.")
            return
        if not file.name.startswith("."):
            yield from _file(file, shown(str(file.relative_to(path))), limits)


def _file(path: Path, name: str, limits: Limits) -> Iterator[Held | Parked]:
    head = head_of(path)
    try:
        with opened(path, limits) as stream:
            if is_tar(head):
                yield from _members(stream, limits)
            else:
                yield from _messages(stream, head, name, limits)
    except BROKEN as error:
        yield Parked(where=name or "file", reason=why_broken(error))


def _members(stream: BinaryIO, limits: Limits) -> Iterator[Held | Parked]:
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in archive:
                inner = archive.extractfile(member) if member.isreg() else None
                if inner is not None:
                    yield from _messages(inner, b"", shown(member.name), limits)
                archive.members = []  # type: ignore[attr-defined]  # it would keep every name for ever
    except (tarfile.TarError, ValueError, *BROKEN) as error:
        reason = why_broken(error) if isinstance(error, BROKEN) else why_broken(OSError())
        yield Parked(where="archive", reason=reason)


def _messages(stream: IO[bytes], head: bytes, name: str, limits: Limits) -> Iterator[Held | Parked]:
    """The messages of one file: several where it is an mbox, which begins with a From_ line."""
    before = f"{name} " if name else ""
    first = stream.readline(LINE_MAX)
    if not FROM_LINE.match(first[:300]):
        raw = first + stream.read(limits.mail + 1 - len(first))
        if len(raw) > limits.mail:
            while stream.read(LINE_MAX):
                pass
            yield Parked(where=name or "message 1", reason=f"It is larger than {limits.mail:,} bytes.", raw=raw[:200])
        else:
            yield Held(name or "message 1", raw)
        return
    for number, (raw, whole) in enumerate(_mbox(stream, limits.mail), 1):
        where = f"{before}message {number}"
        if whole:
            yield Held(where, QUOTED_FROM.sub(rb"\1", raw))
        else:
            yield Parked(where=where, reason=f"It is larger than {limits.mail:,} bytes.", raw=raw[:200])


def _mbox(stream: IO[bytes], most: int) -> Iterator[tuple[bytes, bool]]:
    """Messages between From_ lines, and whether each is whole. A From_ line follows an empty line, names a day and a
    time, and is followed by a header field: prose that begins a line with "From" is not one."""
    lines: list[bytes] = []
    size, empty, held = 0, False, b""
    while line := (held or stream.readline(LINE_MAX)):
        held = b""
        if empty and line.startswith(b"From ") and FROM_LINE.match(line[:300]):
            held = stream.readline(LINE_MAX)
            if not held or FIELD_LINE.match(held[:120]):
                yield _joined(lines), size <= most
                lines, size, empty = [], 0, False
                continue
        size += len(line)
        if size <= most:
            lines.append(line)
        empty = line in (b"\n", b"\r\n")
    yield _joined(lines), size <= most


def _joined(lines: list[bytes]) -> bytes:
    """A message without the empty line that parts it from the next From_ line."""
    return b"".join(lines[:-1] if lines and lines[-1] in (b"\n", b"\r\n") else lines)
