"""The total order in which proposals of one group are judged, the same on every machine."""

from typing import Any

import numpy as np

from onevoice.nouns.label import Ints


def total_order(
    category: Ints, score: np.ndarray[Any, np.dtype[np.float64]], deadline: Ints, created: Ints, tiebreak: Ints
) -> Ints:
    """The permutation that sorts N proposals: category (safety first), higher score, earlier deadline (NEVER: none),
    earlier created, lower tiebreak. A score that is not a number counts as the lowest."""
    lowest_last = np.where(np.isnan(score), np.inf, -score)
    order: Ints = np.lexsort((tiebreak, created, deadline, lowest_last, category))
    return order
