"""One batch of a million proposals to a million people with 30 days of history, every decision in the book.

Beside it: the same number of checks as a pipelined Lua sliding window in Redis (three caps, no record of anything); and
single proposals that go in while the batch runs.
"""

import argparse
import shutil
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import redis

from benchmarks.company import company, every_rule_type, peak_megabytes, people, starter_policy
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.decision import Decision
from onevoice.nouns.proposal import Proposal
from onevoice.rules.files import read_policy
from onevoice.wiring import Onevoice

PEOPLE = 1_000_000
TOUCHES = 4
PIPELINED = 1_000
SINGLES_PAUSE = 0.02
WINDOW = """
local now = tonumber(ARGV[1])
for i = 1, 3 do
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', now - tonumber(ARGV[1 + i]))
  if redis.call('ZCARD', KEYS[i]) >= tonumber(ARGV[4 + i]) then return 0 end
end
for i = 1, 3 do
  redis.call('ZADD', KEYS[i], now, ARGV[8])
  redis.call('EXPIRE', KEYS[i], ARGV[1 + i])
end
return 1"""


def run(chosen: argparse.Namespace) -> dict[str, Any]:
    """Proposals per second of the gate and of Redis, memory, and how long singles waited meanwhile."""
    count = chosen.rows or PEOPLE
    with company(chosen.engine, every_rule_type() if chosen.all_rules else "") as house:
        rules = len(read_policy(every_rule_type() if chosen.all_rules else starter_policy()).rules)
        began = time.perf_counter()
        people(house, count, TOUCHES)
        prepared = time.perf_counter() - began
        gate = _batch(house, count)
    window = _redis(count)
    return {
        "proposals": count,
        "rules": rules,
        "history": f"{TOUCHES} touches and a consent per person over 30 days",
        "seconds to write the history": round(prepared, 1),
        "gate": gate,
        "Redis, Lua sliding window, three caps, no record": window,
        "gate to Redis": round(gate["proposals per second"] / window["checks per second"], 2),
        "peak MB": round(peak_megabytes()),
    }


def _proposals(count: int) -> Iterator[Proposal]:
    for number in range(count):
        yield Proposal(
            key=f"spring:{number}",
            unit="measured",
            channel="email",
            category="marketing",
            contact_point="news",
            customer=f"c{number}",
            address=f"c{number}@people.example",
            content="spring",
        )


def _batch(house: Onevoice, count: int) -> dict[str, Any]:
    stop = threading.Event()
    waits: list[float] = []
    singles = threading.Thread(target=_singles, args=(house, stop, waits))
    singles.start()
    verdicts: Counter[str] = Counter()
    began = time.perf_counter()
    for answer in house.gate.propose_many(SYSTEM, _proposals(count), "spring"):
        verdicts[answer.verdict if isinstance(answer, Decision) else type(answer).__name__] += 1
    took = time.perf_counter() - began
    stop.set()
    singles.join()
    waits.sort()
    return {
        "proposals per second": round(count / took),
        "seconds": round(took, 1),
        "verdicts": dict(verdicts),
        "singles meanwhile": len(waits),
        "single p50 ms": round(waits[len(waits) // 2] * 1000, 1) if waits else None,
        "single p99 ms": round(waits[int(len(waits) * 0.99)] * 1000, 1) if waits else None,
    }


def _singles(house: Onevoice, stop: threading.Event, waits: list[float]) -> None:
    number = 0
    while not stop.is_set():
        number += 1
        began = time.perf_counter()
        house.gate.propose(
            SYSTEM,
            Proposal(
                key=f"single:{number}",
                unit="measured",
                channel="email",
                category="service",
                contact_point="news",
                customer=f"s{number}",
                address=f"s{number}@people.example",
            ),
        )
        waits.append(time.perf_counter() - began)
        stop.wait(SINGLES_PAUSE)


def _redis(count: int) -> dict[str, Any]:
    with redis_server() as client:
        script = client.register_script(WINDOW)
        client.script_load(WINDOW)
        allowed, began = 0, time.perf_counter()
        for start in range(0, count, PIPELINED):
            pipeline = client.pipeline(transaction=False)
            now = time.time()
            for number in range(start, min(start + PIPELINED, count)):
                keys = [f"d:{number}", f"w:{number}", f"m:{number}"]
                pipeline.evalsha(script.sha, 3, *keys, now, 86_400, 604_800, 2_592_000, 1, 3, 8, number)
            allowed += sum(pipeline.execute())
        took = time.perf_counter() - began
    return {"checks per second": round(count / took), "allowed": allowed, "seconds": round(took, 1)}


@contextmanager
def redis_server() -> "Iterator[redis.Redis]":
    """A Redis of this run's own on loopback, without persistence. Raises FileNotFoundError where none is installed."""
    program = shutil.which("redis-server")
    if program is None:
        raise FileNotFoundError("redis-server is not installed; on Debian: apt-get install redis-server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    client = redis.Redis(port=port)
    try:
        for _ in range(100):
            try:
                client.ping()
                break
            except redis.ConnectionError:
                time.sleep(0.05)
        yield client
    finally:
        client.close()
        process.terminate()
        process.wait()
