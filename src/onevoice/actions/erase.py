"""Erase: forget a person. The book keeps numbers nobody can read back; a stop survives as a keyed hash, and says so."""

from typing import Final

import msgspec
import numpy as np
from sqlalchemy import select

from onevoice.actions.gate import Gate
from onevoice.actions.named import Names, parked_naming
from onevoice.ledger.engine import Transaction
from onevoice.ledger.entries import NOTHING_OLDER, Draft, Folios, post
from onevoice.ledger.erasure import Theirs, called, empty_parked, folios_of_person, forget, lookups_of, unname
from onevoice.ledger.folios import Opened, find_folios
from onevoice.ledger.tables import due, entries, erasures, sources, stopped_addresses, waiting
from onevoice.nouns.authority import Authority, Verb
from onevoice.nouns.contact_state import PERMIT, ContactState
from onevoice.nouns.problem import NotFound
from onevoice.nouns.words import EntryKind, FolioKind, PermitKind


class Erased(msgspec.Struct, frozen=True):
    """What an erasure did: rows gone by table; addresses kept because somebody else uses them too; how many stopped
    addresses are remembered by their keyed hash; households and clients forgotten with their last member, and kept for
    others; records nobody could read that named the person, and are empty now."""

    gone: dict[str, int]
    shared_addresses: int
    stops_kept: int
    groups_gone: int = 0
    groups_kept: int = 0
    parked_emptied: int = 0


NOBODY: Final = "There is nobody of that reference here for you to see."
EMPTIED: Final = "This named somebody who has been forgotten since; what it said is gone. Its source may still have it."


def erase(gate: Gate, authority: Authority, reference: str) -> Erased:
    """Forget the customer of this reference, with every address that is theirs alone. Raises NotFound; Unavailable when
    they are forgotten, but the store's log still holds what was deleted (ask again)."""
    if not authority.may(Verb.ERASE) or not authority.all_units:
        raise NotFound(NOBODY)
    try:
        parked_found = _look_through_parked(gate, authority, reference)
        return gate.write(lambda tx: _erase(tx, gate, authority, reference, *parked_found))
    finally:
        gate.book.engine.empty_log()  # also when asked again, because the log could not be emptied the first time


def _look_through_parked(gate: Gate, authority: Authority, reference: str) -> tuple[list[int], int]:
    """(parked rows that name them, the last one looked at), read beforehand, so that nobody who proposes waits."""
    names = gate.write(lambda tx: _names(tx, folios_of_person(tx.connection, _customer(tx, gate, reference)).alone))
    with gate.book.reader(authority) as reader:
        return parked_naming(reader.connection, names)


def _customer(tx: Transaction, gate: Gate, reference: str) -> int:
    (customer,) = find_folios(tx, gate.book.lookups, [Opened(FolioKind.CUSTOMER, reference)])
    if customer is None:
        raise NotFound(NOBODY)
    return customer


def _names(tx: Transaction, own: list[int]) -> Names:
    """How the person is told from others: by references and addresses that are theirs alone, not by a mere name."""
    return Names(words[0] for words in called(tx.connection, own).values() if words)


def _erase(
    tx: Transaction, gate: Gate, authority: Authority, reference: str, naming: list[int], looked_at: int
) -> Erased:
    book, now = gate.book, gate.book.clock()
    theirs = folios_of_person(tx.connection, _customer(tx, gate, reference))
    own, names = theirs.alone, _names(tx, theirs.alone)
    states = tx.states(own, NOTHING_OLDER)
    kept = _keep_stops(tx, theirs, states, now)
    drafts = _drafts(theirs, now, book.known.name(tx, sources, authority.who))
    posted = post(tx, book.known, states, drafts, now)
    _drop_work(tx, theirs.customer)
    naming = [*naming, *parked_naming(tx.connection, names, looked_at)[0]]
    empty_parked(tx.connection, naming, EMPTIED)
    _unname(tx, theirs.shared_groups, names)
    gone = forget(tx.connection, own)
    rows = zip(tx.numbers(erasures, len(own)), own, strict=True)
    tx.add(erasures, [(number, folio, now, authority.who) for number, folio in rows])
    assert len(posted) == len(own)
    return Erased(
        gone,
        shared_addresses=len(theirs.shared_addresses),
        stops_kept=kept,
        groups_gone=len(theirs.households) + len(theirs.clients),
        groups_kept=len(theirs.shared_groups),
        parked_emptied=len(naming),
    )


def _keep_stops(tx: Transaction, theirs: Theirs, states: dict[int, ContactState], now: int) -> int:
    """Remember the keyed hashes of their stopped addresses; how many those are."""
    everywhere = _is_stopped(states[theirs.customer])  # who stopped as a person stopped at each address of theirs
    stopped = [folio for folio in theirs.addresses if everywhere or _is_stopped(states[folio])]
    kept = lookups_of(tx.connection, stopped)
    known = {row[0] for row in tx.rows(stopped_addresses, "hash", [one[0] for one in kept])}
    tx.add(stopped_addresses, [(*one, now) for one in kept if one[0] not in known])
    return len(kept)


def _drafts(theirs: Theirs, now: int, said_by: int) -> list[Draft]:
    """One entry for each folio that is forgotten, in the order of `alone`."""
    places: list[Folios] = [
        (theirs.customer, 0, 0, 0),
        *((0, folio, 0, 0) for folio in theirs.addresses),
        *((0, 0, folio, 0) for folio in theirs.households),
        *((0, 0, 0, folio) for folio in theirs.clients),
    ]
    kind = int(EntryKind.ERASED)
    return [Draft(kind=kind, folios=place, label=0, occurred=now, said_by=said_by) for place in places]


def _unname(tx: Transaction, groups: list[int], names: Names) -> None:
    """A household that was called after the person is called so no more; others are in it, so it stays."""
    for group, words in called(tx.connection, groups).items():
        if names.are_in(*words):
            unname(tx.connection, group)


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
