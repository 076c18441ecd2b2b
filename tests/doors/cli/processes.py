"""Commands and servers as processes of their own, on the store of one installation."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pysqlite3  # type: ignore[import-untyped]

from tests.doors.http.house import FILES

COMMAND = [sys.executable, "-c", "from onevoice.doors.cli.main import main; main()"]
Environment = dict[str, str]


def set_up(folder: Path, data: Path) -> Environment:
    """Lumen, set up in `data`, and the environment in which commands find it."""
    files = folder / "setup"
    files.mkdir(exist_ok=True)
    for name, text in FILES.items():
        (files / name).write_text(text, "utf-8")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ONEVOICE_")},
        "ONEVOICE_DATA_DIR": str(data),
        "ONEVOICE_HTTP_PORT": "0",
    }
    assert run(environment, "setup", str(files))["staff"] == 0
    return environment


def data_of(environment: Environment) -> Path:
    """The data folder of this installation."""
    return Path(environment["ONEVOICE_DATA_DIR"])


def run(environment: Environment, *words: str, code: int = 0) -> Any:
    """What a command answers in JSON."""
    done = done_of(environment, *words, "--json")
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout)


def done_of(environment: Environment, *words: str) -> "subprocess.CompletedProcess[str]":
    """A command that has ended: its code, output and what it said aside."""
    return subprocess.run([*COMMAND, *words], env=environment, capture_output=True, text=True, timeout=120, check=False)


@contextmanager
def begun(environment: Environment, *words: str, **given: Any) -> Iterator["subprocess.Popen[str]"]:
    """A command that runs; it is killed at the end where it did not end before."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **given}
    with subprocess.Popen([*COMMAND, *words], env=environment, text=True, **streams) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def serving(environment: Environment, log: Path | None = None) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """`onevoice serve`, in another folder than whoever types commands, and the address it tells. Its log goes to a file
    where one is named."""
    with (
        (log or Path(os.devnull)).open("a") as aside,
        begun(environment, "serve", "--json", stderr=aside, cwd="/") as process,
    ):
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["address"], process


def entries(data: Path) -> int:
    """How many entries the book of this folder holds, whoever is writing it."""
    connection = pysqlite3.connect(f"file:{data}/onevoice.sqlite?mode=ro", uri=True, timeout=10)
    try:
        return int(connection.execute("SELECT count(*) FROM entries").fetchone()[0])
    finally:
        connection.close()
