"""An installation to type commands at."""

from pathlib import Path

import pytest

from tests.doors.cli.processes import Environment, set_up


@pytest.fixture
def lumen(tmp_path: Path) -> Environment:
    """The environment of Lumen's installation, set up."""
    return set_up(tmp_path, tmp_path / "data")
