"""Reads any table or JSON log by its mapping: each row becomes an observation, or is parked with the reason."""

import os
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import msgspec

from onevoice.nouns.moment import SECOND
from onevoice.nouns.observation import Given, Observation, Parked, Read
from onevoice.parsing.bounded import read_in_child
from onevoice.parsing.consent import proven
from onevoice.parsing.csv import Table, table_of
from onevoice.parsing.limits import LIMITS
from onevoice.parsing.moments import when_of
from onevoice.parsing.ndjson import Record, records_of
from onevoice.parsing.source import head_of, opened
from onevoice.parsing.xlsx import is_workbook, sheets_of
from onevoice.vendors.table.mapping import NUMBERS, WORDS, YES, Also, Mapping, columns_named, missing_columns

HASHED_ROWS_MAX: Final = 2_000_000
GIVEN: Final = ("unit", "platform", "category", "purpose", "campaign")
PERSON: Final = ("customer", "address", "household", "client")


class CannotMap(ValueError):
    """A row that the mapping does not cover; its message is the reason, and names columns, never their contents."""


Cells = Sequence[str]
Reading = Callable[[Cells], Any]


def read_here(path: Path, mapping: Mapping, given: Given) -> Iterator[Read | Parked]:
    """Every row or record of the file once, in its order, in this process."""
    head = head_of(path)
    if is_workbook(head):
        yield from _sheets(path, mapping, given)
        return
    with opened(path) as stream:
        # A consent nobody can date is written down as of the file's own time, where it waits in quarantine.
        seen = max(int(path.stat().st_mtime), 1) * SECOND
        if mapping.format == "ndjson":
            columns = tuple(dict.fromkeys(columns_named(mapping).values()))
            row_reader = RowReader(mapping, columns, given, seen)
            yield from _records(records_of(stream, head, mapping.inside), columns, row_reader)
            return
        yield from _rows(table_of(stream, head, mapping.encoding, mapping.delimiter), mapping, given, seen)


def _rows(table: Table | Parked, mapping: Mapping, given: Given, seen: int) -> Iterator[Read | Parked]:
    if isinstance(table, Parked):
        yield table
        return
    faults = missing_columns(mapping, table.header)
    if faults:
        reason = "The mapping does not fit this file. " + " ".join(fault.says for fault in faults)
        yield Parked(where="line 1", reason=reason)
        return
    row_reader = RowReader(mapping, table.header, given, seen)
    for row in table.rows:
        if isinstance(row, Parked):
            yield row
        else:
            yield row_reader.read(f"line {row[0]}", row[1])


