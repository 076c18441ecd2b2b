"""`onevoice import FILE` knows by itself what it was given."""

import json
import tarfile
from pathlib import Path

import pytest

from onevoice.vendors import VENDORS, reader_for, reader_named
from tests.shared_data import shared_data


@pytest.mark.parametrize(
    ("name", "text", "reader"),
    [
        ("a.eml", "Received: x\nFrom: a@b.example\n\n", "mail"),
        ("box", "From a@b.example Fri Mar  8 09:05:00 2024\nA: b\n", "mail"),
        ("a.json", json.dumps([{"sg_event_id": "1", "event": "open"}]), "sendgrid"),
        ("a.ndjson", '{"sid":"SM1","direction":"inbound","num_segments":"1"}\n', "twilio"),
        ("a.csv", "Sid,Direction,Status,From,To,NumSegments\n", "twilio"),
        ("b.csv", "id,when,to\n", ""),
        ("b.txt", "Dear Ann: how are you\n", ""),
        ("empty", "", ""),
    ],
)
def test_a_file_is_recognised_by_its_beginning(tmp_path: Path, name: str, text: str, reader: str) -> None:
    """By what it holds, not by its name; what nobody recognises needs a mapping."""
    (tmp_path / name).write_text(text)
    found = reader_for(tmp_path / name)
    assert (found.name if found else "") == reader


def test_a_folder_is_mail(tmp_path: Path) -> None:
    """Mail is what people export as folders."""
    found = reader_for(tmp_path)
    assert found is not None and found.name == "mail"


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    """Looking for a reader does not hide a wrong name."""
    with pytest.raises(OSError):
        reader_for(tmp_path / "nothing.csv")


def test_readers_have_different_names() -> None:
    """`--reader NAME` means one."""
    assert len({reader.name for reader in VENDORS}) == len(VENDORS)
    assert all(reader_named(reader.name) is reader for reader in VENDORS) and reader_named("x") is None


@pytest.mark.parametrize("name", ["spamassassin", "phishing-pot", "parser-suites", "serena-a2p"])
def test_archives_of_mail_are_recognised(name: str) -> None:
    """By the first message in them."""
    found = reader_for(shared_data(f"email/{name}.tar.gz"))
    assert found is not None and found.name == "mail"


def test_an_archive_of_tables_is_not_taken_for_mail() -> None:
    """Nor is a table."""
    assert reader_for(shared_data("exports/vendor-exports.tar.gz")) is None
    assert tarfile.is_tarfile(shared_data("exports/vendor-exports.tar.gz"))
    assert reader_for(shared_data("campaigns/political_inboxes.csv.gz")) is None
