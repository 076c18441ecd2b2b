"""Where the real data lies that nobody here wrote, and the way to skip where it is absent."""

import os
from pathlib import Path

import pytest


def shared_data(name: str) -> Path:
    """The path of one file of the shared data: below $SHARED_DATA, or `shared/data` beside the checkout. Skips
    the test where it is absent."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    path = Path(os.environ.get("SHARED_DATA", beside)) / name
    if not path.exists():
        pytest.skip(f"the shared data is not here: {name} (set SHARED_DATA to its folder)")
    return path
