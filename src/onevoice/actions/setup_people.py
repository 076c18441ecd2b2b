"""Setting up, the people: customers, addresses, households, clients and holdings, checked whole and written in bulk."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, NamedTuple, TypeVar

from onevoice.actions.gate import Gate
from onevoice.ledger.book import Book
from onevoice.ledger.documents import Change, lock_documents, log_changes
from onevoice.ledger.engine import Transaction
from onevoice.ledger.folios import Opened, address_space, find_folios, open_folios
from onevoice.ledger.people import Named, Standing, belong, join, link_all, names_of, rename, standings_of, users_of
from onevoice.nouns.contact_state import FOREVER
from onevoice.nouns.moment import DAY, SECOND
from onevoice.nouns.observation import Observation
from onevoice.nouns.problem import Fault
from onevoice.nouns.words import Channel, EntryKind, FolioKind, MarkKind
from onevoice.parsing.addresses import normalised, zone_names
from onevoice.parsing.moments import moment_of
from onevoice.parsing.setup_folder import FAULTS_MAX, Folder, Row

BATCH: Final = 2_000
Item = TypeVar("Item")
CHANNELS: Final = {channel.spoken: channel for channel in Channel if channel}


class Holding(NamedTuple):
    """A product a customer has, from `since` to `until` (microseconds UTC, 0: no end known)."""

    topic: str
    since: int
    until: int


@dataclass(slots=True)
class Customer:
    """What the folder says of one customer."""

    name: str = ""
    language: str = ""
    zone: str = ""
    units: tuple[int, ...] = ()
    household: str = ""
    client: str = ""
    addresses: list[tuple[int, str]] = field(default_factory=list)
    """(channel under which it is looked up, address in its one spelling)"""
    holdings: list[Holding] = field(default_factory=list)


@dataclass(slots=True)
class People:
    """Everybody the folder speaks of, by the company's own reference, and every fault."""

    customers: dict[str, Customer] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    """References with a row in customers.csv; others must be known already."""
    clients: dict[str, str] = field(default_factory=dict)
    uses: dict[tuple[int, str], list[tuple[str, Row]]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


class Counted(NamedTuple):
    """How much of the people was new or different."""

    customers: int = 0
    addresses: int = 0
    renamed: int = 0
    joined: int = 0

    def plus(self, other: "Counted") -> "Counted":
        return Counted(*(one + two for one, two in zip(self, other, strict=True)))


def read_people(
    folder: Folder, units: Mapping[str, int], topics: Mapping[str, int], *, region: str, now: int
) -> People:
    """The people of the folder, with every fault that can be seen without the store."""
    people = People()
    for row in folder.rows["customers"]:
        _customer(people, row, units)
    for row in folder.rows["addresses"]:
        _address(people, row, region)
    for file, column in (("households", "household"), ("clients", "client")):
        for row in folder.rows[file]:
            _member(people, row, column)
    for row in folder.rows["holdings"]:
        _holding(people, row, topics, now)
    for users in people.uses.values():
        if len({customer for customer, _ in users}) > 1:
            people.faults += [_claimed(row) for _, row in users[1:] if not _shared(row)]
    return people


def check_people(book: Book, people: People, folder: Folder) -> None:
    """Add the faults only the store can tell: customers nobody knows, and addresses that others use."""
    strangers = sorted(set(people.customers) - people.told)
    with book.engine.writing() as tx:
        unknown = {
            reference
            for part in _parts(strangers, BATCH)
            for reference, number in zip(part, _find(tx, book, part), strict=True)
            if number is None
        }
        for part in _parts(sorted(people.uses), BATCH):
            _check_claims(tx, book, people, part)
    for file in ("addresses", "households", "clients", "holdings"):
        for row in folder.rows[file]:
            if row.cells["customer"] in unknown:
                people.faults.append(Fault(row.where, f"There is no customer “{row.cells['customer'][:60]}”."))
    del people.faults[FAULTS_MAX:]


def write_people(gate: Gate, people: People, *, by: str) -> Iterator[tuple[int, Counted, list[Observation]]]:
    """Write everybody in batches, each its own transaction, and give after each how many customers are done, what was
    new, and what is still to be observed of them (zones and holdings)."""
    done = 0
    for part in _parts(list(people.customers), BATCH):

        def batch(tx: Transaction, part: Sequence[str] = part) -> tuple[Counted, list[Observation]]:
            lock_documents(tx)
            at = gate.book.clock()
            counted, observations = _write_batch(tx, gate.book, people, part, at)
            if any(counted):
                log_changes(tx, [Change("customers", "setup", None, counted._asdict())], by=by, at=at)
            return counted, observations

        counted, observations = gate.write(batch)
        done += len(part)
        yield done, counted, observations


def _customer(people: People, row: Row, units: Mapping[str, int]) -> None:
    cells = row.cells
    reference = cells["customer"]
    if not reference:
        return
    if reference in people.told:
        people.faults.append(Fault(row.where, f"The customer “{reference[:60]}” is there twice."))
        return
    people.told.add(reference)
    keys = [key.strip() for key in cells["units"].split(";") if key.strip()]
    people.faults += [Fault(row.where, f"units: there is no unit “{key[:60]}”.") for key in keys if key not in units]
    if cells["zone"] and not set(cells["zone"].split("|")) <= zone_names():
        people.faults.append(
            Fault(row.where, f"zone: “{cells['zone'][:60]}” is not a time zone, such as Europe/Berlin.")
        )
    if len(cells["language"]) > 20:
        people.faults.append(Fault(row.where, "language: write a language tag such as de or pt-BR."))
    numbers = tuple(units[key] for key in keys if key in units)
    people.customers[reference] = Customer(cells["name"], cells["language"], cells["zone"], numbers)


def _of(people: People, row: Row) -> Customer:
    return people.customers.setdefault(row.cells["customer"], Customer())


def _address(people: People, row: Row, region: str) -> None:
    cells = row.cells
    channel = CHANNELS.get(cells["channel"].lower())
    if channel is None:
        people.faults.append(
            Fault(row.where, f"channel: “{cells['channel'][:60]}” is not one of {', '.join(CHANNELS)}.")
        )
        return
    if cells["shared"].lower() not in ("", "yes", "no"):
        people.faults.append(Fault(row.where, "shared: say yes or no."))
    address = normalised(channel, cells["address"], region, row.where)
    if isinstance(address, Fault):
        people.faults.append(address)
    elif cells["customer"]:
        space = (address_space(channel), address)
        people.uses.setdefault(space, []).append((cells["customer"], row))
        _of(people, row).addresses.append(space)


def _member(people: People, row: Row, column: str) -> None:
    if not row.cells["customer"] or not row.cells[column]:
        return
    customer = _of(people, row)
    before = getattr(customer, column)
    if before and before != row.cells[column]:
        people.faults.append(Fault(row.where, f"This customer belongs to the {column} “{before[:60]}” already."))
    setattr(customer, column, row.cells[column])
    if column == "client":
        people.clients[row.cells[column]] = row.cells["name"] or people.clients.get(row.cells[column], "")


def _holding(people: People, row: Row, topics: Mapping[str, int], now: int) -> None:
    cells = row.cells
    if cells["topic"] and cells["topic"] not in topics:
        people.faults.append(Fault(row.where, f"topic: there is no “{cells['topic'][:60]}” in topics.csv."))
    since, until = _moment(cells["since"]), _moment(cells["until"]) if cells["until"] else 0
    if since is None or until is None:
        people.faults.append(Fault(row.where, "since and until: write a day as 2026-01-31, or a time with its offset."))
    elif since > now + DAY or (until and until <= since):
        people.faults.append(Fault(row.where, "since must not be ahead, and until must come after it."))
    elif cells["customer"]:
        _of(people, row).holdings.append(Holding(cells["topic"], since, until))


def _moment(written: str) -> int | None:
    try:
        moment = moment_of(datetime.fromisoformat(written), UTC)
    except ValueError:
        return None
    return moment - moment % SECOND


def _shared(row: Row) -> bool:
    return row.cells["shared"].lower() == "yes"


def _claimed(row: Row) -> Fault:
    return Fault(row.where, "Another customer has this address. If they share it, write yes under shared.")


def _check_claims(tx: Transaction, book: Book, people: People, spaces: Sequence[tuple[int, str]]) -> None:
    numbers = find_folios(tx, book.lookups, [Opened(FolioKind.ADDRESS, value, channel) for channel, value in spaces])
    there = {space: number for space, number in zip(spaces, numbers, strict=True) if number is not None}
    users = users_of(tx, list(there.values()))
    references = sorted({customer for space in there for customer, _ in people.uses[space]})
    folios = dict(zip(references, _find(tx, book, references), strict=True))
    for space, number in there.items():
        others = users.get(number, set())
        for customer, row in people.uses[space]:
            if others - {folios[customer]} and folios[customer] not in others and not _shared(row):
                people.faults.append(_claimed(row))


def _find(tx: Transaction, book: Book, references: Sequence[str]) -> list[int | None]:
    return find_folios(tx, book.lookups, [Opened(FolioKind.CUSTOMER, reference) for reference in references])


def _write_batch(
    tx: Transaction, book: Book, people: People, references: Sequence[str], at: int
) -> tuple[Counted, list[Observation]]:
    customers = [people.customers[reference] for reference in references]
    known = _find(tx, book, references)
    numbers = open_folios(
        tx,
        book.lookups,
        [
            Opened(FolioKind.CUSTOMER, reference, name=one.name, language=one.language)
            for reference, one in zip(references, customers, strict=True)
        ],
    )
    there = [number for number in known if number is not None]
    renamed = _rename(tx, numbers, references, customers, set(there))
    spaces = sorted({space for one in customers for space in one.addresses})
    opened = open_folios(tx, book.lookups, [Opened(FolioKind.ADDRESS, value, channel) for channel, value in spaces])
    folio = dict(zip(spaces, opened, strict=True))
    both = list(zip(numbers, customers, strict=True))
    linked = link_all(tx, {(number, folio[space]): space[0] for number, one in both for space in one.addresses})
    joined = belong(tx, [(unit, number) for number, one in both for unit in one.units])
    joined += _join(tx, book, FolioKind.HOUSEHOLD, {number: one.household for number, one in both}, {})
    joined += _join(tx, book, FolioKind.CLIENT, {number: one.client for number, one in both}, people.clients)
    standings = standings_of(tx, numbers)
    observations = [
        observation
        for number, reference, one in zip(numbers, references, customers, strict=True)
        for observation in _observations(book, reference, one, standings[number], at)
    ]
    return Counted(len(references) - len(there), linked, renamed, joined), observations


def _rename(
    tx: Transaction, numbers: Sequence[int], references: Sequence[str], customers: Sequence[Customer], there: set[int]
) -> int:
    """What the folder leaves empty stays as it is."""
    before = names_of(tx, sorted(there))
    changed: dict[int, Named] = {}
    for number, reference, one in zip(numbers, references, customers, strict=True):
        if number in before:
            was = before[number]
            now = Named(reference, one.name or was.name, one.language or was.language)
            if now != was:
                changed[number] = now
    rename(tx, changed)
    return len(changed)


def _join(tx: Transaction, book: Book, kind: FolioKind, members: Mapping[int, str], names: Mapping[str, str]) -> int:
    references = sorted({reference for reference in members.values() if reference})
    if not references:
        return 0
    numbers = open_folios(
        tx, book.lookups, [Opened(kind, reference, name=names.get(reference, "")) for reference in references]
    )
    folio = dict(zip(references, numbers, strict=True))
    before = names_of(tx, numbers)
    rename(
        tx,
        {
            folio[reference]: before[folio[reference]]._replace(name=names[reference])
            for reference in references
            if names.get(reference) and before[folio[reference]].name != names[reference]
        },
    )
    return join(tx, kind.spoken, {number: folio[reference] for number, reference in members.items() if reference})


def _observations(book: Book, reference: str, customer: Customer, standing: Standing, at: int) -> Iterator[Observation]:
    """What the book has not heard yet: a zone that is another than before, products held from another time on."""
    if customer.zone and customer.zone != book.known.zone_names()[standing.zone]:
        key = f"setup:zone:{standing.sequence}:{reference}"  # moving back later is a new fact
        yield Observation(kind=EntryKind.LOCATED.spoken, key=key, occurred=at, customer=reference, zone=customer.zone)
    topics = {topic.key: number for number, topic in book.known.surroundings.topics.items()}
    for held in sorted(customer.holdings, key=lambda held: held.since):
        if standing.holdings.get(topics[held.topic]) == (held.until // SECOND or FOREVER):
            continue
        yield Observation(
            kind=EntryKind.MARKED.spoken,
            key=f"setup:holding:{held.topic}:{held.since}:{held.until}:{reference}",
            occurred=held.since,
            customer=reference,
            mark=MarkKind.HOLDS_PRODUCT.spoken,
            topics=(held.topic,),
            until=held.until,
        )


def _parts(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    return (items[start : start + size] for start in range(0, len(items), size))
