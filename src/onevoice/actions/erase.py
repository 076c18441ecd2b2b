"""Erase: forget a person. The book keeps numbers nobody can read back; a stop survives as a keyed hash, and says so."""

from typing import Final

import msgspec
import numpy as np
from sqlalchemy import select

from onevoice.actions.gate import Gate
from onevoice.ledger.engine import Transaction
from onevoice.ledger.entries import NOTHING_OLDER, Draft, post
from onevoice.ledger.erasure import folios_of_person, forget, lookups_of
from onevoice.ledger.folios import Opened, find_folios
from onevoice.ledger.tables import due, entries, erasures, sources, stopped_addresses, waiting
from onevoice.nouns.authority import Authority, Verb
from onevoice.nouns.contact_state import PERMIT, ContactState
from onevoice.nouns.problem import NotFound
from onevoice.nouns.words import EntryKind, FolioKind, PermitKind


class Erased(msgspec.Struct, frozen=True):
    """What an erasure did: rows gone by table, addresses kept because somebody else uses them too, and how many
    stopped addresses are remembered by their keyed hash."""

    gone: dict[str, int]
    shared_addresses: int
    stops_kept: int


NOBODY: Final = "There is nobody of that reference here for you to see."


def erase(gate: Gate, authority: Authority, reference: str) -> Erased:
    """Forget the customer of this reference, with every address that is theirs alone. Raises NotFound; Unavailable when
    they are forgotten, but the store's log still holds what was deleted (ask again)."""
    if not authority.may(Verb.ERASE) or not authority.all_units:
        raise NotFound(NOBODY)
    try:
        return gate.write(lambda tx: _erase(tx, gate, authority, reference))
    finally:
        gate.book.engine.empty_log()  # also when asked again, because the log could not be emptied the first time


def _erase(tx: Transaction, gate: Gate, authority: Authority, reference: str) -> Erased:
    book, now = gate.book, gate.book.clock()
    (customer,) = find_folios(tx, book.lookups, [Opened(FolioKind.CUSTOMER, reference)])
    if customer is None:
        raise NotFound(NOBODY)
    own, shared = folios_of_person(tx.connection, customer)
    states = tx.states(own, NOTHING_OLDER)
    everywhere = _is_stopped(states[customer])  # who stopped as a person stopped at each address of theirs
    stopped = [folio for folio in own if everywhere or _is_stopped(states[folio])]
    kept = lookups_of(tx.connection, stopped)
    known = {row[0] for row in tx.rows(stopped_addresses, "hash", [one[0] for one in kept])}
    tx.add(stopped_addresses, [(*one, now) for one in kept if one[0] not in known])
    said_by = book.known.name(tx, sources, authority.who)
    drafts = [
        Draft(
            kind=int(EntryKind.ERASED),
            folios=(folio, 0, 0, 0) if folio == customer else (0, folio, 0, 0),
            label=0,
            occurred=now,
            said_by=said_by,
        )
        for folio in own
    ]
    posted = post(tx, book.known, states, drafts, now)
    _drop_work(tx, customer)
    gone = forget(tx.connection, own)
    rows = zip(tx.numbers(erasures, len(own)), own, strict=True)
    tx.add(erasures, [(number, folio, now, authority.who) for number, folio in rows])
    assert len(posted) == len(own)
    return Erased(gone, len(shared), len(kept))


def _is_stopped(state: ContactState) -> bool:
    """Whether this person or address ever said stop: kept even where a later yes came, which is forgotten too."""
    permits = np.frombuffer(state.permits, PERMIT)
    withdrawals = permits[permits["kind"] == PermitKind.WITHDRAWAL]
    return bool(len(withdrawals))


def _drop_work(tx: Transaction, customer: int) -> None:
    """Held and outgoing messages to somebody who is forgotten are not looked at again."""
    touches = select(entries.c.touch).where(entries.c.customer == customer).distinct()
    rows = tx.connection.execute(select(due.c.at, due.c.touch, due.c.kind).where(due.c.touch.in_(touches))).all()
    tx.remove(due, [tuple(row) for row in rows])
    held = tx.connection.execute(select(waiting.c.touch).where(waiting.c.touch.in_(touches))).all()
    tx.remove(waiting, [tuple(row) for row in held])
