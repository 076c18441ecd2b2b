"""A small book with a known cast, written entry by entry through the ledger, to ask answers of and to look at pages."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import select

from onevoice.ledger.book import Book, Reader
from onevoice.ledger.documents import lock_documents, store_documents
from onevoice.ledger.engine import Engine, Transaction
from onevoice.ledger.engines.sqlite import SqliteEngine
from onevoice.ledger.entries import NO_FOLIOS, Draft, post
from onevoice.ledger.folios import Keys, Opened, open_folios
from onevoice.ledger.people import link_all
from onevoice.ledger.policies import store_policy
from onevoice.ledger.tables import customer_units, due, entries, sources, vault_words
from onevoice.ledger.tables import zones as zone_table
from onevoice.nouns.authority import ROLE_VERBS, Authority
from onevoice.nouns.decision import FINDING
from onevoice.nouns.label import Label
from onevoice.nouns.moment import HOUR, SECOND
from onevoice.nouns.reason import Reason
from onevoice.nouns.surroundings import Campaign, ContactPoint, Platform, Purpose, Topic, Unit
from onevoice.nouns.words import Category, Channel, EntryKind, FolioKind, Mode, PermitKind, Role, Verdict
from tests.clock import HandMovedClock

Folios = tuple[int, int, int, int]
NEVER = 2**32 - 1

GROUP, BANK, RETAIL, TRAVEL, DENTAL, NORTHSIDE = 1, 2, 3, 4, 5, 6
UNITS = (
    Unit(number=GROUP, key="alder", name="Alder Group", kind="brand", zone="Europe/Berlin"),
    Unit(number=BANK, key="bank", name="Alder Bank", parent=GROUP, zone="Europe/Berlin"),
    Unit(number=RETAIL, key="retail", name="Alder Retail", parent=GROUP, zone="Europe/Berlin"),
    Unit(number=TRAVEL, key="travel", name="Alder Travel", parent=GROUP, zone="Europe/Lisbon"),
    Unit(number=DENTAL, key="dental", name="Alder Dental", parent=GROUP, kind="region", zone="Europe/Berlin"),
    Unit(number=NORTHSIDE, key="northside", name="Northside Dental", parent=DENTAL, kind="franchisee", zone="UTC"),
)
MAILER, TEXTER = 1, 2
DOCUMENTS = (
    *UNITS,
    Platform(number=MAILER, key="mailer", name="Mailer", unit=RETAIL, mode=Mode.ENFORCE),
    Platform(number=TEXTER, key="texter", name="Texter", unit=DENTAL, mode=Mode.ADVISE),
    ContactPoint(
        number=1,
        key="news",
        name="news@alder.example",
        channel=Channel.EMAIL,
        address="news@alder.example",
        unit=RETAIL,
    ),
    ContactPoint(
        number=2, key="desk", name="front desk line", channel=Channel.SMS, address="+4930123456", unit=NORTHSIDE
    ),
    Topic(number=1, key="offers", name="Offers"),
    Topic(number=2, key="appointments", name="Appointments"),
    Purpose(number=1, key="marketing", name="Marketing"),
    Purpose(number=2, key="service", name="Service"),
    Campaign(number=1, key="spring", name="Spring offer", unit=RETAIL, topics=(1,)),
    Campaign(number=2, key="news", name="Newsletter", unit=RETAIL, topics=(1,)),
    Campaign(number=3, key="gold", name="Gold card", unit=BANK, topics=(1,)),
    Campaign(number=4, key="lisbon", name="Lisbon weekend", unit=TRAVEL, topics=(1,)),
    Campaign(number=5, key="recall", name="Six-month check-up", unit=NORTHSIDE, topics=(2,)),
)
POLICY = """\
name = "Starter"

[[rules]]
type = "calendar_cap"
name = "two a day"
says = "Nobody gets more than two marketing messages a day from all of us together."
at_most = 2
period = "day"
applies = { categories = ["marketing"] }

[[rules]]
type = "consent"
name = "permission"
applies = { categories = ["marketing"] }

