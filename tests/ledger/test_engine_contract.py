"""One contract for both stores: what a transaction promises on SQLite it promises on PostgreSQL."""

import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from msgspec.structs import replace
from sqlalchemy import Table, func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from onevoice.ledger.engine import Engine, Found, Heard, SavedState, Transaction
from onevoice.ledger.engines.sqlite import SqliteEngine
from onevoice.ledger.folios import Keys, Lookups, Opened, open_folios, state_row
from onevoice.ledger.tables import (
    contact_states,
    due,
    entries,
    folios,
    labels,
    metadata,
    sources,
    tallies_by_day,
    waiting,
)
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.contact_state import ContactState
from onevoice.nouns.problem import Unavailable
from onevoice.nouns.words import FolioKind

FAR = -1
NEAR = 2**40
KEY, OTHER = b"k" * 16, b"o" * 16


def rows(engine: Engine, table: Table) -> list[tuple[object, ...]]:
    with engine.reading(SYSTEM) as connection:
        return [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]


def entry_row(number: int, customer: int = 1) -> tuple[object, ...]:
    given = {"number": number, "kind": 1, "touch": number, "customer": customer, "customer_sequence": number}
    zero = {"label": 0, "direction": 1, "content": 0, "template": 0, "occurred": 1, "recorded": 1, "said_by": 1}
    known: dict[str, object] = {**given, **zero, "hash": b"h"}
    return tuple(known.get(column.name) for column in entries.columns)


def opened(engine: Engine, count: int = 1) -> list[int]:
    """So many customers with empty states."""
    lookups = Lookups(Keys(b"k" * 32))
    with engine.writing() as tx:
        return open_folios(tx, lookups, [Opened(FolioKind.CUSTOMER, f"C{number}") for number in range(count)])


def state(number: int) -> ContactState:
    """A state whose every column is told apart."""
    names = ("head", "touches", "tallies", "permits", "marks", "wishes")
    whole = {"sequence": number, "zone": number + 1, "segments": number + 2, "reach": number + 3}
    return msgspec.convert({**whole, **{name: bytes([number]) * 16 for name in names}}, ContactState)


def test_what_was_heard_is_known_again(engine: Engine) -> None:
    """A key is remembered with its body and its entry, apart for each source; unknown keys are left out."""
    with engine.writing() as tx:
        tx.hear([(1, KEY, b"body1234", 7), (1, OTHER, b"", 0)])
    with engine.writing() as tx:
        assert tx.heard(1, [KEY, OTHER, b"n" * 16]) == {KEY: Heard(b"body1234", 7), OTHER: Heard(b"", 0)}
        assert tx.heard(2, [KEY]) == {}
        assert tx.heard(1, []) == {}


def test_the_same_key_is_never_heard_twice(engine: Engine) -> None:
    """A unique key, not the code before it, forbids a message that counts twice."""
    with engine.writing() as tx:
        tx.hear([(1, KEY, b"body1234", 7)])
    with pytest.raises(Exception, match=r"(?i)unique|duplicate"), engine.writing() as tx:
        tx.hear([(1, KEY, b"other123", 8)])
    with engine.writing() as tx:
        tx.hear([(2, KEY, b"other123", 8)])
        assert tx.heard(1, [KEY]) == {KEY: Heard(b"body1234", 7)}


def test_a_person_is_found_by_the_hash(engine: Engine) -> None:
    """Lookups give the folio and the other half of the hash; negative halves are hashes like any other."""
    numbers = opened(engine, 50)
    lookups = Lookups(Keys(b"k" * 32))
    pairs = [lookups.of(FolioKind.CUSTOMER, f"C{number}") for number in range(50)]
    assert any(first < 0 for first, _ in pairs)
    with engine.writing() as tx:
        found = tx.found([first for first, _ in pairs] + [12345])
        assert found == {first: Found(rest, number) for (first, rest), number in zip(pairs, numbers, strict=True)}
        assert tx.found([]) == {}


def test_rows_come_whole_and_only_those_asked_for(engine: Engine) -> None:
    """Every column in the table's order, for exactly the numbers given."""
    given = [(at, touch, 1, 0, 0) for at, touch in ((5, 1), (6, 2), (7, 2), (8, 3))]
    with engine.writing() as tx:
        tx.add(due, given)
    with engine.writing() as tx:
        assert sorted(tx.rows(due, "touch", [2, 3, 99])) == given[1:]
        assert tx.rows(due, "touch", []) == []


