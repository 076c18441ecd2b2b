"""Dispatch: what is ours to send is judged once more, the attempt is written down, and only then it leaves."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from onevoice.actions.gate import Gate
from onevoice.actions.judging import (
    DISPATCH,
    SETTLE,
    Candidate,
    Ruling,
    book_rulings,
    excepting,
    folios_in,
    rulings_of,
)
from onevoice.actions.look_again import Due, due_now, lock_work
from onevoice.actions.people import address_values
from onevoice.actions.threads import Thread, candidate_of, threads_of
from onevoice.ledger.engine import Transaction
from onevoice.ledger.entries import EVERYTHING_OLDER, post
from onevoice.ledger.exceptions import granted_rules
from onevoice.ledger.states import before_touch
from onevoice.ledger.tables import due, sources, vault_words, waiting
from onevoice.nouns.authority import Authority, Verb
from onevoice.nouns.contact_state import ContactState
from onevoice.nouns.message import Message, Outcome, Sender
from onevoice.nouns.moment import MINUTE
from onevoice.nouns.observation import Observation
from onevoice.nouns.words import Channel, EntryKind, Mode, Verdict

AT_ONCE: Final = 50
IN_DOUBT_AFTER: Final = 10 * MINUTE
"""An attempt of which nothing was heard for so long is in doubt: shown, and never tried again by itself."""

DISPATCHER: Final = Authority(
    who="dispatch", unit=0, units=frozenset(), verbs=frozenset({Verb.OBSERVE}), all_units=True
)
NO_VENDOR: Final = Outcome(kind="failed", detail="No vendor is connected for this platform.")


class Leaving(NamedTuple):
    """A message whose attempt is in the book: it may be handed over now, once."""

    message: Message
    vendor: str


def dispatch_due(gate: Gate, vendors: Mapping[str, Sender]) -> int:
    """Hand over what is due, by the vendor each platform names; how many were handed over."""
    handed_over = 0
    while True:
        with gate.book.engine.reading() as connection:
            rows = due_now(connection, gate.book.clock(), (DISPATCH,), AT_ONCE)
        if not rows:
            return handed_over
        for row in rows:
            leaving = gate.write(lambda tx, row=row: attempt(tx, gate, row))  # type: ignore[misc]
            if leaving is not None:
                vendor = vendors.get(leaving.vendor)
                outcome = vendor.send(leaving.message) if vendor else NO_VENDOR
                gate.observe(DISPATCHER, _told(leaving.message, outcome, gate.book.clock()))
                handed_over += 1


def attempt(tx: Transaction, gate: Gate, row: Due) -> Leaving | None:
    """Claim one message, judge it again, and write *attempted*; None when it may not leave (now, or any more).

    Deleting the due row is the claim: whoever finds it gone leaves the message alone. A message that must wait after
    all gives its place back and is held anew."""
    lock_work(tx)
    if tuple(row) not in {(at, touch, kind) for at, touch, kind, _, _ in tx.rows(due, "touch", [row.touch])}:
        return None
    tx.remove(due, [tuple(row)])
    thread = threads_of(tx, [row.touch])[row.touch]
    kept = tx.rows(waiting, "touch", [row.touch])
    if thread.settled or not kept:
        return None
    tx.remove(waiting, [(row.touch,)])
    book, now = gate.book, gate.book.clock()
    said_by = book.known.name(tx, sources, DISPATCHER.who)
    candidate = candidate_of(book, thread, kept[0], said_by)
    states = tx.states(folios_in([candidate]), EVERYTHING_OLDER)
    ruling = _judged_without_itself(tx, gate, candidate, states, now)
    if ruling.verdict is Verdict.SEND or candidate.mode is not Mode.ENFORCE:  # advice does not bind
        post(tx, book.known, states, [thread.going_on(EntryKind.ATTEMPTED, now, said_by)], now)
        tx.add(due, [(now + IN_DOUBT_AFTER, row.touch, SETTLE, 0, 0)])
        return _leaving(tx, gate, thread)
    post(tx, book.known, states, [thread.going_on(EntryKind.RELEASED, now, said_by)], now)
    book_rulings(tx, book, gate.bench.policy(tx), states, [(candidate, ruling)], now)
    return None


def _judged_without_itself(
    tx: Transaction, gate: Gate, candidate: Candidate, states: dict[int, ContactState], now: int
) -> Ruling:
    """The ruling as if the message had no place yet, so that it does not stand in its own way."""
    own = dict(zip(candidate.folios, candidate.firsts, strict=True))
    others = {folio: before_touch(state, own[folio]) for folio, state in states.items()}
    passing = granted_rules(tx.connection, [candidate.touch], now).get(candidate.touch, ())
    (ruling,) = rulings_of([candidate], others, excepting(gate.bench.compiled(tx), passing), now)
    assert ruling is not None, "one message alone is never postponed"
    return ruling


def _leaving(tx: Transaction, gate: Gate, thread: Thread) -> Leaving:
    surroundings = gate.book.known.surroundings
    label = gate.book.known.labels[thread.label]
    point = surroundings.contact_points.get(label.contact_point)
    platform = surroundings.platforms.get(label.platform)
    words = {row[0]: row for row in tx.rows(vault_words, "entry", [thread.touch])}.get(thread.touch)
    address = thread.folios[1]
    message = Message(
        touch=thread.touch,
        channel=Channel(label.channel).spoken,
        sender=point.address if point else "",
        recipient=address_values(tx, [address]).get(address, "") if address else "",
        subject=words[3] if words else "",
        words=words[4] if words else "",
    )
    return Leaving(message, platform.vendor if platform else "sandbox")


def _told(message: Message, outcome: Outcome, now: int) -> Observation:
    return Observation(
        kind=outcome.kind,
        key=f"outcome:{message.touch}:{now}",
        occurred=now,
        touch=message.touch,
        detail=outcome.detail[:500],
        refers={"vendor_id": outcome.vendor_id[:200]} if outcome.vendor_id else {},
    )
