"""The attendant: inside a server that holds the store, runs the commands that people type beside it."""

import logging
import os
import select
import socket
import socketserver
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_type_hints

import msgspec
import typer

from onevoice import __version__
from onevoice.doors.cli.beside import COMMANDS
from onevoice.doors.cli.caller import CALLER, Steps
from onevoice.doors.cli.telling import Exit
from onevoice.doors.cli.wire import (
    CALL_BYTES_MAX,
    SAID_MAX,
    Answer,
    Begun,
    Call,
    Ended,
    Over,
    Said,
    Step,
    name_of,
    send,
    socket_of,
    unpacked,
    user_of,
)
from onevoice.nouns.problem import Fault, Refused, Unavailable

if TYPE_CHECKING:
    from onevoice.wiring import Onevoice

log: Final = logging.getLogger("onevoice.beside")

CALLS_MAX: Final = 16
CALL_SECONDS: Final = 10
"""In so many seconds a caller has said what to run."""

TAKE_SECONDS: Final = 600
"""So long a caller may leave what it is told unread, as one who reads page by page does."""

STOP_SECONDS: Final = 5
"""After so many seconds a caller that is told of the stop and does not listen is left."""

STEP_SECONDS: Final = 0.1


class HungUp(Exception):
    """The caller is gone: Ctrl-C, or its process ended. The command ends at its next step."""


class Beside:
    """A caller at the other end of the socket. Every step and every line finds out whether it is still there."""

    def __init__(self, house: "Onevoice", line: socket.socket, call: Call, stopping: threading.Event) -> None:
        self._house, self._line, self._call, self._stopping = house, line, call, stopping
        self._watch = select.poll()
        self._watch.register(line, select.POLLIN)

    def say(self, text: str) -> None:
        self._tell(text, aside=False)

    def complain(self, text: str) -> None:
        self._tell(text, aside=True)

    @contextmanager
    def progress(self, title: str, unit: str, *, quiet: bool) -> Iterator[Steps]:
        drawn = self._call.drawing and not quiet
        last, unsent = 0.0, None

        def step(done: int, of: int) -> None:
            nonlocal last, unsent
            self._look_up()
            unsent = Step(done, of)
            if drawn and time.monotonic() - last >= STEP_SECONDS:
                self._send(unsent)
                last, unsent = time.monotonic(), None

        if drawn:
            self._send(Begun(title, unit))
        self._look_up()
        yield step
        if drawn:
            if unsent is not None:
                self._send(unsent)
            self._send(Over())

    @contextmanager
    def opened(self) -> "Iterator[Onevoice]":
        yield self._house

    def at(self, path: Path) -> Path:
        if path.is_absolute():
            return path
        folder = Path(os.fsdecode(self._call.folder))
        try:
            found = folder.stat()
        except OSError:
            found = None
        if found is None or (found.st_dev, found.st_ino) != self._call.folder_is:
            says = "The server does not see the folder you are in (it may run in a container). Run this where it runs."
            raise Refused([Fault(str(path), says)])
        return folder / path

    def _look_up(self) -> None:
        """Go on only where the caller is there and the server stays. Raises HungUp, Unavailable."""
        if self._stopping.is_set():
            raise Unavailable("The server is stopping. What it had written by then stays; run the command again.")
        if self._watch.poll(0) and not self._line.recv(1, socket.MSG_PEEK):
            raise HungUp

    def _tell(self, text: str, *, aside: bool) -> None:
        for begin in range(0, len(text), SAID_MAX):
            piece = text[begin : begin + SAID_MAX]
            self._send(Said(piece.encode("utf-8", "surrogatepass"), aside))

    def _send(self, answer: Answer) -> None:
        try:
            send(self._line, answer)
        except OSError as error:
            raise HungUp from error


