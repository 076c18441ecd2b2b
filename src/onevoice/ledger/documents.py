"""Documents: the rows people edit (units, platforms, contact points ...), their versions and their chained log."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from enum import IntEnum
from hashlib import blake2b
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
from sqlalchemy import Connection, RowMapping, Table, bindparam, func, insert, select, text, update

from onevoice.ledger import tables
from onevoice.ledger.engine import Transaction
from onevoice.nouns.problem import NotFound
from onevoice.nouns.surroundings import (
    DEFAULT_BITS,
    Campaign,
    CategoryBits,
    ContactPoint,
    Document,
    Offer,
    Platform,
    Purpose,
    Surroundings,
    Topic,
    Unit,
)
from onevoice.nouns.words import Category

Kind = TypeVar("Kind", bound=Document)

TABLES: Final[dict[type[Document], Table]] = {
    Unit: tables.units,
    Platform: tables.platforms,
    ContactPoint: tables.contact_points,
    Topic: tables.topics,
    Purpose: tables.purposes,
    Offer: tables.offers,
    Campaign: tables.campaigns,
}
"""Every kind of document and its table; the table's name is also the field of Surroundings."""

CHANGES_LOCK: Final = 0x0E_D0C5
"""The advisory lock under which documents change, so that numbers and the log's chain have one order."""


class Change(NamedTuple):
    """One line of the change log; `before` and `after` are plain values, None where there is nothing."""

    document: str
    key: str
    before: object
    after: object


class Stored(NamedTuple):
    """What became of a write: the surroundings version that now holds, and how many documents changed."""

    version: int
    changed: int


class _Snapshot(msgspec.Struct, frozen=True):
    units: tuple[Unit, ...]
    platforms: tuple[Platform, ...]
    contact_points: tuple[ContactPoint, ...]
    topics: tuple[Topic, ...]
    purposes: tuple[Purpose, ...]
    offers: tuple[Offer, ...]
    campaigns: tuple[Campaign, ...]
    categories: tuple[CategoryBits, ...]


def read_surroundings(connection: Connection) -> Surroundings:
    """All documents as they are, with the version they make."""
    version = connection.execute(select(func.max(tables.surroundings.c.version))).scalar() or 0
    return Surroundings(
        version=version,
        units=_read(connection, Unit),
        platforms=_read(connection, Platform),
        contact_points=_read(connection, ContactPoint),
        topics=_read(connection, Topic),
        purposes=_read(connection, Purpose),
        offers=_read(connection, Offer),
        campaigns=_read(connection, Campaign),
        categories=_read_categories(connection),
        zones=_read_zones(connection),
    )


def surroundings_at(connection: Connection, version: int) -> Surroundings:
    """The documents as they were at a version (0: none). Zone numbers never change meaning, so the zones are today's.

    Raises NotFound when there never was such a version."""
    if version == 0:
        return Surroundings(zones=_read_zones(connection))
    table = tables.surroundings
    body = connection.execute(select(table.c.body).where(table.c.version == version)).scalar()
    if body is None:
        raise NotFound(f"There is no version {version} of the documents.")
    told = msgspec.json.decode(body, type=_Snapshot)
    return Surroundings(
        version=version,
        units=_by_number(told.units),
        platforms=_by_number(told.platforms),
        contact_points=_by_number(told.contact_points),
        topics=_by_number(told.topics),
        purposes=_by_number(told.purposes),
        offers=_by_number(told.offers),
        campaigns=_by_number(told.campaigns),
        categories=told.categories,
        zones=_read_zones(connection),
    )


def overlaid(now: Surroundings, documents: Sequence[Document | CategoryBits]) -> Surroundings:
    """The surroundings as they would be with these documents, under the version there is."""
    maps: dict[str, Any] = {
        str(table.name): {**getattr(now, table.name), **_by_number(_of_kind(documents, kind))}
        for kind, table in TABLES.items()
    }
    bits = {each.category: each for each in [*now.categories, *_of_kind(documents, CategoryBits)]}
    return replace(now, **maps, categories=tuple(bits[category] for category in Category))


def version_time(connection: Connection, version: int) -> int:
    """When a surroundings version was made, microseconds UTC; 0 when it never was."""
    table = tables.surroundings
    return connection.execute(select(table.c.made).where(table.c.version == version)).scalar() or 0


def lock_documents(tx: Transaction) -> None:
    """Take the turn to change documents; held until the transaction ends. Call it before reading what will change."""
    if tx.connection.dialect.name == "postgresql":  # SQLite has one writer anyway
        tx.connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": CHANGES_LOCK})


def numbers_of(tx: Transaction, kind: type[Document], keys: Iterable[str]) -> dict[str, int]:
    """The number of each key of this kind; keys not known yet get the next ones, in the order given.

    Call lock_documents before. Numbers are dense, because no document is ever deleted and nothing unused is kept."""
    table = TABLES[kind]
    known = {row.key: row.number for row in tx.connection.execute(select(table.c.key, table.c.number))}
    wanted = list(dict.fromkeys(keys))
    last = max(known.values(), default=0)
    fresh = dict(
        zip([key for key in wanted if key not in known], range(last + 1, last + 1 + len(wanted)), strict=False)
    )
    return {key: known.get(key) or fresh[key] for key in wanted}


