"""Retain: what is kept only for a time goes when its time is over; entries of the book stay for ever."""

from typing import Final

from sqlalchemy import delete, select

from onevoice.ledger.book import Book
from onevoice.ledger.engine import Transaction
from onevoice.ledger.tables import access_log, entries, parked, sessions, vault_words
from onevoice.nouns.moment import DAY

ROWS_AT_ONCE: Final = 5_000
"""Rows of one kind that go in one transaction, so that nobody who proposes waits for it."""


def let_go(tx: Transaction, book: Book, *, words_days: int, parked_days: int, access_log_days: int) -> int:
    """Delete what is past its time, at most ROWS_AT_ONCE of each kind; how many rows went. 0 days: kept for ever.

    Words of messages and unread records count from when the book got them; sessions go when they end."""
    now = book.clock()
    gone = tx.connection.execute(delete(sessions).where(sessions.c.ends < now)).rowcount
    if words_days:
        # numbers rise with the time of recording, so one number divides what is too old from what is not
        last = tx.connection.execute(
            select(entries.c.number)
            .where(entries.c.recorded < now - words_days * DAY)
            .order_by(entries.c.number.desc())
            .limit(1)
        ).scalar()
        old = select(vault_words.c.entry).where(vault_words.c.entry <= (last or 0)).limit(ROWS_AT_ONCE)
        gone += tx.connection.execute(delete(vault_words).where(vault_words.c.entry.in_(old))).rowcount
    for table, column, days in (
        (parked, parked.c.recorded, parked_days),
        (access_log, access_log.c.at, access_log_days),
    ):
        if days:
            old = select(table.c.number).where(column < now - days * DAY).limit(ROWS_AT_ONCE)
            gone += tx.connection.execute(delete(table).where(table.c.number.in_(old))).rowcount
    return gone
