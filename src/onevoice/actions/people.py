"""People: whose folios a message or a fact belongs to; unknown ones are opened, claimed ones refused."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from onevoice.ledger.book import Book
from onevoice.ledger.engine import Transaction
from onevoice.ledger.entries import NOTHING_OLDER, Draft, Folios, post
from onevoice.ledger.folios import Opened, address_space, link, open_folios
from onevoice.ledger.tables import folios, links, sources, stopped_addresses, vault_addresses
from onevoice.nouns.label import Label
from onevoice.nouns.problem import Fault
from onevoice.nouns.words import EntryKind, FolioKind, PermitKind
from onevoice.parsing.addresses import normalised

REFERENCE_MAX: Final = 200
KEPT_STOP: Final = "kept stop"
"""Who says so in the book, where a stop outlived the erasure of its address."""


class Person(NamedTuple):
    """Whom something is about, as the source says it: references of the company's own, an address of a channel."""

    customer: str
    address: str
    channel: int
    household: str = ""
    client: str = ""
    completed: bool = True
    """Whether a customer alone also means the address used for that channel: a message does, a wish does not."""


def checked(person: Person, region: str = "") -> Person | list[Fault]:
    """The person with the address in its one spelling, or everything that is wrong."""
    faults: list[Fault] = []
    if not person.customer and not person.address:
        faults.append(Fault("customer", "Say for whom: a customer, an address, or both."))
    for where in ("customer", "household", "client"):
        if len(getattr(person, where)) > REFERENCE_MAX or "\0" in getattr(person, where):
            faults.append(Fault(where, f"A reference has at most {REFERENCE_MAX} characters and no NUL."))
    address = person.address
    if address:
        spelled = normalised(person.channel, address, region)
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
                wanted.append(Opened(FolioKind(kind), value, channel))
        places.append((spots[0], spots[1], spots[2], spots[3]))
    numbers = open_folios(tx, book.lookups, wanted)
    _honour_stops(tx, book, wanted, numbers)
    found = [[numbers[spot] if spot >= 0 else 0 for spot in spots] for spots in places]
    faults = _linked(tx, people, found)
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
            label=book.known.label(tx, Label(channel=back[folio][2])),
            occurred=back[folio][3],
            said_by=said_by,
            permit=int(PermitKind.WITHDRAWAL),
        )
        for folio, state in states.items()
        if state.sequence == 0
    ]
    if drafts:
        post(tx, book.known, states, drafts, book.clock())


def _linked(tx: Transaction, people: Sequence[Person], found: list[list[int]]) -> dict[int, Fault]:
    """Complete customer and address from the links there are; link what is new; say which claims are refused."""
    users: dict[int, list[int]] = {}
    for customer, address, _ in tx.rows(links, "address", sorted({one[1] for one in found if one[1]})):
        users.setdefault(address, []).append(customer)
    addresses: dict[tuple[int, int], int] = {}
    alone = sorted({one[0] for one in found if one[0] and not one[1]})
    for customer, address, channel in tx.rows(links, "customer", alone) if alone else ():
        space = (customer, address_space(channel))
        addresses[space] = max(addresses.get(space, 0), address)
    faults: dict[int, Fault] = {}
    new: list[tuple[int, int, int]] = []
    for index, (person, one) in enumerate(zip(people, found, strict=True)):
        customer, address = one[0], one[1]
        if not address and person.completed:
            one[1] = addresses.get((customer, address_space(person.channel)), 0)
        elif not customer and address:
            known = users.get(address, [])
            one[0] = known[0] if len(known) == 1 else 0
        elif address and customer not in users.setdefault(address, []):
            if users[address]:
                faults[index] = Fault(
                    "address",
                    "This address belongs to another customer. If they share it, say so with the customer's addresses.",
                )
            else:
                users[address].append(customer)
                new.append((customer, address, address_space(person.channel)))
    if new:
        link(tx, new)
    return faults


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
