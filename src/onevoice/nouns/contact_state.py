"""A folio's exact, bounded, stored summary: the records of its columns (docs/reference/contact-states.md)."""

from typing import Any, Final

import msgspec
import numpy as np

TOUCH: Final[np.dtype[Any]] = np.dtype([("second", "<u4"), ("label", "<u4"), ("content", "<u4"), ("entry", "<u4")])
"""One counted touch, 16 bytes. `label` is 4 x label number + TouchState; `entry` is the folio's own sequence number of
the entry that began it. Sorted by (second, entry)."""

TALLY: Final[np.dtype[Any]] = np.dtype([("label", "<u4"), ("count", "<u4")])
"""How many touches under one packed label have left `touches`, 8 bytes. Sorted by label."""

PERMIT: Final[np.dtype[Any]] = np.dtype(
    [
        ("second", "<u4"),
        ("entry", "<u4"),
        ("unit", "<u2"),
        ("channel", "u1"),
        ("purpose", "u1"),
        ("kind", "u1"),
        ("proof", "u1"),
        ("spare", "<u2"),
    ]
)
"""The newest permission of one (channel, purpose, unit, kind, proof), 16 bytes; 0 means any. Sorted by (second, kind),
a withdrawal last. `proof` is 1 where source, wording, time and evidence were all given."""

MARK: Final[np.dtype[Any]] = np.dtype(
    [("until", "<u4"), ("entry", "<u4"), ("kind", "u1"), ("channel", "u1"), ("scope", "<u2")]
)
"""A state that ends at second `until` (FOREVER: it does not), 12 bytes. `scope` is a unit number (0: all), except for
TOPIC_REFUSED, where it is a topic number, and HOLDS_PRODUCT / BOUGHT_RECENTLY, where it is a product's topic number.
The unit of OWNED is the one that it does not bind."""

WISH: Final[np.dtype[Any]] = np.dtype(
    [("at_most", "u1"), ("days", "u1"), ("quiet_begin", "<u2"), ("quiet_length", "<u2"), ("spare", "<u2")]
)
"""What a person asked for, at most one record of 8 bytes: at most `at_most` messages in `days` x 24 h (0: no wish), and
quiet from minute `quiet_begin` of their day for `quiet_length` minutes (0: no wish)."""

FOREVER: Final = 2**32 - 1
TOUCHES_MAX: Final = 32
TOUCHES_MOVED: Final = 16
OLDER_DAYS: Final = 400
FORMAT: Final = 1


class ContactState(msgspec.Struct, frozen=True, gc=False):
    """One folio as stored. The byte columns hold whole records of the dtypes above, in their order.

    `zone` is a number of the zone table (0: unknown); `reach` the newest second that has left `touches` (0: none);
    `sequence` the number of the folio's last entry; `head` that entry's hash; `older` touches behind `reach`,
    read only where a rule looks that far back (None: not read).
    """

    sequence: int = 0
    head: bytes = b""
    zone: int = 0
    segments: int = 0
    reach: int = 0
    touches: bytes = b""
    tallies: bytes = b""
    permits: bytes = b""
    marks: bytes = b""
    wishes: bytes = b""
    older: bytes | None = None
    format: int = FORMAT


EMPTY: Final = ContactState()
