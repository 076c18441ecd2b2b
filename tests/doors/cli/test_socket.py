"""The socket between a command and the server that runs it: where it lies, who may use it, what goes over it."""

import ast
import json
import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import msgspec
import pytest
from typer.testing import CliRunner

from onevoice.doors.cli import wire
from onevoice.doors.cli.attendant import Beside, refused_caller
from onevoice.doors.cli.beside import COMMANDS
from onevoice.doors.cli.main import app
from tests.doors.cli.processes import Environment, data_of, done_of, run, serving, set_up
from tests.house.tree import modules, syntax

STRANGER = 65_534
CALLING = """
import socket, sys
line = socket.socket(socket.AF_UNIX)
line.connect("onevoice.sock")
print(line.makefile().readline())
"""


def test_only_this_user_may_call_the_server(lumen: Environment) -> None:
    """The socket is its owner's alone; whoever else can reach it is refused by what the kernel says of them."""
    assert refused_caller(1000, 1000) == ""
    assert "you are user 0" in refused_caller(0, 1000)
    with serving(lumen):
        path = data_of(lumen) / "onevoice.sock"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        if os.geteuid() == 0:  # only root can be somebody else for a moment
            assert "PermissionError" in as_stranger(path.parent).stderr
            path.chmod(0o666)
            assert f"you are user {STRANGER}" in as_stranger(path.parent).stdout


def as_stranger(folder: Path) -> "subprocess.CompletedProcess[str]":
    """What another user hears who calls the server of this folder. They bring no settings and no packages."""
    python = Path(sys.base_prefix) / "bin" / "python3"
    command = ["/usr/bin/python3" if Path("/usr/bin/python3").exists() else str(python), "-c", CALLING]
    return subprocess.run(command, user=STRANGER, cwd=folder, env={}, capture_output=True, text=True, timeout=60)


def test_a_command_tells_nothing_to_another_users_server(lumen: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Arguments hold passwords: who listens is looked at before anything is said."""
    for name, value in lumen.items():
        monkeypatch.setenv(name, value)
    with listening(data_of(lumen) / "onevoice.sock") as server:
        monkeypatch.setattr(wire, "user_of", lambda line: os.geteuid() + 1)
        result = CliRunner().invoke(app, ["key"])
        assert result.exit_code == 3 and "another user's" in result.stderr
        line, _ = server.accept()
        assert line.recv(100) == b""
        line.close()


@contextmanager
def listening(path: Path) -> Iterator[socket.socket]:
    """Somebody who listens where a server would."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        yield server


def test_a_folder_with_a_very_long_name_has_its_socket_too(tmp_path: Path) -> None:
    """A Unix socket's name ends at 107 bytes; the folder's does not."""
    lumen = set_up(tmp_path, tmp_path / ("long" * 40) / "data")
    with serving(lumen):
        assert run(lumen, "key") == []
        assert (data_of(lumen) / "onevoice.sock").is_socket()


def test_a_server_that_cannot_have_its_socket_serves_and_says_so(lumen: Environment, tmp_path: Path) -> None:
    """Something else is in the socket's place, or everybody may write in the folder: commands are refused as before."""
    blocking = data_of(lumen) / "onevoice.sock"
    blocking.write_text("mine")
    log = tmp_path / "log"
    with serving(lumen, log) as (address, _):
        assert httpx2.get(f"{address}/v1/health", timeout=60).json()["live"]
        assert "is not a socket" in log.read_text()
        done = done_of(lumen, "key")
        assert (done.returncode, done.stdout) == (3, "")
    assert blocking.read_text() == "mine"
    blocking.unlink()
    data_of(lumen).chmod(0o777)
    with serving(lumen, log):
        assert "everybody may write" in log.read_text()
        assert not blocking.exists()


def test_a_server_that_sees_another_folder_reads_nothing_of_it(
    lumen: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a container the same path may be another folder: a wrong file is not read, the person is told."""
    for name, value in lumen.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(data_of(lumen).parent)
    with serving(lumen):
        monkeypatch.setattr("onevoice.doors.cli.beside._here", lambda: (Path.cwd(), (1, 2)))
        result = CliRunner().invoke(app, ["setup", "setup", "--json"])
        assert result.exit_code == 1
        assert "does not see the folder" in json.loads(result.stdout)["faults"][0]["says"]
        assert CliRunner().invoke(app, ["key"]).exit_code == 0, "what needs no file is not refused"


def test_another_version_is_told_to_start_the_server_anew(lumen: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an upgrade the old server runs on: a command of the new version is refused, not half understood."""
    for name, value in lumen.items():
        monkeypatch.setenv(name, value)
    with serving(lumen):
        monkeypatch.setattr("onevoice.doors.cli.beside.__version__", "9.9")
        result = CliRunner().invoke(app, ["key", "--json"])
        assert result.exit_code == 3
        assert "this command 9.9" in json.loads(result.stdout)["title"]
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(data_of(lumen) / "onevoice.sock"))
            line.sendall(b"nonsense\n")
            assert b"does not understand" in line.makefile("rb").readline()


def test_every_command_that_opens_the_store_can_run_beside_a_server() -> None:
    """Each is in the list, and is called through it; only the server itself opens the store by its own hand."""
    opening = {
        f"{module.stem}.{function.name}"
        for module in modules("src/onevoice/doors/cli")
        for function in ast.walk(syntax(module))
        if isinstance(function, ast.FunctionDef)
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "opened"
    }
    assert opening == COMMANDS | {"serve.serve"}
    (main,) = [module for module in modules("src/onevoice/doors/cli") if module.name == "main.py"]
    called = {
        call.func.attr
        for call in ast.walk(syntax(main))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and ast.unparse(call.func.value) == "command"
    }
    assert called == {"serve", "demo", "readers", "guess", "ask_password", "ask_sure"}


def test_the_last_step_is_always_told() -> None:
    """However quickly steps follow each other, the bar ends where the command did; one who draws none is told none."""
    for drawing, told in ((True, [(1, 3), (3, 3)]), (False, [])):
        ours, theirs = socket.socketpair()
        call = wire.Call(version="", command="", arguments={}, folder=b"/", folder_is=(0, 0), drawing=drawing)
        with ours, theirs:
            caller = Beside(None, theirs, call, threading.Event())  # type: ignore[arg-type]  # no store is opened
            with caller.progress("Customers", "", quiet=False) as step:
                for done in (1, 2, 3):
                    step(done, 3)
            theirs.shutdown(socket.SHUT_WR)
            heard = [msgspec.json.decode(line, type=wire.Answer) for line in ours.makefile("rb")]
        assert [(one.done, one.of) for one in heard if isinstance(one, wire.Step)] == told
