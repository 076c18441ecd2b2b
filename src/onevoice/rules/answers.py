"""Answers: what each rule says of each case, filled in by the kernels."""

from dataclasses import dataclass

import numpy as np

from onevoice.nouns.label import Ints

Now = int | Ints
"""The second at which is judged: one for all cases, or (what a past would have been) one for each."""


@dataclass(frozen=True, slots=True)
class Answers:
    """(rules, cases) each: the earliest second, the Reason where that is later than now, and the entry it rests on."""

    says: Ints
    reasons: Ints
    waits: Ints


def answers_of(rules: int, cases: int, now: Now) -> Answers:
    """Everything may go now, until a rule says otherwise."""
    shape = (rules, cases)
    return Answers(np.full(shape, now, np.int64), np.zeros(shape, np.int64), np.zeros(shape, np.int64))