def test_a_contact_state_comes_back_as_it_was_saved(engine: Engine) -> None:
    """Every column to the byte, for the folios that were saved and no others."""
    one, two, three = opened(engine, 3)
    with engine.writing() as tx:
        tx.states([one, two], NEAR)
        tx.save_states([SavedState(one, state(1)), SavedState(two, state(2))])
        tx.save_states([])
    with engine.writing() as tx:
        assert tx.states([three, two, one], NEAR) == {one: state(1), two: state(2), three: ContactState()}
        assert tx.states([], NEAR) == {}
        assert tx.states([999], NEAR) == {}


def test_older_touches_grow_and_are_replaced(engine: Engine) -> None:
    """What leaves a state is appended; a rewriting takes the place of all before."""
    one, two = opened(engine, 2)
    for saved, expected in (
        (SavedState(one, state(1), b""), {}),
        (SavedState(one, state(1), b"a" * 16), {one: b"a" * 16}),
        (SavedState(one, state(1), b"\0" * 16), {one: b"a" * 16 + b"\0" * 16}),
        (SavedState(one, state(1), b"c" * 16, replace_older=True), {one: b"c" * 16}),
        (SavedState(one, state(1), b"", replace_older=True), {one: b""}),
        (SavedState(two, state(1), b"d" * 16), {one: b"", two: b"d" * 16}),
        (SavedState(two, state(1), b"e" * 16, replace_older=True), {one: b"", two: b"e" * 16}),
    ):
        with engine.writing() as tx:
            tx.states([one, two], NEAR)
            tx.save_states([saved])
        with engine.writing() as tx:
            assert tx.older([one, two]) == expected
            assert all(isinstance(older, bytes) for older in tx.older([one, two]).values())


def test_older_touches_are_read_only_where_a_rule_looks_so_far(engine: Engine) -> None:
    """`older` is None for a state that reaches less far than asked, and bytes (perhaps none) beyond."""
    near, far = opened(engine, 2)
    with engine.writing() as tx:
        tx.states([near, far], NEAR)
        tx.save_states([SavedState(near, state(1), b"n" * 16), SavedState(far, state(9), b"f" * 16)])
    with engine.writing() as tx:
        read = tx.states([near, far], 4)  # their reaches are 4 and 12
        assert (read[near].older, read[far].older) == (None, b"f" * 16)
        assert {folio: one.older for folio, one in tx.states([near, far], FAR).items()} == {
            near: b"n" * 16,
            far: b"f" * 16,
        }


def test_numbers_rise_and_are_never_given_twice(engine: Engine) -> None:
    """Also not when a transaction in between was undone."""
    given: list[int] = []
    for turn in range(6):
        try:
            with engine.writing() as tx:
                numbers = tx.numbers(entries, 3)
                assert numbers == sorted(set(numbers))
                tx.add(entries, [entry_row(number) for number in numbers])
                if turn % 2:
                    raise ZeroDivisionError
        except ZeroDivisionError:
            continue
        given += numbers
    assert given == sorted(set(given))
    assert [row[0] for row in rows(engine, entries)] == given


@pytest.mark.parametrize("table", [entries, sources], ids=["of a sequence", "of a table's own"])
def test_two_who_write_at_once_get_different_numbers(
    engine: Engine, another: Callable[[], Engine], table: Table
) -> None:
    """Eight threads, half of them through a second connection pool as another process would, 25 writes each."""
    engines = [engine, another()]

    def write(place: int) -> list[int]:
        given = []
        for turn in range(25):
            with engines[place % 2].writing() as tx:
                (number,) = tx.numbers(table, 1)
                tx.add(table, [entry_row(number) if table is entries else (number, f"{place}:{turn}")])
            given.append(number)
        return given

    with ThreadPoolExecutor(8) as pool:
        numbers = [number for part in pool.map(write, range(8)) for number in part]
    assert sorted(numbers) == sorted(set(numbers))
    assert [row[0] for row in rows(engine, table)] == sorted(numbers)


