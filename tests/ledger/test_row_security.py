"""PostgreSQL itself keeps the program to its role: nothing written down is changed, nobody's words are seen untold."""

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from onevoice.ledger.engine import Engine
from onevoice.ledger.engines.postgres import COPIED_FROM, PostgresEngine
from onevoice.ledger.privileges import CHANGED, FORGOTTEN, LET_GO, PERSONAL, allowed
from onevoice.ledger.tables import (
    customer_units,
    entries,
    labels,
    links,
    metadata,
    vault_addresses,
    vault_customers,
    vault_lookups,
    vault_names,
    vault_words,
)
from onevoice.nouns.authority import ROLE_VERBS, SYSTEM, Authority
from onevoice.nouns.problem import Unavailable
from onevoice.nouns.words import Role
from tests.postgres_server import PostgresServer

GROUP, BANK, SHOP = 1, 2, 3
ANA, BEN = 11, 12
"""Ana is a customer of the shop (and gets messages of the bank), Ben one of the bank."""
MAIL_OF_ANA, MAIL_OF_BEN, MAIL_OF_BOTH = 21, 22, 23
OF_SHOP, OF_BANK, OF_NOBODY = 1, 2, 0  # labels
MESSAGES = {1: (OF_SHOP, ANA), 2: (OF_BANK, ANA), 3: (OF_NOBODY, ANA), 4: (OF_NOBODY, BEN), 5: (OF_BANK, BEN)}
"""Entry -> (label, customer)."""

NEVER_CHANGED = sorted(set(metadata.tables) - CHANGED)
NEVER_DELETED = sorted(set(metadata.tables) - FORGOTTEN - LET_GO)


def agent_of(*units: int) -> Authority:
    return Authority(who="staff:1", unit=units[0], units=frozenset(units), verbs=ROLE_VERBS[Role.AGENT])


@pytest.fixture
def book(postgres_url: str) -> Iterator[PostgresEngine]:
    """A PostgreSQL book with Ana, Ben and five messages."""
    engine = PostgresEngine(postgres_url)
    engine.migrate()
    fill(engine)
    yield engine
    engine.close()


def fill(engine: Engine) -> None:
    with engine.writing() as tx:
        tx.add(labels, [(number, 1, 1, 0, unit, 0, 0, 0, 0, 0, 0, "") for number, unit in ((1, SHOP), (2, BANK))])
        tx.add(entries, [entry_row(number, label, customer) for number, (label, customer) in MESSAGES.items()])
        tx.add(customer_units, [(SHOP, ANA), (BANK, BEN)])
        pairs = ((ANA, MAIL_OF_ANA), (BEN, MAIL_OF_BEN), (ANA, MAIL_OF_BOTH), (BEN, MAIL_OF_BOTH))
        tx.add(links, [(customer, address, 1) for customer, address in pairs])
        tx.add(vault_customers, [(ANA, "C-1", "Ana Ferreira", "pt"), (BEN, "C-2", "Ben Okafor", "en")])
        tx.add(vault_names, [("ana", ANA), ("ben", BEN)])
        addresses = (MAIL_OF_ANA, MAIL_OF_BEN, MAIL_OF_BOTH)
        tx.add(vault_addresses, [(folio, 1, f"{folio}@example.com") for folio in addresses])
        tx.add(vault_lookups, [(1000 + folio, 1, folio) for folio in (ANA, BEN, *addresses)])
        words = {number: f"subject {number}" for number in MESSAGES}
        told = [(number, MESSAGES[number][1], b"s", said, "words", "", None) for number, said in words.items()]
        tx.add(vault_words, told)
        asked = [(1, 1, ANA, 1, BANK, b"s", "the shop asks the bank"), (2, 1, BEN, 2, 0, b"s", "the bank asks nobody")]
        tx.add(metadata.tables["vault_exception_words"], asked)
        tx.add(metadata.tables["parked"], [(1, 1, b"k" * 16, "line 1", "no address", b"raw", 1)])


