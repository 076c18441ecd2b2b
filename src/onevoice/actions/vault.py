"""Words: what a message said goes to the vault, and the book keeps a salted commitment to it."""

from hashlib import blake2b
from typing import NamedTuple

import msgspec

from onevoice.ledger.book import Book
from onevoice.ledger.engine import Transaction
from onevoice.ledger.tables import vault_words


class Said(NamedTuple):
    """What one message said, and what else its source told; `raw` are the bytes it came in, None where not kept."""

    subject: str = ""
    words: str = ""
    refers: dict[str, str] | None = None
    raw: bytes | None = None


class Sealed(NamedTuple):
    """Words with their salt and the commitment the entry carries: BLAKE2b-128 keyed with the salt."""

    said: Said
    salt: bytes
    commitment: bytes


def sealed(book: Book, said: Said) -> Sealed | None:
    """The words ready to be kept, None where nothing was said."""
    if not (said.subject or said.words or said.refers or said.raw):
        return None
    salt = book.salt()
    digest = blake2b(key=salt, digest_size=16)
    for part in (said.subject.encode(), said.words.encode(), _json(said.refers), said.raw or b""):
        digest.update(len(part).to_bytes(8, "big") + part)
    return Sealed(said, salt, digest.digest())


def keep(tx: Transaction, kept: list[tuple[int, int, Sealed]]) -> None:
    """Store the words of entries: (entry, folio, words)."""
    tx.add(
        vault_words,
        [
            (
                entry,
                folio,
                words.salt,
                words.said.subject,
                words.said.words,
                _json(words.said.refers).decode(),
                words.said.raw,
            )
            for entry, folio, words in kept
        ],
    )


def _json(refers: dict[str, str] | None) -> bytes:
    return msgspec.json.encode(refers, order="sorted") if refers else b""
