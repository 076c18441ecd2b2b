"""A stage for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.answers.stage import Stage
from tests.clock import HandMovedClock


@pytest.fixture
def stage(tmp_path: Path, clock: HandMovedClock) -> Iterator[Stage]:
    """An empty book with the units, campaigns and policy of the cast; Thursday, 1 October 2026, 10:00 UTC."""
    made = Stage(tmp_path, clock)
    yield made
    made.close()
