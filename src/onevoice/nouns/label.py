"""Labels: all that names a message when it is decided, interned once; a touch keeps its number."""

from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

Ints = np.ndarray[Any, np.dtype[np.int64]]


class Label(msgspec.Struct, frozen=True):
    """Numbers of the documents that name a message; 0 means none (or, for permissions, any)."""

    channel: int = 0
    category: int = 0
    purpose: int = 0
    unit: int = 0
    contact_point: int = 0
    platform: int = 0
    campaign: int = 0
    journey: int = 0
    package: int = 0
    offer: int = 0
    topics: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Labels:
    """All labels known at one moment as columns; index = label number, row 0 is the empty label.

    `topics[i]` is the tuple of topic numbers of label i, ancestors not included.
    """

    channel: Ints
    category: Ints
    purpose: Ints
    unit: Ints
    contact_point: Ints
    platform: Ints
    campaign: Ints
    journey: Ints
    package: Ints
    offer: Ints
    topics: tuple[tuple[int, ...], ...]

    def __len__(self) -> int:
        return len(self.channel)


SINGLE_FIELDS = (
    "channel",
    "category",
    "purpose",
    "unit",
    "contact_point",
    "platform",
    "campaign",
    "journey",
    "package",
    "offer",
)


def columns_of(labels: list[Label]) -> Labels:
    """The columns of these labels; `labels[0]` must be the empty label."""
    assert labels and labels[0] == Label()
    columns = {field: np.array([getattr(label, field) for label in labels], dtype=np.int64) for field in SINGLE_FIELDS}
    return Labels(**columns, topics=tuple(label.topics for label in labels))
