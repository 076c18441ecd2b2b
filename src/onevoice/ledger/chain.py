"""Ledger: the hash of an entry, which binds it to the entries before it in each of its folios.

A folio is verified from its own rows and one neighbour's hash each: nothing in the middle can be changed, left out,
added or moved without every later hash being made anew, and the seals forbid that (ledger/sealing.py). What is hashed
is the entry's row, in which personal data stands only as keyed numbers and salted commitments; erasing the vault leaves
the chain whole.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Final, NamedTuple

import msgspec

Value = int | bytes | None

COLUMNS: Final = (
    "number",
    "kind",
    "touch",
    "customer",
    "customer_sequence",
    "address",
    "address_sequence",
    "household",
    "household_sequence",
    "client",
    "client_sequence",
    "label",
    "direction",
    "content",
    "template",
    "conversation",
    "verdict",
    "reason",
    "mode",
    "until",
    "latest",
    "findings",
    "policy",
    "surroundings",
    "permit",
    "proof",
    "mark",
    "scope",
    "zone",
    "wish",
    "occurred",
    "recorded",
    "said_by",
    "commitment",
)
"""The columns of an entry that are hashed, in this order for ever; new ones, which may be null, come at the end."""

HASH_BYTES: Final = 32

_DOMAIN: Final = blake2b(digest_size=HASH_BYTES, person=b"onevoice entry 1")
_encoded: Final = msgspec.msgpack.Encoder().encode


class Link(NamedTuple):
    """One entry as a link of one folio's chain.

    `sequence` is its number in the folio (the first is 1); `previous` are the hashes of the entries before it in each
    of its folios, in the order customer, address, household, client (b"" where it is a folio's first, no item where
    there is no such folio); `place` is this folio's index in `previous`; `values` as from `values_of`.
    """

    sequence: int
    previous: tuple[bytes, ...]
    place: int
    values: bytes
    hash: bytes


def values_of(row: Sequence[Value]) -> bytes:
    """The canonical form of an entry: its values in the order of COLUMNS as one MessagePack array, every item in its
    shortest form (https://github.com/msgpack/msgpack/blob/master/spec.md). Nulls at the end are left out, so that a
    column added later does not change older entries. Only plain integers, bytes and None have a canonical form that a
    store gives back unchanged: a bool would be hashed as `true` and read as 1."""
    end = len(row)
    while end and row[end - 1] is None:
        end -= 1
    return _encoded(row[:end])


def entry_hash(previous: Sequence[bytes], values: bytes) -> bytes:
    """BLAKE2b-256, personalised `onevoice entry 1`, over the MessagePack array of the previous hashes, then `values`.

    `previous` is ordered as in Link. Both parts say their own length, so no two entries have the same input.
    """
    state = _DOMAIN.copy()
    state.update(_encoded(previous))
    state.update(values)
    return state.digest()


def verify_folio(links: Iterable[Link], head: bytes | None = None) -> int | None:
    """The sequence number of the first link that is missing or not as it was written, or None when all are sound.

    Give all links of a folio in the order of their numbers, and as `head` the folio's stored head (b"" for an empty
    folio), which shows whether the newest were cut off; without it that is not looked at.
    """
    expected = 1
    before = b""
    for link in links:
        sound = (
            link.sequence == expected
            and link.previous[link.place] == before
            and link.hash == entry_hash(link.previous, link.values)
        )
        if not sound:
            return expected
        expected += 1
        before = link.hash
    return None if head is None or head == before else expected
