"""A stage and the application around it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.answers.stage import Stage
from tests.clock import HandMovedClock
from tests.doors.console.house import House, house, signed_in


@pytest.fixture
def stage(tmp_path: Path, clock: HandMovedClock) -> Iterator[Stage]:
    """An empty book with the units, campaigns and policy of the cast."""
    made = Stage(tmp_path, clock)
    yield made
    made.close()


@pytest.fixture
def built(stage: Stage) -> House:
    """The application, and Mara, an admin of the whole group."""
    return house(stage)


@pytest.fixture
def client(built: House) -> Iterator[TestClient[Litestar]]:
    """Somebody who has signed in."""
    with TestClient(built.app) as made:
        yield signed_in(made)
