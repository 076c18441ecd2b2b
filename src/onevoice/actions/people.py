"""People: whose folios a message or a fact belongs to; unknown ones are opened, claimed ones refused."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from onevoice.ledger.book import Book
from onevoice.ledger.engine import Overtaken, Transaction
from onevoice.ledger.entries import NOTHING_OLDER, Draft, Folios, post
from onevoice.ledger.folios import Opened, Pair, address_space, folios_at, open_at
from onevoice.ledger.tables import folios, links, sources, stopped_addresses, vault_addresses
from onevoice.nouns.problem import Fault
from onevoice.nouns.words import EntryKind, FolioKind, PermitKind
from onevoice.parsing.addresses import normalised

REFERENCE_MAX: Final = 200
CLAIMED: Final = Fault(
    "address",
    "This address belongs to another customer. If they share it, say so with the customer's addresses.",
)
KEPT_STOP: Final = "kept stop"
"""Who says so in the book, where a stop outlived the erasure of its address."""


KINDS: Final = tuple(FolioKind)

Spelling = Callable[[int, str, str], str | Fault]
"""Spells an address of a channel, read in a region: `parsing.addresses.normalised`, or `as_told` for logs."""


class Person(NamedTuple):
    """Whom something is about, as the source says it: references of the company's own, an address of a channel."""

    customer: str
    address: str
    channel: int
    household: str = ""
    client: str = ""
    completed: bool = True
    """Whether a customer alone also means the address used for that channel: a message does, a wish does not."""


class Sought(NamedTuple):
    """A person and the hashes under which their folios are found; None where none is named."""

    person: Person
    customer: Pair | None
    address: Pair | None
    household: Pair | None
    client: Pair | None


def checked(person: Person, region: str = "", spelling: Spelling = normalised) -> Person | list[Fault]:
    """The person with the address in its one spelling, or everything that is wrong."""
    faults: list[Fault] = []
    if not person.customer and not person.address:
        faults.append(Fault("customer", "Say for whom: a customer, an address, or both."))
    for where in ("customer", "household", "client"):
        reference = getattr(person, where)
        if reference and (len(reference) > REFERENCE_MAX or "\0" in reference):
            faults.append(Fault(where, f"A reference has at most {REFERENCE_MAX} characters and no NUL."))
    spelled = spelling(person.channel, person.address, region) if person.address else ""
    if isinstance(spelled, Fault):
        return [*faults, spelled]
    return faults or (person if spelled == person.address else person._replace(address=spelled))


def sought(book: Book, person: Person) -> Sought:
    """The person with the hashes that find their folios: whoever asks makes them, not the writer."""
    of, space = book.lookups.of, address_space(person.channel)
    return Sought(
        person,
        of(FolioKind.CUSTOMER, person.customer) if person.customer else None,
        of(FolioKind.ADDRESS, person.address, space) if person.address else None,
        of(FolioKind.HOUSEHOLD, person.household) if person.household else None,
        of(FolioKind.CLIENT, person.client) if person.client else None,
    )


def folios_of(tx: Transaction, book: Book, people: Sequence[Sought]) -> list[Folios | Fault]:
    """The folios of each person, in order, opening those unknown; a Fault where a person claims somebody's address.

    A new address of a known customer is linked; an address that only others use is not taken over: sharing is said
    with the customer, not in passing. An address alone means its one customer, if it has just one; a customer alone
    means the address last used for that channel, if there is one. Raises Overtaken."""
    wanted = {pair for one in people for pair in one[1:] if pair}
    numbers = folios_at(tx, wanted)
    before = sorted({numbers[one.address] for one in people if one.address in numbers})
    users = _users(tx, before)
    faults = _claims(people, numbers, users)
    if len(numbers) < len(wanted):
        numbers |= open_at(tx, _missing([one for index, one in enumerate(people) if index not in faults], numbers))
    if book.known.any_stops:
        _honour_stops(tx, book, {one.address: numbers[one.address] for one in people if one.address in numbers})
    found = [
        [0, 0, 0, 0]
        if index in faults
        else [
            numbers[customer] if customer else 0,
            numbers[address] if address else 0,
            numbers[household] if household else 0,
            numbers[client] if client else 0,
        ]
        for index, (_, customer, address, household, client) in enumerate(people)
    ]
    _linked(tx, people, found, users, before)
    _joined(tx, found)
    return [faults[index] if index in faults else (one[0], one[1], one[2], one[3]) for index, one in enumerate(found)]


def _missing(people: Sequence[Sought], numbers: Mapping[Pair, int]) -> dict[Pair, Opened]:
    """What is to be opened for these people."""
    return {
        pair: _opened(one.person, KINDS[kind])
        for one in people
        for kind, pair in enumerate(one[1:])
        if pair and pair not in numbers
    }


