"""Erasure: every table, and what becomes of it when a person is forgotten; a table without a word here fails a test."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, func, or_, select, update

from onevoice.ledger.folios import address_space
from onevoice.ledger.tables import (
    entries,
    folios,
    links,
    metadata,
    parked,
    vault_addresses,
    vault_customers,
    vault_lookups,
    vault_names,
)

ROWS_AT_ONCE: Final = 500
GOES: Final = "goes"
EMPTIED: Final = "emptied"
STAYS: Final = "stays"


class Place(NamedTuple):
    """What erasing a person does to a table: rows go by this column, are emptied of words, or stay for this reason."""

    deed: str
    says: str
    column: str = ""


def _goes(says: str, column: str = "folio") -> Place:
    return Place(GOES, says, column)


def _stays(says: str) -> Place:
    return Place(STAYS, says)


NO_PERSON: Final = _stays("Says nothing about a customer.")
NUMBERS: Final = _stays("Holds numbers of folios only; with the vault row gone, nobody can tell whose they are.")

PLACES: Final[dict[str, Place]] = {
    "vault_lookups": _goes("The keyed hashes by which a person is found."),
    "vault_customers": _goes("The reference, name and language."),
    "vault_addresses": _goes("The address itself."),
    "vault_names": _goes("The search words of the name."),
    "vault_words": _goes("What messages said, their salts and raw bytes."),
    "links": _goes("Which address a customer used.", "customer"),
    "customer_units": _goes("Which units a customer belonged to.", "customer"),
    "parked": Place(EMPTIED, "What was read of a record that names the person, its place and reason; the row stays."),
    "stopped_addresses": _stays("The keyed hash of a stopped address, kept to honour the stop."),
    "erasures": _stays("That a folio was erased, replayed after a restore."),
    "access_log": NUMBERS,
    "entries": NUMBERS,
    "heard": _stays("Keyed hashes of ids; whose they were cannot be found without the id itself."),
    "contact_states": NUMBERS,
    "contact_state_older": NUMBERS,
    "folios": NUMBERS,
    "due": NUMBERS,
    "waiting": NUMBERS,
    "tallies_by_day": NO_PERSON,
    "labels": NO_PERSON,
    "seals": NO_PERSON,
    "sources": NO_PERSON,
    "templates": NO_PERSON,
    "journeys": NO_PERSON,
    "packages": NO_PERSON,
    "zones": NO_PERSON,
    "policies": NO_PERSON,
    "policy_drafts": NO_PERSON,
    "policy_trials": NUMBERS,
    "policy_keys": NO_PERSON,
    "surroundings": NO_PERSON,
    "units": NO_PERSON,
    "platforms": NO_PERSON,
    "contact_points": NO_PERSON,
    "topics": NO_PERSON,
    "purposes": NO_PERSON,
    "offers": NO_PERSON,
    "campaigns": NO_PERSON,
    "categories": NO_PERSON,
    "changes": _stays("Speaks of documents; of customers it holds counts and commitments only."),
    "staff": _stays("The company's own people; deactivated, not erased with a customer."),
    "sessions": NO_PERSON,
    "api_keys": NO_PERSON,
    "key_uses": NO_PERSON,
    "invitations": NO_PERSON,
    "sign_in_tries": NO_PERSON,
    "staff_accounts": _stays("The company's own people, by their accounts at its identity provider."),
    "sign_in_tickets": NO_PERSON,
    "second_steps": NO_PERSON,
    "recovery_codes": NO_PERSON,
    "saved_views": NUMBERS,
    "webhook_endpoints": NO_PERSON,
    "webhook_messages": NUMBERS,
    "exceptions": NUMBERS,
    "exception_answers": NUMBERS,
    "vault_exception_words": _goes("Why an exception was asked for, and what was answered."),
}


def forget(connection: Connection, folios: Sequence[int]) -> dict[str, int]:
    """Delete every row that names these folios, in all tables whose rows go; how many went, by table."""
    gone: dict[str, int] = {}
    for name, place in PLACES.items():
        if place.deed == GOES:
            table: Table = metadata.tables[name]
            result = connection.execute(delete(table).where(table.c[place.column].in_(list(folios))))
            gone[name] = result.rowcount
    return gone


class Theirs(NamedTuple):
    """Folios of a person: addresses that are theirs alone, the households and clients of which they are the last, and
    what others share and which therefore stays."""

    customer: int
    addresses: list[int]
    households: list[int]
    clients: list[int]
    shared_addresses: list[int]
    shared_groups: list[int]

    @property
    def alone(self) -> list[int]:
        """All that goes with the person."""
        return [self.customer, *self.addresses, *self.households, *self.clients]


def folios_of_person(connection: Connection, customer: int) -> Theirs:
    """All folios that this customer has a part in."""
    own = select(links.c.address).where(links.c.customer == customer)
    users = connection.execute(
        select(links.c.address, func.count()).where(links.c.address.in_(own)).group_by(links.c.address)
    ).all()
    alone = sorted(address for address, count in users if count == 1)
    groups = {
        (column, group): _has_others(connection, column, group, customer)
        for column in ("household", "client")
        for group in _groups(connection, column, customer)
    }
    return Theirs(
        customer,
        alone,
        [group for (column, group), others in groups.items() if column == "household" and not others],
        [group for (column, group), others in groups.items() if column == "client" and not others],
        sorted(address for address, count in users if count > 1),
        sorted(group for (_, group), others in groups.items() if others),
    )


def _groups(connection: Connection, column: str, customer: int) -> list[int]:
    """The households (or clients) this customer belongs to, as set up or as named by messages."""
    joined = select(folios.c[column]).where(folios.c.number == customer)
    named = select(entries.c[column]).where(entries.c.customer == customer)
    found = connection.execute(joined.union(named)).scalars()
    return sorted(group for group in found if group)


def _has_others(connection: Connection, column: str, group: int, customer: int) -> bool:
    """Whether anybody who is not forgotten belongs to it beside this customer: a customer, or an address of nobody."""
    known, written_to = vault_customers.c.folio, vault_addresses.c.folio
    joined = select(folios.c.number).join(vault_customers, known == folios.c.number).where(folios.c[column] == group)
    named = (
        select(entries.c.number)
        .outerjoin(vault_customers, known == entries.c.customer)
        .outerjoin(vault_addresses, written_to == entries.c.address)
        .where(
            entries.c[column] == group,
            or_(
                and_(entries.c.customer != customer, known.is_not(None)),
                and_(entries.c.customer.is_(None), written_to.is_not(None), ~_uses(customer)),
            ),
        )
    )
    others = (joined.where(folios.c.number != customer), named)
    return any(connection.execute(query.limit(1)).first() is not None for query in others)


def _uses(customer: int) -> ColumnElement[bool]:
    return entries.c.address.in_(select(links.c.address).where(links.c.customer == customer))


def called(connection: Connection, numbers: Sequence[int]) -> dict[int, list[str]]:
    """What the vault calls these folios: reference and name, or the address itself."""
    names: dict[int, list[str]] = {}
    people = select(vault_customers).where(vault_customers.c.folio.in_(list(numbers)))
    for row in connection.execute(people):
        names[row.folio] = [text for text in (row.reference, row.name) if text]
    addresses = select(vault_addresses).where(vault_addresses.c.folio.in_(list(numbers)))
    for row in connection.execute(addresses):
        names[row.folio] = [row.value]
    return names


def unname(connection: Connection, group: int) -> None:
    """Empty the readable reference and name of a household or client that others still belong to; it is found by the
    keyed hash of its reference as before."""
    connection.execute(update(vault_customers).where(vault_customers.c.folio == group).values(reference="", name=""))
    connection.execute(delete(vault_names).where(vault_names.c.folio == group))


def empty_parked(connection: Connection, numbers: Iterable[int], says: str) -> None:
    """Empty these parked rows of what was read, of their place and their reason, in whose stead they say this."""
    query = update(parked).values(place="", reason=says, raw=b"")
    rows = sorted(numbers)
    for start in range(0, len(rows), ROWS_AT_ONCE):
        connection.execute(query.where(parked.c.number.in_(rows[start : start + ROWS_AT_ONCE])))


def lookups_of(connection: Connection, folios: Sequence[int]) -> list[tuple[int, int, int]]:
    """(hash, rest, channel) of these addresses, to be kept where the address was stopped."""
    query = (
        select(vault_lookups.c.hash, vault_lookups.c.rest, vault_addresses.c.channel)
        .join(vault_addresses, vault_addresses.c.folio == vault_lookups.c.folio)
        .where(vault_lookups.c.folio.in_(list(folios)))
    )
    return [(row[0], row[1], address_space(row[2])) for row in connection.execute(query)]
