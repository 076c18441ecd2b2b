"""Look again: a hold that ends is judged anew, a lease that ends lapses; nothing is held for ever."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, select

from onevoice.actions.bench import Bench
from onevoice.actions.judging import LAPSE, LOOK_AGAIN, Candidate, decide
from onevoice.ledger.book import Book
from onevoice.ledger.engine import Transaction
from onevoice.ledger.entries import Draft, Folios, post
from onevoice.ledger.tables import due, entries, sources, waiting
from onevoice.nouns.words import EntryKind, Mode

SETTLED: Final = frozenset(
    {EntryKind.SENT, EntryKind.DELIVERED, EntryKind.FAILED, EntryKind.RELEASED, EntryKind.LAPSED, EntryKind.ATTEMPTED}
)
WORKER: Final = "worker"


class Due(NamedTuple):
    """One row of work: when, for which thread, of which kind (`judging.LOOK_AGAIN` or `LAPSE`)."""

    at: int
    touch: int
    kind: int


class Thread(NamedTuple):
    """A thread as it stands: its first entry's row, the newest decision's, and whether it is settled."""

    first: tuple[object, ...]
    decided: tuple[object, ...]
    settled: bool


def due_now(connection: Connection, now: int, limit: int) -> list[Due]:
    """Holds and leases whose time has come, oldest first."""
    query = (
        select(due.c.at, due.c.touch, due.c.kind)
        .where(due.c.at <= now, due.c.kind.in_((LOOK_AGAIN, LAPSE)))
        .order_by(due.c.at)
        .limit(limit)
    )
    return [Due(*row) for row in connection.execute(query)]


def look_again(tx: Transaction, book: Book, bench: Bench, rows: Sequence[Due], now: int = 0, recorded: int = 0) -> int:
    """Settle these rows of work in one transaction; what keeps its place stays due. Returns how many were settled.

    `now` is the moment of a replayed log (0: the clock)."""
    now = now or book.clock()
    rows = _still_due(tx, rows)
    threads = _threads(tx, [row.touch for row in rows])
    done = [row for row in rows if threads[row.touch].settled]
    lapsing = [row for row in rows if row.kind == LAPSE and not threads[row.touch].settled]
    _lapse(tx, book, [threads[row.touch] for row in lapsing], now, recorded or now)
    held = [row for row in rows if row.kind == LOOK_AGAIN and not threads[row.touch].settled]
    done += lapsing
    tx.remove(due, done)
    return len(done) + _judge_held(tx, book, bench, held, threads, now, recorded)


def _still_due(tx: Transaction, rows: Sequence[Due]) -> list[Due]:
    there = {(row[0], row[1], row[2]) for row in tx.rows(due, "touch", sorted({row.touch for row in rows}))}
    return [Due(*row) for row in rows if tuple(row) in there]


def _threads(tx: Transaction, touches: Sequence[int]) -> dict[int, Thread]:
    numbers = sorted(set(touches))
    rows = tx.rows(entries, "number", numbers) + [row for row in tx.rows(entries, "touch", numbers) if row[0] != row[2]]
    by_touch: dict[int, list[tuple[object, ...]]] = {}
    for row in sorted(rows, key=lambda one: one[0]):
        by_touch.setdefault(row[2], []).append(row)
    return {
        touch: Thread(
            first=told[0],
            decided=[row for row in told if row[1] == EntryKind.DECIDED][-1],
            settled=any(row[1] in SETTLED for row in told),
        )
        for touch, told in by_touch.items()
    }


def _lapse(tx: Transaction, book: Book, threads: Sequence[Thread], now: int, recorded: int) -> None:
    if not threads:
        return
    said_by = book.known.name(tx, sources, WORKER)
    drafts = [
        Draft(
            kind=int(EntryKind.LAPSED),
            folios=_folios(thread.first),
            label=_int(thread.first[11]),
            occurred=now,
            said_by=said_by,
            touch=_int(thread.first[2]),
            firsts=_firsts(thread.first),
            content=_int(thread.first[13]),
        )
        for thread in threads
    ]
    states = tx.states(sorted({folio for draft in drafts for folio in draft.folios if folio}), 2**40)
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
    tx.remove(due, rows)
    tx.remove(waiting, [(row.touch,) for row in rows])
    decided = decide(tx, book, bench, candidates, now, recorded)
    postponed = [row for row, outcome in zip(rows, decided, strict=True) if outcome is None]
    tx.add(due, [(*row, 0, 0) for row in postponed])
    tx.add(waiting, [kept[row.touch] for row in postponed])
    return len(rows) - len(postponed)


def candidate_of(book: Book, thread: Thread, kept: Sequence[object], said_by: int) -> Candidate:
    """A held message as it was proposed, to be judged anew under its own thread."""
    first = thread.first
    label = _int(first[11])
    return Candidate(
        label=label,
        category=book.known.labels[label].category,
        content=_int(first[13]),
        folios=_folios(first),
        created=_int(kept[2]),
        send_by=_int(kept[3]),
        mode=Mode(_int(first[18]) or int(Mode.ENFORCE)),
        said_by=said_by,
        dispatch=bool(kept[4]),
        template=_int(first[14]),
        touch=_int(first[2]),
        firsts=_firsts(first),
    )


def _folios(row: Sequence[object]) -> Folios:
    return (_int(row[3]), _int(row[5]), _int(row[7]), _int(row[9]))


def _firsts(row: Sequence[object]) -> Folios:
    return (_int(row[4]), _int(row[6]), _int(row[8]), _int(row[10]))


def _int(value: object) -> int:
    return value if isinstance(value, int) else 0
