"""Commands typed beside a running server: they run in it, and nobody can tell by their output."""

import json
import os
import pty
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest
from typer.testing import CliRunner

from onevoice.doors.cli.main import app
from tests.doors.cli.processes import Environment, begun, data_of, entries, run, serving, set_up
from tests.doors.http.house import letter

MAPPING = """
[time]
columns = ["when"]
format = "iso"

[key]
columns = ["id"]

[columns]
address = "to"

[constants]
kind = "sent"
channel = "email"
unit = "bank"
"""
LONG = 50_000
"""Rows of an import that is still running when somebody looks."""

LOUD = 'name = "loud"\n\n[[rules]]\ntype = "rolling_cap"\nname = "two a day"\nat_most = 2\nseconds = 86400\n'


@pytest.fixture
def mapping(tmp_path: Path) -> str:
    """A mapping file for the mails of `mails`."""
    path = tmp_path / "mails.toml"
    path.write_text(MAPPING, "utf-8")
    return str(path)


def mails(folder: Path, first: int, after: int, to: str = "") -> Path:
    """An export of the mails with these numbers, each to somebody else unless all go `to` one."""
    path = folder / f"mails-{first}.csv"
    rows = (
        f"m{each},2026-03-01T10:{each % 60:02}:00Z,{to or f'p{each}@example.com'}\n" for each in range(first, after)
    )
    path.write_text("id,when,to\n" + "".join(rows), "utf-8")
    return path


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for this to become true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.02)


def bearer(environment: Environment, *verbs: str) -> dict[str, str]:
    words = [word for verb in verbs for word in ("--may", verb)]
    return {"authorization": f"Bearer {run(environment, 'key', 'somebody', '--unit', 'bank', *words)['secret']}"}


def test_what_is_imported_beside_a_server_is_seen_in_it(lumen: Environment, mapping: str, tmp_path: Path) -> None:
    """The account balances, the server's timeline shows the message, and a key made beside it works at once."""
    file = mails(tmp_path, 0, 3, to="ada@example.com")
    with serving(lumen) as (address, _):
        headers = bearer(lumen, "ask")
        (account,) = run(lumen, "import", str(file), "--mapping", mapping)
        assert (account["read"], account["recorded"], account["balances"]) == (3, 3, True)
        timeline = httpx2.get(f"{address}/v1/customers/C1/timeline", headers=headers, timeout=60).json()
        assert len(timeline["happened"]) == 3
        (again,) = run(lumen, "import", str(file), "--mapping", mapping)
        assert (again["recorded"], again["repeated"]) == (0, 3)


def test_what_is_set_up_beside_a_server_binds_its_next_decision(lumen: Environment, tmp_path: Path) -> None:
    """A policy put in force beside it decides the next proposal; a new contact point is known; the erased are gone."""
    policy = tmp_path / "loud.toml"
    policy.write_text(LOUD, "utf-8")
    (tmp_path / "setup" / "contact_points.csv").write_text("key,channel,address,unit\nnews,email,n@lumen.test,bank\n")
    with serving(lumen) as (address, _):
        headers = bearer(lumen, "ask", "propose")

        def verdict(key: str, **other: str) -> str:
            sent = letter(key=key, **other)
            said = httpx2.post(f"{address}/v1/proposals", json=sent, headers=headers, timeout=60).json()
            return str(said.get("verdict") or said["faults"][0]["where"])

        assert [verdict("one"), verdict("two")] == ["send", "hold"]
        assert run(lumen, "policy", "activate", str(policy))["version"] == 2
        assert [verdict("three"), verdict("four")] == ["send", "hold"]
        assert verdict("five", contact_point="news") == "contact_point"
        run(lumen, "setup", str(tmp_path / "setup"))
        assert verdict("six", contact_point="news") in ("send", "hold")
        assert run(lumen, "erase", "C1", "--yes")["gone"]
        assert httpx2.get(f"{address}/v1/customers/C1", headers=headers, timeout=60).status_code == 404


def test_two_imports_beside_a_server_share_it(lumen: Environment, mapping: str, tmp_path: Path) -> None:
    """Both end, both accounts balance, and a message that stands in both files is recorded once."""
    files = [mails(tmp_path, 0, 6_000), mails(tmp_path, 3_000, 9_000)]
    with serving(lumen):
        words = [("import", str(file), "--mapping", mapping, "--source", "crm", "--json") for file in files]
        with begun(lumen, *words[0]) as one, begun(lumen, *words[1]) as other:
            accounts = [json.loads(each.communicate(timeout=120)[0])[0] for each in (one, other)]
    assert all(account["balances"] and account["read"] == 6_000 for account in accounts)
    assert sum(account["recorded"] for account in accounts) == 9_000
    assert sum(account["repeated"] for account in accounts) == 3_000