def _sheets(path: Path, mapping: Mapping, given: Given) -> Iterator[Read | Parked]:
    """Every row of the sheets that the mapping fits: of the one it names, or of all of them."""
    seen, there = max(int(path.stat().st_mtime), 1) * SECOND, False
    for sheet in sheets_of(path):
        if isinstance(sheet, Parked):
            yield sheet
            continue
        if mapping.sheet and sheet.name != mapping.sheet:
            continue
        there = True
        faults = missing_columns(mapping, sheet.header)
        if faults:
            reason = "The mapping does not fit this sheet. " + " ".join(fault.says for fault in faults)
            yield Parked(where=f"sheet {sheet.name[:60]!r}", reason=reason)
            continue
        row_reader = RowReader(mapping, sheet.header, given, seen)
        for row in sheet.rows:
            yield row if isinstance(row, Parked) else row_reader.read(row[0], row[1])
    if mapping.sheet and not there:
        yield Parked(
            where="workbook", reason="It has no sheet of the name that the mapping says, or the sheet is empty."
        )


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the bounded child is asked to read."""

    path: bytes
    mapping: Mapping
    given: Given


def read_asked(raw: bytes) -> Iterator[Read | Parked]:
    """The way into the bounded child."""
    asked = msgspec.msgpack.decode(raw, type=Asked)
    return read_here(Path(os.fsdecode(asked.path)), asked.mapping, asked.given)


def read(path: Path, mapping: Mapping, given: Given) -> Iterator[Read | Parked]:
    """Every row or record of the file once, in its order, read in a child process with limits; where the child does not
    come to its end, the rest is one Parked. Raises OSError where the file cannot be opened."""
    path.open("rb").close()
    asked = msgspec.msgpack.encode(Asked(path=os.fsencode(path.absolute()), mapping=mapping, given=given))
    return read_in_child("onevoice.vendors.table.read:read_asked", asked)


def _records(
    records: Iterator[tuple[str, Record] | Parked], columns: tuple[str, ...], row_reader: "RowReader"
) -> Iterator[Read | Parked]:
    for record in records:
        if isinstance(record, Parked):
            yield record
            continue
        cells = [text_at(record[1], column) for column in columns]
        if any(len(cell) > LIMITS.cell for cell in cells):
            yield Parked(where=record[0], reason=f"One of its fields is longer than {LIMITS.cell:,} characters.")
        else:
            whole = msgspec.json.encode(record[1], order="sorted") if row_reader.hashes else b""
            yield row_reader.read(record[0], cells, whole)


def text_at(record: Record, column: str) -> str:
    """The value at a name, or at a dotted path of names, as text; nothing where there is none."""
    value: Any = record.get(column)
    if value is None and "." in column:
        value = record
        for name in column.split("."):
            value = value.get(name) if isinstance(value, dict) else None
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ";".join(value)
    return msgspec.json.encode(value).decode()


class RowReader:
    """A mapping made ready for one header: every column is found once, every table is a dictionary."""

    def __init__(self, mapping: Mapping, header: tuple[str, ...], given: Given, seen: int) -> None:
        at = {column: index for index, column in enumerate(header)}
        self._fixed: dict[str, Any] = {field: getattr(given, field) for field in GIVEN if getattr(given, field)}
        self._fixed |= {field: typed(field, value) for field, value in mapping.constants.items()}
        self._fields = [(field, self._reading(mapping, field, at[name])) for field, name in mapping.columns.items()]
        self._fields += [
            (field, _joined(self._reading(mapping, field, 0), [at[name] for name in names]))
            for field, names in mapping.joined.items()
        ]
        self._also = [
            (name, also, at.get(also.when, -1), at.get(also.time, -1), frozenset(map(str.lower, also.values)) or YES)
            for name, also in mapping.also.items()
        ]
        self._inbound = [(field, self._reading(mapping, field, at[name])) for field, name in mapping.inbound.items()]
        self._refers = [(name, at[column]) for name, column in mapping.refers.items()]
        self._when = when_of(mapping.time.format, mapping.time.zone)
        self._time = [at[column] for column in mapping.time.columns]
        self._key = [at[column] for column in mapping.key.columns]
        self._prefix = mapping.key.prefix + ":" if mapping.key.prefix else ""
        self._blank, self._wide = mapping.key.blank, mapping.wide
        self._copies: dict[bytes, int] = {}
        self._seen = seen
        self.hashes = not self._key

    def read(self, where: str, row: Cells, whole: bytes = b"") -> Read | Parked:
        """One row as an observation. `whole` is what its key is hashed from when that is more than the cells."""
        try:
            observation = self._observation(row, whole)
            further = self._further(row, observation) if self._also else ()
        except ValueError as error:
            reason = str(error) if isinstance(error, CannotMap) else "It does not fit the mapping."
            raw = "\x1f".join(row)[: LIMITS.raw_kept].encode("utf-8", "replace")
            return Parked(where=where, reason=reason, raw=raw)
        return Read(where=where, observations=(observation, *further))

    def _further(self, row: Cells, first: Observation) -> tuple[Observation, ...]:
        """What else the row says happened, each under the row's key and its own name."""
        found = []
        for name, also, when, time, yes in self._also:
            happened = row[when].strip().lower() in yes if when >= 0 else bool(row[time].strip())
            if not happened:
                continue
            occurred = first.occurred
            if time >= 0 and row[time].strip():
                try:
                    occurred = self._when(row[time])
                except (ValueError, OverflowError) as error:
                    raise CannotMap(
                        f"The time of what it says of {also.kind} is not of the mapping's format."
                    ) from error
            found.append(further(first, name, also, occurred))
        return tuple(found)

    def _observation(self, row: Cells, whole: bytes) -> Observation:
        found = self._fixed.copy()
        for field, reading in self._fields:
            value = reading(row)
            if value != "":
                found[field] = value
        if self._inbound and found.get("direction") == "inbound":
            for field, reading in self._inbound:
                found[field] = reading(row)
        if "kind" not in found:
            raise CannotMap("The cell that says what happened is empty.")
        if not any(found.get(field) for field in PERSON):
            raise CannotMap("It names no customer and no address.")
        if self._refers:
            found["refers"] = {name: row[index] for name, index in self._refers if row[index]}
        occurred = self._occurred(row, found["kind"])
        observation = Observation(key=self._key_of(row, whole), occurred=occurred, **found)
        if self._wide:
            observation = as_testimony(observation)
        if observation.kind != "consented":
            return observation
        observation = proven(observation)
        return observation if occurred else msgspec.structs.replace(observation, occurred=self._seen)

    def _occurred(self, row: Cells, kind: str) -> int:
        written = row[self._time[0]] if len(self._time) == 1 else " ".join([row[index] for index in self._time])
        try:
            return self._when(written)
        except (ValueError, OverflowError) as error:
            if kind == "consented":
                return 0  # it will be quarantined: a consent nobody can date proves nothing
            if not written.strip():
                raise CannotMap("It has no time.") from error
            raise CannotMap("Its time is not of the mapping's format, or is outside 1970 to 2106.") from error

    def _key_of(self, row: Cells, whole: bytes) -> str:
        if self._key:
            parts = [row[index] for index in self._key]
            if not (any(parts) if self._blank else all(parts)):
                raise CannotMap("Its key is empty.")
            return self._prefix + (parts[0] if len(parts) == 1 else "\x1f".join(parts))
        digest = blake2b(whole or "\x1f".join(row).encode("utf-8", "surrogatepass"), digest_size=16).digest()
        copies = self._copies.get(digest, 0) + 1
        if copies == 1 and len(self._copies) >= HASHED_ROWS_MAX:
            raise CannotMap(f"After {HASHED_ROWS_MAX:,} rows the mapping must name key columns.")
        self._copies[digest] = copies
        return self._prefix + digest.hex() + (f"#{copies}" if copies > 1 else "")

    @staticmethod
    def _reading(mapping: Mapping, field: str, index: int) -> Reading:
        table, words = mapping.values.get(field), WORDS.get(field)
        if table or words:
            return _translated(field, index, table or {}, words)
        if field in NUMBERS:
            return lambda row: _number(row[index], field)
        if field == "topics":
            return lambda row: tuple(topic for part in row[index].split(";") if (topic := part.strip()))
        if field == "until":
            when = when_of(mapping.time.format, mapping.time.zone)
            return lambda row: _until(row[index], when)
        if field in ("words", "subject", "wording", "evidence"):
            return lambda row: row[index]
        return lambda row: row[index].strip()


