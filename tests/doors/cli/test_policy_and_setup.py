"""Setting up and asking about the policy from a terminal: words for people, JSON for programs, honest exit codes."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from onevoice.actions.one_time_codes import code_at
from onevoice.actions.second_step import SecondStepFirst
from onevoice.doors.cli.main import app
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.moment import SECOND
from onevoice.nouns.proposal import Proposal
from onevoice.settings import read_settings
from onevoice.wiring import Onevoice, open_onevoice

FOLDER = {
    "company.toml": 'key = "lumen"\nname = "Lumen Group"\nzone = "Europe/Berlin"\n',
    "units.csv": "key,name\nbank,Lumen Bank\n",
    "contact_points.csv": "key,channel,address,unit\nnews,email,news@lumen.example,bank\n",
    "staff.csv": "email,name,unit,role\nanna@lumen.example,Anna,lumen,admin\n",
    "customers.csv": "customer,name,zone\nC1,Jo,Europe/Berlin\nC2,Bo,Europe/Berlin\n",
    "addresses.csv": "customer,channel,address\nC1,email,jo@example.com\nC2,email,bo@example.com\n",
    "policy.toml": 'name = "quiet house"\n\n[[rules]]\ntype = "rolling_cap"\nname = "one a day"\nat_most = 1\n'
    "seconds = 86400\n",
}
DRAFT = 'name = "loud house"\n\n[[rules]]\ntype = "rolling_cap"\nname = "two a day"\nat_most = 2\nseconds = 86400\n'
Run = Callable[..., "tuple[int, str, str]"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "folder"
    path.mkdir()
    for name, body in FOLDER.items():
        (path / name).write_text(body, "utf-8")
    return path


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    path = tmp_path / "draft.toml"
    path.write_text(DRAFT, "utf-8")
    return path


@pytest.fixture
def onevoice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a store of the test's own and gives exit code, output and what was said on the side."""
    monkeypatch.setenv("ONEVOICE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)

    def run(*words: object, typed: str = "") -> tuple[int, str, str]:
        result = CliRunner().invoke(app, [str(word) for word in words], input=typed)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.stdout, result.stderr

    return run


def house() -> Onevoice:
    return open_onevoice(read_settings(os.environ))


def spoken(output: str) -> Any:
    return msgspec.json.decode(output)


def test_a_company_is_set_up_in_one_command(onevoice: Run, folder: Path) -> None:
    """Loading tells what is new in words; loading again says that nothing changed."""
    code, output, _ = onevoice("setup", folder)
    assert code == 0
    assert "2 customers new" in output
    assert "policy at version 1" in output
    code, output, _ = onevoice("setup", folder)
    assert code == 0
    assert output.startswith("Nothing changed")


def test_programs_get_json(onevoice: Run, folder: Path) -> None:
    """--json answers with one object, for what went well and for faults alike."""
    code, output, _ = onevoice("setup", folder, "--json")
    assert (code, spoken(output)["customers"]) == (0, 2)
    (folder / "units.csv").write_text("key,name,parent\nbank,Bank,nowhere\n")
    code, output, _ = onevoice("setup", folder, "--json")
    assert code == 1
    assert [fault["where"] for fault in spoken(output)["faults"]] == ["units.csv:2"]


def test_checking_tells_every_fault_and_writes_nothing(onevoice: Run, folder: Path) -> None:
    """--check ends with 0 for a good folder and 1 for a bad one, and neither is loaded."""
    code, output, _ = onevoice("setup", folder, "--check")
    assert code == 0
    assert output.startswith("The folder is good. Nothing was written.")
    (folder / "customers.csv").write_text("customer\nC1\nC1\n")
    (folder / "units.csv").write_text("key,colour\nbank,red\n")
    code, output, told = onevoice("setup", folder, "--check")
    assert (code, output) == (1, "")
    assert "customers.csv:3" in told
    assert "units.csv:1" in told
    assert onevoice("policy", "show")[0] == 1


def test_the_folder_can_be_had_back(onevoice: Run, folder: Path, tmp_path: Path) -> None:
    """--export writes files only their owner reads, never over files that are there; they load without a change."""
    onevoice("setup", folder)
    code, output, _ = onevoice("setup", tmp_path / "out", "--export")
    assert code == 0
    assert "personal data" in output
    assert stat.S_IMODE((tmp_path / "out" / "customers.csv").stat().st_mode) == 0o600
    assert onevoice("setup", tmp_path / "out")[1].startswith("Nothing changed")
    code, _, told = onevoice("setup", tmp_path / "out", "--export")
    assert code == 1
    assert "not an empty folder" in told


def test_the_first_administrator_gets_a_password(onevoice: Run, folder: Path) -> None:
    """The password is asked for, not put on the command line; a weak one is refused; then she can sign in."""
    onevoice("setup", folder)
    weak = onevoice("setup", "--password", "anna@lumen.example", typed="password1234\npassword1234\n")
    assert weak[0] == 1
    assert "guesses" in weak[2]
    phrase = "three green kites in may"
    assert onevoice("setup", "--password", "anna@lumen.example", typed=f"{phrase}\n{phrase}\n")[0] == 0
    opened = house()
    try:
        waiting = opened.entrance.waiting(ticket_of(opened, phrase))
        assert waiting is not None and waiting.secret, "an administrator sets up a second step first"
    finally:
        opened.close()
    assert onevoice("setup", "--password", "bert@lumen.example", typed=f"{phrase}\n{phrase}\n")[0] == 1


def ticket_of(opened: Onevoice, phrase: str) -> str:
    with pytest.raises(SecondStepFirst) as due:
        opened.entrance.start_session("anna@lumen.example", phrase, "192.0.2.1")
    return due.value.ticket


def test_a_lone_administrator_who_lost_the_phone_gets_in_again(onevoice: Run, folder: Path) -> None:
    """Whoever may run commands on the machine resets the second step; she sets up another after her password."""
    onevoice("setup", folder)
    phrase = "three green kites in may"
    onevoice("setup", "--password", "anna@lumen.example", typed=f"{phrase}\n{phrase}\n")
    opened = house()
    try:
        ticket = ticket_of(opened, phrase)
        waiting = opened.entrance.waiting(ticket)
        assert waiting is not None
        code = code_at(waiting.secret, opened.book.clock() // SECOND // 30)
        token, _ = opened.entrance.finish_session(ticket, code, "192.0.2.1")
    finally:
        opened.close()
    ended, told, _ = onevoice("setup", "--reset-second-step", "anna@lumen.example")
    assert ended == 0
    assert "sets up a second step at the next sign-in" in told
    opened = house()
    try:
        assert opened.entrance.authority_of_session(token) is None
        waiting = opened.entrance.waiting(ticket_of(opened, phrase))
        assert waiting is not None and waiting.secret
    finally:
        opened.close()
    assert onevoice("setup", "--reset-second-step", "bert@lumen.example")[0] == 1
    assert onevoice("setup", folder, "--reset-second-step", "anna@lumen.example")[0] == 2


def test_a_wrong_call_is_told_apart_from_a_wrong_folder(onevoice: Run, tmp_path: Path) -> None:
    """Usage ends with 2, faults with 1, a store that cannot be had with 3."""
    assert onevoice("setup")[0] == 2
    assert onevoice("setup", tmp_path, "--check", "--export")[0] == 2
    assert onevoice("policy", "check", tmp_path / "nowhere.toml")[0] == 2
    assert onevoice("setup", tmp_path / "nowhere")[0] == 1
    opened = house()
    try:
        code, _, told = onevoice("policy", "show")
    finally:
        opened.close()
    assert code == 3
    assert "Another Onevoice process" in told


def test_wrong_settings_are_told_by_name(onevoice: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting that cannot be used ends the command before anything is opened."""
    monkeypatch.setenv("ONEVOICE_HTTP_PORT", "eighty")
    code, _, told = onevoice("setup", folder)
    assert code == 1
    assert "ONEVOICE_HTTP_PORT" in told


def test_a_policy_is_checked_put_in_force_and_shown(onevoice: Run, folder: Path, draft: Path, tmp_path: Path) -> None:
    """A broken file is refused with its faults; a good one becomes the next version; the old one stays readable."""
    onevoice("setup", folder)
    assert onevoice("policy", "check", draft)[0] == 0
    broken = tmp_path / "broken.toml"
    broken.write_text(DRAFT.replace("at_most = 2", "at_most = 0").replace("seconds", "hours"))
    code, _, told = onevoice("policy", "activate", broken)
    assert code == 1
    assert "rules[0]" in told
    code, output, _ = onevoice("policy", "activate", draft)
    assert code == 0
    assert "version 2" in output
    assert 'name = "loud house"' in onevoice("policy", "show")[1]
    assert 'name = "quiet house"' in onevoice("policy", "show", "--version", "1")[1]
    assert spoken(onevoice("policy", "show", "--json")[1])["body"] == DRAFT
    assert onevoice("policy", "show", "--version", "9")[0] == 1


def send(opened: Onevoice, key: str, customer: str) -> str:
    proposal = Proposal(
        key=key, unit="bank", channel="email", category="marketing", customer=customer, contact_point="news"
    )
    return opened.gate.propose(SYSTEM, proposal).verdict


def test_one_message_is_explained_without_writing_it(onevoice: Run, folder: Path) -> None:
    """Before the first message it may go; after it, it waits, with the rule, the time, and what would let it go."""
    onevoice("setup", folder)
    words = ("policy", "explain", "--unit", "bank", "--channel", "email", "--category", "marketing", "--customer", "C1")
    code, output, _ = onevoice(*words)
    assert code == 0
    assert output.startswith("send")
    assert onevoice(*words)[1].startswith("send")
    opened = house()
    try:
        assert send(opened, "k1", "C1") == "send"
    finally:
        opened.close()
    code, output, _ = onevoice(*words)
    assert code == 0
    assert output.startswith("hold")
    assert "one a day (rolling_cap)" in output
    assert "What would let it go: waiting until" in output
    told = spoken(onevoice(*words, "--json")[1])
    assert (told["change"], told["decision"]["verdict"], told["decision"]["dry_run"]) == ("wait", "hold", True)
    assert onevoice(*words[:-2])[0] == 2
    assert onevoice(*words[:3], "atlantis", *words[4:])[0] == 1


def test_a_draft_is_tried_on_what_was_decided(onevoice: Run, folder: Path, draft: Path) -> None:
    """Two messages to each of two people: under two a day, the two that were held would have gone."""
    onevoice("setup", folder)
    opened = house()
    try:
        verdicts = [send(opened, f"{customer}{turn}", customer) for turn in (1, 2) for customer in ("C1", "C2")]
    finally:
        opened.close()
    assert verdicts == ["send", "send", "hold", "hold"]
    code, output, _ = onevoice("policy", "simulate", draft, "--since", "2020-01-01")
    assert code == 1
    assert "4 decisions judged again, 2 with another verdict." in output
    assert "2  bank: hold -> send (cleared)" in output
    told = spoken(onevoice("policy", "simulate", draft, "--since", "2020-01-01", "--json")[1])
    assert told == {
        "decisions": 4,
        "changed": 2,
        "went": 2,
        "would_go": 4,
        "reached": 2,
        "would_reach": 2,
        "fewer": 0,
        "more": 2,
        "lines": [{"unit": "bank", "before": "hold", "after": "send", "reason": "cleared", "count": 2}],
    }
    same = folder / "policy.toml"
    assert onevoice("policy", "simulate", same, "--since", "2020-01-01")[:2] == (
        0,
        "4 decisions judged again, 0 with another verdict.\nMessages that go: 2 -> 2.\nPeople reached: 2 -> 2.\n"
        "0 people would have got fewer messages, 0 more.\n",
    )
    assert onevoice("policy", "simulate", draft, "--since", "yesterday")[0] == 1
    assert onevoice("policy", "simulate", draft, "--since", "2020-01-01", "--until", "2019-01-01")[0] == 1


def test_help_is_quick_and_knows_no_web_server() -> None:
    """`onevoice --help` answers at once: neither the store, the judge nor the web server is imported for it."""
    code = (
        "import sys; from onevoice.doors.cli.main import app; "
        "print([name for name in ('litestar', 'sqlalchemy', 'numpy', 'rich') if name in sys.modules])"
    )
    listed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert listed.stdout.strip() == "[]"
    began = os.times().children_user
    helped = subprocess.run(
        [sys.executable, "-c", "from onevoice.doors.cli.main import main; main()", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "setup" in helped.stdout
    assert "policy" in helped.stdout
    assert os.times().children_user - began < 1.0
