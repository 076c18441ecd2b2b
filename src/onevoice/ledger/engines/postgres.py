"""The team store: PostgreSQL 15 or newer by psycopg; several processes write, explicit row locks keep them apart."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

from msgspec.structs import replace
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Connection, Engine, NullPool, Table, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from onevoice.ledger.engine import Found, Heard, SavedState
from onevoice.ledger.engines import postgres_role as role
from onevoice.ledger.migrations import upgrade
from onevoice.ledger.privileges import PERSONAL
from onevoice.ledger.tables import entries, folios, heard
from onevoice.nouns.authority import Authority
from onevoice.nouns.contact_state import ContactState
from onevoice.nouns.problem import Unavailable

SELECT_HEARD: Final = "SELECT key, body, entry FROM heard WHERE key = ANY(%b) AND said_by = %b"
SELECT_FOUND: Final = "SELECT hash, rest, folio FROM vault_lookups WHERE hash = ANY(%b)"
SELECT_STATES: Final = (
    "SELECT folio, sequence, head, zone, segments, reach, touches, tallies, permits, marks, wishes, format "
    "FROM contact_states WHERE folio = ANY(%b) ORDER BY folio FOR UPDATE"  # sorted: two writers never wait in a ring
)
SELECT_OLDER: Final = "SELECT folio, older FROM contact_state_older WHERE folio = ANY(%b)"
UPDATE_STATES: Final = """
UPDATE contact_states s SET sequence=n.sequence, head=n.head, zone=n.zone, segments=n.segments, reach=n.reach,
  touches=n.touches, tallies=n.tallies, permits=n.permits, marks=n.marks, wishes=n.wishes, format=n.format
FROM unnest(%b::int[], %b::bytea[], %b::smallint[], %b::int[], %b::bigint[], %b::bytea[], %b::bytea[], %b::bytea[],
  %b::bytea[], %b::bytea[], %b::smallint[], %b::bigint[])
  AS n(sequence, head, zone, segments, reach, touches, tallies, permits, marks, wishes, format, folio)
WHERE s.folio = n.folio"""
ADD_OLDER: Final = (
    "INSERT INTO contact_state_older VALUES (%b, %b) "
    "ON CONFLICT (folio) DO UPDATE SET older = contact_state_older.older || excluded.older"
)
REPLACE_OLDER: Final = (
    "INSERT INTO contact_state_older VALUES (%b, %b) ON CONFLICT (folio) DO UPDATE SET older = excluded.older"
)
COUNT_UP: Final = """
INSERT INTO tallies_by_day
SELECT * FROM unnest(%b::int[], %b::int[], %b::smallint[], %b::smallint[], %b::smallint[], %b::smallint[], %b::bigint[])
ON CONFLICT (day, label, kind, verdict, reason, mode) DO UPDATE SET count = tallies_by_day.count + excluded.count"""

BY_INDEX: Final = (
    ("SET LOCAL plan_cache_mode TO force_custom_plan", ()),
    ("SET LOCAL enable_seqscan TO off", ()),
    (role.SEE_ALL, ()),
)
"""The writer looks everything up by key. A plan made while a table was empty, and kept, would read all of it later."""

COPIED_FROM: Final = 300
"""So many rows and more are copied; fewer travel as arrays, in one pipeline with the other writes."""

NUMBERS_LOCK: Final = 7306
"""With a table's own number: the advisory lock under which its rows get theirs."""

DIALECT: Final = postgresql.dialect()  # type: ignore[no-untyped-call]
SEQUENCES: Final = frozenset({entries.name, folios.name})
"""Tables whose numbers come from a sequence, because several processes write them at once; the others are written
under the lock of their own last row."""


