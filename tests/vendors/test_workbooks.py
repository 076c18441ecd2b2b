"""A workbook is read like any other table: by the same mapping, after the same guess, and within limits."""

import zipfile
from datetime import date, datetime
from pathlib import Path

import msgspec
import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from onevoice.nouns.observation import Given, Observation, Parked, Read
from onevoice.nouns.problem import Refused
from onevoice.parsing.moments import when_of
from onevoice.vendors import reader_for
from onevoice.vendors.table.guess import guess_file
from onevoice.vendors.table.mapping import Mapping, read_mapping
from onevoice.vendors.table.read import read, read_here

MAPPING = read_mapping("""
format = "xlsx"
[time]
columns = ["sent at"]
[key]
columns = ["id"]
[columns]
address = "email"
[constants]
kind = "sent"
channel = "email"
[refers]
sum = "sum"
""")
Sheets = dict[str, list[list[object]]]
HEADER: list[object] = ["id", "email", "sent at", "sum"]


def row(number: int) -> list[object]:
    return [number, f"c{number}@example.com", datetime(2024, 3, 8, 9, 5, number), "=1+1"]


def saved(path: Path, sheets: Sheets, *, mac: bool = False) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    if mac:
        book.epoch = CALENDAR_MAC_1904
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for cells in rows:
            sheet.append(cells)
    book.save(path)
    return path


def facts(items: list[Read | Parked]) -> list[Observation]:
    return [one for item in items if isinstance(item, Read) for one in item.observations]


def changed(mapping: Mapping, sheet: str) -> Mapping:
    return msgspec.structs.replace(mapping, sheet=sheet)


@pytest.mark.parametrize("mac", [False, True], ids=["1900", "1904"])
def test_rows_of_a_sheet_are_rows_of_a_table(tmp_path: Path, mac: bool) -> None:
    """Numbers are written without a point, moments by the workbook's own epoch, empty rows do not count."""
    path = saved(tmp_path / "log.xlsx", {"Log": [HEADER, row(1), [], row(2)]}, mac=mac)
    items = list(read(path, MAPPING, Given()))
    assert [item.where for item in items] == ["sheet 'Log', row 2", "sheet 'Log', row 4"]
    seen = facts(items)
    assert [(one.key, one.address) for one in seen] == [("1", "c1@example.com"), ("2", "c2@example.com")]
    assert seen[0].occurred == when_of("iso")("2024-03-08T09:05:01Z")
    assert reader_for(path) is None


def test_a_formula_is_its_last_value(tmp_path: Path) -> None:
    """Nothing is computed: a formula whose value was never stored is empty, a stored one is what it was."""
    path = saved(tmp_path / "log.xlsx", {"Log": [HEADER, row(1)]})
    assert facts(list(read_here(path, MAPPING, Given())))[0].refers == {}
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    assert b"<f>1+1</f><v></v>" in sheet or b"<f>1+1</f><v />" in sheet or b"<f>1+1</f><v/>" in sheet
    for empty in (b"<v></v>", b"<v />", b"<v/>"):
        sheet = sheet.replace(b"<f>1+1</f>" + empty, b"<f>1+1</f><v>2</v>")
    with zipfile.ZipFile(path, "w") as packed:
        for name, raw in (parts | {"xl/worksheets/sheet1.xml": sheet}).items():
            packed.writestr(name, raw)
    assert facts(list(read_here(path, MAPPING, Given())))[0].refers == {"sum": "2"}


def test_every_sheet_that_fits_is_read_and_the_others_say_why(tmp_path: Path) -> None:
    """A sheet for each month is one log; a sheet of notes is one parked record; a named sheet is read alone."""
    sheets: Sheets = {
        "March": [HEADER, row(1)],
        "April": [HEADER, row(2)],
        "Notes": [["who", "what"], ["Ann", "hm"]],
        "Empty": [],
    }
    path = saved(tmp_path / "log.xlsx", sheets)
    items = list(read_here(path, MAPPING, Given()))
    assert [one.key for one in facts(items)] == ["1", "2"]
    assert [item.where for item in items if isinstance(item, Parked)] == ["sheet 'Notes'"]
    assert [one.key for one in facts(list(read_here(path, changed(MAPPING, "April"), Given())))] == ["2"]
    (missing,) = read_here(path, changed(MAPPING, "May"), Given())
    assert isinstance(missing, Parked) and "no sheet" in missing.reason


