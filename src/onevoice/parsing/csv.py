"""CSV as a stream of rows: columns by name, every size bounded, and a broken row parked without losing the next."""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO

from onevoice.nouns.observation import Parked
from onevoice.parsing.limits import LIMITS, MB, Limits
from onevoice.parsing.source import BROKEN, why_broken
from onevoice.parsing.text import encoding_of, spoiled, text_of

DELIMITERS = (",", ";", "\t", "|")

# The module's own limit is one number for the whole process; ours is checked row by row and is never above it.
csv.field_size_limit(2 * MB)


class RowTooLong(Exception):
    """A row grew beyond its limit while it was read."""


class Lines:
    """Lines of a text, counted, with what the row at hand has taken so far."""

    def __init__(self, text: io.TextIOWrapper, row_max: int) -> None:
        self._text = text
        self._row_max = row_max
        self.number = 0
        self.began = 1
        self.size = 0
        self.quotes = 0
        self.bad = ""
        self.whole = True
        self.ended = False

    def __del__(self) -> None:
        # The wrapper would close the stream when it is collected, and the stream is not ours.
        with suppress(ValueError):  # closed already
            self._text.detach()

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        line = self._text.readline(self._row_max + 1)
        if not line:
            self.ended = True
            raise StopIteration
        self.whole = line[-1] in "\r\n"
        self.number += self.whole
        self.size += len(line)
        self.quotes += line.count('"')
        if "\0" in line:
            self.bad = "It holds a zero byte, which no text has."
        elif spoiled(line):
            self.bad = "It holds bytes that are no characters of the file's encoding; name the encoding in the mapping."
        if self.size > self._row_max:
            raise RowTooLong
        return line

    def begin(self) -> None:
        """The next line begins a row."""
        self.began, self.size, self.quotes, self.bad = self.number + 1, 0, 0, ""

    def skip(self, most: int) -> bool:
        """Passes over the rest of a row that cannot be taken, to where its quotes are closed and its line ends, so that
        the inside of a cell is never taken for rows. False where that is further than `most` characters away."""
        passed = 0
        while self.quotes % 2 or not self.whole:
            line = self._text.readline(self._row_max + 1)
            if not line:
                self.ended = True
                return self.quotes % 2 == 0
            passed += len(line)
            if passed > most:
                return False
            self.whole = line[-1] in "\r\n"
            self.number += self.whole
            self.quotes += line.count('"')
        return True


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV source whose header was read: `rows` gives (line number, cells) for each row that fits the header."""

    header: tuple[str, ...]
    encoding: str
    delimiter: str
    rows: Iterator[tuple[int, list[str]] | Parked]


def name_of(cell: str) -> str:
    """A column's name as people mean it: without a byte order mark, blanks around it, and doubled quotes."""
    return cell.strip("\ufeff \t\r\n").strip('"').strip()


def delimiter_of(line: str) -> str:
    """What separates the columns of a header line, quoted names aside."""
    bare = re.sub(r'"[^"]*"', "", line)
    return max(DELIMITERS, key=bare.count)


def table_of(
    stream: BinaryIO, head: bytes, encoding: str = "", delimiter: str = "", limits: Limits = LIMITS
) -> Table | Parked:
    """Opens a CSV source: `head` is a copy of its first bytes, by which encoding and delimiter are found where they are
    not given. Parked where there is no usable header. The stream stays the caller's, to close."""
    encoding = encoding or encoding_of(head)
    lines = Lines(text_of(stream, encoding), limits.row)
    first = head.decode("utf-8-sig" if encoding == "utf-8" else encoding, errors="replace").splitlines() or [""]
    delimiter = delimiter or delimiter_of(first[0])
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        header = tuple(name_of(cell) for cell in next(reader, []))
    except (csv.Error, RowTooLong, *BROKEN):
        return Parked(where="line 1", reason="The first line is not a header of column names.", raw=head[:200])
    if lines.bad:
        return Parked(where="line 1", reason=f"The header cannot be read. {lines.bad}", raw=head[:200])
    if not any(header):
        return Parked(where="line 1", reason="The source is empty: there is no header with column names.")
    if len(header) > limits.columns:
        return Parked(where="line 1", reason=f"There are more than {limits.columns} columns.")
    lines.begin()
    return Table(header, encoding, delimiter, rows_of(lines, delimiter, len(header), limits))


def rows_of(lines: Lines, delimiter: str, width: int, limits: Limits) -> Iterator[tuple[int, list[str]] | Parked]:
    """Every row once: its line number and cells, or Parked."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    cell_max = limits.cell
    while True:
        try:
            for row in reader:
                if len(row) == width and not lines.bad and lines.size <= cell_max:
                    yield lines.began, row
                elif row:
                    fault = fault_of(row, width, lines, cell_max)
                    yield (lines.began, row) if not fault else parked(lines.began, fault, delimiter.join(row), limits)
                lines.begin()
            return
        except RowTooLong:
            reason = f"It is longer than {limits.row:,} characters."
        except csv.Error:
            reason = "Its quotes do not match."
        except BROKEN as error:
            yield Parked(where=f"line {lines.number + 1}", reason=why_broken(error))
            return
        began = lines.began
        closed = lines.skip(limits.unclosed)
        if not closed:
            reason = "A quote opens here and never closes, so the rest cannot be read. Correct it and import again."
        yield Parked(where=f"line {began}", reason=reason)
        if lines.ended or not closed:
            return
        lines.begin()


def fault_of(row: list[str], width: int, lines: Lines, cell_max: int) -> str:
    """Why a row cannot be taken, or nothing."""
    if lines.bad:
        return lines.bad
    if len(row) != width:
        return f"It has {len(row)} cells where the header has {width}."
    if any(len(cell) > cell_max for cell in row):
        return f"One of its cells is longer than {cell_max:,} characters."
    return ""


def parked(line: int, reason: str, raw: str, limits: Limits) -> Parked:
    """A row that could not be taken, with the beginning of it."""
    return Parked(where=f"line {line}", reason=reason, raw=raw[: limits.raw_kept].encode("utf-8", "replace"))
