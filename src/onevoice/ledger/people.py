"""People in bulk: names, households, clients, units and addresses of thousands of customers in a few statements."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import bindparam, delete, update

from onevoice.ledger.engine import Transaction
from onevoice.ledger.folios import name_rows
from onevoice.ledger.tables import contact_states, customer_units, folios, links, vault_customers, vault_names

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
    tx.core.execute(
        statement,
        [{"of_folio": folio, "to_name": one.name, "to_language": one.language} for folio, one in named.items()],
    )
    forgotten = delete(vault_names).where(vault_names.c.folio == bindparam("of_folio"))
    tx.core.execute(forgotten, [{"of_folio": folio} for folio in named])
    tx.add(vault_names, [row for folio, one in named.items() for row in name_rows(folio, one.reference, one.name)])


def join(tx: Transaction, column: str, members: Mapping[int, int]) -> int:
    """Put customers into a household or a client (`column`), by folio number; how many were not there already."""
    rows = tx.rows(folios, "number", sorted(members))
    moved = [row[0] for row in rows if row[PLACES[column]] != members[row[0]]]
    if moved:
        statement = update(folios).where(folios.c.number == bindparam("of_number")).values({column: bindparam("to")})
        tx.core.execute(statement, [{"of_number": number, "to": members[number]} for number in moved])
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


def zones_of(tx: Transaction, numbers: Sequence[int]) -> dict[int, int]:
    """The zone number each of these folios is in, 0 where it is unknown."""
    return {row[0]: row[3] for row in tx.rows(contact_states, "folio", sorted(numbers))}
