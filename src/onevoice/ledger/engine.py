"""The contract of a store: one transaction decides; SQLite and PostgreSQL fulfil it alike."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection, Table

from onevoice.nouns.authority import Authority
from onevoice.nouns.contact_state import ContactState


class Overtaken(Exception):
    """Another process was faster; the same transaction, begun anew, sees what it did."""

    sqlstate = "40001"  # as a store says it of itself


class Heard(NamedTuple):
    """What was said under a key before: a hash of the body, and the entry it became (0: it changed nothing)."""

    body: bytes
    entry: int


class Found(NamedTuple):
    """A folio in the vault's lookup table, with the second half of the keyed hash, to tell a collision from a match."""

    rest: int
    folio: int


class SavedState(NamedTuple):
    """A contact state to be stored; `moved` are touch records to be added to the older ones (or, with `replace_older`,
    to stand in their place)."""

    folio: int
    state: ContactState
    moved: bytes = b""
    replace_older: bool = False


class Transaction(Protocol):
    """One open write transaction. The caller goes in this order: keys, lookups, folios (sorted), then writes."""

    @property
    def connection(self) -> Connection:
        """The same transaction for plain SQLAlchemy statements."""

    def heard(self, said_by: int, keys: Sequence[bytes]) -> dict[bytes, Heard]:
        """What was heard from this source under these 16-byte keys."""

    def hear(self, rows: Sequence[tuple[int, bytes, bytes, int]]) -> None:
        """Remember (said_by, key, body, entry). Raises IntegrityError when somebody was faster."""

    def found(self, hashes: Sequence[int]) -> dict[int, Found]:
        """The folios behind these lookup hashes."""

    def rows(self, table: Table, column: str, values: Sequence[int]) -> list[tuple[Any, ...]]:
        """Whole rows of a table whose column is one of these numbers, in one statement."""

    def lock(self, table: Table, column: str, values: Sequence[int]) -> bool:
        """Keep other processes from these rows until the end, in their order; False where there are no others."""

    def states(self, folios: Sequence[int], older_behind: int) -> dict[int, ContactState]:
        """Lock and read these contact states; `older` is read where `reach` is beyond `older_behind` (seconds)."""

    def older(self, folios: Sequence[int]) -> dict[int, bytes]:
        """The older touches of these folios, as records."""

    def save_states(self, saved: Sequence[SavedState]) -> None:
        """Store the states of folios locked before."""

    def add(self, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert whole rows, values in the table's column order."""

    def remove(self, table: Table, keys: Sequence[tuple[Any, ...]]) -> None:
        """Delete rows by primary key; only tables of work to do have rows that go (never entries)."""

    def count_up(self, rows: Iterable[tuple[int, int, int, int, int, int, int]]) -> None:
        """Add to tallies_by_day: (day, label, kind, verdict, reason, mode, count)."""

    def numbers(self, table: Table, count: int) -> list[int]:
        """Fresh numbers for a table, rising; never given twice."""


class Engine(Protocol):
    """A store of one kind."""

    name: str
    several_writers: bool
    """Whether other processes may write at the same time."""

    def reading(self, asker: Authority | None = None) -> AbstractContextManager[Connection]:
        """A connection that sees one moment and cannot write. Where the store secures rows, those about people are
        there as far as the asker may see them; for nobody, none of them is."""

    def writing(self) -> AbstractContextManager[Transaction]:
        """A write transaction: durable when left, undone when an error leaves it."""

    def migrate(self) -> None:
        """Bring the tables to this version."""

    def standing(self) -> tuple[tuple[bool, str], ...]:
        """Sentences on what the store itself forbids the running program, each with whether it is well."""

    def empty_log(self) -> None:
        """See to it that nothing deleted stays behind in logs or free pages."""

    def close(self) -> None:
        """Give back files and connections."""
