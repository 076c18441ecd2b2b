"""What deeds are tested with: a store of each kind, and a gate with the real writer in front of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from itertools import count
from pathlib import Path

import pytest

from onevoice.actions.gate import Gate
from onevoice.ledger.book import Book
from onevoice.ledger.engine import Engine
from onevoice.ledger.folios import Keys
from onevoice.zone_tables import read_zones, zone_names
from tests.book import company, settings  # noqa: F401  # fixtures
from tests.clock import HandMovedClock
from tests.stores import KINDS, open_store


@contextmanager
def open_gate(engine: Engine, clock: HandMovedClock) -> Iterator[Gate]:
    """A gate on this store, with keys and salts that are the same in every run."""
    salts = count(1)
    book = Book(
        engine,
        Keys(b"k" * 64),
        clock,
        lambda: sha256(b"%d" % next(salts)).digest()[:16],
        zone_names=zone_names(),
    )
    gate = Gate(book, read_zones)
    try:
        yield gate
    finally:
        gate.close()


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty store of each kind."""
    with open_store(request.param, request, tmp_path) as store:
        yield store


@pytest.fixture
def gate(engine: Engine, clock: HandMovedClock) -> Iterator[Gate]:
    """The gate of an empty store."""
    with open_gate(engine, clock) as opened:
        yield opened
