"""What the HTTP door is tested with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clock import HandMovedClock
from tests.doors.http.house import House, open_house


@pytest.fixture
def house(tmp_path: Path, clock: HandMovedClock) -> Iterator[House]:
    """Lumen on SQLite."""
    with open_house(tmp_path, clock) as opened:
        yield opened


@pytest.fixture
def house_on_postgres(tmp_path: Path, clock: HandMovedClock, postgres_url: str) -> Iterator[House]:
    """Lumen on PostgreSQL."""
    with open_house(tmp_path, clock, postgres_url) as opened:
        yield opened
