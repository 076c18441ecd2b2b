"""Console: what a list shows as a file that leaves in parts: CSV for spreadsheets, Parquet for everything else."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from onevoice.answers.decisions import Row
from onevoice.parsing.setup_folder import guarded

TEXT: Final = pa.string()
WHEN: Final = pa.timestamp("us", tz="UTC")
NUMBER: Final = pa.int64()

COLUMNS: Final[tuple[tuple[str, Any, Callable[[Row], Any]], ...]] = (
    ("decision", NUMBER, lambda row: row.happened.entry),
    ("touch", NUMBER, lambda row: row.happened.touch),
    ("decided", WHEN, lambda row: row.happened.occurred),
    ("verdict", TEXT, lambda row: row.happened.verdict),
    ("reason", TEXT, lambda row: row.happened.reason),
    ("mode", TEXT, lambda row: row.happened.mode),
    ("until", WHEN, lambda row: row.happened.until or None),
    ("latest", WHEN, lambda row: row.happened.latest or None),
    ("customer", NUMBER, lambda row: row.customer or None),
    ("person", TEXT, lambda row: row.person),
    ("channel", TEXT, lambda row: row.happened.seen.channel),
    ("category", TEXT, lambda row: row.happened.seen.category),
    ("unit", TEXT, lambda row: row.happened.seen.unit_name),
    ("platform", TEXT, lambda row: row.happened.seen.platform),
    ("contact_point", TEXT, lambda row: row.happened.seen.contact_point),
    ("campaign", TEXT, lambda row: row.happened.seen.campaign),
    ("topics", TEXT, lambda row: "; ".join(row.happened.seen.topics)),
    ("offer", TEXT, lambda row: row.happened.seen.offer),
    ("policy", NUMBER, lambda row: row.happened.policy or None),
)
"""(name, type, from a row): what the page shows of a decision, moments exact."""

SCHEMA: Final = pa.schema([(name, kind) for name, kind, _ in COLUMNS])


def as_csv(parts: Iterable[tuple[Row, ...]], moment: Callable[[int], str]) -> Iterator[bytes]:
    """UTF-8 with a byte order mark, RFC 4180, no cell a formula; `moment` writes microseconds UTC."""
    yield "\ufeff".encode() + _lines([[name for name, _, _ in COLUMNS]])
    for rows in parts:
        yield _lines([[_cell(kind, of(row), moment) for _, kind, of in COLUMNS] for row in rows])


def as_parquet(parts: Iterable[tuple[Row, ...]]) -> Iterator[bytes]:
    """One row group for each part, so that memory holds one at a time."""
    with _Passing() as passing, pq.ParquetWriter(passing, SCHEMA, compression="zstd") as writer:
        for rows in parts:
            columns = [pa.array([of(row) for row in rows], type=kind) for _, kind, of in COLUMNS]
            writer.write_table(pa.Table.from_arrays(columns, schema=SCHEMA))
            yield passing.taken()
        writer.close()
        yield passing.taken()


class _Passing(io.RawIOBase):
    """A file that forgets what was taken out of it, and still knows how far it came."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: list[bytes] = []
        self._at = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def write(self, data: Any) -> int:
        """Keeps these bytes until they are taken."""
        raw = bytes(data)
        self._kept.append(raw)
        self._at += len(raw)
        return len(raw)

    def taken(self) -> bytes:
        """All bytes since the last time."""
        kept, self._kept = self._kept, []
        return b"".join(kept)


def _lines(rows: list[list[str]]) -> bytes:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows(rows)
    return written.getvalue().encode()


def _cell(kind: Any, value: Any, moment: Callable[[int], str]) -> str:
    if value is None:
        return ""
    return moment(value) if kind is WHEN else guarded(str(value))
