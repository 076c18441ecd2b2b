"""A stage for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.answers.stage import Stage
from tests.clock import HandMovedClock
from tests.stores import KINDS, open_store


@pytest.fixture(params=KINDS)
def stage(request: pytest.FixtureRequest, tmp_path: Path, clock: HandMovedClock) -> Iterator[Stage]:
    """An empty book with the units, campaigns and policy of the cast, on each kind of store: what an asker is told is
    the same where the store itself secures rows. Thursday, 1 October 2026, 10:00 UTC."""
    with open_store(request.param, request, tmp_path) as engine:
        yield Stage(tmp_path, clock, engine)
