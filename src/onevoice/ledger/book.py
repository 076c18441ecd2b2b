"""The book: one store with its secrets, its clock and its single writer; readers are made for somebody."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from sqlalchemy import Connection

from onevoice.ledger.engine import Engine
from onevoice.ledger.folios import Keys, Lookups
from onevoice.ledger.known import Known, Salt
from onevoice.nouns.authority import Authority
from onevoice.nouns.moment import Clock
from onevoice.nouns.surroundings import Surroundings

FINGERPRINT_BYTES: Final = 4
HEARD_BYTES: Final = 16
BODY_BYTES: Final = 8


class Book:
    """Everything an action or an answer needs of the store; made once by wiring."""

    def __init__(
        self,
        engine: Engine,
        keys: Keys,
        clock: Clock,
        salt: Salt,
        region: str = "",
        zone_names: frozenset[str] = frozenset(),
    ) -> None:
        self.engine = engine
        self.keys = keys
        self.region = region
        self.zone_names = zone_names
        self.clock = clock
        self.salt = salt
        self.lookups = Lookups(keys)
        self.known = Known()
        """The writer's: it holds numbers of a transaction that is not committed yet, so nobody else reads it."""
        self._seen = Known()
        self._seeing = threading.Lock()
        self._content = blake2b(key=keys.of("content"), digest_size=FINGERPRINT_BYTES)
        self._heard = blake2b(key=keys.of("heard"), digest_size=HEARD_BYTES)
        self._body = blake2b(key=keys.of("heard"), digest_size=BODY_BYTES)

    def fingerprint(self, content: str) -> int:
        """32 bits of the keyed hash of a content, never 0 for a text; 0 for none."""
        if not content:
            return 0
        return int.from_bytes(_digest(self._content, content.encode()), "big") or 1

    def heard_key(self, key: str) -> bytes:
        """The 16-byte keyed hash under which somebody's id is remembered."""
        return _digest(self._heard, key.encode())

    def body_hash(self, body: bytes) -> bytes:
        """The 8-byte keyed hash of a request's body, to tell a repeat from a reuse."""
        return _digest(self._body, body)

    @contextmanager
    def reader(self, authority: Authority) -> "Iterator[Reader]":
        """One moment of the book, as far as this asker may see it."""
        with self.engine.reading(authority) as connection:
            with self._seeing:
                self._seen.refresh(connection)
                surroundings = self._seen.surroundings
            yield Reader(self, connection, authority, surroundings, self._seen)

    def documents_version(self) -> int:
        """The newest version of the documents that this process has met."""
        return max(self.known.surroundings.version, self._seen.surroundings.version)

    def close(self) -> None:
        self.engine.close()


def _digest(keyed: blake2b, value: bytes) -> bytes:
    state = keyed.copy()
    state.update(value)
    return state.digest()


@dataclass(frozen=True, slots=True)
class Reader:
    """One asker's view of one moment. Content of units that `authority` does not see is never selected; counts and
    times are."""

    book: Book
    connection: Connection
    authority: Authority
    surroundings: Surroundings
    known: Known
    """Labels and short names as committed, as many as this moment has or more; only to be read."""

    @property
    def now(self) -> int:
        """The present, microseconds UTC."""
        return self.book.clock()

    def visible_units(self) -> frozenset[int]:
        """Numbers of the units whose content may be shown."""
        return frozenset(self.surroundings.units) | {0} if self.authority.all_units else self.authority.units
