"""Threads: one message with all that happened to it, read back so that it can go on."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from onevoice.actions.judging import Candidate
from onevoice.ledger.book import Book
from onevoice.ledger.engine import Transaction
from onevoice.ledger.entries import Draft, Folios
from onevoice.ledger.tables import entries
from onevoice.nouns.words import EntryKind, Mode

OUTCOMES: Final = frozenset(
    {
        EntryKind.SENT,
        EntryKind.DELIVERED,
        EntryKind.FAILED,
        EntryKind.RELEASED,
        EntryKind.LAPSED,
        EntryKind.DOUBTED,
    }
)
"""After one of these nobody waits for the message any more."""

COLUMN: Final = {column.name: place for place, column in enumerate(entries.columns)}


class Thread(NamedTuple):
    """A message as it stands: its number, its folios with the first entry's sequence in each, and what was said of it.

    `verdict` and `mode` are the newest decision's, 0 where it was never decided; `kinds` those of its entries since."""

    touch: int
    folios: Folios
    firsts: Folios
    label: int
    content: int
    template: int
    verdict: int
    mode: int
    kinds: frozenset[int]

    @property
    def settled(self) -> bool:
        """Whether an outcome is known, or known to be unknown."""
        return bool(self.kinds & OUTCOMES)

    def going_on(self, kind: EntryKind, occurred: int, said_by: int) -> Draft:
        """The next entry of this thread."""
        return Draft(
            kind=int(kind),
            folios=self.folios,
            label=self.label,
            occurred=occurred,
            said_by=said_by,
            touch=self.touch,
            firsts=self.firsts,
            content=self.content,
            template=self.template,
        )


def threads_of(tx: Transaction, touches: Sequence[int]) -> dict[int, Thread]:
    """These threads by number, in two statements; numbers that begin no thread are left out."""
    numbers = sorted(set(touches))
    first = [row for row in tx.rows(entries, "number", numbers) if row[COLUMN["touch"]] == row[0]]
    later = [row for row in tx.rows(entries, "touch", numbers) if row[COLUMN["touch"]] != row[0]]
    told: dict[int, list[Sequence[object]]] = {row[0]: [row] for row in first}
    for row in sorted(later, key=lambda one: one[0]):
        told.setdefault(row[COLUMN["touch"]], []).append(row)
    return {row[0]: _thread(told[row[0]]) for row in first}


def _thread(rows: Sequence[Sequence[object]]) -> Thread:
    first = rows[0]
    decided = [row for row in rows if row[COLUMN["kind"]] == EntryKind.DECIDED]
    newest = decided[-1] if decided else None
    since = _int(newest[0]) if newest else 0
    return Thread(
        touch=_int(first[0]),
        folios=_four(first, "customer", "address", "household", "client"),
        firsts=_four(first, "customer_sequence", "address_sequence", "household_sequence", "client_sequence"),
        label=_int(first[COLUMN["label"]]),
        content=_int(first[COLUMN["content"]]),
        template=_int(first[COLUMN["template"]]),
        verdict=_int(newest[COLUMN["verdict"]]) if newest else 0,
        mode=_int(newest[COLUMN["mode"]]) if newest else 0,
        kinds=frozenset(_int(row[COLUMN["kind"]]) for row in rows if _int(row[0]) >= since),
    )


def candidate_of(book: Book, thread: Thread, waiting: Sequence[object], said_by: int) -> Candidate:
    """A message as it was proposed, to be judged anew under its own thread; `waiting` is its row of that table."""
    _, _, created, send_by, dispatch = waiting
    return Candidate(
        label=thread.label,
        category=book.known.labels[thread.label].category,
        content=thread.content,
        folios=thread.folios,
        created=_int(created),
        send_by=_int(send_by),
        mode=Mode(thread.mode or Mode.ENFORCE),
        said_by=said_by,
        dispatch=bool(dispatch),
        template=thread.template,
        touch=thread.touch,
        firsts=thread.firsts,
    )


def _four(row: Sequence[object], *names: str) -> Folios:
    one, two, three, four = (_int(row[COLUMN[name]]) for name in names)
    return (one, two, three, four)


def _int(value: object) -> int:
    return value if isinstance(value, int) else 0
