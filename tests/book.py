"""A small company with a real book, opened as an installation opens it, on each kind of store; checked at the end."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Table, func, select

from onevoice.actions.activate_policy import activate_policy
from onevoice.actions.gate import Gate
from onevoice.actions.judging import DISPATCH, LAPSE, LOOK_AGAIN, SETTLE
from onevoice.actions.observe import Observed
from onevoice.actions.people import Person, checked, folios_of, sought
from onevoice.actions.threads import Thread, threads_of
from onevoice.ledger.book import Book
from onevoice.ledger.documents import lock_documents, store_documents
from onevoice.ledger.engine import Transaction
from onevoice.ledger.entries import Folios
from onevoice.ledger.people import link_all
from onevoice.ledger.rebuild import differences
from onevoice.ledger.tables import due, entries, heard, tallies_by_day, waiting
from onevoice.nouns.authority import ROLE_VERBS, SYSTEM, Authority, Verb
from onevoice.nouns.decision import Decision
from onevoice.nouns.moment import DAY
from onevoice.nouns.observation import Observation
from onevoice.nouns.proposal import Proposal
from onevoice.nouns.surroundings import Campaign, ContactPoint, Document, Platform, Purpose, Topic, Unit
from onevoice.nouns.words import Channel, EntryKind, Mode, Role, Verdict
from onevoice.settings import Secret, Settings
from onevoice.wiring import Onevoice, open_onevoice
from tests.clock import HandMovedClock, moment_of
from tests.postgres_server import PostgresServer

GROUP, BANK, SHOP = 1, 2, 3
DOCUMENTS: tuple[Document, ...] = (
    Unit(number=GROUP, key="alder", name="Alder Group", kind="brand"),
    Unit(number=BANK, key="bank", name="Alder Bank", parent=GROUP),
    Unit(number=SHOP, key="shop", name="Alder Shop", parent=GROUP),
    Platform(number=1, key="crm", name="CRM", unit=SHOP, mode=Mode.ENFORCE, vendor="sandbox"),
    Platform(number=2, key="adviser", name="Adviser", unit=SHOP, mode=Mode.ADVISE, vendor="sandbox"),
    Platform(number=3, key="watcher", name="Watcher", unit=SHOP, mode=Mode.MONITOR, vendor="sandbox"),
    ContactPoint(
        number=1, key="news", name="News", channel=Channel.EMAIL, address="news@alder.example", unit=SHOP, platform=1
    ),
    Topic(number=1, key="offers", name="Offers"),
    Topic(number=2, key="shoes", name="Shoes", parent=1),
    Purpose(number=1, key="newsletter", name="Newsletter"),
    Campaign(number=1, key="spring", name="Spring", unit=SHOP, topics=(2,)),
)
POLICY = """\
name = "small company"
lease = 3600

[[rules]]
type = "consent"
name = "stop means stop"
needs = "no_withdrawal"
applies = { categories = ["marketing"] }

[[rules]]
type = "address_failure"
name = "no dead addresses"

[[rules]]
type = "calendar_cap"
name = "two a day"
at_most = 2
period = "day"
zone = "UTC"
applies = { categories = ["marketing"] }

[[rules]]
type = "send_by"
name = "in time or never"

