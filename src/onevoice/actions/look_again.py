"""Look again: a hold that ends is judged anew, a lease that ends lapses; nothing is held for ever."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, select, text

from onevoice.actions.bench import Bench
from onevoice.actions.judging import LAPSE, LOOK_AGAIN, SETTLE, Candidate, Decided, decide
from onevoice.actions.note_release import note_releases
from onevoice.actions.threads import Thread, candidate_of, threads_of
from onevoice.ledger.book import Book
from onevoice.ledger.engine import Transaction
from onevoice.ledger.entries import NOTHING_OLDER, post
from onevoice.ledger.exceptions import granted_rules
from onevoice.ledger.tables import due, sources, waiting
from onevoice.nouns.words import EntryKind

WORKER: Final = "worker"
"""Who says so in the book."""

ENDS_AS: Final = {LAPSE: EntryKind.LAPSED, SETTLE: EntryKind.DOUBTED}
"""What becomes of a message of which nothing was heard in time: a reservation lapses, an attempt is in doubt."""


WORK_LOCK: Final = 0x0E_D0E5
"""The advisory lock under which work is taken up, so that of two processes the second finds it done."""


class Due(NamedTuple):
    """One row of work: when, for which thread, of which kind (`judging.LOOK_AGAIN` ...)."""

    at: int
    touch: int
    kind: int


def due_now(connection: Connection, now: int, kinds: Sequence[int], limit: int) -> list[Due]:
    """Work of these kinds whose time has come, oldest first."""
    query = (
        select(due.c.at, due.c.touch, due.c.kind)
        .where(due.c.at <= now, due.c.kind.in_(kinds))
        .order_by(due.c.at)
        .limit(limit)
    )
    return [Due(*row) for row in connection.execute(query)]


def lock_work(tx: Transaction) -> None:
    """Take the turn to work off due rows; held until the transaction ends. Call it before reading them."""
    if tx.connection.dialect.name == "postgresql":  # SQLite has one writer anyway
        tx.connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": WORK_LOCK})


def look_again(tx: Transaction, book: Book, bench: Bench, rows: Sequence[Due], now: int = 0, recorded: int = 0) -> int:
    """Settle these rows of work in one transaction; what keeps its place stays due. Returns how many were settled.

    `now` is the moment of a replayed log (0: the clock)."""
    now = now or book.clock()
    lock_work(tx)
    there = {(row[0], row[1], row[2]) for row in tx.rows(due, "touch", sorted({row.touch for row in rows}))}
    rows = [row for row in rows if tuple(row) in there]
    threads = threads_of(tx, [row.touch for row in rows])
    settled = [row for row in rows if threads[row.touch].settled]
    silent = [row for row in rows if row.kind in ENDS_AS and not threads[row.touch].settled]
    held = [row for row in rows if row.kind == LOOK_AGAIN and not threads[row.touch].settled]
    tx.remove(due, rows)
    _end(tx, book, [(threads[row.touch], ENDS_AS[row.kind]) for row in silent], now, recorded or now)
    return len(settled) + len(silent) + _judge_held(tx, book, bench, held, threads, now, recorded)


def _end(tx: Transaction, book: Book, ending: Sequence[tuple[Thread, EntryKind]], now: int, recorded: int) -> None:
    if not ending:
        return
    said_by = book.known.name(tx, sources, WORKER)
    drafts = [thread.going_on(kind, now, said_by) for thread, kind in ending]
    states = tx.states(sorted({folio for draft in drafts for folio in draft.folios if folio}), NOTHING_OLDER)
    post(tx, book.known, states, drafts, recorded)


def _judge_held(
    tx: Transaction,
    book: Book,
    bench: Bench,
    rows: Sequence[Due],
    threads: dict[int, Thread],
    now: int,
    recorded: int,
) -> int:
    kept = {row[0]: row for row in tx.rows(waiting, "touch", sorted({row.touch for row in rows}))}
    rows = [row for row in rows if row.touch in kept]
    if not rows:
        return 0
    said_by = book.known.name(tx, sources, WORKER)
    candidates = [candidate_of(book, threads[row.touch], kept[row.touch], said_by) for row in rows]
    tx.remove(waiting, [(row.touch,) for row in rows])
    decided = _decide_held(tx, book, bench, candidates, now, recorded)
    if not recorded:  # of a replayed log nobody is told
        note_releases(tx, book, decided, now)
    postponed = [row for row, outcome in zip(rows, decided, strict=True) if outcome is None]
    tx.add(due, [(*row, 0, 0) for row in postponed])
    tx.add(waiting, [kept[row.touch] for row in postponed])
    return len(rows) - len(postponed)


def _decide_held(
    tx: Transaction, book: Book, bench: Bench, candidates: Sequence[Candidate], now: int, recorded: int
) -> list[Decided | None]:
    """As `decide`; messages that may pass a rule by an exception are few, and each is judged after all others."""
    passing = granted_rules(tx.connection, [one.touch for one in candidates], now)
    if not passing:
        return decide(tx, book, bench, candidates, now, recorded)
    plain = [one for one in candidates if one.touch not in passing]
    decided = iter(decide(tx, book, bench, plain, now, recorded) if plain else [])
    outcomes = {one.touch: next(decided) for one in plain}
    for one in candidates:
        if one.touch in passing:
            (outcomes[one.touch],) = decide(tx, book, bench, [one], now, recorded, passing[one.touch])
    return [outcomes[one.touch] for one in candidates]
