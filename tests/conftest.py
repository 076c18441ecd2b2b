"""What every test may ask for: a clock moved by hand, repeatable randomness, a PostgreSQL, a fresh database."""

import os
import random
from collections.abc import Iterator

import pytest
from hypothesis import settings

from onevoice.ledger.engines.postgres import PostgresEngine
from tests.clock import HandMovedClock, moment_of
from tests.postgres_server import PostgresServer, postgres_server

settings.register_profile("repeatable", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("searching", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

SEED = int(os.environ.get("TEST_SEED", "20261121"))


def pytest_report_header() -> str:
    return f"random seed: {SEED} (TEST_SEED changes it)"


@pytest.fixture
def clock() -> HandMovedClock:
    """Thursday, 1 October 2026, 10:00 UTC, until the test moves it."""
    return HandMovedClock(moment_of("2026-10-01T10:00:00+00:00"))


@pytest.fixture
def randomness(request: pytest.FixtureRequest) -> random.Random:
    """The same numbers in every run of this test, other ones in another test."""
    return random.Random(f"{SEED} {request.node.nodeid}")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL for this test run, fsync off."""
    with postgres_server() as server:
        yield server


@pytest.fixture
def migrated_url(postgres: PostgresServer) -> Iterator[str]:
    """The address of a database of this test's own, with the tables of this version, copied from one made once."""
    name = postgres.new_database(like=postgres.template("migrated", migrated))
    yield postgres.url(name)
    postgres.drop_database(name)


def migrated(url: str) -> None:
    """Brings a database to this version."""
    store = PostgresEngine(url)
    store.migrate()
    store.close()


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """The address of an empty database of this test's own."""
    name = postgres.new_database()
    yield postgres.url(name)
    postgres.drop_database(name)
