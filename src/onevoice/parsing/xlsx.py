"""Workbooks (Office Open XML, ECMA-376) as tables: a header and rows of text a sheet, formulas as their values."""

import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from onevoice.nouns.observation import Parked
from onevoice.parsing.csv import name_of
from onevoice.parsing.limits import LIMITS, MB, Limits

ZIP: Final = b"PK\x03\x04"
ENTRIES_MAX: Final = 1_000
SHEETS_MAX: Final = 100
WHOLE_MAX: Final = 48 * MB
"""Unpacked bytes of any part but a sheet: parts that cells share are read at once, sheets as a stream."""

STREAMED: Final = "xl/worksheets/"
NO_WORKBOOK: Final = "It is packed like a workbook, but is none that can be read. Save it as .xlsx again, or as CSV."
TOO_LARGE: Final = "It unpacks to more than is allowed. Save the sheet as CSV and import that."


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet whose header was read: `rows` gives (place, cells) for each row that has any, or Parked."""

    name: str
    header: tuple[str, ...]
    rows: Iterator[tuple[str, list[str]] | Parked]


def is_workbook(head: bytes) -> bool:
    """Whether a source begins as packed workbooks do. Only reading shows whether it is one."""
    return head.startswith(ZIP)


def sheets_of(path: Path, limits: Limits = LIMITS) -> Iterator[Sheet | Parked]:
    """Every sheet in its order; an empty one is left out. Read it in a bounded child: what a workbook costs is known
    only while it is read. Dates follow the workbook's own epoch (1900 or 1904)."""
    fault = fault_of(path, limits)
    if fault:
        yield Parked(where="workbook", reason=fault)
        return
    from openpyxl import load_workbook  # only a child that reads a workbook pays for it

    try:
        book: Any = load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except MemoryError:
        raise
    except Exception:  # a damaged workbook raises whatever its parts raise
        yield Parked(where="workbook", reason=NO_WORKBOOK)
        return
    for sheet in book.worksheets[:SHEETS_MAX]:
        yield from _sheet(sheet, limits)
    if len(book.worksheets) > SHEETS_MAX:
        yield Parked(where="workbook", reason=f"It has more than {SHEETS_MAX} sheets; the others were not read.")


def fault_of(path: Path, limits: Limits) -> str:
    """Why a file should not even be opened as a workbook, by the directory of the archive; nothing where it may. The
    sizes named there bind: no part is unpacked beyond its own."""
    try:
        with zipfile.ZipFile(path) as packed:
            parts = packed.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError):
        return NO_WORKBOOK
    if len(parts) > ENTRIES_MAX or not any(part.filename == "xl/workbook.xml" for part in parts):
        return NO_WORKBOOK if len(parts) <= ENTRIES_MAX else TOO_LARGE
    most = max(limits.unpacked_times * path.stat().st_size, limits.unpacked_always)
    if sum(part.file_size for part in parts) > most:
        return TOO_LARGE
    if any(part.file_size > WHOLE_MAX for part in parts if not part.filename.startswith(STREAMED)):
        return TOO_LARGE
    return ""


def _sheet(sheet: Any, limits: Limits) -> Iterator[Sheet | Parked]:
    """One sheet, or why not; nothing where it has no row."""
    where = f"sheet {sheet.title[:60]!r}"
    rows = _cells(sheet, where)
    first = next(rows, None)
    if first is None or isinstance(first, Parked):
        if first is not None:
            yield first
        return
    header = tuple(name_of(cell) for cell in _trimmed(first[1]))
    if len(header) > limits.columns:
        yield Parked(where=where, reason=f"There are more than {limits.columns} columns.")
        return
    yield Sheet(sheet.title, header, _rows(rows, len(header), limits))


def _cells(sheet: Any, where: str) -> Iterator[tuple[str, list[str]] | Parked]:
    """Rows that have any text, each with its place; where the sheet is damaged, one Parked and no more."""
    sheet.reset_dimensions()  # what a file says of its own extent is not to be trusted
    number = 0
    try:
        for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
            if any(value is not None and value != "" for value in row):
                yield f"{where}, row {number}", [shown(value) for value in row]
    except MemoryError:
        raise
    except Exception:  # a damaged sheet raises whatever its cells raise
        reason = "The sheet is damaged from here on; what stood before was read. Save it again."
        yield Parked(where=f"{where}, row {number + 1}", reason=reason)


def _rows(
    rows: Iterator[tuple[str, list[str]] | Parked], width: int, limits: Limits
) -> Iterator[tuple[str, list[str]] | Parked]:
    """Rows as wide as the header: cells that are not there are empty, cells beyond it are a fault."""
    for row in rows:
        if isinstance(row, Parked):
            yield row
            continue
        where, cells = row[0], _trimmed(row[1])
        raw = "\x1f".join(cells)[: limits.raw_kept].encode("utf-8", "replace")
        if len(cells) > width:
            yield Parked(where=where, reason=f"It has {len(cells)} cells where the header has {width}.", raw=raw)
        elif any(len(cell) > limits.cell for cell in cells):
            yield Parked(where=where, reason=f"One of its cells is longer than {limits.cell:,} characters.", raw=raw)
        else:
            yield where, cells + [""] * (width - len(cells))


def _trimmed(cells: list[str]) -> list[str]:
    """Without empty cells at the end."""
    last = next((at for at in range(len(cells), 0, -1) if cells[at - 1]), 0)
    return cells[:last]


def shown(value: object) -> str:
    """A cell as text: moments and days in ISO form, whole numbers without a point, as a CSV of the sheet would have."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        # A serial number of days holds a second with an error of microseconds.
        rounded = (value + timedelta(microseconds=500)).replace(microsecond=0) if _near_a_second(value) else value
        return rounded.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def _near_a_second(value: datetime) -> bool:
    return value.microsecond < 500 or value.microsecond >= 999_500


def sampled(path: Path, most: int) -> Iterator[list[str]]:
    """The header and the first rows of the first sheet that has any, as lists of cells; nothing where there is none."""
    for sheet in sheets_of(path):
        if isinstance(sheet, Parked):
            continue
        yield list(sheet.header)
        good = (row[1] for row in sheet.rows if not isinstance(row, Parked))
        for _, cells in zip(range(most), good, strict=False):
            yield cells
        return


def sampled_asked(raw: bytes) -> Iterator[list[str]]:
    """The way into the bounded child: two thousand rows are enough for a guess."""
    return sampled(Path(os.fsdecode(raw)), 2_000)
