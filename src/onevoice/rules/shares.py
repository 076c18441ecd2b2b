"""The holdout kernel: who is left out, by a hash that knows nothing of a person but their number."""

from hashlib import blake2b
from typing import Final

import numpy as np

from onevoice.nouns.label import Ints
from onevoice.nouns.moment import NEVER
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import FolioKind
from onevoice.rules.answers import Answers
from onevoice.rules.batch import Batch
from onevoice.rules.tables import HoldoutTable

PARTS: Final = 10_000
PEOPLE: Final = (FolioKind.CUSTOMER, FolioKind.ADDRESS)
HOMES: Final = (FolioKind.HOUSEHOLD, *PEOPLE)
"""The folios that say who is meant, the first that there is."""


def hold_out(table: HoldoutTable, batch: Batch, answers: Answers) -> None:
    """Fills in the answers of holdouts: now or never, whatever was sent."""
    cases = batch.cases
    numbers = cases.folios if cases.numbers is None else cases.numbers
    applies = table.applies.take(cases.label, axis=1)
    for place, line in enumerate(table.rules.tolist()):
        kinds = list(HOMES if table.households[place] else PEOPLE)
        there = cases.folios[kinds] >= 0
        rows = np.flatnonzero(applies[place] & there.any(axis=0))
        number = numbers[kinds][there[:, rows].argmax(axis=0), rows]
        out = rows[parts_of(table.salts[place], number) < table.shares[place]]
        answers.says[line, out] = NEVER
        answers.reasons[line, out] = Reason.HOLDOUT


def parts_of(salt: str, numbers: Ints) -> Ints:
    """Which of the PARTS of all people each of these folios belongs to under this salt."""
    each, place = np.unique(numbers, return_inverse=True)
    parts = [int.from_bytes(blake2b(f"{salt}:{number}".encode(), digest_size=8).digest()) for number in each.tolist()]
    found: Ints = np.array([part % PARTS for part in parts], np.int64)[place]
    return found