@pytest.mark.parametrize("stopped_by", [signal.SIGKILL, signal.SIGINT])
def test_a_command_that_is_stopped_leaves_a_whole_book(
    lumen: Environment, mapping: str, tmp_path: Path, stopped_by: signal.Signals
) -> None:
    """Killed or stopped by Ctrl-C in the middle: the server goes on, and the same import takes what is missing."""
    words = ("import", str(mails(tmp_path, 0, LONG)), "--mapping", mapping)
    log = tmp_path / "log"
    with serving(lumen, log) as (_, server):
        with begun(lumen, *words) as importing:
            until(lambda: entries(data_of(lumen)) > 2_000)
            importing.send_signal(stopped_by)
            said, aside = importing.communicate(timeout=60)
            assert (importing.returncode, said) == (-9 if stopped_by == signal.SIGKILL else 130, "")
            assert "Traceback" not in aside
        until(lambda: "a caller left" in log.read_text())
        assert 2_000 < entries(data_of(lumen)) < LONG
        assert run(lumen, "doctor", "--rebuild-check")["well"]
        (account,) = run(lumen, *words)
        assert account["balances"] and account["recorded"] + account["repeated"] == LONG
        assert account["repeated"] > 2_000 and server.poll() is None


def test_a_server_that_dies_is_told_to_who_waits_for_it(lumen: Environment, mapping: str, tmp_path: Path) -> None:
    """The command ends with code 3 and a sentence; the next command needs no server, the next server no cleaning."""
    words = ("import", str(mails(tmp_path, 0, LONG)), "--mapping", mapping)
    with serving(lumen) as (_, server), begun(lumen, *words) as importing:
        until(lambda: entries(data_of(lumen)) > 2_000)
        server.kill()
        said, aside = importing.communicate(timeout=60)
    assert (importing.returncode, said) == (3, "")
    assert aside.startswith("The server ended before this command did.")
    assert (data_of(lumen) / "onevoice.sock").exists()
    assert run(lumen, "doctor", "--rebuild-check")["well"]
    with serving(lumen):
        (account,) = run(lumen, *words)
    assert account["recorded"] + account["repeated"] == LONG


def test_a_server_that_is_asked_to_stop_ends_its_commands_first(
    lumen: Environment, mapping: str, tmp_path: Path
) -> None:
    """The import ends at its next step, is told why, and the server ends in order and takes its socket away."""
    words = ("import", str(mails(tmp_path, 0, LONG)), "--mapping", mapping, "--json")
    with serving(lumen) as (_, server), begun(lumen, *words) as importing:
        until(lambda: entries(data_of(lumen)) > 2_000)
        server.send_signal(signal.SIGTERM)
        said, _ = importing.communicate(timeout=60)
        assert importing.returncode == 3
        assert json.loads(said)["title"].startswith("The server is stopping.")
        assert server.wait(30) == 0
    assert not (data_of(lumen) / "onevoice.sock").exists()
    assert run(lumen, "doctor", "--rebuild-check")["well"]


CALLS = (
    ("setup", "setup"),
    ("setup", "setup", "--check", "--json"),
    ("setup", "nowhere"),
    ("setup", "bad", "--check"),
    ("setup", "out", "--export"),
    ("setup", "out", "--export"),
    ("import", "few.csv", "--mapping", "mails.toml"),
    ("import", "few.csv", "--mapping", "mails.toml", "--json"),
    ("import", "nowhere.csv"),
    ("import", "odd.csv"),
    ("import", "--parked"),
    ("policy", "check", "loud.toml"),
    ("policy", "check", "nowhere.toml"),
    ("policy", "check", "bad.toml"),
    ("policy", "show", "--version", "9"),
    ("policy", "show", "--version", "9", "--json"),
    ("policy", "explain", "--unit", "bank", "--channel", "email", "--category", "marketing", "--customer", "C1"),
    ("policy", "simulate", "loud.toml", "--since", "2026-01-01"),
    ("key", "mailer", "--unit", "nowhere", "--may", "ask"),
    ("key", "--revoke", "7"),
    ("key",),
    ("access", "C9"),
    ("access", "C1"),
    ("erase", "C9", "--yes"),
    ("work",),
    ("doctor",),
)
"""Commands with every kind of end; files are named as somebody in that folder does."""


