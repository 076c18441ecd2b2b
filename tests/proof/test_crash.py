"""The process is killed, the server is torn down: whatever was acknowledged is in the book, unchanged and sound."""

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from onevoice.ledger.tables import entries, heard
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.problem import Unavailable
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import Verdict
from onevoice.wiring import open_onevoice
from tests.book import Company, check, database, set_up, settings_of
from tests.clock import HandMovedClock
from tests.postgres_server import PostgresServer, postgres_server
from tests.proof.load import MOMENT, Acknowledged, acknowledged, live_until_killed, message
from tests.proof.recount import POLICY, recount

KILLS: Final = 40
KILLS_OF_A_CLIENT: Final = 8
ACKNOWLEDGED_LEAST: Final = 2_000
ACKNOWLEDGED_LEAST_OF_A_CLIENT: Final = 400
ASKED_AGAIN: Final = 200
LIFE_SECONDS: Final = 0.5


def killed(folder: Path, url: str, turns: int, dice: random.Random, threads: int = 16) -> int:
    """Lets a process propose and kills it, so many times; how many of its lives acknowledged something.

    One in five is killed at any moment from its first instruction on, the others while they work."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.proof.load"])
    lives = 0
    for turn in range(turns):
        before = size(folder)
        process: Any = context.Process(target=live_until_killed, args=(str(folder), url, turn, threads))
        process.start()
        working = turn % 5 != 0
        give_up = time.monotonic() + 60
        while working and size(folder) == before and time.monotonic() < give_up:
            assert process.is_alive(), "the book could not be opened again"
            time.sleep(0.005)
        time.sleep(dice.random() * LIFE_SECONDS)
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        assert process.exitcode == -signal.SIGKILL
        lives += size(folder) > before
    return lives


def size(folder: Path) -> int:
    path = folder / "acknowledged"
    return path.stat().st_size if path.exists() else 0


@contextmanager
def reopened(folder: Path, url: str = "") -> Iterator[Company]:
    """The book as it is found after the last kill."""
    clock = HandMovedClock(MOMENT)
    onevoice = open_onevoice(settings_of(folder, url), clock=clock)
    try:
        set_up(onevoice, clock, POLICY)
        yield Company(onevoice, clock)
    finally:
        onevoice.close()


def all_is_there(company: Company, told: list[Acknowledged], dice: random.Random) -> None:
    """Every acknowledged decision stands in the book as told, under its key; the book is whole; the caps hold."""
    assert len({one.key for one in told}) == len(told)
    decided = {row[0]: row for row in company.rows(entries)}
    keys = {bytes(row[1]): row[3] for row in company.rows(heard)}
    for one in told:
        row = decided[one.touch]
        assert (Verdict(row[16]).spoken, Reason(row[17]).spoken) == (one.verdict, one.reason)
        assert keys[company.book.heard_key(one.key)] == one.touch
    for one in dice.sample(told, min(ASKED_AGAIN, len(told))):
        turn, thread, number = (int(part) for part in one.key.split(":"))
        again = company.gate.propose(SYSTEM, message(one.key, (turn * 31 + thread * 7 + number) % 997))
        assert (again.repeated, again.touch, again.verdict) == (True, one.touch, one.verdict)
    with company.book.engine.reading() as connection:
        found = recount(connection)
    assert (found.over, found.denied) == (0, 0)
    assert found.decisions >= len(told)
    check(company)


@pytest.mark.timeout(280)
def test_forty_kills_lose_nothing_that_was_acknowledged(tmp_path: Path, randomness: random.Random) -> None:
    """kill -9 at forty random moments under load on SQLite, the same book every time."""
    lives = killed(tmp_path, "", KILLS, randomness)
    told = acknowledged(tmp_path)
    assert lives >= KILLS * 3 // 4
    assert len(told) >= ACKNOWLEDGED_LEAST, f"only {len(told)} decisions were acknowledged: that proves nothing"
    with reopened(tmp_path) as company:
        all_is_there(company, told, randomness)


@pytest.mark.timeout(200)
def test_kills_of_a_client_of_postgres_lose_nothing(
    tmp_path: Path, postgres: PostgresServer, randomness: random.Random
) -> None:
    """The process dies, the server rolls back what it had begun; acknowledged is committed."""
    with database(postgres) as url:
        assert killed(tmp_path, url, KILLS_OF_A_CLIENT, randomness) >= KILLS_OF_A_CLIENT // 2
        told = acknowledged(tmp_path)
        assert len(told) >= ACKNOWLEDGED_LEAST_OF_A_CLIENT
        with reopened(tmp_path, url) as company:
            all_is_there(company, told, randomness)


@pytest.mark.timeout(200)
def test_a_server_torn_down_in_the_middle_loses_nothing(tmp_path: Path, randomness: random.Random) -> None:
    """PostgreSQL stops at once (as `pg_ctl stop -m immediate`) under load and comes back, twice: who was told no asks
    again under the same key and gets one decision; the process that asks need not be started anew."""
    told: list[Acknowledged] = []
    refusals = 0
    with postgres_server(durable=True) as server, database(server) as url, reopened(tmp_path, url) as company:

        def ask(key: str) -> None:
            nonlocal refusals
            turn, thread, number = (int(part) for part in key.split(":"))
            proposal = message(key, (turn * 31 + thread * 7 + number) % 997)
            give_up = time.monotonic() + 60
            while time.monotonic() < give_up:
                try:
                    answer = company.gate.propose(SYSTEM, proposal)
                except Unavailable:
                    refusals += 1
                    time.sleep(0.05)
                    continue
                told.append(Acknowledged(key, answer.touch, answer.verdict, answer.reason))
                return
            raise AssertionError(f"{key} was never decided")

        for turn in range(2):
            with ThreadPoolExecutor(16) as pool:
                asked = pool.map(ask, [f"{turn}:{number % 16}:{number // 16}" for number in range(800)])
                enough = len(told) + 100
                while len(told) < enough:
                    time.sleep(0.005)
                server.tear_down_and_start()
                list(asked)
        assert len(told) == 1_600
        all_is_there(company, told, randomness)
    assert refusals
