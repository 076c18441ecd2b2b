"""People: whose folios a message or a fact belongs to; unknown ones are opened, claimed ones refused."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from onevoice.ledger.book import Book
from onevoice.ledger.engine import Transaction
from onevoice.ledger.entries import NOTHING_OLDER, Draft, Folios, post
from onevoice.ledger.folios import Opened, Sought, address_space, link, open_missing, seek_folios
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


def checked(person: Person, region: str = "", spelling: Spelling = normalised) -> Person | list[Fault]:
    """The person with the address in its one spelling, or everything that is wrong."""
    faults: list[Fault] = []
    if not person.customer and not person.address:
        faults.append(Fault("customer", "Say for whom: a customer, an address, or both."))
    for where in ("customer", "household", "client"):
        if len(getattr(person, where)) > REFERENCE_MAX or "\0" in getattr(person, where):
            faults.append(Fault(where, f"A reference has at most {REFERENCE_MAX} characters and no NUL."))
    address = person.address
    if address:
        spelled = spelling(person.channel, address, region)
        if isinstance(spelled, Fault):
            faults.append(spelled)
        else:
            address = spelled
    return faults or person._replace(address=address)


def folios_of(tx: Transaction, book: Book, people: Sequence[Person]) -> list[Folios | Fault]:
    """The folios of each person, in order, opening those unknown; a Fault where a person claims somebody's address.

    A new address of a known customer is linked; an address that only others use is not taken over: sharing is said
    with the customer, not in passing. An address alone means its one customer, if it has just one; a customer alone
    means the address last used for that channel, if there is one."""
    wanted: list[Opened] = []
    places: list[tuple[int, int, int, int]] = []
    for person in people:
        spots = [-1, -1, -1, -1]
        for kind, value in enumerate((person.customer, person.address, person.household, person.client)):
            if value:
                spots[kind] = len(wanted)
                channel = person.channel if kind == FolioKind.ADDRESS else 0
                wanted.append(Opened(KINDS[kind], value, channel))
        places.append((spots[0], spots[1], spots[2], spots[3]))
    sought = seek_folios(tx, book.lookups, wanted)
    users = _users(tx, [number for one, number in zip(wanted, sought.numbers, strict=True) if _is_address(one)])
    faults = _claims(places, sought, users)
    taken = [spot for index, spots in enumerate(places) if index not in faults for spot in spots if spot >= 0]
    there = [wanted[spot] for spot in taken]
    opened = open_missing(
        tx, there, Sought([sought.pairs[spot] for spot in taken], [sought.numbers[spot] for spot in taken])
    )
    if book.known.any_stops:
        _honour_stops(tx, book, there, opened)
    numbers = dict(zip(taken, opened, strict=True))
    found = [[numbers.get(spot, 0) for spot in spots] for spots in places]
    _linked(tx, people, found, users)
    _joined(tx, found)
    return [faults[index] if index in faults else (one[0], one[1], one[2], one[3]) for index, one in enumerate(found)]


def _honour_stops(tx: Transaction, book: Book, wanted: Sequence[Opened], numbers: Sequence[int]) -> None:
    """An address that was stopped, forgotten, and now comes back is stopped still: its new folio begins with that."""
    hashes = {
        book.lookups.of(one.kind, one.value, address_space(one.channel)): number
        for one, number in zip(wanted, numbers, strict=True)
        if one.kind is FolioKind.ADDRESS
    }
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


def _is_address(wanted: Opened) -> bool:
    return wanted.kind is FolioKind.ADDRESS


def _users(tx: Transaction, addresses: Sequence[int | None]) -> dict[int, list[int]]:
    """The customers of each of these addresses that somebody uses."""
    users: dict[int, list[int]] = {}
    for customer, address, _ in tx.rows(links, "address", sorted({one for one in addresses if one})):
        users.setdefault(address, []).append(customer)
    return users


def _claims(
    places: Sequence[tuple[int, int, int, int]],
    sought: Sought,
    users: Mapping[int, Sequence[int]],
) -> dict[int, Fault]:
    """Who claims an address that belongs to another, known before or named earlier in this group. Told from hashes,
    because those who are refused are not opened."""
    known = {number: pair for pair, number in zip(*sought, strict=True)}
    owners: dict[tuple[int, int], set[object]] = {
        known[address]: {known.get(one, one) for one in customers} for address, customers in users.items()
    }
    faults: dict[int, Fault] = {}
    for index, (customer, address, _, _) in enumerate(places):
        if customer >= 0 and address >= 0:
            own = owners.setdefault(sought.pairs[address], set())
            if own and sought.pairs[customer] not in own:
                faults[index] = CLAIMED
            elif not own:
                own.add(sought.pairs[customer])
    return faults


def _linked(tx: Transaction, people: Sequence[Person], found: list[list[int]], users: dict[int, list[int]]) -> None:
    """Complete customer and address from the links there are and those said earlier in this group; link what is new."""
    addresses: dict[tuple[int, int], int] = {}
    alone = sorted({one[0] for one in found if one[0] and not one[1]})
    for customer, address, channel in tx.rows(links, "customer", alone) if alone else ():
        space = (customer, address_space(channel))
        addresses[space] = max(addresses.get(space, 0), address)
    new: list[tuple[int, int, int]] = []
    for person, one in zip(people, found, strict=True):
        customer, address = one[0], one[1]
        space = (customer, address_space(person.channel))
        if not address and person.completed:
            one[1] = addresses.get(space, 0)
        elif not customer and address:
            known = users.get(address, [])
            one[0] = known[0] if len(known) == 1 else 0
        elif address and customer not in users.setdefault(address, []):
            users[address].append(customer)
            addresses[space] = max(addresses.get(space, 0), address)
            new.append((customer, address, space[1]))
    if new:
        link(tx, new)


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
