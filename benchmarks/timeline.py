"""The first page of the timeline of a customer with ten thousand touches, among others with few."""

import argparse
import time
from typing import Any

from benchmarks.company import company, people
from onevoice.actions.people import Person, folios_of, sought
from onevoice.answers.timeline import timeline
from onevoice.ledger.engine import Transaction
from onevoice.ledger.entries import EVERYTHING_OLDER, Draft, post
from onevoice.ledger.tables import sources
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.label import Label
from onevoice.nouns.moment import HOUR
from onevoice.nouns.words import Category, Channel, EntryKind
from onevoice.wiring import Onevoice

TOUCHES = 10_000
TURNS = 50
OTHERS = 2_000


def run(chosen: argparse.Namespace) -> dict[str, Any]:
    """Milliseconds for the first page, cold and warm."""
    touches = chosen.rows or TOUCHES
    with company(chosen.engine) as house:
        people(house, OTHERS, 3)
        folio = house.gate.write(lambda tx: _busy(tx, house, touches))
        took = []
        for _ in range(TURNS):
            began = time.perf_counter()
            with house.book.reader(SYSTEM) as reader:
                timeline(reader, folio)
            took.append((time.perf_counter() - began) * 1000)
    return {
        "touches": touches,
        "first time ms": round(took[0], 1),
        "p50 ms": round(sorted(took)[TURNS // 2], 1),
        "worst ms": round(max(took), 1),
    }


def _busy(tx: Transaction, house: Onevoice, touches: int) -> int:
    book, now = house.book, house.book.clock()
    (folios,) = folios_of(tx, book, [sought(book, Person("busy", "busy@people.example", int(Channel.EMAIL)))])
    assert isinstance(folios, tuple)
    unit = next(iter(book.known.surroundings.units))
    label = book.known.label(tx, Label(channel=int(Channel.EMAIL), category=int(Category.SERVICE), unit=unit))
    said_by = book.known.name(tx, sources, "history")
    for start in range(0, touches, 1000):
        drafts = [
            Draft(
                kind=int(EntryKind.SENT),
                folios=folios,
                label=label,
                occurred=now - (touches - number) * HOUR // 4,
                said_by=said_by,
            )
            for number in range(start, min(start + 1000, touches))
        ]
        states = tx.states(sorted(folio for folio in folios if folio), EVERYTHING_OLDER)
        post(tx, book.known, states, drafts, now)
    return folios[0]