[[rules]]
type = "quiet_hours"
name = "nights"
windows = [{ begin = "21:00", end = "08:00" }]
applies = { categories = ["marketing"] }

[[rules]]
type = "minimum_gap"
name = "breathing space"
seconds = 14400
applies = { categories = ["marketing"] }
"""
CAP, CONSENT, NIGHTS, GAP = range(4)

BOSS = Authority(who="staff:1", unit=GROUP, units=frozenset(), verbs=ROLE_VERBS[Role.ADMIN], all_units=True)
FRANCHISEE = Authority(who="staff:2", unit=NORTHSIDE, units=frozenset({NORTHSIDE}), verbs=ROLE_VERBS[Role.AGENT])
STRANGER = Authority(who="staff:3", unit=TRAVEL, units=frozenset({TRAVEL}), verbs=ROLE_VERBS[Role.VIEWER])


class Stage:
    """A store in a folder with documents, a policy and helpers of one line per fact; times are microseconds UTC."""

    def __init__(self, folder: Path, clock: HandMovedClock, engine: Engine | None = None) -> None:
        self.engine: Engine = engine or SqliteEngine(folder / "book.sqlite")
        self.engine.migrate()
        self.clock = clock
        self.book = Book(self.engine, Keys(bytes(range(32))), clock, lambda: bytes(16))
        self.firsts: dict[int, Folios] = {}
        with self.engine.writing() as tx:
            lock_documents(tx)
            store_documents(tx, DOCUMENTS, by="test", at=clock())
            store_policy(tx, name="Starter", body=POLICY, by="test", at=clock())
            self.book.known.refresh(tx.connection)
            self.book.known.name(tx, zone_table, "Europe/Lisbon")
            self.book.known.name(tx, sources, "mailer log")

    @contextmanager
    def reader(self, authority: Authority = BOSS) -> Iterator[Reader]:
        with self.book.reader(authority) as reader:
            yield reader

    def close(self) -> None:
        self.book.close()

    def person(self, reference: str, name: str = "", *addresses: tuple[Channel, str], units: Iterable[int] = ()) -> int:
        """The folio of a customer of these units, with these addresses."""
        with self.engine.writing() as tx:
            wanted = [Opened(FolioKind.CUSTOMER, reference, name=name)]
            wanted += [Opened(FolioKind.ADDRESS, value, int(channel)) for channel, value in addresses]
            customer, *places = open_folios(tx, self.book.lookups, wanted)
            link_all(tx, {(customer, place): int(one[0]) for place, one in zip(places, addresses, strict=True)})
            tx.add(customer_units, sorted((unit, customer) for unit in units))
        return customer

    def label(self, tx: Transaction, **fields: Any) -> int:
        return self.book.known.label(tx, Label(**{"category": int(Category.MARKETING), "purpose": 1, **fields}))

    def write(
        self,
        kind: EntryKind,
        customer: int,
        occurred: int,
        *,
        touch: int = 0,
        address: int = 0,
        recorded: int = 0,
        **more: Any,
    ) -> int:
        """One entry of a customer; `fields` are those of its label, the rest columns of the entry. Gives its number."""
        fields, words = more.pop("fields", {}), more.pop("words", None)
        with self.engine.writing() as tx:
            folios = (customer, address, 0, 0)
            label = self.label(tx, **fields) if fields else 0
            draft = Draft(
                kind=int(kind),
                folios=folios,
                label=label,
                occurred=occurred,
                said_by=self.book.known.name(tx, sources, "mailer log"),
                touch=touch,
                firsts=self.firsts.get(touch, NO_FOLIOS),
                **more,
            )
            states = tx.states([folio for folio in folios if folio], -1)
            (posted,) = post(tx, self.book.known, states, [draft], recorded or occurred)
            self.firsts.setdefault(posted.touch, posted.sequences)
            if words:
                tx.add(vault_words, [(posted.entry, customer, b"", words[0], words[1], "{}", None)])
        return posted.entry

    def sent(self, customer: int, occurred: int, **fields: Any) -> int:
        """A message that went out, as a log tells it."""
        return self.write(EntryKind.SENT, customer, occurred, fields={"channel": int(Channel.EMAIL), **fields})

    def many_sent(self, customer: int, count: int, *, since: int, step: int, **fields: Any) -> None:
        """So many messages that went out, each `step` after the one before, in one write."""
        with self.engine.writing() as tx:
            label = self.label(tx, **{"channel": int(Channel.EMAIL), "unit": RETAIL, "campaign": 1, **fields})
            teller = self.book.known.name(tx, sources, "mailer log")
            states = tx.states([customer], -1)
            drafts = [
                Draft(int(EntryKind.SENT), (customer, 0, 0, 0), label, since + place * step, teller)
                for place in range(count)
            ]
            for start in range(0, count, 500):
                post(tx, self.book.known, states, drafts[start : start + 500], since + count * step)

    def decided(
        self,
        customer: int,
        occurred: int,
        verdict: Verdict,
        reason: Reason = Reason.CLEARED,
        *findings: tuple[int, Reason, int, int],
        until: int = 0,
        mode: Mode = Mode.ENFORCE,
        touch: int = 0,
        **fields: Any,
    ) -> int:
        """A decision; `findings` are (rule, reason, until in seconds, sequence waited for)."""
        counts = verdict is Verdict.SEND or mode is not Mode.ENFORCE
        entry = self.write(
            EntryKind.DECIDED,
            customer,
            occurred,
            touch=touch,
            fields={"channel": int(Channel.EMAIL), **fields},
            verdict=int(verdict),
            reason=int(reason),
            mode=int(mode),
            counts=counts,
            until=until or occurred + HOUR,
            latest=until + 24 * HOUR if until else None,
            findings=np.array(list(findings), FINDING).tobytes() if findings else None,
            policy=1,
            surroundings=1,
        )
        kind = 1 if verdict is Verdict.HOLD else 2 if counts else 0
        if kind and (until or occurred + HOUR) > self.clock():
            with self.engine.writing() as tx:
                tx.add(due, [(until or occurred + HOUR, touch or entry, kind, 0, 0)])
        return entry

    def allowed(self, customer: int, occurred: int, **fields: Any) -> int:
        return self.write(
            EntryKind.CONSENTED,
            customer,
            occurred,
            fields={"channel": int(Channel.EMAIL), "category": 0, **fields},
            permit=int(PermitKind.EXPRESS),
            proof=1,
        )

    def located(self, customer: int, occurred: int) -> int:
        return self.write(EntryKind.LOCATED, customer, occurred, zone=1)


def ana(stage: Stage) -> tuple[int, int]:
    """Ana Ferreira, a customer of Retail and of Northside Dental: two marketing messages today, the third is held until
    tomorrow 08:00. Gives her folio and the entry of the hold. It is Thursday, 1 October 2026, 10:00 UTC."""
    noon = stage.clock()
    customer = stage.person(
        "C-1001",
        "Ana Ferreira",
        (Channel.EMAIL, "ana@example.com"),
        (Channel.SMS, "+351912345678"),
        units=(RETAIL, NORTHSIDE),
    )
    stage.located(customer, noon - 700 * HOUR)
    stage.allowed(customer, noon - 699 * HOUR)
    first = stage.sent(customer, noon - 3 * HOUR, unit=RETAIL, campaign=1, platform=MAILER, contact_point=1)
    stage.sent(customer, noon - 2 * HOUR, unit=BANK, campaign=3)
    with stage.engine.reading() as connection:
        waited = connection.execute(select(entries.c.customer_sequence).where(entries.c.number == first)).scalar_one()
    until = noon + 20 * HOUR
    hold = stage.decided(
        customer,
        noon - HOUR,
        Verdict.HOLD,
        Reason.CALENDAR_CAP,
        (CAP, Reason.CALENDAR_CAP, until // SECOND, waited),
        (GAP, Reason.MINIMUM_GAP, (noon + 2 * HOUR) // SECOND, waited + 1),
        until=until,
        unit=RETAIL,
        campaign=2,
        platform=MAILER,
    )
    return customer, hold
