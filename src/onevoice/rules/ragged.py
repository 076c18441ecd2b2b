"""Rows of unequal length as flat columns: the index arithmetic all kernels share."""

from typing import Any

import numpy as np

from onevoice.nouns.label import Ints

Bools = np.ndarray[Any, np.dtype[np.bool_]]


def spread(starts: Ints, lengths: Ints) -> tuple[Ints, Ints]:
    """For rows that are `[start, start + length)` of a flat column: each element's row, and its place in the column."""
    rows = np.arange(len(lengths)).repeat(lengths)
    before = lengths.cumsum() - lengths
    return rows, np.arange(len(rows)) + (starts - before)[rows]


def bounds_of(lengths: Ints) -> Ints:
    """The N + 1 bounds of rows with these lengths in a flat column."""
    bounds = np.zeros(len(lengths) + 1, np.int64)
    lengths.cumsum(out=bounds[1:])
    return bounds