class PostgresTransaction:
    """`ledger.engine.Transaction` on one connection.

    Writes are kept back and sent together, in one pipeline, before the next reading or the commit: a group of a few
    dozen decisions then costs a handful of round trips, not one per table."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._raw: Any = connection.connection.driver_connection
        self._kept_back: list[tuple[str, Sequence[Any]]] = [*BY_INDEX]

    @property
    def connection(self) -> Connection:
        self.flush()
        return self._connection

    def flush(self) -> None:
        """Send the writes that were kept back, in their order."""
        if self._kept_back:
            with self._raw.pipeline():
                self._send()

    def commit(self) -> None:
        """Send the writes that were kept back, and end the transaction with them."""
        with self._raw.pipeline():
            self._send()
            self._raw.commit()

    def _send(self) -> None:
        statements, self._kept_back = self._kept_back, []
        for statement, values in statements:
            self._raw.execute(statement, values, binary=True)

    def heard(self, said_by: int, keys: Sequence[bytes]) -> dict[bytes, Heard]:
        rows = self._all(SELECT_HEARD, (list(keys), said_by))
        return {key: Heard(body, entry) for key, body, entry in rows}

    def hear(self, rows: Sequence[tuple[int, bytes, bytes, int]]) -> None:
        self.add(heard, rows)

    def found(self, hashes: Sequence[int]) -> dict[int, Found]:
        return {number: Found(rest, folio) for number, rest, folio in self._all(SELECT_FOUND, (list(hashes),))}

    def rows(self, table: Table, column: str, values: Sequence[int]) -> list[tuple[Any, ...]]:
        if not values:
            return []
        return self._all(f"SELECT * FROM {table.name} WHERE {column} = ANY(%b)", (list(values),))  # noqa: S608 - ours

    def lock(self, table: Table, column: str, values: Sequence[int]) -> bool:
        rows = f"SELECT 1 FROM {table.name} WHERE {column} = ANY(%b) ORDER BY {column} FOR NO KEY UPDATE"  # noqa: S608
        self._all(rows, (sorted(values),))
        return True

    def states(self, folios: Sequence[int], older_behind: int) -> dict[int, ContactState]:
        states = {row[0]: _state(row) for row in self._all(SELECT_STATES, (sorted(folios),))}
        far = [folio for folio, state in states.items() if state.reach > older_behind]
        if far:
            older = self.older(far)
            states |= {folio: replace(states[folio], older=older.get(folio, b"")) for folio in far}
        return states

    def older(self, folios: Sequence[int]) -> dict[int, bytes]:
        return dict(self._all(SELECT_OLDER, (list(folios),)))

    def save_states(self, saved: Sequence[SavedState]) -> None:
        if not saved:
            return
        columns = zip(*[_values(one) for one in saved], strict=True)
        self._kept_back.append((UPDATE_STATES, [list(column) for column in columns]))
        for one in saved:
            if one.replace_older or one.moved:
                self._kept_back.append((REPLACE_OLDER if one.replace_older else ADD_OLDER, (one.folio, one.moved)))

    def add(self, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
        if len(rows) > COPIED_FROM and table.name not in PERSONAL:  # PostgreSQL copies nothing past row security
            self._copy(table, rows)
        elif rows:
            self._kept_back.append((_insert(table), [list(column) for column in zip(*rows, strict=True)]))

    def remove(self, table: Table, keys: Sequence[tuple[Any, ...]]) -> None:
        where = " AND ".join(f"{column.name} = %b" for column in table.primary_key)
        self._kept_back += [(f"DELETE FROM {table.name} WHERE {where}", key) for key in keys]  # noqa: S608 - ours

    def count_up(self, rows: Iterable[tuple[int, int, int, int, int, int, int]]) -> None:
        columns = [list(column) for column in zip(*sorted(rows), strict=True)]
        if columns:
            self._kept_back.append((COUNT_UP, columns))

    def numbers(self, table: Table, count: int) -> list[int]:
        if table.name in SEQUENCES:
            rows = self._all(
                "SELECT nextval(%b::regclass) FROM generate_series(1, %b::int)", (f"{table.name}_number", count)
            )
            return [number for (number,) in rows]
        # readers go on, a second writer of this table waits for our commit; to lock the table itself one must be
        # allowed to change what is in it, and seals and erasures are never changed
        self._all("SELECT pg_advisory_xact_lock(%b::int, %b::regclass::oid::int)", (NUMBERS_LOCK, table.name))
        ((last,),) = self._all(f"SELECT max(number) FROM {table.name}", ())  # noqa: S608 - a table of ours
        return list(range((last or 0) + 1, (last or 0) + 1 + count))

    def _all(self, statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        if self._kept_back:
            with self._raw.pipeline():
                self._send()
                cursor = self._raw.execute(statement, values, binary=True)
        else:
            cursor = self._raw.execute(statement, values, binary=True)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows

    def _copy(self, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
        self.flush()
        names = ", ".join(f'"{column.name}"' for column in table.columns)
        with self._raw.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


@cache
def _insert(table: Table) -> str:
    """One statement that inserts any number of rows, handed over as one array a column."""
    arrays = ", ".join(f"%b::{column.type.compile(dialect=DIALECT)}[]" for column in table.columns)
    return f"INSERT INTO {table.name} SELECT * FROM unnest({arrays})"  # noqa: S608 - a table of ours


def _state(row: tuple[Any, ...]) -> ContactState:
    _, sequence, head, zone, segments, reach, touches, tallies, permits, marks, wishes, form = row
    return ContactState(sequence, head, zone, segments, reach, touches, tallies, permits, marks, wishes, None, form)


def _values(saved: SavedState) -> tuple[Any, ...]:
    state = saved.state
    return (
        state.sequence,
        state.head,
        state.zone,
        state.segments,
        state.reach,
        state.touches,
        state.tallies,
        state.permits,
        state.marks,
        state.wishes,
        state.format,
        saved.folio,
    )


class PostgresEngine:
    """`ledger.engine.Engine` on one database. Raises Unavailable when it cannot be reached."""

    name = "postgres"
    several_writers = True

    def __init__(self, url: str, owner_url: str = "") -> None:
        self._core = create_engine(_driven(url), pool_size=8, max_overflow=16, pool_recycle=600)
        event.listen(self._core, "connect", _prepare)
        self._owner = create_engine(_driven(owner_url or url), poolclass=NullPool)  # migrates and cleans, seldom
        self._login = make_url(_driven(url)).username if owner_url else None

    @contextmanager
    def reading(self, asker: Authority | None = None) -> Iterator[Connection]:
        with self._connected() as connection:
            connection.exec_driver_sql(role.begin_reading(asker))
            try:
                yield connection
            finally:
                connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[PostgresTransaction]:
        with self._connected() as connection, connection.begin():
            transaction = PostgresTransaction(connection)
            yield transaction
            transaction.commit()

    def migrate(self) -> None:
        try:
            with self._connected(self._owner) as connection, connection.begin():
                connection.execute(text("SELECT pg_advisory_xact_lock(7305)"))  # one process migrates, the others wait
                connection.execute(text(role.SEE_ALL))
                upgrade(connection)
                role.enforce(connection, self._login or "")
        except ProgrammingError as error:
            if not isinstance(error.orig, InsufficientPrivilege):
                raise
            raise Unavailable(f"The database refuses its owner's work to this login: {error.orig}.") from error

    def standing(self) -> tuple[tuple[bool, str], ...]:
        with self.reading() as connection:
            return role.standing(connection)

    def empty_log(self) -> None:
        """Take deleted rows out of the vault's pages; the write-ahead log is the server's, and ends by its archive."""
        vacuum = f"VACUUM {', '.join(sorted(PERSONAL))}"
        with self._connected(self._owner) as connection:
            outside = connection.execution_options(isolation_level="AUTOCOMMIT")
            if not role.may_vacuum(outside):
                raise Unavailable(f"What was deleted still lies in the tables' pages. Let their owner run: {vacuum}")
            outside.execute(text(vacuum))

    def close(self) -> None:
        self._core.dispose()

    @contextmanager
    def _connected(self, engine: Engine | None = None) -> Iterator[Connection]:
        try:
            connection = (engine or self._core).connect()
        except OperationalError as error:
            raise Unavailable("The database cannot be reached. Check its address and whether it runs.") from error
        except DBAPIError as error:
            raise Unavailable(f"The program's role cannot be taken on: {error.orig}. See `onevoice doctor`.") from error
        with connection:
            yield connection


def _driven(url: str) -> str:
    scheme, _, rest = url.partition("://")
    assert scheme in ("postgresql", "postgres")
    return f"postgresql+psycopg://{rest}"


def _prepare(connection: Any, _record: object) -> None:
    connection.execute(role.TAKE_ON)
    connection.commit()
