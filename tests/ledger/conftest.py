"""What the ledger is tested with: an empty store of each kind."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from onevoice.ledger.engine import Engine
from onevoice.ledger.engines.postgres import PostgresEngine
from tests.stores import KINDS, open_store


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty store of each kind."""
    with open_store(request.param, request, tmp_path) as store:
        yield store


@pytest.fixture
def another(request: pytest.FixtureRequest, engine: Engine) -> Iterator[Callable[[], Engine]]:
    """Opens the same store as another process would; on SQLite, which has one writing process, the same engine."""
    opened: list[Engine] = []

    def open_another() -> Engine:
        if engine.name == "sqlite":
            return engine
        opened.append(PostgresEngine(request.getfixturevalue("migrated_url")))
        return opened[-1]

    yield open_another
    for store in opened:
        store.close()
