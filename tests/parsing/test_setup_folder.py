"""The setup folder is read as people and spreadsheets write it, and its page says all of it."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onevoice.parsing.setup_folder import COLUMNS, Folder, guarded, read_folder, unguarded

PAGE = Path(__file__).parents[2] / "docs/reference/setup-folder.md"


def test_the_reference_names_every_file_and_column() -> None:
    """Each CSV file has its row, with its columns in order and the needed ones in bold; no other file is named."""
    rows = dict(re.findall(r"^\| `(\w+)\.csv` \| (.*) \|$", PAGE.read_text("utf-8"), re.MULTILINE))
    assert set(rows) == set(COLUMNS)
    for name, columns in COLUMNS.items():
        bare = re.sub(r"\([^)]*\)", "", rows[name])
        found = [f"{word}!" if bold else word for bold, word in re.findall(r"(\*\*)?`(\w+)`", bare)]
        assert found == list(columns)


@given(st.text())
def test_a_guarded_cell_is_read_as_it_was_meant(cell: str) -> None:
    """Guarding and reading back gives the cell; what is written never begins like a formula."""
    assert unguarded(guarded(cell)) == cell
    assert guarded(cell)[:1] not in {"=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠"}


def read(tmp_path: Path, name: str, body: bytes) -> Folder:
    (tmp_path / name).write_bytes(body)
    return read_folder(tmp_path)


@pytest.mark.parametrize(
    "body",
    [
        b"key,name,parent\nbank,B\xc3\xa4nk,\n",
        b"\xef\xbb\xbfkey,name\r\nbank,B\xc3\xa4nk\r\n",
        b"name;key\nB\xc3\xa4nk;bank\n",
        "key\tname\nbank\tBänk\n".encode("utf-16"),
    ],
)
def test_a_spreadsheet_may_write_it_its_own_way(tmp_path: Path, body: bytes) -> None:
    """Byte order marks, line ends, separators and the order of columns are the spreadsheet's business."""
    folder = read(tmp_path, "units.csv", body)
    assert folder.faults == []
    (row,) = folder.rows["units"]
    assert (row.where, row.cells["key"], row.cells["name"], row.cells["zone"]) == ("units.csv:2", "bank", "Bänk", "")


@pytest.mark.parametrize(
    ("name", "body", "where", "says"),
    [
        ("units.csv", b"key,key\na,b\n", "units.csv:1", "one name"),
        ("units.csv", b"name\nBank\n", "units.csv:1", "key is missing"),
        ("units.csv", b"key,name\nbank\n", "units.csv:2", "cells"),
        ("units.csv", b"key,name\n,Bank\n", "units.csv:2", "must be filled"),
        ("units.csv", b"key,name\nbank,%s\n" % (b"x" * 301), "units.csv:2", "at most 300"),
        ("units.csv", b'key,name\nbank,"two\nlines"\n', "units.csv:2", "line break"),
        ("offers.csv", b'key,terms\nspring,"a\x07b"\n', "offers.csv:2", "line break"),
        ("unit.csv", b"key\n", "unit.csv", "is not a file of a setup folder"),
        ("company.toml", b"name = \n", "company.toml", "is not TOML"),
        ("company.toml", b"name = '\xff'\n", "company.toml", "UTF-8"),
        ("units.toml", b"[[units]]\nkey = 'a'\n", "units.toml", "[[unit]]"),
        ("units.toml", b"[[unit]]\nkey = 7\n", "units.toml:unit 1", "key"),
    ],
)
def test_what_cannot_be_read_is_a_fault_with_its_place(
    tmp_path: Path, name: str, body: bytes, where: str, says: str
) -> None:
    """File and row, and a sentence that says what to do."""
    faults = read(tmp_path, name, body).faults
    assert [fault.where for fault in faults][:1] == [where]
    assert says in faults[0].says


def test_faults_end_somewhere(tmp_path: Path) -> None:
    """A file in which every row is wrong is given up after a thousand faults."""
    folder = read(tmp_path, "units.csv", b"key,name\n" + b",x\n" * 5_000)
    assert len(folder.faults) == 1_001
    assert "mend these first" in folder.faults[-1].says