def further(first: Observation, name: str, also: Also, occurred: int) -> Observation:
    """A further fact of a row, about the same message. A withdrawal is read as wide as it can be meant."""
    become = msgspec.structs.replace
    key, said = f"{first.key}:{name}", f"column {also.when or also.time}"
    fact = become(first, kind=also.kind, key=key, occurred=occurred, detail=also.detail, words="", refers={})
    if also.kind == "withdrawn":
        return as_testimony(become(fact, source=said, evidence=f"row {first.key}"))
    return fact


def as_testimony(fact: Observation) -> Observation:
    """A fact as platforms tell it: a withdrawal is read as wide as it can be meant, by no unit, so by all, and about no
    message; a message proves no consent."""
    become = msgspec.structs.replace
    if fact.kind == "withdrawn":
        return become(
            fact,
            direction="inbound",
            message="",
            unit="",
            category="",
            campaign="",
            template="",
            subject="",
            content="",
        )
    if fact.kind in ("consented", "quarantined"):
        return become(fact, direction="inbound", message="", category="", campaign="")
    return become(fact, source="", evidence="") if fact.kind != "marked" else fact


def _joined(reading: Reading, indexes: list[int]) -> Reading:
    """A reading of several cells joined by a colon; of nothing where all of them are empty."""

    def joined(row: Cells) -> Any:
        cells = [row[index].strip() for index in indexes]
        return reading([":".join(cells) if any(cells) else ""])

    return joined


def _translated(field: str, index: int, table: dict[str, str], words: frozenset[str] | None) -> Reading:
    """A reading through a table; what the table has not is taken as it is if it is a word of ours, else by `*`."""
    known = {theirs.strip().lower(): ours for theirs, ours in table.items()}
    other = known.pop("*", None)
    ours = {word: word for word in words} if words else {}
    known = ours | known

    def reading(row: Cells) -> str:
        cell = row[index]
        value = known.get(cell)
        if value is not None:
            return value
        value = known.get(cell.strip().lower(), other)
        if value is None:
            if words is None or not cell.strip():
                return cell.strip()
            raise CannotMap(f"The mapping does not say what its value of {field} means.")
        return value

    return reading


def _number(cell: str, field: str) -> int | str:
    cell = cell.strip()
    if not cell:
        return ""
    if not (cell.isdigit() and cell.isascii() and len(cell) <= 5):
        raise CannotMap(f"Its value of {field} is no whole number.")
    return int(cell)


def _until(cell: str, when: Callable[[str], int]) -> int | str:
    if not cell.strip():
        return ""
    try:
        return when(cell)
    except ValueError as error:
        raise CannotMap("Its value of until is no time by the format of the mapping.") from error


def typed(field: str, value: str | int) -> Any:
    """A constant as the observation wants it."""
    if field in NUMBERS or field == "until":
        return int(value)
    if field == "topics":
        return tuple(topic.strip() for topic in str(value).split(";") if topic.strip())
    return str(value)
