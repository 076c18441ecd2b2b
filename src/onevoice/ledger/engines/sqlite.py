"""The embedded store: SQLite with WAL and synchronous=FULL; one process holds the lock file and writes."""

import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec
import pysqlite3  # type: ignore[import-untyped]
from msgspec.structs import replace
from sqlalchemy import Connection, Engine, LargeBinary, Table, create_engine, event, text

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
SELECT_FOUND: Final = (
    "SELECT json_group_array(json_array(hash, rest, folio)) FROM vault_lookups "
    "WHERE hash IN (SELECT value FROM json_each(?))"
)
SELECT_STATES: Final = (
    "SELECT folio, sequence, head, zone, segments, reach, touches, tallies, permits, marks, wishes, format "
    "FROM contact_states WHERE folio IN (SELECT value FROM json_each(?))"
)
SELECT_OLDER: Final = "SELECT folio, older FROM contact_state_older WHERE folio IN (SELECT value FROM json_each(?))"
NOTHING: Final = bytearray()
SAVE_STATES: Final = (
    "INSERT INTO contact_states "
    "(sequence, head, zone, segments, reach, touches, tallies, permits, marks, wishes, format, folio) VALUES ",
    " ON CONFLICT (folio) DO UPDATE SET sequence=excluded.sequence, head=excluded.head, zone=excluded.zone, "
    "segments=excluded.segments, reach=excluded.reach, touches=excluded.touches, tallies=excluded.tallies, "
    "permits=excluded.permits, marks=excluded.marks, wishes=excluded.wishes, format=excluded.format",
)
"""Before and after the rows; every state was there when it was locked."""

READING_KB: Final = 32 * 1024
WRITING_KB: Final = 256 * 1024
"""Page caches, which grow as they are used. The writer looks addresses up by hashes, which lie anywhere in the file."""

ROWS_AT_ONCE: Final = 512
"""Most rows of one statement (docs/decisions/0011). Others go in halves of it, so that few statements are prepared."""


def _engine(path: Path, cache_kb: int, **pool: int) -> Engine:
    """Connections to this file, each with a page cache of at most so many kilobytes."""
    arguments = {"check_same_thread": False, "cached_statements": 256}
    engine = create_engine(f"sqlite:///{path}", module=pysqlite3, connect_args=arguments, **pool)
    event.listen(engine, "connect", lambda connection, _: _prepare(connection, cache_kb))
    return engine


def _prepare(connection: Any, cache_kb: int) -> None:
    connection.isolation_level = None  # BEGIN is ours: the driver would begin too late
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "mmap_size=0",
        "busy_timeout=10000",
        f"cache_size=-{cache_kb}",
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


def _insert(table: Table, rows: Sequence[tuple[Any, ...]]) -> tuple[str, list[Sequence[Any]]]:
    """An insert up to its values, without the columns that are null in all of these rows, and the columns to bind.

    The driver asks its adapter registry, a microsecond each time, about every None and every bytes; a bytearray and a
    column left out cost a twentieth of that."""
    columns = list(zip(*rows, strict=True))
    used = [place for place, column in enumerate(columns) if column.count(None) < len(rows)]
    names = ", ".join(f'"{column.name}"' for place, column in enumerate(table.columns) if place in set(used))
    bound = [_bindable(columns[place]) for place in used]
    return f"INSERT INTO {table.name} ({names}) VALUES ", bound  # noqa: S608 - ours


_rows = msgspec.json.Decoder(list[tuple[Any, ...]]).decode


def _list(values: Iterable[Any]) -> str:
    return msgspec.json.encode(values).decode()


