"""A throw-away PostgreSQL for tests: the system's binaries, an unprivileged user, gone when the tests end."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

VERSION_LEAST = 15
START_SECONDS_MAX = 60
CONNECTIONS_MAX = 250


class NoPostgres(Exception):
    """No PostgreSQL of version 15 or later is installed. On Debian: `apt-get install postgresql`; elsewhere put the
    folder that holds initdb and postgres into POSTGRES_BIN."""


class PostgresServer:
    """A running server. `url(name)` is a database's address over loopback; `socket_url(name)` over its Unix socket."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self._numbers = count(1)
        self._templates: dict[str, str] = {}
        self.process: subprocess.Popen[bytes] | None = None
        self.start: Callable[[], subprocess.Popen[bytes]] | None = None

    def tear_down_and_start(self) -> None:
        """As after `pg_ctl stop -m immediate`: no goodbyes, no checkpoint; then the same cluster recovers and runs."""
        assert self.process is not None
        assert self.start is not None
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(30)
        self.process = self.start()

    def url(self, name: str = "postgres") -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def socket_url(self, name: str = "postgres") -> str:
        return f"postgresql://postgres@/{name}?host={self.folder}&port={self.port}"

    def new_database(self, like: str = "template0") -> str:
        """The name of a fresh database: empty, or a copy of `like`, which nobody may be connected to."""
        name = f"test_{next(self._numbers)}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(like))
        with psycopg.connect(self.socket_url(), autocommit=True) as connection:
            connection.execute(statement)
        return name

    def drop_database(self, name: str) -> None:
        """Drops it, whoever may still be connected."""
        with psycopg.connect(self.socket_url(), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def template(self, title: str, prepare: Callable[[str], None]) -> str:
        """The name of a database that `prepare` (given its address) filled once; copy it with `new_database(like=…)`.
        `prepare` must close its connections."""
        if title not in self._templates:
            name = self.new_database()
            prepare(self.url(name))
            self._templates[title] = name
        return self._templates[title]


@contextmanager
def postgres_server(*, durable: bool = False) -> Iterator[PostgresServer]:
    """A server with an empty cluster in a temporary folder, stopped and removed at the end.

    `durable` keeps fsync on: needed where power loss or honest speed is the subject, a waste elsewhere. Raises
    NoPostgres when the machine has none.
    """
    binaries = find_binaries()
    folder = Path(tempfile.mkdtemp(prefix="onevoice-pg-"))
    user = _unprivileged_user()
    try:
        if user:
            shutil.chown(folder, user)
        _initialise(binaries, folder, user)
        server = PostgresServer(folder, _free_port())
        server.start = lambda: _ready(server, _start(binaries, server, user, durable=durable))
        process = server.process = _start(binaries, server, user, durable=durable)
        try:
            _wait_until_ready(server, process)
            yield server
        finally:
            _stop(server.process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def find_binaries() -> Path:
    """The folder of the newest PostgreSQL here; POSTGRES_BIN wins. Raises NoPostgres."""
    if named := os.environ.get("POSTGRES_BIN"):
        candidates = [Path(named)]
    else:
        installed = Path("/usr/lib/postgresql").glob("*/bin")
        recent = [(int(path.parent.name), path) for path in installed if path.parent.name.isdecimal()]
        candidates = [path for version, path in sorted(recent, reverse=True) if version >= VERSION_LEAST]
        if on_path := shutil.which("initdb"):
            candidates.append(Path(on_path).resolve().parent)
    for candidate in candidates:
        if (candidate / "initdb").is_file() and (candidate / "postgres").is_file():
            return candidate
    raise NoPostgres(NoPostgres.__doc__)


def _unprivileged_user() -> str | None:
    """Whom to become: initdb and postgres refuse to run as root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _initialise(binaries: Path, folder: Path, user: str | None) -> None:
    command = [str(binaries / "initdb"), "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
    done = subprocess.run(
        [*command, "--no-sync", "--no-instructions", f"--pgdata={folder / 'data'}"],
        user=user,
        group=_group_of(user),
        extra_groups=[] if user else None,
        cwd=folder,
        env=_environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"initdb failed:\n{done.stdout}\n{done.stderr}")


def _start(binaries: Path, server: PostgresServer, user: str | None, *, durable: bool) -> "subprocess.Popen[bytes]":
    choices = {
        "listen_addresses": "127.0.0.1",
        "port": str(server.port),
        "unix_socket_directories": str(server.folder),
        "max_connections": str(CONNECTIONS_MAX),
        "shared_buffers": "256MB",
        "max_wal_size": "2GB",
        "timezone": "UTC",
        "fsync": "on" if durable else "off",
        "synchronous_commit": "on" if durable else "off",
        "full_page_writes": "on" if durable else "off",
    }
    options = [part for name, value in choices.items() for part in ("-c", f"{name}={value}")]
    with (server.folder / "log").open("wb") as log:
        return subprocess.Popen(
            [*_end_with_parent(), str(binaries / "postgres"), "-D", str(server.folder / "data"), *options],
            user=user,
            group=_group_of(user),
            extra_groups=[] if user else None,
            cwd=server.folder,
            env=_environment(server.folder),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def _end_with_parent() -> list[str]:
    """Where util-linux offers it: a killed test run takes its server along. Linux means the thread that started it, so
    start servers from one that lives as long."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "QUIT"] if setpriv else []


def _ready(server: PostgresServer, process: "subprocess.Popen[bytes]") -> "subprocess.Popen[bytes]":
    _wait_until_ready(server, process)
    return process


def _wait_until_ready(server: PostgresServer, process: "subprocess.Popen[bytes]") -> None:
    give_up = time.monotonic() + START_SECONDS_MAX
    while True:
        try:
            psycopg.connect(server.socket_url(), connect_timeout=2).close()
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > give_up:
                log = (server.folder / "log").read_text("utf-8", "replace")
                raise RuntimeError(f"PostgreSQL did not start: {error}\n{log}") from error
            time.sleep(0.05)
        else:
            return


def _stop(process: "subprocess.Popen[bytes] | None") -> None:
    """Fast shutdown, then immediate: the cluster is thrown away either way."""
    for sign, seconds in ((signal.SIGINT, 20), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
        if process is None or process.poll() is not None:
            return
        process.send_signal(sign)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _group_of(user: str | None) -> int | None:
    return pwd.getpwnam(user).pw_gid if user else None


def _environment(folder: Path) -> dict[str, str]:
    """None of the caller's PG* variables; messages in English."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": str(folder), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