def test_a_contact_state_is_changed_by_one_at_a_time(engine: Engine, another: Callable[[], Engine]) -> None:
    """Whoever read a state for a decision keeps it until the decision is written: no step of 200 is lost."""
    numbers = opened(engine, 3)
    engines = [engine, another()]

    def step(place: int) -> None:
        for _ in range(25):
            with engines[place % 2].writing() as tx:
                read = tx.states(list(reversed(numbers)) if place % 3 else numbers, NEAR)
                changed = [SavedState(one, state((old.sequence + 1) % 250)) for one, old in read.items()]
                tx.save_states([one._replace(state=numbered(one.state, read[one.folio])) for one in changed])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(step, range(8)))
    with engine.writing() as tx:
        assert {one.sequence for one in tx.states(numbers, NEAR).values()} == {200}


def numbered(new: ContactState, old: ContactState) -> ContactState:
    return replace(new, sequence=old.sequence + 1)


def test_rows_of_work_are_added_and_taken_away(engine: Engine) -> None:
    """Work that is done goes by its whole key; what is not there is no error."""
    with engine.writing() as tx:
        tx.add(due, [(5, 1, 1, 0, 0), (5, 1, 2, 0, 0), (6, 1, 1, 0, 0)])
        tx.add(waiting, [(1, 0, 0, 0, True)])
        tx.add(due, [])
    with engine.writing() as tx:
        tx.remove(due, [(5, 1, 1), (7, 1, 1)])
        tx.remove(due, [])
        tx.remove(waiting, [(1,), (2,)])
    assert [row[:3] for row in rows(engine, due)] == [(5, 1, 2), (6, 1, 1)]
    assert rows(engine, waiting) == []


def test_days_are_counted_up(engine: Engine) -> None:
    """The same day, label and kind add up; others stand apart."""
    one, other = (20_000, 1, 1, 1, 0, 3), (20_000, 1, 1, 2, 0, 3)
    with engine.writing() as tx:
        tx.count_up([(*one, 2), (*other, 1)])
        tx.count_up([])
    with engine.writing() as tx:
        tx.count_up([(*one, 3)])
    assert rows(engine, tallies_by_day) == [(*one, 5), (*other, 1)]


def test_what_an_error_leaves_is_nothing(engine: Engine) -> None:
    """A transaction that an error leaves is undone whole, whatever was written by hand or by statement."""
    (folio,) = opened(engine)

    def write(tx: Transaction) -> None:
        tx.states([folio], NEAR)
        tx.hear([(1, KEY, b"body1234", 7)])
        tx.add(due, [(5, 1, 1, 0, 0)])
        tx.add(entries, [entry_row(*tx.numbers(entries, 1))])
        tx.count_up([(1, 1, 1, 1, 1, 1, 1)])
        tx.save_states([SavedState(folio, state(5), b"x" * 16)])
        tx.connection.execute(waiting.insert().values(touch=1, latest=0, created=0, send_by=0, dispatch=True))
        raise ZeroDivisionError

    before = {table.name: rows(engine, table) for table in metadata.tables.values()}
    with pytest.raises(ZeroDivisionError), engine.writing() as tx:
        write(tx)
    assert {table.name: rows(engine, table) for table in metadata.tables.values()} == before


def test_a_reader_sees_one_moment_and_cannot_write(engine: Engine) -> None:
    """What is committed while a page is made does not change the page; a reader that writes is refused."""
    count = select(func.count()).select_from(due)
    with engine.reading() as connection:
        assert connection.execute(count).scalar() == 0
        with engine.writing() as tx:
            tx.add(due, [(5, 1, 1, 0, 0)])
        assert connection.execute(count).scalar() == 0
    with engine.reading() as connection, pytest.raises(DBAPIError, match=r"readonly|read-only"):
        connection.execute(text("INSERT INTO due VALUES (6, 1, 1, 0, 0)"))
    assert len(rows(engine, due)) == 1
    with engine.writing() as tx:  # the refusal does not stick to the connection
        tx.add(due, [(6, 1, 1, 0, 0)])
    assert len(rows(engine, due)) == 2