def entry_row(number: int, label: int, customer: int) -> tuple[object, ...]:
    given = {"number": number, "kind": 1, "touch": number, "customer": customer, "customer_sequence": number}
    zero = {"label": label, "direction": 1, "content": 0, "template": 0, "occurred": 1, "recorded": 1, "said_by": 1}
    known: dict[str, object] = {**given, **zero, "hash": b"h"}
    return tuple(known.get(column.name) for column in entries.columns)


def counts(connection: Connection) -> dict[str, int]:
    """How many rows about people somebody sees, by table, who forgets every condition."""
    tables = (metadata.tables[name] for name in sorted(PERSONAL))
    return {table.name: connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


@pytest.mark.parametrize("deed", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0}"])
def test_the_program_may_not_change_what_it_only_adds_to(book: PostgresEngine, deed: str) -> None:
    """Before any trigger is asked, the role has not the right to: of entries, of the change log, of seals, of any table
    whose rows no code changes or deletes."""
    forbidden = {"UPDATE": NEVER_CHANGED, "DELETE": NEVER_DELETED, "TRUNCATE": sorted(metadata.tables)}
    tables = forbidden[deed.split()[0]]
    assert {"entries", "labels", "changes", "policies", "surroundings", "seals", "erasures"} <= set(tables)
    for name in tables:
        column = next(iter(metadata.tables[name].columns)).name
        with pytest.raises(ProgrammingError, match=f"permission denied for table {name}"), book.writing() as tx:
            tx.connection.execute(text(deed.format(name, f'"{column}"')))


def test_the_role_holds_what_the_list_says_and_owns_nothing(book: PostgresEngine) -> None:
    """To the letter: what PostgreSQL says the role may do with each table is what `ledger/privileges` says."""
    query = text(
        "SELECT c.relname, p FROM pg_class c, unnest(CAST(:privileges AS text[])) p WHERE c.relname = ANY(:tables) "
        "AND has_table_privilege(c.oid, p) AND NOT pg_has_role(c.relowner, 'MEMBER')"
    )
    privileges = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"]
    with book.reading() as connection:
        rows = connection.execute(query, {"privileges": privileges, "tables": sorted(metadata.tables)}).all()
        assert connection.scalar(text("SELECT current_user")) == connection.scalar(
            text("SELECT current_database() || '_app'")
        )
    held: dict[str, set[str]] = {}
    for table, privilege in rows:
        held.setdefault(table, set()).add(privilege)
    assert held == allowed()


def test_who_says_nothing_sees_nobody(book: PostgresEngine) -> None:
    """Without a word on who asks there is no row in any table about people; the house sees them all."""
    with book.reading() as connection:
        assert set(counts(connection).values()) == {0}
    with book.reading(agent_of(99)) as connection:
        assert set(counts(connection).values()) == {0}
    with book.reading(SYSTEM) as connection:
        assert 0 not in counts(connection).values()


def test_why_an_exception_was_asked_for_is_read_by_the_unit_and_by_the_rules_owner(book: PostgresEngine) -> None:
    """The shop wrote the first, the bank owns the rule it is about and reads it too; the second is the bank's alone."""
    words = metadata.tables["vault_exception_words"].c.words
    for unit, seen in ((SHOP, {"the shop asks the bank"}), (BANK, {"the shop asks the bank", "the bank asks nobody"})):
        with book.reading(agent_of(unit)) as connection:
            assert set(connection.scalars(select(words))) == seen


def test_another_units_words_are_hidden_from_a_forgotten_condition(book: PostgresEngine) -> None:
    """The shop reads its own message to Ana and the one without a unit, not the bank's; of Ben it sees only an address
    that Ana uses too. What the bank sent stays in the book as an entry: the pressure is seen."""
    with book.reading(agent_of(SHOP)) as connection:
        assert set(connection.scalars(select(vault_words.c.subject))) == {"subject 1", "subject 3"}
        assert set(connection.scalars(select(vault_customers.c.name))) == {"Ana Ferreira"}
        assert set(connection.scalars(select(vault_names.c.word))) == {"ana"}
        assert set(connection.scalars(select(vault_addresses.c.folio))) == {MAIL_OF_ANA, MAIL_OF_BOTH}
        assert set(connection.scalars(select(vault_lookups.c.folio))) == {ANA, MAIL_OF_ANA, MAIL_OF_BOTH}
        assert set(connection.scalars(select(entries.c.number))) == set(MESSAGES)
        assert counts(connection)["parked"] == 0
    with book.reading(agent_of(BANK)) as connection:
        assert set(connection.scalars(select(vault_words.c.subject))) == {"subject 2", "subject 4", "subject 5"}
        assert set(connection.scalars(select(vault_customers.c.name))) == {"Ben Okafor"}
    with book.reading(agent_of(GROUP, BANK, SHOP)) as connection:
        assert counts(connection) == {**dict.fromkeys(PERSONAL, 2), "vault_words": 5, "parked": 0} | {
            "vault_addresses": 3,
            "vault_lookups": 5,
        }


def test_what_one_asker_saw_does_not_stay_with_the_connection(book: PostgresEngine) -> None:
    """The word on who asks ends with its transaction, a reader's and the writer's, committed or undone: the next
    statement on that connection sees nobody, even if it never says who asks."""
    numbers = set()
    for _ in range(3):
        with book.reading(SYSTEM) as connection:
            numbers.add(connection.scalar(text("SELECT pg_backend_pid()")))
        with book.writing() as tx:
            numbers.add(tx.connection.scalar(text("SELECT pg_backend_pid()")))
        with pytest.raises(ZeroDivisionError), book.writing():
            raise ZeroDivisionError
        with book._connected() as connection:
            numbers.add(connection.scalar(text("SELECT pg_backend_pid()")))
            assert set(counts(connection).values()) == {0}
    assert len(numbers) == 1, "the story needs one connection, used again and again"


def test_a_reader_cannot_write_into_the_vault(book: PostgresEngine) -> None:
    """Even where a reading were no longer read-only, its asker may add no row about anybody."""
    with book.writing() as tx:
        tx.connection.execute(text(f"SET LOCAL onevoice.sees TO '{SHOP}'"))
        with pytest.raises(DBAPIError, match="row-level security"):
            tx.connection.execute(vault_names.insert().values(word="mallory", folio=ANA))
            tx.connection.execute(text("SELECT 1"))


def test_many_rows_at_once_pass_row_security_too(book: PostgresEngine) -> None:
    """PostgreSQL refuses to copy into a table with row security; so many people are written another way."""
    many = [(2_000_000 + number, 1, number) for number in range(COPIED_FROM + 100)]
    with book.writing() as tx:
        tx.add(vault_lookups, many)
    with book.writing() as tx:
        assert len(tx.found([hash_ for hash_, _, _ in many])) == len(many)


def test_the_writers_and_the_readers_plans_go_by_the_index(book: PostgresEngine, postgres_url: str) -> None:
    """Row security keeps nobody from an index: a lookup, and the subjects of a page, touch the rows asked for."""
    with book.writing() as tx:
        tx.add(vault_lookups, [(5_000_000 + number, 1, number) for number in range(5_000)])
        tx.add(vault_words, [(1_000 + number, ANA, b"", "s", "", "", None) for number in range(5_000)])
    with psycopg.connect(postgres_url) as owner:  # the statistics are the owner's to take
        owner.execute("ANALYZE vault_lookups, vault_words")
    lookup = "SELECT hash, rest, folio FROM vault_lookups WHERE hash = ANY(ARRAY[1011, 1012])"
    subjects = "SELECT entry, subject FROM vault_words WHERE entry IN (1, 2, 3, 4, 5)"
    with book.writing() as tx:
        assert "Index Scan using pk_vault_lookups" in plan(tx.connection, lookup)
    for asker in (SYSTEM, agent_of(SHOP)):
        with book.reading(asker) as connection:
            assert "pk_vault_lookups" in plan(connection, lookup)
            assert "pk_vault_words" in plan(connection, subjects)


def plan(connection: Connection, query: str) -> str:
    return "\n".join(connection.scalars(text(f"EXPLAIN {query}")))


# ---- who may make the role, and who works in it ----------------------------------------------------------------------


@dataclass(frozen=True)
class Site:
    """A database with two logins that are no administrators: one owns it, the other only works."""

    server: PostgresServer
    name: str

    @property
    def owner(self) -> str:
        return f"{self.name}_owner"

    @property
    def worker(self) -> str:
        return f"{self.name}_web"

    @property
    def role(self) -> str:
        return f"{self.name}_app"

    def url(self, login: str) -> str:
        return self.server.url(self.name).replace("postgres@", f"{login}@")

    def run(self, statement: str) -> None:
        """As a database administrator."""
        with psycopg.connect(self.server.url(self.name), autocommit=True) as connection:
            connection.execute(sql.SQL(statement))


@pytest.fixture
def site(postgres: PostgresServer) -> Iterator[Site]:
    made = Site(postgres, postgres.new_database())
    made.run(f"CREATE ROLE {made.owner} LOGIN; CREATE ROLE {made.worker} LOGIN")
    made.run(f"ALTER DATABASE {made.name} OWNER TO {made.owner}")
    yield made
    postgres.drop_database(made.name)
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        for role in (made.owner, made.worker, made.role):
            connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))


