"""Importing from a terminal: an account per file, what was taken only in part, and what waits for a person."""

from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from onevoice.doors.cli.main import app

SETUP = {
    "company.toml": 'key = "lumen"\nname = "Lumen Group"\nzone = "Europe/Berlin"\n',
    "customers.csv": "customer,name,zone\nC1,Jo,Europe/Berlin\n",
    "addresses.csv": "customer,channel,address\nC1,email,jo@example.com\n",
}
TEXT = {
    "account_sid": "AC1",
    "body": "Hello",
    "date_created": "Fri, 08 Mar 2024 09:04:59 +0000",
    "date_sent": "Fri, 08 Mar 2024 09:05:00 +0000",
    "date_updated": "Sat, 08 Mar 2064 09:05:09 +0000",
    "direction": "outbound-api",
    "error_code": None,
    "from": "+15005550006",
    "messaging_service_sid": None,
    "num_segments": "1",
    "sid": "SM1",
    "status": "delivered",
    "to": "+15558675310",
}
"""A delivered text whose last change, by the vendor's word, lies forty years ahead."""


def run(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(word) for word in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A company in a store of its own."""
    monkeypatch.setenv("ONEVOICE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    setup = tmp_path / "setup"
    setup.mkdir()
    for name, body in SETUP.items():
        (setup / name).write_text(body, "utf-8")
    assert run("setup", setup)[0] == 0
    return tmp_path


def test_a_record_taken_only_in_part_is_told_and_its_other_part_can_be_looked_at(folder: Path) -> None:
    """The text was sent, but was delivered at a moment that cannot be: recorded, in part, and the place is told."""
    log = folder / "texts.json"
    log.write_bytes(msgspec.json.encode({"first_page_uri": "/x", "messages": [TEXT]}))
    code, told = run("import", log, "--json")
    (account,) = msgspec.json.decode(told)
    assert (code, account["read"], account["recorded"], account["parked"], account["partly"]) == (0, 1, 1, 0, 1)
    assert account["balances"]
    (part,) = account["refused"]
    assert "part 2 of 2 (delivered)" in part["where"] and "ahead of the clock" in part["reason"]
    _, words = run("import", log)
    assert "repeated only in part" in words and part["where"] in words
    _, waits = run("import", "--parked", "--json")
    (row,) = [msgspec.json.decode(line) for line in waits.splitlines()]
    assert (row["source"], row["where"], row["reason"]) == ("twilio", part["where"], part["reason"])
    assert run("import", "--parked", "--source", "crm") == (0, "")
