"""An empty store of each kind, for tests that must hold on both."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from onevoice.ledger.engine import Engine
from onevoice.ledger.engines.postgres import PostgresEngine
from onevoice.ledger.engines.sqlite import SqliteEngine

KINDS = ("sqlite", "postgres")


@contextmanager
def open_store(kind: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Engine]:
    """A store of this kind, brought to this version; closed afterwards."""
    store: Engine
    if kind == "sqlite":
        store = SqliteEngine(folder / "onevoice.sqlite")
    else:
        store = PostgresEngine(request.getfixturevalue("migrated_url"))
    store.migrate()
    try:
        yield store
    finally:
        store.close()