def test_an_owner_who_may_not_make_roles_is_told_what_to_run(site: Site) -> None:
    """The sentence holds statements; once an administrator ran them, the same owner brings the book up and works."""
    engine = PostgresEngine(site.url(site.owner))
    with pytest.raises(Unavailable) as refused:
        engine.migrate()
    told = str(refused.value)
    statements = f'CREATE ROLE "{site.role}"; GRANT "{site.role}" TO "{site.owner}";'
    assert told.endswith(f"Let a database administrator run: {statements}")
    site.run(statements)
    engine.migrate()
    fill(engine)
    with engine.reading(SYSTEM) as connection:
        assert counts(connection)["vault_words"] == len(MESSAGES)
        assert connection.scalar(text("SELECT current_user")) == site.role
    engine.empty_log()
    engine.close()


def test_the_owner_too_sees_nobody_without_a_word(site: Site) -> None:
    """Row security is forced: a dump or a look by the owner who did not say so holds no person."""
    site.run(f"ALTER ROLE {site.owner} CREATEROLE")
    engine = PostgresEngine(site.url(site.owner))
    engine.migrate()
    fill(engine)
    engine.close()
    with psycopg.connect(site.url(site.owner)) as connection:
        assert connection.execute("SELECT count(*) FROM entries").fetchone() == (len(MESSAGES),)
        assert connection.execute("SELECT count(*) FROM vault_words").fetchone() == (0,)
        connection.execute("SET LOCAL onevoice.sees TO 'all'")
        assert connection.execute("SELECT count(*) FROM vault_words").fetchone() == (len(MESSAGES),)


