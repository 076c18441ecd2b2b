"""Answers: who is this customer, what did they allow, what stops us, and what is reserved or due for them?"""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
import numpy as np
from sqlalchemy import func, select

from onevoice.answers.seen import Seen, require_customer, seen
from onevoice.answers.timeline import ABOUT_TOPICS, addresses_of, scope_name, wish_of, zone_name
from onevoice.ledger.book import Reader
from onevoice.ledger.tables import (
    contact_states,
    customer_units,
    due,
    entries,
    links,
    sources,
    vault_addresses,
    vault_customers,
    vault_words,
)
from onevoice.nouns.contact_state import FOREVER, MARK, PERMIT
from onevoice.nouns.moment import SECOND
from onevoice.nouns.words import Channel, FolioKind, MarkKind, PermitKind

DUE_ENTRIES_MAX: Final = 1_000
DUE_KINDS: Final = {1: "held", 2: "reserved", 3: "sending"}


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """An address of the customer; `shared` says how many other people use it."""

    folio: int
    channel: str
    value: str
    shared: int = 0


class Permission(msgspec.Struct, frozen=True, kw_only=True):
    """The newest word on one (channel, purpose, unit): granted (express, implied ...) or withdrawn, since when, who
    told us, and by which wording where that was kept. Empty channel, purpose or unit means all of them."""

    kind: str
    channel: str
    purpose: str
    unit: str
    since: int
    proven: bool
    source: str = ""
    wording: str = ""
    entry: int = 0
    of_address: str = ""


class State(msgspec.Struct, frozen=True, kw_only=True):
    """A live mark: what stops or narrows contact, until when (microseconds UTC; 0: until somebody ends it)."""

    kind: str
    channel: str
    scope: str
    until: int
    entry: int = 0
    of_address: str = ""


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """Something that will happen by itself: a hold looked at again, a reservation that lapses, a sending of ours."""

    kind: str
    at: int
    touch: int
    entry: int
    seen: Seen


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """The head of a customer's page. `name` and `reference` are empty after an erasure, or for an address alone."""

    number: int
    kind: str
    name: str = ""
    reference: str = ""
    language: str = ""
    zone: str = ""
    units: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()
    permissions: tuple[Permission, ...] = ()
    states: tuple[State, ...] = ()
    due: tuple[Due, ...] = ()
    wish: tuple[int, int, int, int] = (0, 0, 0, 0)

    @property
    def title(self) -> str:
        """What to call them on a page."""
        return self.name or self.reference or (self.addresses[0].value if self.addresses else f"Person {self.number}")


def customer(reader: Reader, number: int) -> Customer:
    """Everything but the timeline. Raises NotFound."""
    kind = require_customer(reader, number)
    own = [number] if kind is FolioKind.ADDRESS else addresses_of(reader, number)
    addresses = _addresses(reader, number, own)
    values = {address.folio: address.value for address in addresses if address.folio != number}
    states = _states(reader, {number, *own})
    head = reader.connection.execute(select(vault_customers).where(vault_customers.c.folio == number)).first()
    zone = next((states[folio].zone for folio in (number, *own) if folio in states and states[folio].zone), 0)
    return Customer(
        number=number,
        kind=kind.spoken,
        name=head.name if head else "",
        reference=head.reference if head else "",
        language=head.language if head else "",
        zone=zone_name(reader, zone),
        units=_units(reader, number),
        addresses=addresses,
        permissions=tuple(_permissions(reader, kind, number, states, values)),
        states=tuple(_live_marks(reader, number, states, values)),
        due=_due(reader, number, kind),
        wish=next(
            (wish_of(states[f].wishes) for f in (number, *own) if f in states and states[f].wishes), (0, 0, 0, 0)
        ),
    )


def people_named(reader: Reader, people: Iterable[int]) -> dict[int, str]:
    """What to call these people (folios the asker was found to see): name, reference, or address."""
    wanted = sorted(set(people))
    if not wanted:
        return {}
    vault, places = vault_customers, vault_addresses
    named = select(vault.c.folio, vault.c.name, vault.c.reference).where(vault.c.folio.in_(wanted))
    names = {row.folio: row.name or row.reference for row in reader.connection.execute(named)}
    located = select(places.c.folio, places.c.value).where(places.c.folio.in_(wanted))
    values = {row.folio: row.value for row in reader.connection.execute(located)}
    return {folio: names.get(folio) or values.get(folio) or f"Person {folio}" for folio in wanted}


def _addresses(reader: Reader, number: int, own: list[int]) -> tuple[Address, ...]:
    others = (
        select(links.c.address, func.count().label("people"))
        .where(links.c.address.in_(own), links.c.customer != number)
        .group_by(links.c.address)
    )
    shared = {row.address: row.people for row in reader.connection.execute(others)}
    query = select(vault_addresses).where(vault_addresses.c.folio.in_(own)).order_by(vault_addresses.c.channel)
    return tuple(
        Address(
            folio=row.folio,
            channel=Channel(row.channel).spoken,
            value=row.value,
            shared=shared.get(row.folio, 0),
        )
        for row in reader.connection.execute(query)
    )