@pytest.mark.parametrize("table", ["entries", "labels", "changes", "policies", "surroundings", "seals", "erasures"])
@pytest.mark.parametrize("deed", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_nobody_changes_or_deletes_what_was_written_down(engine: Engine, table: str, deed: str) -> None:
    """The store itself refuses, whoever asks: the book is only added to."""
    filled(engine, metadata.tables[table])
    (key,) = metadata.tables[table].primary_key.columns
    before = rows(engine, metadata.tables[table])
    assert len(before) == 1
    with pytest.raises(DBAPIError, match=r"can only be added to|permission denied"), engine.writing() as tx:
        tx.connection.execute(text(deed.format(table, key.name, 77)))
    assert rows(engine, metadata.tables[table]) == before


def filled(engine: Engine, table: Table) -> None:
    """One row of any table."""
    plain: dict[type, object] = {int: 1, str: "x", bytes: b"x", bool: True}
    with engine.writing() as tx:
        tx.add(table, [tuple(plain[column.type.python_type] for column in table.columns)])


def test_the_migrations_make_the_tables_that_the_code_speaks_of(engine: Engine) -> None:
    """Alembic finds nothing to do between what its steps made and `ledger/tables.py`; nor does a second migration."""
    engine.migrate()
    with engine.reading() as connection:
        found = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)
    assert [one for one in found if "alembic_version" not in str(one)] == []


def test_two_processes_that_start_together_migrate_once(settings_of_empty_store: "Callable[[], Engine]") -> None:
    """The second waits for the first and finds everything done."""
    stores = [settings_of_empty_store() for _ in range(4)]
    threads = [threading.Thread(target=store.migrate) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rows(stores[0], labels) == []
    for store in stores:
        store.close()


@pytest.fixture
def settings_of_empty_store(postgres_url: str) -> "Callable[[], Engine]":
    from onevoice.ledger.engines.postgres import PostgresEngine

    return lambda: PostgresEngine(postgres_url)


SECOND_PROCESS = """
import sys
from pathlib import Path
from onevoice.ledger.engines.sqlite import SqliteEngine
from onevoice.nouns.problem import Unavailable
try:
    SqliteEngine(Path(sys.argv[1]))
except Unavailable as refusal:
    print(refusal)
"""


def test_a_second_process_is_refused_with_the_reason(tmp_path: Path) -> None:
    """One process writes an SQLite book; another is told which file; when the first ends, the way is free."""
    path = tmp_path / "book.sqlite"
    command = [sys.executable, "-c", SECOND_PROCESS, str(path)]
    store = SqliteEngine(path)
    refused = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (
        refused.stdout == f"Another Onevoice process is using {path.with_suffix('')}. Stop it, or let it do the work.\n"
    )
    with pytest.raises(Unavailable, match="Another Onevoice process"):
        SqliteEngine(path)
    store.close()
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == ""
    SqliteEngine(path).close()


def test_what_is_committed_is_durable_by_the_stores_own_settings(engine: Engine) -> None:
    """SQLite: WAL, a flush at every commit, deleted content overwritten. PostgreSQL: the commit waits."""
    with engine.writing() as tx:
        if engine.name == "sqlite":
            asked = ("journal_mode", "synchronous", "secure_delete", "mmap_size")
            told = [tx.connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked]
            assert told == ["wal", 2, 1, 0]
        else:
            assert tx.connection.execute(text("SHOW synchronous_commit")).scalar() == "on"


def test_a_book_that_cannot_be_reached_says_so() -> None:
    """A wrong address is a sentence, not a traceback."""
    from onevoice.ledger.engines.postgres import PostgresEngine

    store = PostgresEngine("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(Unavailable, match="cannot be reached"), store.writing():
        pass
    store.close()


def test_an_empty_state_row_is_the_empty_state(engine: Engine) -> None:
    """A folio begins with the state that an empty history makes."""
    with engine.writing() as tx:
        tx.add(contact_states, [state_row(5)])
        assert tx.states([5], NEAR) == {5: ContactState()}
    with pytest.raises(IntegrityError), engine.writing() as tx:
        tx.connection.execute(
            contact_states.insert().values(dict(zip(contact_states.columns.keys(), state_row(5), strict=True)))
        )
    assert rows(engine, folios) == []