def test_a_login_apart_cannot_become_the_owner(site: Site) -> None:
    """With an address of the owner's own the program works by a login that gives nothing back when it leaves its role;
    the owner migrates, lends it the role, and cleans."""
    site.run(f"ALTER ROLE {site.owner} CREATEROLE")
    engine = PostgresEngine(site.url(site.worker), site.url(site.owner))
    engine.migrate()
    fill(engine)
    with pytest.raises(ProgrammingError, match="permission denied"), engine.writing() as tx:
        tx.connection.execute(text("RESET ROLE"))
        tx.connection.execute(text("DELETE FROM entries"))
    with pytest.raises(ProgrammingError, match="must be owner"), engine.writing() as tx:
        tx.connection.execute(text("RESET ROLE"))
        tx.connection.execute(text("ALTER TABLE vault_words DISABLE ROW LEVEL SECURITY"))
    engine.empty_log()
    assert [well for well, _ in engine.standing()] == [True]
    alone = PostgresEngine(site.url(site.worker))  # a process that was not told the owner's address
    alone.migrate()
    with alone.reading(SYSTEM) as connection:
        assert counts(connection)["vault_words"] == len(MESSAGES)
    with pytest.raises(Unavailable, match="Let their owner run: VACUUM parked, vault_addresses"):
        alone.empty_log()
    alone.close()
    engine.close()