def _opened(person: Person, kind: FolioKind) -> Opened:
    value = (person.customer, person.address, person.household, person.client)[kind]
    return Opened(kind, value, person.channel if kind is FolioKind.ADDRESS else 0)


def _honour_stops(tx: Transaction, book: Book, hashes: Mapping[Pair, int]) -> None:
    """An address that was stopped, forgotten, and now comes back is stopped still: its new folio begins with that."""
    rows = tx.rows(stopped_addresses, "hash", [first for first, _ in hashes])
    back = {hashes[row[0], row[1]]: row for row in rows if (row[0], row[1]) in hashes}
    states = tx.states(sorted(back), NOTHING_OLDER) if back else {}
    said_by = book.known.name(tx, sources, KEPT_STOP) if back else 0
    drafts = [
        Draft(
            kind=int(EntryKind.WITHDRAWN),
            folios=(0, folio, 0, 0),
            label=0,  # of every channel and purpose: which ones they meant is forgotten
            occurred=back[folio][3],
            said_by=said_by,
            permit=int(PermitKind.WITHDRAWAL),
        )
        for folio, state in states.items()
        if state.sequence == 0
    ]
    if drafts:
        post(tx, book.known, states, drafts, book.clock())


def _users(tx: Transaction, addresses: Sequence[int]) -> dict[int, list[int]]:
    """The customers of each of these addresses that somebody uses."""
    users: dict[int, list[int]] = {}
    for customer, address, _ in tx.rows(links, "address", addresses):
        users.setdefault(address, []).append(customer)
    return users


def _claims(
    people: Sequence[Sought], numbers: Mapping[Pair, int], users: Mapping[int, Sequence[int]]
) -> dict[int, Fault]:
    """Who claims an address that belongs to another, known before or named earlier in this group. Told from hashes,
    because those who are refused are not opened."""
    owners: dict[Pair, set[object]] = {}
    if users:
        pairs = {number: pair for pair, number in numbers.items()}
        owners = {pairs[address]: {pairs.get(one, one) for one in customers} for address, customers in users.items()}
    faults: dict[int, Fault] = {}
    for index, (_, customer, address, _, _) in enumerate(people):
        if customer and address:
            own = owners.get(address)
            if own is None:
                owners[address] = {customer}
            elif customer not in own:
                faults[index] = CLAIMED
    return faults


def _linked(
    tx: Transaction,
    people: Sequence[Sought],
    found: list[list[int]],
    users: dict[int, list[int]],
    before: Sequence[int],
) -> None:
    """Complete customer and address from the links there are and those said earlier in this group; link what is new.

    `users` are the customers of the addresses known `before` this group."""
    addresses: dict[tuple[int, int], int] = {}
    alone = sorted({one[0] for one in found if one[0] and not one[1]})
    for customer, address, channel in tx.rows(links, "customer", alone):
        space = (customer, address_space(channel))
        addresses[space] = max(addresses.get(space, 0), address)
    new: list[tuple[int, int, int]] = []
    for (person, *_), one in zip(people, found, strict=True):
        customer, address = one[0], one[1]
        if customer and address:
            known = users.setdefault(address, [])
            if customer not in known:
                known.append(customer)
                space = (customer, address_space(person.channel))
                addresses[space] = max(addresses.get(space, 0), address)
                new.append((customer, address, space[1]))
        elif address:
            known = users.get(address, [])
            one[0] = known[0] if len(known) == 1 else 0
        elif person.completed:
            one[1] = addresses.get((customer, address_space(person.channel)), 0)
    if new:
        _keep_others_off(tx, sorted({address for _, address, _ in new}.intersection(before)))
        tx.add(links, new)


def _keep_others_off(tx: Transaction, addresses: Sequence[int]) -> None:
    """Where several processes write, two must not link one address that nobody used to two people at once."""
    if addresses and tx.lock(folios, "number", addresses) and tx.rows(links, "address", addresses):
        raise Overtaken


def _joined(tx: Transaction, found: list[list[int]]) -> None:
    """The household and client a customer belongs to, where the message names none."""
    customers = sorted({one[0] for one in found if one[0]})
    belongs = {number: (household, client) for number, _, household, client in tx.rows(folios, "number", customers)}
    for one in found:
        household, client = belongs.get(one[0], (None, None))
        one[2] = one[2] or household or 0
        one[3] = one[3] or client or 0


def address_values(tx: Transaction, numbers: Sequence[int]) -> dict[int, str]:
    """The addresses behind these folios, for sending."""
    return {folio: value for folio, _, value in tx.rows(vault_addresses, "folio", sorted(set(numbers)))}
