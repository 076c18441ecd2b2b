"""The throw-away PostgreSQL keeps its word: fresh databases, fsync as asked, nothing left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.postgres_server import NoPostgres, PostgresServer, find_binaries, postgres_server


def shown(url: str, name: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    assert row is not None
    return str(row[0])


def test_each_test_gets_an_empty_database_of_its_own(postgres: PostgresServer, postgres_url: str) -> None:
    """What one test writes, another cannot find, over loopback or over the socket."""
    other = postgres.new_database()
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE mine (n int)")
    with psycopg.connect(postgres.socket_url(other)) as connection:
        assert connection.execute("SELECT to_regclass('mine')").fetchone() == (None,)
    postgres.drop_database(other)


def test_a_template_is_prepared_once_and_copied(postgres: PostgresServer) -> None:
    """A schema is made once; every copy has it and none sees another's rows."""
    prepared = []

    def prepare(url: str) -> None:
        prepared.append(url)
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE entry (n int)")

    for _ in range(2):
        name = postgres.new_database(like=postgres.template("schema of this test", prepare))
        with psycopg.connect(postgres.url(name)) as connection:
            assert connection.execute("INSERT INTO entry VALUES (1) RETURNING (SELECT count(*) FROM entry)").fetchone()
            assert connection.execute("SELECT count(*) FROM entry").fetchone() == (1,)
    assert len(prepared) == 1


def test_a_database_is_dropped_under_an_open_connection(postgres: PostgresServer) -> None:
    """A test that forgot to close a connection does not leave its database behind."""
    name = postgres.new_database()
    forgotten = psycopg.connect(postgres.url(name))
    postgres.drop_database(name)
    with pytest.raises(psycopg.OperationalError):
        forgotten.execute("SELECT 1")
    forgotten.close()


def test_a_durable_server_flushes_and_leaves_nothing_behind(postgres: PostgresServer) -> None:
    """fsync is on where it was asked for, off elsewhere; the folder is gone afterwards."""
    with postgres_server(durable=True) as durable:
        assert [shown(durable.url(), name) for name in ("fsync", "synchronous_commit")] == ["on", "on"]
    assert not durable.folder.exists()
    assert shown(postgres.url(), "fsync") == "off"


def test_a_killed_test_run_takes_its_server_along() -> None:
    """No server outlives the run that started it, even one that was killed."""
    program = (
        "import time\nfrom tests.postgres_server import postgres_server\n"
        "with postgres_server() as server:\n    print(server.folder, flush=True)\n    time.sleep(60)\n"
    )
    run = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    folder = Path(run.stdout.readline().strip())
    postmaster = int((folder / "data/postmaster.pid").read_text("utf-8").split()[0])
    run.send_signal(signal.SIGKILL)
    run.wait()
    run.stdout.close()
    for _ in range(200):
        if not Path(f"/proc/{postmaster}").exists():
            break
        time.sleep(0.05)
    else:
        os.kill(postmaster, signal.SIGKILL)
        pytest.fail("the server outlived its run")
    subprocess.run(["rm", "-rf", str(folder)], check=True)


def test_a_machine_without_postgres_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The message names the package and the variable."""
    monkeypatch.setenv("POSTGRES_BIN", str(tmp_path))
    with pytest.raises(NoPostgres, match=r"apt-get install postgresql[\s\S]*POSTGRES_BIN"):
        find_binaries()
