"""A damaged export costs the damaged rows, and never turns the inside of a message into rows."""

import gzip
import io
import random
from dataclasses import replace
from pathlib import Path

import pytest

from onevoice.nouns.observation import Parked
from onevoice.parsing.csv import table_of
from onevoice.parsing.limits import LIMITS, Limits
from onevoice.parsing.source import head_of, opened

SMALL = replace(LIMITS, cell=50, row=200, unclosed=2_000)


def rows(raw: bytes, limits: Limits = LIMITS) -> list[tuple[int, list[str]] | Parked]:
    table = table_of(io.BytesIO(raw), raw[:65536], limits=limits)
    return [table] if isinstance(table, Parked) else list(table.rows)


def cells(raw: bytes, limits: Limits = LIMITS) -> list[list[str] | str]:
    """Cells of the rows read, and the reasons of those parked."""
    return [item.reason if isinstance(item, Parked) else item[1] for item in rows(raw, limits)]


def test_an_ordinary_file_gives_its_rows_and_their_lines() -> None:
    """The line is the one an editor shows, also after a cell of several lines and an empty line."""
    assert rows(b'a,b\r\n1,2\r\n"x\r\ny",3\r\n\r\n4,5') == [(2, ["1", "2"]), (3, ["x\r\ny", "3"]), (6, ["4", "5"])]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_in_the_header(delimiter: str) -> None:
    """Exports of other countries use semicolons."""
    raw = f'a{delimiter}"b,c"{delimiter}d\n1{delimiter}2{delimiter}3\n'.encode()
    assert cells(raw) == [["1", "2", "3"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_the_encoding_is_found(encoding: str) -> None:
    """A spreadsheet's UTF-16, a byte order mark and Windows-1252 are all read, and said."""
    raw = "name,words\nJosé,é à ü and much more ordinary text\n".encode(encoding)
    table = table_of(io.BytesIO(raw), raw)
    assert not isinstance(table, Parked) and table.header == ("name", "words")
    assert list(table.rows) == [(2, ["José", "é à ü and much more ordinary text"])]
    assert table.encoding in (encoding, "utf-16")


def test_ragged_rows_are_parked_and_the_others_read() -> None:
    """A row with a cell too many or too few cannot be trusted."""
    assert cells(b"a,b\n1,2\n3\n4,5,6\n7,8\n") == [
        ["1", "2"],
        "It has 1 cells where the header has 2.",
        "It has 3 cells where the header has 2.",
        ["7", "8"],
    ]


def test_a_zero_byte_or_a_broken_character_parks_its_row_only() -> None:
    """The encoding is that of the first 64 kB; what does not fit it later is parked."""
    padding = b"x,y\n" * 20_000
    found = cells(b"a,b\n" + padding + b"caf\xe9,1\nz\0z,2\nok,3\n")
    assert found[-1] == ["ok", "3"]
    assert found[-3:-1] == [
        "It holds bytes that are no characters of the file's encoding; name the encoding in the mapping.",
        "It holds a zero byte, which no text has.",
    ]
    assert len(found) == 20_003


def test_a_long_cell_is_parked_and_its_inside_is_not_taken_for_rows() -> None:
    """The lines inside a quoted cell look like rows, and must not become facts."""
    inside = "\n".join(f"fake{number},row" for number in range(10))
    assert cells(f'a,b\n1,2\n"{inside}",x\n3,4\n'.encode(), SMALL) == [
        ["1", "2"],
        "One of its cells is longer than 50 characters.",
        ["3", "4"],
    ]
    inside = "\n".join(f"fake{number},row" for number in range(60))
    assert cells(f'a,b\n1,2\n"{inside}",x\n3,4\n'.encode(), SMALL) == [
        ["1", "2"],
        "It is longer than 200 characters.",
        ["3", "4"],
    ]


def test_a_line_without_end_does_not_fill_the_memory() -> None:
    """It is passed over in pieces."""
    assert cells(b"a,b\n" + b"x" * 1_000 + b",1\n3,4\n", SMALL) == ["It is longer than 200 characters.", ["3", "4"]]


def test_a_quote_that_never_closes_ends_the_reading_and_says_where() -> None:
    """What comes after it cannot be told apart from the inside of the cell."""
    raw = b'a,b\n1,2\n"open,3\n' + b"4,5\n" * 1_000
    found = rows(raw, SMALL)
    assert found[0] == (2, ["1", "2"])
    assert isinstance(found[1], Parked) and found[1].where == "line 3" and "never closes" in found[1].reason
    assert len(found) == 2


def test_quotes_that_do_not_match_park_one_row() -> None:
    """Text after a closing quote is an error, not a guess."""
    assert cells(b'a,b\n"x"y,1\n2,3\n') == ["Its quotes do not match.", ["2", "3"]]


@pytest.mark.parametrize("raw", [b"", b"\n", b",,\n1,2,3\n", b'"a\nb', b"PK\x03\x04\0\0zip,\n1,2\n", b"a,\x81\n1,2\n"])
def test_a_file_without_header_is_parked_whole(raw: bytes) -> None:
    """One reason for the whole file, and no row."""
    found = rows(raw)
    assert len(found) == 1 and isinstance(found[0], Parked) and found[0].where == "line 1"


def test_a_packed_file_cut_off_gives_what_stood_before_the_cut(tmp_path: Path) -> None:
    """The last item says that the rest is missing."""
    chance = random.Random(1)
    packed = gzip.compress(b"a,b\n" + b"".join(b"%d,%d\n" % (n, chance.getrandbits(60)) for n in range(20_000)))
    path = tmp_path / "log.csv.gz"
    path.write_bytes(packed[: len(packed) // 2])
    with opened(path) as stream:
        table = table_of(stream, head_of(path))
        assert not isinstance(table, Parked)
        found = list(table.rows)
    assert len(found) > 5_000 and isinstance(found[-1], Parked) and "ends too early" in found[-1].reason


def test_a_packed_file_does_not_unpack_without_end(tmp_path: Path) -> None:
    """A bomb of zeros stops at the limit and says what to do."""
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 500_000))
    limits = replace(LIMITS, unpacked_always=100_000)
    with opened(path, limits) as stream:
        table = table_of(stream, b"a,b\n")
        assert not isinstance(table, Parked)
        found = list(table.rows)
    assert isinstance(found[-1], Parked) and "import the plain file" in found[-1].reason and len(found) < 30_000
