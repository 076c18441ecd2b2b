"""The embedded store: SQLite with WAL and synchronous=FULL; one process holds the lock file and writes."""

import json
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pysqlite3  # type: ignore[import-untyped]
from msgspec.structs import replace
from sqlalchemy import Connection, Table, create_engine, event, text

from onevoice.ledger.engine import Found, Heard, SavedState
from onevoice.ledger.migrations import upgrade
from onevoice.ledger.tables import heard
from onevoice.nouns.authority import Authority
from onevoice.nouns.contact_state import ContactState
from onevoice.nouns.problem import Unavailable

OLDEST_SQLITE: Final = (3, 51, 3)
"""Older libraries can corrupt a WAL when a checkpoint resets it while a reader starts (SQLite 3.51.3 release notes)."""

# one parameter, a JSON list, stands for any number of values: the statement stays the same and is prepared once
SELECT_HEARD: Final = (
    "SELECT key, body, entry FROM heard WHERE said_by = ? AND key IN (SELECT unhex(value) FROM json_each(?))"
)
SELECT_FOUND: Final = "SELECT hash, rest, folio FROM vault_lookups WHERE hash IN (SELECT value FROM json_each(?))"
SELECT_STATES: Final = (
    "SELECT folio, sequence, head, zone, segments, reach, touches, tallies, permits, marks, wishes, format "
    "FROM contact_states WHERE folio IN (SELECT value FROM json_each(?))"
)
SELECT_OLDER: Final = "SELECT folio, older FROM contact_state_older WHERE folio IN (SELECT value FROM json_each(?))"
NOTHING: Final = bytearray()
UPDATE_STATE: Final = (
    "UPDATE contact_states SET sequence=?, head=?, zone=?, segments=?, reach=?, touches=?, tallies=?, permits=?, "
    "marks=?, wishes=?, format=? WHERE folio=?"
)


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # BEGIN is ours: the driver would begin too late
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "mmap_size=0",
        "busy_timeout=10000",
        "cache_size=-65536",
        "temp_store=MEMORY",
        "wal_autocheckpoint=4000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _state(row: tuple[Any, ...]) -> ContactState:
    _, sequence, head, zone, segments, reach, touches, tallies, permits, marks, wishes, form = row
    return ContactState(sequence, head, zone, segments, reach, touches, tallies, permits, marks, wishes, None, form)


def _state_values(saved: SavedState) -> tuple[Any, ...]:
    """The changing columns of a contact state, the folio last."""
    state = saved.state
    return (
        state.sequence,
        bytearray(state.head),
        state.zone,
        state.segments,
        state.reach,
        bytearray(state.touches),
        bytearray(state.tallies) if state.tallies else NOTHING,
        bytearray(state.permits) if state.permits else NOTHING,
        bytearray(state.marks) if state.marks else NOTHING,
        bytearray(state.wishes) if state.wishes else NOTHING,
        state.format,
        saved.folio,
    )


def _insert(table: Table, rows: Sequence[tuple[Any, ...]]) -> tuple[str, Iterator[tuple[Any, ...]]]:
    """A statement for these rows, without the columns that are null in all of them, and the values to bind.

    The driver asks its adapter registry, a microsecond each time, about every None and every bytes; a bytearray and a
    column left out cost a twentieth of that."""
    columns = list(zip(*rows, strict=True))
    used = [place for place, column in enumerate(columns) if column.count(None) < len(rows)]
    names = ", ".join(f'"{column.name}"' for place, column in enumerate(table.columns) if place in set(used))
    marks = ", ".join("?" * len(used))
    bound = [_bindable(columns[place]) for place in used]
    return f"INSERT INTO {table.name} ({names}) VALUES ({marks})", zip(*bound, strict=True)  # noqa: S608 - ours


def _bindable(column: Sequence[Any]) -> Sequence[Any]:
    if not isinstance(column[0], bytes) and None not in column:
        return column
    return [bytearray(value) if isinstance(value, bytes) else value for value in column]


