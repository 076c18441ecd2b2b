"""Seal: sign a Merkle head over the entries that came since the last seal, so that the book cannot be rewritten."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, select

from onevoice.ledger.book import Book
from onevoice.ledger.ed25519 import Ed25519Checking, Ed25519Sealing
from onevoice.ledger.engine import Transaction
from onevoice.ledger.sealing import FIRST_SEAL, Seal, merkle_root, seal, seal_hash, verify_seals
from onevoice.ledger.tables import entries, seals

HASHES_AT_ONCE: Final = 10_000
SETTLED_AFTER: Final = 60 * 1_000_000
"""Entries younger than a minute are left for the next seal: another process may still be writing among them."""


def seal_book(tx: Transaction, book: Book) -> Seal | None:
    """Seal what is new and settled; None when there is nothing."""
    before = last_seal(tx.connection)
    first = before.last + 1 if before else 1
    horizon = book.clock() - SETTLED_AFTER
    last = tx.connection.execute(
        select(entries.c.number)
        .where(entries.c.number >= first, entries.c.recorded <= horizon)
        .order_by(entries.c.number.desc())
        .limit(1)
    ).scalar()
    if last is None:
        return None
    made = seal(
        _hashes(tx.connection, first, last),
        first=first,
        last=last,
        previous=seal_hash(before) if before else FIRST_SEAL,
        sealed=book.clock(),
        key=Ed25519Sealing(book.keys.of("seal")),
    )
    (number,) = tx.numbers(seals, 1)
    tx.add(seals, [(number, *made)])
    return made


def last_seal(connection: Connection) -> Seal | None:
    """The newest seal, None before the first."""
    row = connection.execute(select(seals).order_by(seals.c.number.desc()).limit(1)).first()
    return Seal(*row[1:]) if row else None


def broken_seal(connection: Connection, book: Book) -> int | None:
    """The index of the first seal that is forged, out of line, or no longer fits its entries; None when all fit."""
    checking = Ed25519Checking(Ed25519Sealing(book.keys.of("seal")).public)
    told = [Seal(*row[1:]) for row in connection.execute(select(seals).order_by(seals.c.number))]
    broken = verify_seals(told, checking)
    for index, one in enumerate(told):
        if merkle_root(_hashes(connection, one.first, one.last)) != (one.root, one.entries):
            return index if broken is None else min(index, broken)
    return broken


def _hashes(connection: Connection, first: int, last: int) -> Iterator[bytes]:
    while first <= last:
        query = (
            select(entries.c.number, entries.c.hash)
            .where(entries.c.number >= first, entries.c.number <= last)
            .order_by(entries.c.number)
            .limit(HASHES_AT_ONCE)
        )
        rows = connection.execute(query).all()
        if not rows:
            return
        yield from (bytes(row.hash) for row in rows)
        first = rows[-1].number + 1