class Attendant(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Answers each call on a thread of its own. The caller must be the user of this process."""

    daemon_threads = False  # a command is not cut off in the middle: the process waits for it
    request_queue_size = CALLS_MAX

    def __init__(self, house: "Onevoice", path: Path) -> None:
        self._house, self._path = house, path
        self._stopping = threading.Event()
        self._guard = threading.Lock()
        self._lines: set[socket.socket] = set()
        self._thread = threading.Thread(target=self.serve_forever, name="onevoice-attendant", daemon=True)
        super().__init__(str(path), socketserver.BaseRequestHandler)

    def server_bind(self) -> None:
        """Take the place of a socket that a dead process left: whoever binds holds the store's lock. Nobody is let in
        before only this user may come in. Raises OSError, Unavailable."""
        _refuse_open_folder(self._path.parent)
        with suppress(FileNotFoundError):
            if not stat.S_ISSOCK(self._path.lstat().st_mode):
                raise Unavailable(f"{self._path} is not a socket.")
            self._path.unlink()
        with name_of(self._path) as name:
            self.socket.bind(name)
        self._path.chmod(0o600)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more calls, end the commands that run at their next step, and wait for them."""
        self._stopping.set()
        self.shutdown()
        self.socket.close()
        self._path.unlink(missing_ok=True)
        until = time.monotonic() + STOP_SECONDS
        while self._lines and time.monotonic() < until:
            time.sleep(0.02)
        with self._guard:
            for line in self._lines:
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def finish_request(self, request: Any, client_address: Any) -> None:
        """One call, from its first word to its code."""
        with self._guard:
            full = len(self._lines) >= CALLS_MAX
            self._lines.add(request)
        try:
            request.settimeout(CALL_SECONDS)
            self._answer(request, full=full)
        except (HungUp, OSError):
            log.info("a caller left before its command ended")
        finally:
            with self._guard:
                self._lines.discard(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """What nobody expected goes to the log."""
        log.exception("a command beside the server broke")

    def _answer(self, line: socket.socket, *, full: bool) -> None:
        refusal = refused_caller(user_of(line), os.geteuid())
        if full:
            refusal = f"{CALLS_MAX} commands run in the server already. Try again when one has ended."
        if refusal:
            _refuse(line, refusal)
            return
        with line.makefile("rb") as lines:
            asked = lines.readline(CALL_BYTES_MAX)
        line.settimeout(TAKE_SECONDS)
        try:
            call = msgspec.json.decode(asked, type=Call)
        except msgspec.MsgspecError:
            _refuse(line, f"The server is Onevoice {__version__} and does not understand this call.")
            return
        if call.version != __version__ or call.command not in COMMANDS:
            _refuse(line, f"The server is Onevoice {__version__}, this command {call.version}. Start the server anew.")
            return
        began = time.monotonic()
        code = self._run(line, call)
        log.info("the command %s ended with code %d after %.1f s", call.command, code, time.monotonic() - began)
        send(line, Ended(code))

    def _run(self, line: socket.socket, call: Call) -> int:
        """Run a command for a caller; its exit code. Raises HungUp."""
        module, _, name = call.command.rpartition(".")
        command = getattr(import_module(f"onevoice.doors.cli.{module}"), name)
        hints = get_type_hints(command)
        caller = Beside(self._house, line, call, self._stopping)
        token = CALLER.set(caller)
        try:
            command(**{each: unpacked(given, hints[each]) for each, given in call.arguments.items()})
        except typer.Exit as ended:
            return ended.exit_code
        except HungUp:
            raise
        except Exception as error:  # the caller must learn that it broke; of what broke the log says where
            log.exception("the command %s broke", call.command)
            caller.complain(f"The command broke ({type(error).__name__}); the server's log says where.\n")
            return int(Exit.FAULTS)
        finally:
            CALLER.reset(token)
        return int(Exit.DONE)


@contextmanager
def attending(house: "Onevoice") -> Iterator[None]:
    """While this lasts, commands typed beside this process run in it, where the store takes only one writer. A socket
    that cannot be had is no reason not to serve; the log says so."""
    path = socket_of(house.settings)
    attendant = None
    if path is not None:
        try:
            attendant = Attendant(house, path)
        except (OSError, Unavailable) as error:
            log.warning("commands beside this server cannot reach it: %s", error)
    if attendant is None:
        yield
        return
    attendant.start()
    try:
        yield
    finally:
        attendant.stop()


def refused_caller(caller: int, own: int) -> str:
    """Why this user may not run commands here; empty where they may. Not even root: files would be read as another."""
    return "" if caller == own else f"The server runs as user {own}, you are user {caller}. Run this as that user."


def _refuse_open_folder(folder: Path) -> None:
    found = folder.stat()
    if found.st_uid not in (os.geteuid(), 0) or found.st_mode & (stat.S_IWOTH | stat.S_ISVTX) == stat.S_IWOTH:
        raise Unavailable(f"{folder} is another user's, or everybody may write in it.")


def _refuse(line: socket.socket, says: str) -> None:
    send(line, Ended(int(Exit.UNAVAILABLE), says))
