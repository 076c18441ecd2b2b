"""What the ledger is tested with: an empty store of each kind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from onevoice.ledger.engine import Engine
from tests.stores import KINDS, open_store


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty store of each kind."""
    with open_store(request.param, request, tmp_path) as store:
        yield store
