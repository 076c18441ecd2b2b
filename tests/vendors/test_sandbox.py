"""The sandbox sends nothing and forgets nothing it was asked to keep."""

import json
import stat
from pathlib import Path

from onevoice.nouns.message import Message
from onevoice.vendors.sandbox.send import Sandbox


def message(touch: int) -> Message:
    return Message(touch=touch, channel="sms", sender="4711", recipient="+491", words="Hello")


def test_what_would_have_been_sent_is_written_down(tmp_path: Path) -> None:
    """In memory and line by line in a file that only its owner reads."""
    path = tmp_path / "sent.ndjson"
    sandbox = Sandbox(lambda: 5, path)
    assert [sandbox.send(message(touch)).vendor_id for touch in (1, 2)] == ["sandbox:1", "sandbox:2"]
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(line["at"], line["message"]["touch"], line["message"]["words"]) for line in lines] == [
        (5, 1, "Hello"),
        (5, 2, "Hello"),
    ]
    assert [one.message.touch for one in sandbox.written] == [1, 2]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_memory_keeps_the_newest_only() -> None:
    """A long demo does not grow without end."""
    sandbox = Sandbox(lambda: 5, keep=3)
    for touch in range(10):
        assert sandbox.send(message(touch)).kind == "sent"
    assert [one.message.touch for one in sandbox.written] == [7, 8, 9]


def test_a_file_that_cannot_be_written_is_a_failure_not_a_crash(tmp_path: Path) -> None:
    """A folder stands where the file should be."""
    outcome = Sandbox(lambda: 5, tmp_path).send(message(1))
    assert outcome.kind == "failed" and "sandbox" in outcome.detail