def test_a_workbook_is_guessed_like_any_table(tmp_path: Path) -> None:
    """By its first sheet with rows; the mapping that is written reads it."""
    rows: list[list[object]] = [[*row(n)[:2], date(2024, 3, n), "Hello"] for n in range(1, 6)]
    head: list[object] = ["id", "email", "sent_at", "subject"]
    path = saved(tmp_path / "log.xlsx", {"Empty": [], "Log": [head, *rows]})
    guessed = guess_file(path).mapping
    assert (guessed.format, guessed.time.columns, guessed.columns["address"]) == ("xlsx", ("sent_at",), "email")
    assert len(facts(list(read(path, guessed, Given())))) == 5


def test_rows_that_do_not_fit_are_parked(tmp_path: Path) -> None:
    """Too many cells, and a time that is none."""
    wide: list[object] = [*row(1), "x", "y"]
    path = saved(tmp_path / "log.xlsx", {"Log": [HEADER, wide, [2, "a@example.com", "noon", ""], row(3)]})
    items = list(read_here(path, MAPPING, Given()))
    assert [type(item) for item in items] == [Parked, Parked, Read]
    assert isinstance(items[0], Parked) and "6 cells where the header has 4" in items[0].reason


def bomb(path: Path, part: str, megabytes: int) -> Path:
    saved(path, {"Log": [HEADER, row(1)]})
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, raw in (parts | {part: b"<x>" + b" " * megabytes * 1024 * 1024}).items():
            packed.writestr(name, raw)
    return path


@pytest.mark.parametrize(("part", "megabytes"), [("xl/worksheets/sheet1.xml", 300), ("xl/sharedStrings.xml", 60)])
def test_a_packed_bomb_is_never_unpacked(tmp_path: Path, part: str, megabytes: int) -> None:
    """A file of some kilobytes that would fill the memory is one parked record, by the sizes its directory names."""
    path = bomb(tmp_path / "bomb.xlsx", part, megabytes)
    assert path.stat().st_size < 1_000_000
    (item,) = read(path, MAPPING, Given())
    assert isinstance(item, Parked) and "unpacks to more" in item.reason
    with pytest.raises(Refused):
        guess_file(path)


def entities(path: Path) -> Path:
    saved(path, {"Log": [HEADER, row(1)]})
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    levels = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
    sheet = parts["xl/worksheets/sheet1.xml"]
    assert b"c1@example.com" in sheet
    start = b'<!DOCTYPE x [<!ENTITY a0 "lol">' + levels + b"]><worksheet"
    evil = sheet.replace(b"<worksheet", start, 1).replace(b"c1@example.com", b"&a11;")
    with zipfile.ZipFile(path, "w") as packed:
        for name, raw in (parts | {"xl/worksheets/sheet1.xml": evil}).items():
            packed.writestr(name, raw)
    return path


def test_entities_that_multiply_are_refused(tmp_path: Path) -> None:
    """The parser stops at them; the record says that it cannot be read."""
    items = list(read(entities(tmp_path / "evil.xlsx"), MAPPING, Given()))
    assert items and all(isinstance(item, Parked) for item in items)


@pytest.mark.parametrize("cut", [4, 60, 500, 2_000, -1, -30])
def test_a_cut_or_false_workbook_is_one_reason(tmp_path: Path, cut: int) -> None:
    """Truncated anywhere, or another kind of archive."""
    path = saved(tmp_path / "log.xlsx", {"Log": [HEADER, row(1)]})
    path.write_bytes(path.read_bytes()[:cut])
    items = list(read_here(path, MAPPING, Given()))
    assert len(items) == 1 and isinstance(items[0], Parked) and items[0].reason.endswith(".")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as packed:
        packed.writestr("readme.txt", "hello")
    (other,) = read_here(tmp_path / "other.zip", MAPPING, Given())
    assert isinstance(other, Parked)