[[rules]]
type = "maximum_deferral"
name = "at most a week late"
seconds = 604800
applies = { categories = ["marketing"] }
"""

SHOP_AGENT = Authority(who="staff:7", unit=SHOP, units=frozenset({SHOP}), verbs=ROLE_VERBS[Role.AGENT])
BANK_AGENT = Authority(who="staff:8", unit=BANK, units=frozenset({BANK}), verbs=ROLE_VERBS[Role.AGENT])
TELLER = Authority(
    who="log", unit=GROUP, units=frozenset(), verbs=frozenset({Verb.OBSERVE, Verb.PROPOSE}), all_units=True
)


class Company:
    """One line per deed; what is not given is marketing by e-mail from the shop. Moments are microseconds UTC."""

    def __init__(self, onevoice: Onevoice, clock: HandMovedClock) -> None:
        self.onevoice = onevoice
        self.clock = clock
        self.gate: Gate = onevoice.gate
        self.book: Book = onevoice.book
        self._keys = count()

    def another(self) -> "Company":
        """The same company as a second process sees it: on PostgreSQL its own gate, on SQLite, which has one, itself.
        Whoever asks closes it."""
        if self.book.engine.name == "sqlite":
            return self
        return Company(open_onevoice(self.onevoice.settings, clock=self.clock), self.clock)

    def key(self) -> str:
        """A key nobody used before."""
        return f"{id(self)}:{next(self._keys)}"

    def proposal(self, customer: str = "", **fields: Any) -> Proposal:
        given = {"key": fields.pop("key", "") or self.key(), "unit": "shop", "channel": "email"}
        return Proposal(**{**given, "category": "marketing", "customer": customer, **fields})

    def propose(self, customer: str = "", by: Authority = SYSTEM, **fields: Any) -> Decision:
        return self.gate.propose(by, self.proposal(customer, **fields))

    def told(self, kind: str, customer: str = "", **fields: Any) -> Observation:
        given = {"key": fields.pop("key", "") or self.key(), "occurred": self.clock(), "customer": customer}
        return Observation(kind=kind, **{**given, **fields})

    def observe(self, kind: str, customer: str = "", by: Authority = SYSTEM, **fields: Any) -> Observed:
        return self.gate.observe(by, self.told(kind, customer, **fields))

    def policy(self, body: str) -> int:
        """Put a policy in force; its version."""
        return activate_policy(self.book.engine, SYSTEM, body, at=self.clock()).version

    def share(self, address: str, channel: Channel, *customers: str) -> None:
        """These customers use one address, as a setup folder says it."""

        def run(tx: Transaction) -> None:
            people = [Person(customer, "", 0, completed=False) for customer in customers]
            spelled = checked(Person("", address, int(channel)))
            assert isinstance(spelled, Person)
            found = folios_of(tx, self.book, [sought(self.book, one) for one in (*people, spelled)])
            numbers = [one for one in found if isinstance(one, tuple)]
            link_all(tx, {(one[0], numbers[-1][1]): int(channel) for one in numbers[:-1]})

        self.gate.write(run)

    def thread(self, touch: int) -> Thread:
        return self.gate.write(lambda tx: threads_of(tx, [touch])[touch])

    def kinds(self, touch: int) -> list[str]:
        """What happened to a message, in order."""
        columns = select(entries.c.kind).where(entries.c.touch == touch).order_by(entries.c.number)
        with self.book.engine.reading() as connection:
            return [EntryKind(kind).spoken for (kind,) in connection.execute(columns)]

    def folios(self, touch: int) -> Folios:
        return self.thread(touch).folios

    def rows(self, table: Table) -> list[tuple[Any, ...]]:
        with self.book.engine.reading(SYSTEM) as connection:
            return [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]

    def counts(self) -> dict[str, int]:
        """How many rows every table has."""
        with self.book.engine.reading(SYSTEM) as connection:
            return {
                name: connection.execute(select(func.count()).select_from(table)).scalar() or 0
                for name, table in entries.metadata.tables.items()
            }


def check(company: Company) -> None:
    """What is true of every book after whatever happened."""
    with company.book.reader(SYSTEM) as reader:
        labels = reader.known.labels
        wrong = [one for _, found in differences(reader.connection, labels) for one in found]
    assert wrong == [], "contact states or chains are not what the entries make"
    assert dict(_tallied(company)) == {row[:6]: row[6] for row in company.rows(tallies_by_day)}
    numbers = {row[0] for row in company.rows(entries)}
    assert {row[3] for row in company.rows(heard)} <= numbers, "a key leads to an entry that is not there"
    assert _stranded(company) == [], "a hold nobody will look at, or a reservation that never ends"


def _tallied(company: Company) -> Counter[tuple[int, ...]]:
    columns = (entries.c.occurred, entries.c.label, entries.c.kind, entries.c.verdict, entries.c.reason, entries.c.mode)
    with company.book.engine.reading() as connection:
        rows = connection.execute(select(*columns)).all()
    return Counter((row[0] // DAY, row[1], row[2], row[3] or 0, row[4] or 0, row[5] or 0) for row in rows)


def _stranded(company: Company) -> list[tuple[int, str]]:
    """Touches that wait for something that will never come."""
    numbers = sorted({row[2] for row in company.rows(entries) if row[1] == EntryKind.DECIDED})
    watched: dict[int, set[int]] = {}
    for _, touch, kind, _, _ in company.rows(due):
        watched.setdefault(touch, set()).add(kind)
    kept = {row[0] for row in company.rows(waiting)}
    erased = {row[3] for row in company.rows(entries) if row[1] == EntryKind.ERASED and row[3]}
    stranded = []
    for thread in company.gate.write(lambda tx: threads_of(tx, numbers)).values():
        kinds = watched.get(thread.touch, set())
        if thread.settled or thread.folios[0] in erased:
            continue
        held = thread.verdict == Verdict.HOLD and thread.mode == Mode.ENFORCE
        if held and not (kinds == {LOOK_AGAIN} and thread.touch in kept):
            stranded.append((thread.touch, "held"))
        counts = thread.verdict == Verdict.SEND or thread.mode != Mode.ENFORCE
        if counts and not kinds & {LAPSE, DISPATCH, SETTLE}:
            stranded.append((thread.touch, "reserved"))
    return stranded


def settings_of(folder: Path, url: str = "") -> Settings:
    """The settings of an installation in this folder, on PostgreSQL where an address is given."""
    return Settings(data_dir=folder, database_url=Secret(url))


@contextmanager
def open_company(settings: Settings, clock: HandMovedClock, policy: str = POLICY) -> Iterator[Company]:
    """The company on this store, set up if it is not there yet."""
    onevoice = open_onevoice(settings, clock=clock)
    try:
        set_up(onevoice, clock, policy)
        yield Company(onevoice, clock)
    finally:
        onevoice.close()


def set_up(onevoice: Onevoice, clock: HandMovedClock, policy: str = POLICY) -> None:
    """The documents and the policy; twice changes nothing."""

    def run(tx: Transaction) -> None:
        lock_documents(tx)
        store_documents(tx, DOCUMENTS, by="test", at=clock())

    onevoice.gate.write(run)
    activate_policy(onevoice.book.engine, SYSTEM, policy, at=clock())


def platform_in(company: Company, key: str, mode: Mode) -> None:
    """Put a platform into another mode."""
    platform = next(one for one in DOCUMENTS if isinstance(one, Platform) and one.key == key)

    def run(tx: Transaction) -> None:
        lock_documents(tx)
        store_documents(tx, [replace(platform, mode=mode)], by="test", at=company.clock())

    company.gate.write(run)


@contextmanager
def database(server: PostgresServer) -> Iterator[str]:
    """The address of a fresh PostgreSQL database that has the tables, dropped at the end."""
    name = server.new_database(like=server.template("company", prepared))
    yield server.url(name)
    server.drop_database(name)


def prepared(url: str) -> None:
    """The company's tables and documents, once for all tests of a run."""
    from onevoice.ledger.engines.postgres import PostgresEngine

    engine = PostgresEngine(url)
    engine.migrate()
    engine.close()


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings of an installation on each kind of store."""
    if request.param == "sqlite":
        yield settings_of(tmp_path)
        return
    with database(request.getfixturevalue("postgres")) as url:
        yield settings_of(tmp_path, url)


@pytest.fixture
def company(settings: Settings, clock: HandMovedClock) -> Iterator[Company]:
    """The company on each kind of store; after the story its book is checked."""
    with open_company(settings, clock) as opened:
        yield opened
        check(opened)


THURSDAY = moment_of("2026-10-01T10:00:00+00:00")
"""When every story begins."""
