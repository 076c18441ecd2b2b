"""Answers: which customer is meant by these words: a name, the company's own reference, or an address?"""

from typing import Final

import msgspec
from sqlalchemy import ColumnElement, and_, exists, func, select

from onevoice.answers.customer import people_named
from onevoice.answers.pressure import messages_of
from onevoice.answers.seen import own_customers, visible_customers
from onevoice.ledger.book import Reader
from onevoice.ledger.folios import address_space, folded
from onevoice.ledger.tables import customer_units, folios, links, vault_addresses, vault_customers, vault_lookups
from onevoice.ledger.tables import vault_names as names
from onevoice.nouns.problem import Fault
from onevoice.nouns.words import Channel, FolioKind
from onevoice.parsing.addresses import normalised

WORDS_MAX: Final = 6
LENGTH_MAX: Final = 200
LAST_LETTER: Final = "\U0010ffff"


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A person found: what to call them, their reference, their addresses, and how many messages they got in 7 days."""

    customer: int
    name: str
    reference: str = ""
    addresses: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    messages: int = 0


class Customers(msgspec.Struct, frozen=True, kw_only=True):
    """The first people that match, exact matches first; `more` when there are others."""

    words: str
    found: tuple[Found, ...] = ()
    more: bool = False


def customers(reader: Reader, words: str, *, limit: int = 20) -> Customers:
    """People whose reference or address equals `words`, then those for whom every word begins a word of their name or
    reference. Without words: the customers who were opened last. Only people the asker may see."""
    words = words.strip()[:LENGTH_MAX]
    exact = _exact(reader, words) if words else []
    prefix = _by_prefix(reader, words, limit + 1) if words else _newest(reader, limit + 1)
    numbers = list(dict.fromkeys([*exact, *prefix]))
    allowed = visible_customers(reader, numbers)
    shown = [number for number in numbers if number in allowed]
    return Customers(words=words, found=described(reader, shown[:limit]), more=len(shown) > limit)


def described(reader: Reader, people: list[int]) -> tuple[Found, ...]:
    """These people (already found to be the asker's to see) with what a list shows of them."""
    if not people:
        return ()
    called = people_named(reader, people)
    vault = select(vault_customers.c.folio, vault_customers.c.reference).where(vault_customers.c.folio.in_(people))
    references = {row.folio: row.reference for row in reader.connection.execute(vault)}
    addresses = _addresses(reader, people)
    units = _units(reader, people)
    messages = messages_of(reader, people)
    return tuple(
        Found(
            customer=number,
            name=called[number],
            reference=references.get(number, ""),
            addresses=tuple(addresses.get(number, ())),
            units=tuple(units.get(number, ())),
            messages=messages.get(number, 0),
        )
        for number in people
    )


def _exact(reader: Reader, words: str) -> list[int]:
    """Folios by the vault's keyed hashes: a reference, then an address as e-mail or phone number and its customers."""
    lookups = reader.book.lookups
    wanted = [lookups.of(FolioKind.CUSTOMER, words)]
    for channel in (Channel.EMAIL, Channel.SMS):
        address = normalised(channel, words)
        if not isinstance(address, Fault):
            wanted.append(lookups.of(FolioKind.ADDRESS, address, address_space(channel)))
    query = select(vault_lookups).where(vault_lookups.c.hash.in_([pair[0] for pair in wanted]))
    folios_found = [row.folio for row in reader.connection.execute(query) if (row.hash, row.rest) in wanted]
    users = select(links.c.customer).where(links.c.address.in_(folios_found)).order_by(links.c.customer).limit(20)
    owned = list(reader.connection.execute(users).scalars()) if folios_found else []
    return [*owned, *_unowned(reader, folios_found)]


def _unowned(reader: Reader, found: list[int]) -> list[int]:
    """Customers, and addresses that nobody is known to own."""
    query = select(links.c.address).where(links.c.address.in_(found))
    owned = set(reader.connection.execute(query).scalars()) if found else set()
    return [number for number in found if number not in owned]


def _by_prefix(reader: Reader, words: str, limit: int) -> list[int]:
    beginnings = [word for word in folded(words).split() if word][:WORDS_MAX]
    if not beginnings:
        return []
    first, *others = beginnings
    query = select(names.c.folio).where(_begins(reader, names.c.word, first)).distinct()
    for number, other in enumerate(others):
        also = names.alias(f"also_{number}")
        query = query.where(exists().where(and_(also.c.folio == names.c.folio, _begins(reader, also.c.word, other))))
    if not reader.authority.all_units:
        query = query.where(names.c.folio.in_(own_customers(reader)))
    return list(reader.connection.execute(query.order_by(names.c.folio).limit(limit)).scalars())


def _begins(reader: Reader, column: ColumnElement[str], word: str) -> ColumnElement[bool]:
    """A range over the index instead of LIKE. PostgreSQL compares by its own alphabet unless told otherwise."""
    if reader.connection.dialect.name == "postgresql":
        column = column.collate("C")
    return and_(column >= word, column < word + LAST_LETTER)


def _newest(reader: Reader, limit: int) -> list[int]:
    query = select(folios.c.number).where(folios.c.kind == int(FolioKind.CUSTOMER))
    if not reader.authority.all_units:
        query = query.where(folios.c.number.in_(own_customers(reader)))
    return list(reader.connection.execute(query.order_by(folios.c.number.desc()).limit(limit)).scalars())


def _addresses(reader: Reader, people: list[int]) -> dict[int, list[str]]:
    query = (
        select(links.c.customer, vault_addresses.c.value)
        .join(vault_addresses, vault_addresses.c.folio == links.c.address)
        .where(links.c.customer.in_(people))
        .order_by(links.c.customer, vault_addresses.c.channel)
    )
    found: dict[int, list[str]] = {}
    for row in reader.connection.execute(query):
        found.setdefault(row.customer, []).append(row.value)
    return found


def _units(reader: Reader, people: list[int]) -> dict[int, list[str]]:
    query = select(customer_units).where(customer_units.c.customer.in_(people)).order_by(customer_units.c.unit)
    documents = reader.surroundings.units
    found: dict[int, list[str]] = {}
    for row in reader.connection.execute(query):
        if row.unit in documents and reader.authority.sees(row.unit):
            found.setdefault(row.customer, []).append(documents[row.unit].name)
    return found


def count_customers(reader: Reader) -> int:
    """How many customers the asker sees."""
    if reader.authority.all_units:
        query = select(func.count()).select_from(folios).where(folios.c.kind == int(FolioKind.CUSTOMER))
    else:
        seen = customer_units.c.unit.in_(reader.visible_units())
        query = select(func.count(customer_units.c.customer.distinct())).where(seen)
    return reader.connection.execute(query).scalar() or 0
