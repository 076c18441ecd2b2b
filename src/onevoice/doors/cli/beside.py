"""Runs a command here, or, where a server holds the store, inside that server, which is the only one that writes."""

import os
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import wraps
from inspect import signature
from pathlib import Path
from typing import Any, Final, ParamSpec

import msgspec
import typer

from onevoice import __version__
from onevoice.doors.cli.caller import TERMINAL, Steps, settings
from onevoice.doors.cli.telling import answering
from onevoice.nouns.problem import Fault, Refused, Unavailable

P = ParamSpec("P")

COMMANDS: Final = frozenset(
    {
        "care.access",
        "care.doctor",
        "care.erase",
        "care.work",
        "imports.load",
        "imports.waiting",
        "key.listed",
        "key.make",
        "key.revoke",
        "policy.activate",
        "policy.check",
        "policy.explain",
        "policy.profiles",
        "policy.show",
        "policy.simulate",
        "setup.export",
        "setup.load",
        "setup.password",
        "setup.reset_second_step",
    }
)
"""The commands that open the store: the functions of this room that a server runs for others."""


def anywhere(command: Callable[P, None]) -> Callable[P, None]:
    """The command, run where the store is: in this process, or in the server that holds it. Output, exit code and
    Ctrl-C are the same in both. Whatever a person must type is asked before."""
    name = f"{command.__module__.rpartition('.')[2]}.{command.__name__}"
    assert name in COMMANDS, f"{name} is not among the commands that open the store"

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        as_json = bool(kwargs.get("as_json"))
        with answering(as_json=as_json):
            line = _connected()
            if line is not None:
                arguments = signature(command).bind(*args, **kwargs).arguments
                with line:
                    code = _run_there(line, name, arguments, drawing=sys.stderr.isatty() and not as_json)
                raise typer.Exit(code)
        command(*args, **kwargs)

    return run


def _connected() -> socket.socket | None:
    """A line to the server of these settings; None where none listens. Raises Unavailable, Refused."""
    from onevoice.doors.cli.wire import name_of, socket_of, user_of

    path = socket_of(settings())
    if path is None:
        return None
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with name_of(path) as name:
            line.connect(name)
        if user_of(line) != os.geteuid():
            raise PermissionError
    except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
        line.close()
        return None  # nobody, or one that ended without taking its socket away
    except PermissionError:
        line.close()
        raise Unavailable(f"The server that holds {path.parent} is another user's. Run this as that user.") from None
    except OSError as error:
        line.close()
        raise Unavailable(f"The server at {path} cannot be reached: {error.strerror}.") from error
    return line


def _run_there(line: socket.socket, name: str, arguments: dict[str, Any], *, drawing: bool) -> int:
    """The code with which the command ended in the server. Raises Refused, and Unavailable where the server ended
    before the command did."""
    from onevoice.doors.cli.wire import Call, packed, send

    folder, folder_is = _here()
    try:
        call = Call(
            version=__version__,
            command=name,
            arguments=packed(arguments),
            folder=os.fsencode(folder),
            folder_is=folder_is,
            drawing=drawing,
        )
    except UnicodeEncodeError:
        raise Refused([Fault("the command line", "holds bytes that are no UTF-8 text.")]) from None
    with suppress(OSError):  # it may have said why before it hung up
        send(line, call)
    return _told(line)


def _here() -> tuple[Path, tuple[int, int]]:
    """The folder we are in, and the device and number by which anybody knows it; none where it is gone."""
    try:
        folder = Path.cwd()
        found = folder.stat()
    except OSError:
        return Path(), (0, 0)
    return folder, (found.st_dev, found.st_ino)


def _told(line: socket.socket) -> int:
    """Pass on what the server tells, until the command ended."""
    from onevoice.doors.cli.wire import ANSWER_BYTES_MAX, Answer, Begun, Ended, Over, Said, Step

    decoder = msgspec.json.Decoder(Answer)
    bar: Steps = _unseen
    with line.makefile("rb") as lines, ExitStack() as bars:
        while (said := _heard(lines, ANSWER_BYTES_MAX)).endswith(b"\n"):
            match decoder.decode(said):
                case Said(text, aside):
                    words = text.decode("utf-8", "surrogatepass")
                    TERMINAL.complain(words) if aside else TERMINAL.say(words)
                case Begun(title, unit):
                    bar = bars.enter_context(TERMINAL.progress(title, unit, quiet=False))
                case Step(done, of):
                    bar(done, of)
                case Over():
                    bars.close()
                case Ended(code, refusal):
                    if refusal:
                        raise Unavailable(refusal)
                    return code
    raise Unavailable(
        "The server ended before this command did. What it had written by then stays; run the command again."
    )


def _unseen(done: int, of: int) -> None:
    """No bar is drawn."""


def _heard(lines: Any, most: int) -> bytes:
    try:
        said: bytes = lines.readline(most)
    except ConnectionResetError:
        return b""
    return said
