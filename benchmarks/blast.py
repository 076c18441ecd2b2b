"""Ordered blast: 32 threads ask for the same people in the same order, at most one message a day.

Beside the gate: one atomic upsert per decision (exact, keeps no record), and count-then-insert (keeps a record, and
over-sends), each with as many threads and connections on the same PostgreSQL with fsync on; and the ceiling of one
process, the same threads handing the same proposals to the same writer, which judges and writes nothing.
"""

import argparse
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, cast

import psycopg

from benchmarks.company import company
from onevoice.ledger.engine import Engine
from onevoice.ledger.writer import Writer
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.proposal import Proposal
from onevoice.wiring import Onevoice

THREADS = 32
PEOPLE = 3_000
POLICY = """
name = "one a day"
[[rules]]
type = "rolling_cap"
name = "one a day"
at_most = 1
seconds = 86400
"""
UPSERT = """
INSERT INTO counted VALUES (%s, 1) ON CONFLICT (person) DO UPDATE SET sent = counted.sent + 1
WHERE counted.sent < 1 RETURNING 1"""


def run(chosen: argparse.Namespace) -> dict[str, Any]:
    """Decisions per second and surplus of the three ways, and the ratio the gate is judged by."""
    from tests.postgres_server import postgres_server

    persons = chosen.rows or PEOPLE
    with company(chosen.engine, POLICY) as house:
        gate = _gate(house, persons)
    with postgres_server(durable=True) as server:
        url = server.url(server.new_database())
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE TABLE counted (person int PRIMARY KEY, sent int NOT NULL)")
            connection.execute("CREATE TABLE sent (person int NOT NULL, at timestamptz NOT NULL DEFAULT now())")
            connection.execute("CREATE INDEX ON sent (person, at)")
        upsert = _plain(url, persons, _upsert)
        naive = _plain(url, persons, _count_then_insert)
    ceiling = _hand_off(persons)
    return {
        "threads": THREADS,
        "people": persons,
        "gate": gate,
        "hand-off alone, nothing judged or written": ceiling,
        "atomic upsert on PostgreSQL": upsert,
        "count, then insert on PostgreSQL": naive,
        "gate to atomic upsert": round(gate["decisions per second"] / upsert["decisions per second"], 2),
        "hand-off alone to atomic upsert": round(ceiling["decisions per second"] / upsert["decisions per second"], 2),
    }


def _timed(persons: int, worker: Callable[[int], int]) -> dict[str, Any]:
    ready = threading.Barrier(THREADS + 1)

    def one(number: int) -> int:
        ready.wait()
        return worker(number)

    with ThreadPoolExecutor(THREADS) as pool:
        futures = [pool.submit(one, number) for number in range(THREADS)]
        ready.wait()
        began = time.perf_counter()
        sent = sum(future.result() for future in futures)
        took = time.perf_counter() - began
    return {
        "decisions per second": round(THREADS * persons / took),
        "sent": sent,
        "surplus": sent - persons,
        "seconds": round(took, 2),
    }


def _proposal(number: int, person: int) -> Proposal:
    return Proposal(
        key=f"{number}:{person}",
        unit="measured",
        channel="email",
        category="marketing",
        customer=f"c{person}",
        address=f"c{person}@people.example",
    )


def _gate(house: Onevoice, persons: int) -> dict[str, Any]:
    def worker(number: int) -> int:
        return sum(house.gate.propose(SYSTEM, _proposal(number, person)).verdict == "send" for person in range(persons))

    return _timed(persons, worker)


class _Nowhere:
    """A store that keeps nothing."""

    @contextmanager
    def writing(self) -> Iterator[None]:
        yield None


def _hand_off(persons: int) -> dict[str, Any]:
    """Proposals per second from 32 threads to the one writer and back, with nothing done to them."""
    group = lambda _, items: [0] * len(items)  # noqa: E731 - the whole of what is not done
    writer: Writer[Proposal, int] = Writer(cast("Engine", _Nowhere()), group, failed=lambda: None)

    def worker(number: int) -> int:
        return sum(writer.submit(_proposal(number, person)).result() for person in range(persons))

    figures = _timed(persons, worker)
    writer.close()
    return {name: figures[name] for name in ("decisions per second", "seconds")}


def _plain(url: str, persons: int, decide: Callable[[psycopg.Connection, int], bool]) -> dict[str, Any]:
    connections = [psycopg.connect(url, autocommit=True) for _ in range(THREADS)]

    def worker(number: int) -> int:
        return sum(decide(connections[number], person) for person in range(persons))

    figures = _timed(persons, worker)
    for connection in connections:
        connection.close()
    return figures


def _upsert(connection: psycopg.Connection, person: int) -> bool:
    return connection.execute(UPSERT, (person,)).fetchone() is not None


def _count_then_insert(connection: psycopg.Connection, person: int) -> bool:
    with connection.transaction():
        row = connection.execute(
            "SELECT count(*) FROM sent WHERE person = %s AND at > now() - interval '1 day'", (person,)
        ).fetchone()
        if row is None or row[0] >= 1:
            return False
        connection.execute("INSERT INTO sent (person) VALUES (%s)", (person,))
        return True