class SqliteTransaction:
    """`ledger.engine.Transaction` on a connection that began IMMEDIATE."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._raw: Any = connection.connection.driver_connection

    def heard(self, said_by: int, keys: Sequence[bytes]) -> dict[bytes, Heard]:
        rows = self._raw.execute(SELECT_HEARD, (said_by, json.dumps([key.hex() for key in keys])))
        return {key: Heard(body, entry) for key, body, entry in rows}

    def hear(self, rows: Sequence[tuple[int, bytes, bytes, int]]) -> None:
        self.add(heard, rows)

    def found(self, hashes: Sequence[int]) -> dict[int, Found]:
        rows = self._raw.execute(SELECT_FOUND, (json.dumps(list(hashes)),))
        return {number: Found(rest, folio) for number, rest, folio in rows}

    def rows(self, table: Table, column: str, values: Sequence[int]) -> list[tuple[Any, ...]]:
        statement = f"SELECT * FROM {table.name} WHERE {column} IN (SELECT value FROM json_each(?))"  # noqa: S608 - ours
        rows: list[tuple[Any, ...]] = self._raw.execute(statement, (json.dumps(list(values)),)).fetchall()
        return rows

    def states(self, folios: Sequence[int], older_behind: int) -> dict[int, ContactState]:
        states = {row[0]: _state(row) for row in self._raw.execute(SELECT_STATES, (json.dumps(sorted(folios)),))}
        far = [folio for folio, state in states.items() if state.reach > older_behind]
        if far:
            older = self.older(far)
            states |= {folio: replace(states[folio], older=older.get(folio, b"")) for folio in far}
        return states

    def older(self, folios: Sequence[int]) -> dict[int, bytes]:
        return dict(self._raw.execute(SELECT_OLDER, (json.dumps(list(folios)),)).fetchall())

    def save_states(self, saved: Sequence[SavedState]) -> None:
        self._raw.executemany(UPDATE_STATE, map(_state_values, saved))
        for one in saved:
            if one.replace_older:
                self._raw.execute("INSERT OR REPLACE INTO contact_state_older VALUES (?, ?)", (one.folio, one.moved))
            elif one.moved:
                self._raw.execute(
                    "INSERT INTO contact_state_older VALUES (?, ?) "
                    "ON CONFLICT (folio) DO UPDATE SET older = CAST(older || excluded.older AS BLOB)",
                    (one.folio, one.moved),
                )

    def add(self, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            statement, values = _insert(table, rows)
            self._raw.executemany(statement, values)

    def remove(self, table: Table, keys: Sequence[tuple[Any, ...]]) -> None:
        where = " AND ".join(f"{column.name} = ?" for column in table.primary_key)
        self._raw.executemany(f"DELETE FROM {table.name} WHERE {where}", keys)  # noqa: S608 - a table of ours

    def count_up(self, rows: Iterable[tuple[int, int, int, int, int, int, int]]) -> None:
        self._raw.executemany(
            "INSERT INTO tallies_by_day VALUES (?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET count = count + excluded.count",
            list(rows),
        )

    def numbers(self, table: Table, count: int) -> list[int]:
        # one process writes, and a number once committed is never deleted: the next is one more than the last
        (last,) = self._raw.execute(f"SELECT max(number) FROM {table.name}").fetchone()  # noqa: S608 - a table of ours
        return list(range((last or 0) + 1, (last or 0) + 1 + count))


class SqliteEngine:
    """`ledger.engine.Engine` on one file. Raises Unavailable when another process holds it."""

    name = "sqlite"
    several_writers = False

    def __init__(self, path: Path) -> None:
        if pysqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise Unavailable(f"SQLite {pysqlite3.sqlite_version} can corrupt its log; 3.51.3 or newer is needed.")
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._lock_file = _take(path.with_suffix(".lock"))
        self._core = create_engine(
            f"sqlite:///{path}", module=pysqlite3, connect_args={"check_same_thread": False, "cached_statements": 256}
        )
        event.listen(self._core, "connect", _prepare)
        self._writer = threading.Lock()

    @contextmanager
    def reading(self, asker: Authority | None = None) -> Iterator[Connection]:
        with self._core.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            connection.exec_driver_sql("PRAGMA query_only=ON")
            try:
                yield connection
            finally:
                connection.exec_driver_sql("PRAGMA query_only=OFF")
                connection.rollback()
                _end(connection)

    @contextmanager
    def writing(self) -> Iterator[SqliteTransaction]:
        with self._writer, self._core.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield SqliteTransaction(connection)
                connection.exec_driver_sql("COMMIT")
            finally:
                _end(connection)

    def migrate(self) -> None:
        with self._writer, self._core.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                upgrade(connection)
                connection.exec_driver_sql("COMMIT")
            finally:
                _end(connection)

    def standing(self) -> tuple[tuple[bool, str], ...]:
        """Nothing to say: SQLite knows no roles and secures no rows; one process holds the file."""
        return ()

    def backup(self, target: Path) -> None:
        """Copy the live store by SQLite's own backup, never by copying the file."""
        with self._core.connect() as connection:
            copy = pysqlite3.connect(str(target))
            try:
                connection.connection.driver_connection.backup(copy)  # type: ignore[union-attr]
            finally:
                copy.close()

    def empty_log(self) -> None:
        """Write the log back into the file and empty it, so that nothing erased stays in it. Raises Unavailable when
        somebody goes on reading an earlier moment."""
        with self._writer, self._core.connect() as connection:
            (busy, _, _) = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()
        if busy:
            raise Unavailable("The book is being read, so that its log still holds what was deleted. Ask again.")

    def close(self) -> None:
        self._core.dispose()
        os.close(self._lock_file)


def _end(connection: Connection) -> None:
    raw = connection.connection.driver_connection
    assert raw is not None
    if raw.in_transaction:
        raw.execute("ROLLBACK")


def _take(path: Path) -> int:
    import fcntl

    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise Unavailable(
            f"Another Onevoice process is using {path.with_suffix('')}. Stop it, or let it do the work."
        ) from None
    return handle
