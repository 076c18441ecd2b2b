"""Cases: the proposals of one judging as columns."""

from dataclasses import dataclass

import numpy as np

from onevoice.nouns.label import Ints


@dataclass(frozen=True, slots=True)
class Cases:
    """One column entry per proposal; times are whole seconds UTC.

    `send_by` is NEVER where there is none; `content` 0 where there is none. `folios` is (4, N): per FolioKind an index
    into the states handed over with the cases, -1 where the proposal has no such folio; `numbers` are, in the same
    places, the folios' numbers in the book (None: they are numbered as the states are).
    """

    label: Ints
    content: Ints
    created: Ints
    send_by: Ints
    folios: Ints
    numbers: Ints | None = None

    def __len__(self) -> int:
        return len(self.label)

    def take(self, rows: Ints) -> "Cases":
        """These rows, in this order."""
        return Cases(
            self.label[rows],
            self.content[rows],
            self.created[rows],
            self.send_by[rows],
            self.folios[:, rows],
            None if self.numbers is None else self.numbers[:, rows],
        )


def cases_of(
    rows: list[tuple[int, int, int, int, tuple[int, int, int, int]]],
    numbers: list[tuple[int, int, int, int]] | None = None,
) -> Cases:
    """Cases from rows of (label, content, created, send_by, folios by kind), and the numbers of those folios."""
    columns = np.array([row[:4] for row in rows], dtype=np.int64).reshape(-1, 4).T
    folios = np.array([row[4] for row in rows], dtype=np.int64).reshape(-1, 4).T
    label, content, created, send_by = (np.ascontiguousarray(column) for column in columns)
    known = None if numbers is None else np.array(numbers, dtype=np.int64).reshape(-1, 4).T
    return Cases(label, content, created, send_by, np.ascontiguousarray(folios), known)
