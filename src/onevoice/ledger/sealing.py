"""Ledger: seals over closed ranges of the book, so that nobody can quietly rewrite it, its keeper included.

A seal signs the root of a Merkle tree over the hashes of the entries in a range, and the hash of the seal before. Who
holds one seal can be shown that an entry stands in the book (a proof of a few dozen hashes) without seeing any other.
The tree is that of RFC 9162 section 2.1 with SHA-256: https://www.rfc-editor.org/rfc/rfc9162#section-2.1
"""

import hmac
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, NamedTuple, Protocol

_SEALED: Final = struct.Struct(">16s4Q32s32s")
_DOMAIN: Final = b"onevoice seal 1\0"

FIRST_SEAL: Final = bytes(32)
"""What the first seal names as the hash of the one before."""


class Seal(NamedTuple):
    """`first` and `last` are entry numbers, both included; `entries` is how many there are (numbers may have been
    skipped); `root` their Merkle root; `previous` the hash of the seal before; `sealed` microseconds UTC."""

    first: int
    last: int
    entries: int
    root: bytes
    previous: bytes
    sealed: int
    signature: bytes = b""


class SealingKey(Protocol):
    """Signs a seal."""

    def sign(self, message: bytes) -> bytes: ...


class CheckingKey(Protocol):
    """Tells whether a signature over a message was made with the sealing key."""

    def checks(self, signature: bytes, message: bytes) -> bool: ...


@dataclass(frozen=True, slots=True)
class SharedKey:
    """HMAC-SHA-256 with a secret of at least 32 bytes: whoever can check a seal could also make one, so it convinces
    only those who trust the holder of the secret."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        assert len(self.secret) >= 32

    def sign(self, message: bytes) -> bytes:
        return hmac.digest(self.secret, message, "sha256")

    def checks(self, signature: bytes, message: bytes) -> bool:
        return hmac.compare_digest(self.sign(message), signature)


def seal(hashes: Iterable[bytes], *, first: int, last: int, previous: bytes, sealed: int, key: SealingKey) -> Seal:
    """Seal the entries of a closed range: `hashes` are theirs, in the order of their numbers, none left out. `previous`
    is `seal_hash` of the seal before, or FIRST_SEAL."""
    root, entries = merkle_root(hashes)
    assert first <= last
    assert entries <= last - first + 1
    assert len(previous) == len(FIRST_SEAL)
    unsigned = Seal(first=first, last=last, entries=entries, root=root, previous=previous, sealed=sealed)
    return unsigned._replace(signature=key.sign(_message(unsigned)))


def seal_hash(seal: Seal) -> bytes:
    """SHA-256 of what the seal's signature covers."""
    return sha256(_message(seal)).digest()


def verify_seals(seals: Iterable[Seal], key: CheckingKey) -> int | None:
    """The index (from 0) of the first seal that is forged, is not in line with the one before, or does not begin where
    that one ended; None when all are sound. Give all seals of a book, oldest first."""
    previous, first = FIRST_SEAL, None
    for index, one in enumerate(seals):
        in_line = one.previous == previous and first in (None, one.first)
        if not in_line or not key.checks(one.signature, _message(one)):
            return index
        previous, first = seal_hash(one), one.last + 1
    return None


def merkle_root(hashes: Iterable[bytes]) -> tuple[bytes, int]:
    """(root, number of leaves) in one pass, holding one hash per level. No leaves: the SHA-256 of nothing."""
    peaks: list[tuple[int, bytes]] = []  # (height, root) of the complete subtrees so far, highest first
    count = 0
    for entry in hashes:
        height, root = 0, _leaf(entry)
        while peaks and peaks[-1][0] == height:
            height, root = height + 1, _node(peaks.pop()[1], root)
        peaks.append((height, root))
        count += 1
    if not peaks:
        return sha256(b"").digest(), 0
    root = peaks.pop()[1]
    while peaks:
        root = _node(peaks.pop()[1], root)
    return root, count


def inclusion_proof(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes that lead from the leaf at `index` (from 0) to the root, lowest first (RFC 9162, 2.1.3.1)."""
    assert 0 <= index < len(hashes)
    level = [_leaf(entry) for entry in hashes]
    path: list[bytes] = []
    while len(level) > 1:
        if index ^ 1 < len(level):
            path.append(level[index ^ 1])
        pairs = [_node(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]  # an odd last one rises as it is
        index //= 2
    return path


def verify_inclusion(entry: bytes, proof: Sequence[bytes], *, index: int, count: int, root: bytes) -> bool:
    """Whether the entry with this hash is the leaf at `index` of the tree of `count` leaves (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < count:
        return False
    at, last, value = index, count - 1, _leaf(entry)
    for hash_beside in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            value = _node(hash_beside, value)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            value = _node(value, hash_beside)
        at, last = at >> 1, last >> 1
    return last == 0 and hmac.compare_digest(value, root)


def _message(seal: Seal) -> bytes:
    """What is signed: 112 bytes, numbers big-endian."""
    return _SEALED.pack(_DOMAIN, seal.first, seal.last, seal.entries, seal.sealed, seal.root, seal.previous)


def _leaf(entry: bytes) -> bytes:
    return sha256(b"\0" + entry).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()