@cache
def _selected(table: Table) -> str:
    """All columns; as one JSON list of rows, which is one step of the driver, where none of them is binary."""
    if any(isinstance(column.type, LargeBinary) for column in table.columns):
        return "*"
    return f"json_group_array(json_array({', '.join(column.name for column in table.columns)}))"


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
        rows = self._raw.execute(SELECT_HEARD, (said_by, _list([key.hex() for key in keys])))
        return {key: Heard(body, entry) for key, body, entry in rows}

    def hear(self, rows: Sequence[tuple[int, bytes, bytes, int]]) -> None:
        self.add(heard, rows)

    def found(self, hashes: Sequence[int]) -> dict[int, Found]:
        (found,) = self._raw.execute(SELECT_FOUND, (_list(hashes),)).fetchone()
        return {number: Found(rest, folio) for number, rest, folio in _rows(found)}

    def rows(self, table: Table, column: str, values: Sequence[int]) -> list[tuple[Any, ...]]:
        what, given = _selected(table), (_list(values),)
        statement = f"SELECT {what} FROM {table.name} WHERE {column} IN (SELECT value FROM json_each(?))"  # noqa: S608
        rows: list[tuple[Any, ...]] = self._raw.execute(statement, given).fetchall()
        return rows if what == "*" else _rows(rows[0][0])

    def lock(self, table: Table, column: str, values: Sequence[int]) -> bool:
        return False

    def states(self, folios: Sequence[int], older_behind: int) -> dict[int, ContactState]:
        states = {row[0]: _state(row) for row in self._raw.execute(SELECT_STATES, (_list(sorted(folios)),))}
        far = [folio for folio, state in states.items() if state.reach > older_behind]
        if far:
            older = self.older(far)
            states |= {folio: replace(states[folio], older=older.get(folio, b"")) for folio in far}
        return states

    def older(self, folios: Sequence[int]) -> dict[int, bytes]:
        return dict(self._raw.execute(SELECT_OLDER, (_list(folios),)).fetchall())

    def save_states(self, saved: Sequence[SavedState]) -> None:
        columns = list(zip(*[_state_values(one) for one in saved], strict=True))
        self._write(SAVE_STATES[0], columns, SAVE_STATES[1])
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
            self._write(*_insert(table, rows))

    def remove(self, table: Table, keys: Sequence[tuple[Any, ...]]) -> None:
        where = " AND ".join(f"{column.name} = ?" for column in table.primary_key)
        self._raw.executemany(f"DELETE FROM {table.name} WHERE {where}", keys)  # noqa: S608 - a table of ours

    def count_up(self, rows: Iterable[tuple[int, int, int, int, int, int, int]]) -> None:
        self._raw.executemany(
            "INSERT INTO tallies_by_day VALUES (?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET count = count + excluded.count",
            list(rows),
        )

    def _write(self, before: str, columns: Sequence[Sequence[Any]], after: str = "") -> None:
        """Many rows a statement, because the driver gives the interpreter away at every step, and where another thread
        is busy gets it back milliseconds later."""
        width, left, start, count = len(columns), len(columns[0]) if columns else 0, 0, ROWS_AT_ONCE
        row = "(" + ",".join("?" * width) + ")"
        while left:
            while count > left:
                count //= 2
            values: list[Any] = [None] * (width * count)
            for place, column in enumerate(columns):
                values[place::width] = column[start : start + count]
            self._raw.execute(before + ",".join([row] * count) + after, values)
            start, left = start + count, left - count

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
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # its log and index get the same rights
        self._core = _engine(path, READING_KB)
        # always the same connection: another one's commit would empty its cache
        self._pen = _engine(path, WRITING_KB, pool_size=1, max_overflow=0)
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
        with self._writer, self._pen.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield SqliteTransaction(connection)
                connection.exec_driver_sql("COMMIT")
            finally:
                _end(connection)

    def migrate(self) -> None:
        with self._writer, self._pen.connect() as connection:
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
        with self._writer, self._pen.connect() as connection:
            (busy, _, _) = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()
        if busy:
            raise Unavailable("The book is being read, so that its log still holds what was deleted. Ask again.")

    def close(self) -> None:
        self._core.dispose()
        self._pen.dispose()
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
