"""Erasure: every table, and what becomes of it when a person is forgotten; a table without a word here fails a test."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, Table, delete, func, select

from onevoice.ledger.folios import address_space
from onevoice.ledger.tables import links, metadata, vault_addresses, vault_lookups

GOES: Final = "goes"
STAYS: Final = "stays"


class Place(NamedTuple):
    """What erasing a person does to a table: rows go by this column, or stay for this reason."""

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
    "parked": _stays("Unread records name nobody yet; they are cleared when a person settles them, or by retention."),
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
    "sign_in_tries": NO_PERSON,
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


def folios_of_person(connection: Connection, customer: int) -> tuple[list[int], list[int]]:
    """(all folios that are this customer's alone, addresses that others use too and which therefore stay)."""
    own = select(links.c.address).where(links.c.customer == customer)
    users = connection.execute(
        select(links.c.address, func.count()).where(links.c.address.in_(own)).group_by(links.c.address)
    ).all()
    alone = sorted(address for address, count in users if count == 1)
    return [customer, *alone], sorted(address for address, count in users if count > 1)


def lookups_of(connection: Connection, folios: Sequence[int]) -> list[tuple[int, int, int]]:
    """(hash, rest, channel) of these addresses, to be kept where the address was stopped."""
    query = (
        select(vault_lookups.c.hash, vault_lookups.c.rest, vault_addresses.c.channel)
        .join(vault_addresses, vault_addresses.c.folio == vault_lookups.c.folio)
        .where(vault_lookups.c.folio.in_(list(folios)))
    )
    return [(row[0], row[1], address_space(row[2])) for row in connection.execute(query)]
