"""Exports that a vendor's folder declares: `exports.toml` says by which columns each is known and what they mean."""

import io
import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, Final

import msgspec

from onevoice.nouns.observation import Given, Parked, Read
from onevoice.parsing.bounded import read_in_child
from onevoice.parsing.csv import name_of, table_of
from onevoice.parsing.fields import is_json
from onevoice.parsing.ndjson import Record, records_of
from onevoice.parsing.source import head_of, opened
from onevoice.vendors.table.mapping import Mapping, faults_of
from onevoice.vendors.table.read import read_here as read_table
from onevoice.vendors.table.read import text_at

VENDORS: Final = Path(__file__).resolve().parent.parent
FILE: Final = "exports.toml"
TRIES_MAX: Final = 500
"""Closing brackets at which the first object of an array may end."""


class Declared(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One table of a vendor: its name there, the columns that together only it has (and those it must not have), and
    either its mapping, or a sentence that says why nothing in it happened to anybody."""

    name: str
    needs: tuple[str, ...]
    lacks: tuple[str, ...] = ()
    nothing: str = ""
    mapping: Mapping | None = None
    inside: str = ""


@dataclass(frozen=True, slots=True)
class Exports:
    """The tables of one vendor's exports, as a reader of logs; `vendor` is the name of its folder."""

    vendor: str

    def recognises(self, _path: Path, head: bytes) -> bool:
        """Whether the header, or the first record, has all the columns of one of the tables."""
        return chosen(tables_of(self.vendor), head) is not None

    def read(self, path: Path, given: Given) -> Iterator[Read | Parked]:
        """Every row of the file once, read in a bounded child. Raises OSError where the file cannot be opened."""
        path.open("rb").close()
        asked = Asked(path=os.fsencode(path.absolute()), vendor=self.vendor, given=given)
        return read_in_child("onevoice.vendors.table.declared:read_asked", msgspec.msgpack.encode(asked))


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the bounded child is asked to read."""

    path: bytes
    vendor: str
    given: Given


@cache
def tables_of(vendor: str) -> tuple[Declared, ...]:
    """The tables that a vendor's folder declares, in their order. Raises AssertionError where a declaration is wrong,
    which is our own mistake."""
    document = tomllib.loads((VENDORS / vendor / FILE).read_text("utf-8"))
    become = msgspec.structs.replace
    tables = tuple(
        become(table, mapping=become(table.mapping, wide=True)) if table.mapping else table
        for table in msgspec.convert(document["table"], tuple[Declared, ...])
    )
    for table in tables:
        faults = faults_of(table.mapping) if table.mapping else []
        assert not faults, (vendor, table.name, faults)
        assert bool(table.mapping) != bool(table.nothing), (vendor, table.name)
    return tables


def plain(name: str) -> str:
    """A column's name without what warehouses change: capitals, quotes, blanks for underscores."""
    return name_of(name).strip('"').strip().lower().replace(" ", "_")


def chosen(tables: tuple[Declared, ...], head: bytes) -> tuple[Declared, tuple[str, ...]] | None:
    """The table whose columns a source has, with the names as the source writes them; None where it has none."""
    if is_json(head):
        return _chosen_record(tables, head)
    table = table_of(io.BytesIO(head.split(b"\n", 1)[0] + b"\n"), head)
    if isinstance(table, Parked):
        return None
    names = {plain(name) for name in table.header}
    for one in tables:
        if {plain(name) for name in one.needs} <= names and not {plain(name) for name in one.lacks} & names:
            return one, table.header
    return None


def _chosen_record(tables: tuple[Declared, ...], head: bytes) -> tuple[Declared, tuple[str, ...]] | None:
    for inside in dict.fromkeys(["", *(one.inside for one in tables)]):
        for record in _first_records(head, inside):
            for one in tables:
                if (not inside or one.inside == inside) and all(text_at(record, name) for name in one.needs):
                    return one, ()
    return None


def _first_records(head: bytes, inside: str) -> Iterator[Record]:
    """The first records of a source of which only the beginning is at hand: an array that is cut is cut at a record."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if inside:
        key = b'"' + inside.encode() + b'"'
        start = start[start.find(b"[", start.find(key)) :] if key in start else b""
    if start.startswith(b"["):
        cut = _end(start)
        start = start[:cut] + b"]" if cut else b""
    found = records_of(io.BytesIO(start), start) if start else iter(())
    return (item[1] for item in islice(found, 1) if not isinstance(item, Parked))


def _end(start: bytes) -> int:
    """Where the first object of an array ends; 0 where it does not."""
    at = start.find(b"}")
    for _ in range(TRIES_MAX):
        if at < 0:
            return 0
        try:
            msgspec.json.decode(start[: at + 1] + b"]")
            return at + 1
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            at = start.find(b"}", at + 1)
    return 0


def fitted(mapping: Mapping, header: tuple[str, ...], needs: tuple[str, ...]) -> Mapping:
    """The mapping with the names as the source writes them, without columns that it need not have and has not."""
    theirs = {plain(name): name for name in reversed(header)}
    kept = {plain(name) for name in (*needs, *mapping.time.columns, *mapping.key.columns)}

    def named(columns: dict[str, str]) -> dict[str, str]:
        return {
            field: theirs.get(plain(name), name)
            for field, name in columns.items()
            if plain(name) in theirs or plain(name) in kept
        }

    def written(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(theirs.get(plain(name), name) for name in names)

    there = {name: also for name, also in mapping.also.items() if {plain(also.when), plain(also.time)} <= {"", *theirs}}
    become: Any = msgspec.structs.replace
    fitting: Mapping = become(
        mapping,
        columns=named(mapping.columns),
        refers=named(mapping.refers),
        inbound=named(mapping.inbound),
        joined={
            field: tuple(theirs[plain(name)] for name in names if plain(name) in theirs)
            for field, names in mapping.joined.items()
        },
        time=become(mapping.time, columns=written(mapping.time.columns)),
        key=become(mapping.key, columns=written(mapping.key.columns)),
        also={
            name: become(also, when=theirs.get(plain(also.when), ""), time=theirs.get(plain(also.time), ""))
            for name, also in there.items()
        },
    )
    return fitting


def read_asked(raw: bytes) -> Iterator[Read | Parked]:
    """The way into the bounded child."""
    asked = msgspec.msgpack.decode(raw, type=Asked)
    return read_here(Path(os.fsdecode(asked.path)), asked.vendor, asked.given)


def read_here(path: Path, vendor: str, given: Given) -> Iterator[Read | Parked]:
    """Every row of the file once, in this process."""
    head = head_of(path)
    found = chosen(tables_of(vendor), head)
    if found is None:
        yield Parked(
            where="line 1", reason="Its columns are those of no table that this vendor exports.", raw=head[:200]
        )
        return
    table, header = found
    if table.mapping is None:
        yield from _nothing(path, head, table)
    elif is_json(head):
        mapping: Mapping = msgspec.structs.replace(table.mapping, format="ndjson", inside=table.inside)
        yield from read_table(path, mapping, given)
    else:
        yield from read_table(path, fitted(table.mapping, header, table.needs), given)


def _nothing(path: Path, head: bytes, told: Declared) -> Iterator[Parked]:
    """Every row of a table in which nothing happened to anybody, parked with the reason. What it holds is not kept; the
    table's name is part of the place, because line 2 of another table is another row."""
    with opened(path) as stream:
        if is_json(head):
            for item in records_of(stream, head):
                yield item if isinstance(item, Parked) else Parked(where=f"{told.name}, {item[0]}", reason=told.nothing)
            return
        table = table_of(stream, head)
        if isinstance(table, Parked):
            yield table
            return
        for row in table.rows:
            yield row if isinstance(row, Parked) else Parked(where=f"{told.name}, line {row[0]}", reason=told.nothing)
