"""Single proposals over HTTP: 64 connections, each answer durable; the load comes from a process of its own."""

import argparse
import asyncio
import json
import multiprocessing
import threading
import time
from typing import Any

import uvloop

from benchmarks.company import company, people
from onevoice.doors.http.app import create_app
from onevoice.doors.http.serve import server_of
from onevoice.nouns.authority import SYSTEM, Verb

CONNECTIONS = 64
PEOPLE = 20_000


def run(chosen: argparse.Namespace) -> dict[str, Any]:
    """Decisions per second and how long a caller waited."""
    with company(chosen.engine) as house:
        people(house, PEOPLE, 4)
        _, secret = house.entrance.make_key(SYSTEM, name="load", unit="measured", verbs=frozenset({Verb.PROPOSE}))
        listening = threading.Event()
        server, sock = server_of(create_app(house), house.settings, ready=lambda _: listening.set())
        thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]})
        thread.start()
        listening.wait(30)
        port = sock.getsockname()[1]
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            took, refused = pool.apply(load, (port, secret, chosen.seconds))
        server.should_exit = True
        thread.join()
    took.sort()
    return {
        "connections": CONNECTIONS,
        "seconds": chosen.seconds,
        "decisions per second": round(len(took) / chosen.seconds),
        "p50 ms": round(took[len(took) // 2] * 1000, 1),
        "p99 ms": round(took[int(len(took) * 0.99)] * 1000, 1),
        "refused": refused,
    }


def load(port: int, secret: str, seconds: int) -> tuple[list[float], int]:
    """How long each request took, in seconds, and how many were not answered with a decision."""
    return uvloop.run(_load(port, secret, seconds))


async def _load(port: int, secret: str, seconds: int) -> tuple[list[float], int]:
    until = time.perf_counter() + seconds
    took: list[float] = []
    refused = [0]

    async def caller(number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        turn = 0
        while time.perf_counter() < until:
            turn += 1
            person = (turn * CONNECTIONS + number) % PEOPLE
            body = json.dumps(
                {
                    "key": f"{number}:{turn}",
                    "unit": "measured",
                    "channel": "email",
                    "category": "service",
                    "contact_point": "news",
                    "customer": f"c{person}",
                    "address": f"c{person}@people.example",
                }
            ).encode()
            head = (
                f"POST /v1/proposals HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {secret}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            began = time.perf_counter()
            writer.write(head.encode() + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            length = int(answer.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            await reader.readexactly(length)
            took.append(time.perf_counter() - began)
            refused[0] += not answer.startswith(b"HTTP/1.1 200")
        writer.close()

    await asyncio.gather(*[caller(number) for number in range(CONNECTIONS)])
    return took, refused[0]