def store_documents(tx: Transaction, documents: Sequence[Document | CategoryBits], *, by: str, at: int) -> Stored:
    """Insert or update these documents, log each change, and make one new surroundings version when anything changed.

    `by` names who says so, `at` is the moment in microseconds UTC. Call lock_documents before, and this once in a
    transaction. What is equal to what is stored changes nothing."""
    before = read_surroundings(tx.connection)
    changes = [change for kind in TABLES for change in _store_kind(tx, before, kind, _of_kind(documents, kind))]
    changes += _store_categories(tx, before, _of_kind(documents, CategoryBits))
    if not changes:
        return Stored(before.version, 0)
    log_changes(tx, changes, by=by, at=at)
    after = read_surroundings(tx.connection)
    body = msgspec.json.encode(_snapshot(after))
    tx.add(tables.surroundings, [(before.version + 1, body.decode(), at)])
    return Stored(before.version + 1, len(changes))


def log_changes(tx: Transaction, changes: Sequence[Change], *, by: str, at: int) -> None:
    """Append to the change log; each row's hash covers the row before. Never give it what a person may have erased."""
    log = tables.changes
    last = tx.connection.execute(select(log.c.number, log.c.hash).order_by(log.c.number.desc()).limit(1)).first()
    number, link = (last.number, bytes(last.hash)) if last else (0, b"")
    rows = []
    for change in changes:
        number += 1
        values = (number, change.document, change.key, _json(change.before), _json(change.after), at, by)
        link = _chained(link, values)
        rows.append((*values, link))
    tx.add(log, rows)


def verify_changes(connection: Connection) -> int:
    """The number of the first row of the change log that is not as it was written (or is missing); 0 when all are."""
    log = tables.changes
    link = b""
    for expected, row in enumerate(connection.execute(select(log).order_by(log.c.number)), start=1):
        values = tuple(row)[:-1]
        link = _chained(link, values)
        if row.number != expected or bytes(row.hash) != link:
            return expected
    return 0


def _snapshot(now: Surroundings) -> _Snapshot:
    return _Snapshot(
        units=tuple(now.units.values()),
        platforms=tuple(now.platforms.values()),
        contact_points=tuple(now.contact_points.values()),
        topics=tuple(now.topics.values()),
        purposes=tuple(now.purposes.values()),
        offers=tuple(now.offers.values()),
        campaigns=tuple(now.campaigns.values()),
        categories=now.categories,
    )


def _store_kind(tx: Transaction, before: Surroundings, kind: type[Kind], given: Sequence[Kind]) -> list[Change]:
    table = TABLES[kind]
    there: Mapping[int, Document] = getattr(before, table.name)
    news = [one for one in given if one.number not in there]
    others = [one for one in given if one.number in there and there[one.number] != one]
    if news:
        tx.connection.execute(insert(table), [_row(one) for one in news])
    if others:
        names = [column.name for column in table.columns if column.name != "number"]
        columns: dict[str, Any] = {name: bindparam(f"to_{name}") for name in names}
        statement = update(table).where(table.c.number == bindparam("of_number")).values(columns)
        tx.connection.execute(statement, [{"of_number": one.number, **_prefixed(_row(one))} for one in others])
    return [Change(str(table.name), one.key, there.get(one.number), one) for one in [*news, *others]]


def _store_categories(tx: Transaction, before: Surroundings, given: Sequence[CategoryBits]) -> list[Change]:
    known = {bits.category: bits for bits in before.categories}
    table = tables.categories
    others = [bits for bits in given if known[bits.category] != bits]
    for bits in others:
        tx.connection.execute(table.delete().where(table.c.category == int(bits.category)))
        tx.connection.execute(insert(table), [_row(bits)])
    return [Change(str(table.name), bits.category.spoken, known[bits.category], bits) for bits in others]


def _of_kind(documents: Sequence[Document | CategoryBits], kind: type[Any]) -> list[Any]:
    return [one for one in documents if type(one) is kind]


def _prefixed(row: Mapping[str, Any]) -> dict[str, Any]:
    return {f"to_{name}": value for name, value in row.items() if name != "number"}


def _row(document: msgspec.Struct) -> dict[str, Any]:
    return {name: _plain(getattr(document, name)) for name in document.__struct_fields__}


def _plain(value: object) -> object:
    if isinstance(value, IntEnum):
        return int(value)
    return ",".join(map(str, value)) if isinstance(value, tuple) else value


def _read(connection: Connection, kind: type[Kind]) -> dict[int, Kind]:
    table = TABLES[kind]
    rows = connection.execute(select(table).order_by(table.c.number)).mappings()
    return {row["number"]: msgspec.convert(_values(row), type=kind) for row in rows}


def _values(row: RowMapping) -> dict[str, Any]:
    values = {str(name): value for name, value in row.items()}
    if "topics" in values:
        values["topics"] = [int(number) for number in values["topics"].split(",") if number]
    return values


def _read_categories(connection: Connection) -> tuple[CategoryBits, ...]:
    table = tables.categories
    stored = {
        row["category"]: msgspec.convert(_values(row), CategoryBits)
        for row in connection.execute(select(table)).mappings()
    }
    known = {bits.category: bits for bits in DEFAULT_BITS}
    return tuple(stored.get(category, known[category]) for category in Category)


def _read_zones(connection: Connection) -> tuple[str, ...]:
    table = tables.zones
    names = {row.number: row.key for row in connection.execute(select(table.c.number, table.c.key))}
    return tuple(names.get(number, "") for number in range(max(names, default=0) + 1))


def _by_number(documents: Iterable[Kind]) -> dict[int, Kind]:
    return {document.number: document for document in documents}


def _json(value: object) -> str:
    return "" if value is None else msgspec.json.encode(value).decode()


def _chained(link: bytes, values: Sequence[object]) -> bytes:
    """BLAKE2b-256 over the previous hash and the row's values as one JSON array."""
    return blake2b(link + msgspec.json.encode(list(values)), digest_size=32).digest()
