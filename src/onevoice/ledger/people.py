"""People in bulk: names, households, clients, units and addresses of thousands of customers in a few statements."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from sqlalchemy import Connection, bindparam, delete, select, update

from onevoice.ledger.engine import Transaction
from onevoice.ledger.folios import name_rows
from onevoice.ledger.tables import (
    contact_states,
    customer_units,
    entries,
    folios,
    links,
    vault_addresses,
    vault_customers,
    vault_names,
)
from onevoice.nouns.contact_state import MARK
from onevoice.nouns.words import EntryKind, FolioKind, MarkKind

PLACES: Final = {"household": 2, "client": 3}


class Named(NamedTuple):
    """What the vault calls a customer, a household or a client."""

    reference: str
    name: str
    language: str


def names_of(tx: Transaction, numbers: Sequence[int]) -> dict[int, Named]:
    """The names behind these folios."""
    return {folio: Named(*rest) for folio, *rest in tx.rows(vault_customers, "folio", sorted(numbers))}


def rename(tx: Transaction, named: Mapping[int, Named]) -> None:
    """Call these folios so from now on, and find them by the new words only."""
    if not named:
        return
    columns: dict[str, Any] = {name: bindparam(f"to_{name}") for name in ("name", "language")}
    statement = update(vault_customers).where(vault_customers.c.folio == bindparam("of_folio")).values(columns)
    tx.connection.execute(
        statement,
        [{"of_folio": folio, "to_name": one.name, "to_language": one.language} for folio, one in named.items()],
    )
    forgotten = delete(vault_names).where(vault_names.c.folio == bindparam("of_folio"))
    tx.connection.execute(forgotten, [{"of_folio": folio} for folio in named])
    tx.add(vault_names, [row for folio, one in named.items() for row in name_rows(folio, one.reference, one.name)])


def join(tx: Transaction, column: str, members: Mapping[int, int]) -> int:
    """Put customers into a household or a client (`column`), by folio number; how many were not there already."""
    rows = tx.rows(folios, "number", sorted(members))
    moved = [row[0] for row in rows if row[PLACES[column]] != members[row[0]]]
    if moved:
        statement = update(folios).where(folios.c.number == bindparam("of_number")).values({column: bindparam("to")})
        tx.connection.execute(statement, [{"of_number": number, "to": members[number]} for number in moved])
    return len(moved)


def belong(tx: Transaction, pairs: Iterable[tuple[int, int]]) -> int:
    """Remember that a customer belongs to a unit: (unit, customer); how many were new."""
    wanted = set(pairs)
    known = {(unit, customer) for unit, customer in tx.rows(customer_units, "customer", sorted({c for _, c in wanted}))}
    tx.add(customer_units, sorted(wanted - known))
    return len(wanted - known)


def link_all(tx: Transaction, pairs: Mapping[tuple[int, int], int]) -> int:
    """Remember that customers use addresses: (customer, address) -> channel; how many were new."""
    rows = tx.rows(links, "customer", sorted({customer for customer, _ in pairs}))
    known = {(customer, address) for customer, address, _ in rows}
    fresh = sorted(pair for pair in pairs if pair not in known)
    tx.add(links, [(*pair, pairs[pair]) for pair in fresh])
    return len(fresh)


def users_of(tx: Transaction, addresses: Sequence[int]) -> dict[int, set[int]]:
    """The customers who use each of these addresses."""
    users: dict[int, set[int]] = {}
    for customer, address, _ in tx.rows(links, "address", sorted(addresses)):
        users.setdefault(address, set()).add(customer)
    return users


class Standing(NamedTuple):
    """Where a person is and what they hold: a zone number (0: unknown), and topic -> end in seconds (FOREVER); as of
    the folio's entry of this sequence number."""

    sequence: int
    zone: int
    holdings: dict[int, int]


def standings_of(tx: Transaction, numbers: Sequence[int]) -> dict[int, Standing]:
    """Zone and holdings of these customers, as their contact states have them."""
    found: dict[int, Standing] = {}
    for row in tx.rows(contact_states, "folio", sorted(numbers)):
        marks = np.frombuffer(row[9], dtype=MARK)
        held = marks[marks["kind"] == MarkKind.HOLDS_PRODUCT]
        found[row[0]] = Standing(row[1], row[3], dict(zip(held["scope"].tolist(), held["until"].tolist(), strict=True)))
    return found


class Told(NamedTuple):
    """A customer as the setup folder tells of one; `units` are unit numbers, `zone` a zone number."""

    folio: int
    reference: str
    name: str
    language: str
    household: str
    client: str
    zone: int
    units: tuple[int, ...]


def everybody(connection: Connection) -> list[Told]:
    """All customers by reference, without the erased ones."""
    names = {row.folio: row for row in connection.execute(select(vault_customers))}
    units: dict[int, list[int]] = {}
    for unit, customer in connection.execute(select(customer_units).order_by(customer_units.c.unit)):
        units.setdefault(customer, []).append(unit)
    zones = contact_states.c.zone
    query = (
        select(folios.c.number, folios.c.household, folios.c.client, zones)
        .join(contact_states, contact_states.c.folio == folios.c.number)
        .where(folios.c.kind == int(FolioKind.CUSTOMER))
    )
    told = [
        Told(
            folio,
            names[folio].reference,
            names[folio].name,
            names[folio].language,
            names[household].reference if household in names else "",
            names[client].reference if client in names else "",
            zone,
            tuple(units.get(folio, ())),
        )
        for folio, household, client, zone in connection.execute(query)
        if folio in names
    ]
    return sorted(told, key=lambda one: one.reference)


def client_names(connection: Connection) -> dict[str, str]:
    """The name of every client, by reference."""
    query = (
        select(vault_customers.c.reference, vault_customers.c.name)
        .join(folios, folios.c.number == vault_customers.c.folio)
        .where(folios.c.kind == int(FolioKind.CLIENT))
    )
    return {row.reference: row.name for row in connection.execute(query)}


def all_links(connection: Connection) -> list[tuple[int, int, int, str]]:
    """(customer, address, channel, value) of every address somebody uses."""
    columns = (links.c.customer, links.c.address, vault_addresses.c.channel, vault_addresses.c.value)
    query = select(*columns).join(vault_addresses, vault_addresses.c.folio == links.c.address)
    return [(row[0], row[1], row[2], row[3]) for row in connection.execute(query)]


def all_holdings(connection: Connection) -> list[tuple[int, int, int, int]]:
    """(customer, topic, since, until) of every product somebody holds, as last told; moments, until 0: no end."""
    columns = (entries.c.kind, entries.c.customer, entries.c.scope, entries.c.occurred, entries.c.until)
    query = select(*columns).where(
        entries.c.mark == int(MarkKind.HOLDS_PRODUCT), entries.c.customer.is_not(None), entries.c.scope > 0
    )
    held: dict[tuple[int, int], tuple[int, int]] = {}
    for kind, customer, topic, occurred, until in connection.execute(query.order_by(entries.c.number)):
        held.pop((customer, topic), None)
        if kind == EntryKind.MARKED:
            held[customer, topic] = (occurred, until or 0)
    return sorted((*pair, *period) for pair, period in held.items())
