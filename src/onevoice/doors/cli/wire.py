"""What goes over the server's socket between a command and the server it runs in: one JSON value a line."""

import os
import socket
import struct
import sys
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

from onevoice.settings import Settings

SOCKET_NAME: Final = "onevoice.sock"
NAME_BYTES_MAX: Final = 107
"""What the name of a Unix socket may have at most on Linux: 108 bytes with the zero at its end (unix(7))."""

CALL_BYTES_MAX: Final = 4_000_000
SAID_MAX: Final = 250_000
"""Characters that are told at once; longer text goes in pieces."""

ANSWER_BYTES_MAX: Final = 4_000_000


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One command to run: its name (`imports.load`) and arguments, the folder it was called in with the device and
    number by which a folder is the same one, and whether its progress is drawn."""

    version: str
    command: str
    arguments: dict[str, msgspec.Raw]
    folder: bytes
    folder_is: tuple[int, int]
    drawing: bool


class Said(msgspec.Struct, frozen=True, tag="said"):
    """Text for standard output, or `aside` for standard error."""

    text: bytes
    aside: bool = False


class Begun(msgspec.Struct, frozen=True, tag="begun"):
    """A bar begins."""

    title: str
    unit: str


class Step(msgspec.Struct, frozen=True, tag="step"):
    """How far the bar is; `of` 0 where nobody knows of how many."""

    done: int
    of: int


class Over(msgspec.Struct, frozen=True, tag="over"):
    """The bar ended."""


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """The command ended with this code, or was not begun, for this reason. Nothing comes after it; where it does not
    come, the server ended first."""

    code: int
    refusal: str = ""


Answer = Said | Begun | Step | Over | Ended


def socket_of(settings: Settings) -> Path | None:
    """Where the server of these settings listens for commands. None where the store takes several writers, or where
    the system cannot say who calls."""
    if settings.database_url or sys.platform != "linux":
        return None
    return settings.data_dir.absolute() / SOCKET_NAME


@contextmanager
def name_of(path: Path) -> Iterator[str]:
    """A name of the socket that the system takes: a long path is reached through its opened folder. Raises OSError
    where there is no such folder."""
    if len(os.fsencode(path)) <= NAME_BYTES_MAX:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def user_of(line: socket.socket) -> int:
    """The user at the other end, as the kernel knows it (SO_PEERCRED, unix(7))."""
    _, user, _ = struct.unpack("3i", line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
    return int(user)


def send(line: socket.socket, value: Call | Answer) -> None:
    """Send one value. Raises OSError where nobody takes it."""
    line.sendall(msgspec.json.encode(value) + b"\n")


def packed(arguments: dict[str, Any]) -> dict[str, msgspec.Raw]:
    """Arguments by name. Paths go as bytes, because a file may have a name that is no text. Raises UnicodeEncodeError
    for a text that is none."""
    return {name: msgspec.Raw(msgspec.json.encode(each, enc_hook=os.fsencode)) for name, each in arguments.items()}


def unpacked(argument: msgspec.Raw, kind: Any) -> Any:
    """An argument as its command takes it. Raises msgspec.ValidationError."""
    return msgspec.json.decode(argument, type=kind, dec_hook=_path)


def _path(kind: type, given: Any) -> Any:
    assert kind is Path, f"arguments of commands are values and paths, not {kind}"
    return Path(os.fsdecode(b64decode(given)))