def test_a_login_that_may_not_take_the_role_on_is_told_so(site: Site) -> None:
    """A worker nobody lent the role to gets a sentence, from migrating as from working."""
    site.run(f"CREATE ROLE {site.role}; GRANT {site.role} TO {site.owner}")
    owner = PostgresEngine(site.url(site.owner))
    owner.migrate()
    owner.close()
    worker = PostgresEngine(site.url(site.worker))
    with pytest.raises(Unavailable, match="refuses its owner's work to this login"):
        worker.migrate()
    with pytest.raises(Unavailable, match="role cannot be taken on"), worker.reading():
        pass
    worker.close()


def test_what_the_role_was_given_besides_is_taken_away(book: PostgresEngine, postgres_url: str) -> None:
    """The next start sets right what somebody granted by hand, to the role or to everybody."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        role = sql.Identifier(f"{connection.info.dbname}_app")
        connection.execute(sql.SQL("GRANT ALL ON entries, seals TO {}").format(role))
        connection.execute("GRANT DELETE ON changes TO PUBLIC")
        connection.execute(sql.SQL("REVOKE INSERT ON heard FROM {}").format(role))
    book.migrate()
    test_the_role_holds_what_the_list_says_and_owns_nothing(book)


@pytest.mark.parametrize("attribute", ["SUPERUSER", "BYPASSRLS"])
def test_a_role_that_row_security_does_not_hold_is_refused(
    book: PostgresEngine, postgres_url: str, attribute: str
) -> None:
    """The program does not start, and the doctor says why."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        role = sql.Identifier(f"{connection.info.dbname}_app")
        connection.execute(sql.SQL("ALTER ROLE {} {}").format(role, sql.SQL(attribute)))
        assert [well for well, _ in book.standing()] == [False]
        with pytest.raises(Unavailable, match="NOSUPERUSER NOBYPASSRLS"):
            book.migrate()


def test_a_role_that_owns_the_tables_is_refused(book: PostgresEngine, postgres_url: str) -> None:
    """Who owns a table may take its guard away; so the program's role must own none."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        role = sql.Identifier(f"{connection.info.dbname}_app")
        connection.execute(sql.SQL("ALTER TABLE vault_words OWNER TO {}").format(role))
        assert [well for well, _ in book.standing()] == [False]
        with pytest.raises(Unavailable, match="owns tables"):
            book.migrate()


def test_the_doctor_tells_that_row_security_was_switched_off(book: PostgresEngine, postgres_url: str) -> None:
    """In force: one good sentence, and a word on the login that owns the tables. Switched off: a sentence to act on."""
    assert [well for well, _ in book.standing()] == [True, True]
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE vault_words NO FORCE ROW LEVEL SECURITY")
    ((well, says),) = book.standing()
    assert not well
    assert "vault_words" in says


def test_a_copied_database_gets_a_role_of_its_own(book: PostgresEngine, postgres: PostgresServer) -> None:
    """Two books on one server never share a role, also when one began as a copy of the other."""
    with book.reading() as connection:
        first = connection.scalar(text("SELECT current_database()"))
    assert first
    book.close()
    name = postgres.new_database(like=first)
    copy = PostgresEngine(postgres.url(name))
    copy.migrate()
    with copy.reading() as connection:
        assert connection.scalar(text("SELECT current_user")) == f"{name}_app"
    copy.close()
    postgres.drop_database(name)
