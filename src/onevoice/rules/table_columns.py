"""Columns of compiled tables: what compiling any table needs to lay its rules' lines out."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from onevoice.nouns.label import Ints
from onevoice.rules.ragged import Bools

Rows = list[tuple[int, Any, Any]]
"""(index in the policy, the rule, its line) of the rules that share a table."""


def stack(masks: Iterable[Bools], width: int) -> Bools:
    """Masks of this width as the rows of a matrix; no masks, no rows."""
    rows = list(masks)
    return np.array(rows, np.bool_).reshape(len(rows), width)


def ints(values: Iterable[int]) -> Ints:
    return np.array([int(value) for value in values], np.int64)


def bools(values: Iterable[bool]) -> Bools:
    return np.array(list(values), np.bool_)
