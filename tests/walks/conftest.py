"""The demo, made once for all walks through it: Thursday, 1 October 2026, half past two in London."""

from collections.abc import Iterator

import pytest

from tests.clock import HandMovedClock, moment_of
from tests.walks.fernhill import Fernhill, fernhill

MADE = "2026-10-01T13:30:00+00:00"


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fernhill]:
    """Fernhill Group, with its HTTP door open."""
    with fernhill(tmp_path_factory.mktemp("demo"), HandMovedClock(moment_of(MADE))) as made:
        yield made