def _states(reader: Reader, numbers: set[int]) -> dict[int, Any]:
    table = contact_states
    query = select(table.c.folio, table.c.zone, table.c.permits, table.c.marks, table.c.wishes)
    return {row.folio: row for row in reader.connection.execute(query.where(table.c.folio.in_(sorted(numbers))))}


def _units(reader: Reader, number: int) -> tuple[str, ...]:
    query = select(customer_units.c.unit).where(customer_units.c.customer == number)
    documents = reader.surroundings.units
    numbers = [unit for unit in reader.connection.execute(query).scalars() if reader.authority.sees(unit)]
    return tuple(documents[unit].name for unit in sorted(numbers) if unit in documents)


def _permissions(
    reader: Reader, kind: FolioKind, number: int, states: dict[int, Any], values: dict[int, str]
) -> list[Permission]:
    """The newest record of each (channel, purpose, unit), withdrawals and grants apart, of units the asker sees."""
    found: list[Permission] = []
    for folio, state in states.items():
        records = [one for one in np.frombuffer(state.permits, dtype=PERMIT) if _sees(reader, int(one["unit"]))]
        of_customer = folio == number and kind is FolioKind.CUSTOMER
        origins = _origins(reader, folio, of_customer, [int(one["entry"]) for one in records])
        for one in records:
            entry, source, wording = origins.get(int(one["entry"]), (0, "", ""))
            found.append(
                Permission(
                    kind=PermitKind(int(one["kind"])).spoken,
                    channel=Channel(int(one["channel"])).spoken if one["channel"] else "",
                    purpose=_name(reader.surroundings.purposes, int(one["purpose"])),
                    unit=_name(reader.surroundings.units, int(one["unit"])),
                    since=int(one["second"]) * SECOND,
                    proven=bool(one["proof"]),
                    source=source,
                    wording=wording,
                    entry=entry,
                    of_address=values.get(folio, ""),
                )
            )
    return sorted(found, key=lambda one: (one.channel, one.purpose, one.unit, -one.since))


def _live_marks(reader: Reader, number: int, states: dict[int, Any], values: dict[int, str]) -> list[State]:
    now = reader.now // SECOND
    found = []
    for folio, state in states.items():
        for one in np.frombuffer(state.marks, dtype=MARK):
            until = int(one["until"])
            if until <= now:
                continue
            mark = MarkKind(int(one["kind"])).spoken
            if mark not in ABOUT_TOPICS and not _sees(reader, int(one["scope"])):
                continue
            found.append(
                State(
                    kind=mark,
                    channel=Channel(int(one["channel"])).spoken if one["channel"] else "",
                    scope=scope_name(reader, mark, int(one["scope"])),
                    until=0 if until == FOREVER else until * SECOND,
                    of_address=values.get(folio, ""),
                )
            )
    return found


def _origins(reader: Reader, folio: int, of_customer: bool, sequences: list[int]) -> dict[int, tuple[int, str, str]]:
    """Entry number, source and wording behind these sequence numbers of a folio."""
    if not sequences:
        return {}
    place, sequence = (
        (entries.c.customer, entries.c.customer_sequence)
        if of_customer
        else (entries.c.address, entries.c.address_sequence)
    )
    query = (
        select(entries.c.number, sequence.label("sequence"), entries.c.said_by, vault_words.c.refers)
        .outerjoin(vault_words, vault_words.c.entry == entries.c.number)
        .where(place == folio, sequence.in_(sequences))
    )
    found = {}
    for row in reader.connection.execute(query):
        refers = msgspec.json.decode(row.refers or "{}", type=dict[str, Any])
        told = str(refers.get("source") or "") or reader.known.key_of(sources, row.said_by)
        found[row.sequence] = (row.number, told, str(refers.get("wording") or ""))
    return found


def _due(reader: Reader, number: int, kind: FolioKind) -> tuple[Due, ...]:
    """What is due about the newest DUE_ENTRIES_MAX entries of the customer; holds and leases are younger than that."""
    place, sequence = (
        (entries.c.address, entries.c.address_sequence)
        if kind is FolioKind.ADDRESS
        else (entries.c.customer, entries.c.customer_sequence)
    )
    newest = (
        select(entries.c.number, entries.c.label)
        .where(place == number)
        .order_by(sequence.desc())
        .limit(DUE_ENTRIES_MAX)
        .subquery()
    )
    query = (
        select(due.c.kind, due.c.at, due.c.touch, newest.c.label)
        .join(newest, newest.c.number == due.c.touch)
        .order_by(due.c.at)
    )
    return tuple(
        Due(
            kind=DUE_KINDS.get(row.kind, "due"),
            at=row.at,
            touch=row.touch,
            entry=row.touch,
            seen=seen(reader, row.label),
        )
        for row in reader.connection.execute(query)
    )


def _sees(reader: Reader, unit: int) -> bool:
    return not unit or reader.authority.sees(unit)


def _name(documents: Any, number: int) -> str:
    return documents[number].name if number in documents else ""
