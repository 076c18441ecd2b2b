"""Note a release: what waited and waits no more is to be told to whoever listens; in the decision's transaction."""

from collections.abc import Sequence

from sqlalchemy import func, select

from onevoice.actions.judging import Decided
from onevoice.ledger.book import Book
from onevoice.ledger.engine import Transaction
from onevoice.ledger.webhook_tables import webhook_endpoints as endpoints
from onevoice.ledger.webhook_tables import webhook_messages as messages
from onevoice.nouns.words import Verdict

WAITING = 0


def note_releases(tx: Transaction, book: Book, decided: Sequence[Decided | None], now: int) -> None:
    """A row to be told for each endpoint of the message's unit, or of one above it. Numbers are given under the turn
    to work off due rows, which the caller has taken."""
    ended = [one for one in decided if one is not None and one.ruling.verdict is not Verdict.HOLD]
    if not ended:
        return
    listening = tx.connection.execute(select(endpoints.c.number, endpoints.c.unit).where(endpoints.c.active)).all()
    if not listening:
        return
    number = tx.connection.execute(select(func.max(messages.c.number))).scalar() or 0
    rows = []
    for one in ended:
        above = _above(book, book.known.labels[one.candidate.label].unit)
        for endpoint in listening:
            if endpoint.unit in above:
                number += 1
                rows.append((number, endpoint.number, one.posted.entry, now, 0, now, WAITING, ""))
    tx.add(messages, rows)


def _above(book: Book, unit: int) -> set[int]:
    """This unit and those above it."""
    tree, found = book.known.surroundings.units, set[int]()
    while unit in tree and unit not in found:
        found.add(unit)
        unit = tree[unit].parent
    return found