def test_nobody_can_tell_by_its_output_where_a_command_ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same commands, directly and beside a server: the same codes, the same words, the same faults."""
    told: list[list[tuple[int, str, str]]] = []
    for data in ("direct", "beside"):
        folder = tmp_path / data / "here"
        folder.mkdir(parents=True)
        environment = set_up(folder, tmp_path / data / "data")
        monkeypatch.setenv("ONEVOICE_DATA_DIR", environment["ONEVOICE_DATA_DIR"])
        monkeypatch.chdir(folder)
        (folder / "bad").mkdir()
        (folder / "bad" / "units.csv").write_text("key,colour\nbank,red\n")
        (folder / "few.csv").write_bytes(mails(tmp_path, 0, 3).read_bytes())
        (folder / "odd.csv").write_text("a,b\n1,2\n")
        (folder / "mails.toml").write_text(MAPPING)
        (folder / "loud.toml").write_text(LOUD)
        (folder / "bad.toml").write_text(LOUD.replace("at_most = 2", "at_most = 0"))
        if data == "direct":
            told.append([ended(words, data_of(environment)) for words in CALLS])
        else:
            with serving(environment, tmp_path / "log"):
                told.append([ended(words, data_of(environment)) for words in CALLS])
    for words, direct, beside in zip(CALLS, *told, strict=True):
        assert direct == beside, words
    assert {code for code, _, _ in told[0]} == {0, 1, 2}
    assert (tmp_path / "log").read_text().count("the command ") >= len(CALLS) - 2, "they ran in the server"


def ended(words: tuple[str, ...], data: Path) -> tuple[int, str, str]:
    """How a command ended, without what differs between any two stores: their folder, moments and keys."""
    result = CliRunner().invoke(app, words)
    assert result.exception is None or isinstance(result.exception, SystemExit), words
    moments_and_keys = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?|\d{16}|[0-9a-f]{32,}")
    said, aside = (moments_and_keys.sub("*", each).replace(str(data), "*") for each in (result.stdout, result.stderr))
    return result.exit_code, said, aside


def test_on_a_terminal_the_progress_of_the_server_is_drawn(lumen: Environment, mapping: str, tmp_path: Path) -> None:
    """The bar is drawn at the terminal of who typed the command; the output has no trace of it."""
    ours, theirs = pty.openpty()
    words = ("import", str(mails(tmp_path, 0, 5_000)), "--mapping", mapping)
    with serving(lumen), begun(lumen, *words, stderr=theirs) as importing:
        os.close(theirs)
        drawn = b"".join(_read(ours))
        said = importing.communicate(timeout=60)[0]
    assert b"5,000 records" in drawn and b"\x1b[" in drawn
    assert said.startswith(words[1]) and "\x1b" not in said
    os.close(ours)


def _read(terminal: int) -> Iterator[bytes]:
    """What is written to a terminal, until nobody writes to it any more."""
    while True:
        try:
            piece = os.read(terminal, 65_536)
        except OSError:  # EIO: the last who had it open is gone
            return
        yield piece


def test_what_a_person_types_goes_to_the_server_and_not_into_its_log(lumen: Environment, tmp_path: Path) -> None:
    """Asked on the terminal as ever; neither a password nor a new key is written anywhere but to who asked."""
    (tmp_path / "setup" / "staff.csv").write_text("email,name,unit,role\nanna@lumen.test,Anna,lumen,admin\n")
    phrase = "three green kites in may"
    log = tmp_path / "log"
    with serving({**lumen, "ONEVOICE_LOG_LEVEL": "debug"}, log):
        assert run(lumen, "setup", str(tmp_path / "setup"))["staff"] == 1
        with begun(lumen, "setup", "--password", "anna@lumen.test", stdin=subprocess.PIPE) as setting:
            said, aside = setting.communicate(f"{phrase}\n{phrase}\n", timeout=60)
        assert (setting.returncode, said) == (0, "Anna signs in with anna@lumen.test and the new password.\n"), aside
        with begun(lumen, "erase", "C1", stdin=subprocess.PIPE) as erasing:
            said, aside = erasing.communicate("C2\n", timeout=60)
        assert (erasing.returncode, said.strip()) == (2, "That is another reference. Nothing was erased."), aside
        secret = run(lumen, "key", "mailer", "--unit", "bank", "--may", "ask")["secret"]
    written = log.read_text()
    assert "setup.password ended with code 0" in written
    assert phrase not in written and secret not in written and "anna" not in written
