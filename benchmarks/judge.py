"""The judge alone, without a store: how long one, 64 and a million proposals take under two policies."""

import argparse
import random
import time
from typing import Any

import numpy as np

from benchmarks.company import every_rule_type, starter_policy
from onevoice.nouns.contact_state import PERMIT, TOUCH, ContactState
from onevoice.nouns.label import Label, columns_of
from onevoice.nouns.moment import NEVER
from onevoice.nouns.surroundings import ContactPoint, Surroundings, Unit
from onevoice.nouns.words import Category, Channel, PermitKind
from onevoice.rules.cases import Cases
from onevoice.rules.files import read_policy
from onevoice.rules.group import judge_group
from onevoice.rules.policy import compile_policy, zones_named
from onevoice.zone_tables import read_zones

ROWS = 1_000_000
CHUNK = 8_192
NOW = 1_790_000_000
DAY = 86_400


def run(chosen: argparse.Namespace) -> dict[str, Any]:
    """Microseconds for small groups and proposals per second in bulk, at 7 and at 32 touches a person, under the
    starter policy and with every rule type there is."""
    rows = chosen.rows or ROWS
    policies = {"starter policy": starter_policy(), "every rule type": every_rule_type()}
    return {
        f"{name}, {touches} touches a person": _measured(touches, rows if touches == 7 else rows // 4, body)
        for name, body in policies.items()
        for touches in (7, 32)
    }


def _measured(touches: int, rows: int, body: str) -> dict[str, Any]:
    surroundings = Surroundings(
        version=1,
        units={1: Unit(number=1, key="measured", name="Measured", zone="Europe/Berlin")},
        contact_points={
            1: ContactPoint(number=1, key="news", name="News", channel=Channel.EMAIL, address="n@m.example", unit=1)
        },
    )
    policy = read_policy(body)
    zones = read_zones(("", "Europe/Berlin", "Asia/Tokyo", "America/New_York"), zones_named(policy, surroundings))
    label = Label(channel=1, category=int(Category.MARKETING), unit=1, contact_point=1)
    compiled = compile_policy(policy, columns_of([Label(), label]), surroundings, zones)
    randomness = random.Random(1)
    states = [_state(randomness, touches) for _ in range(CHUNK * 2)]
    one, many = _timed(states, 1, compiled, 300), _timed(states, 64, compiled, 200)
    began = time.perf_counter()
    cases = _cases(CHUNK)
    for _ in range(max(rows // CHUNK, 1)):
        judge_group(states, cases, NOW, compiled)
    took = time.perf_counter() - began
    return {
        "rules": len(policy.rules),
        "one, p50 µs": one[0],
        "one, p99 µs": one[1],
        "group of 64, p50 µs": many[0],
        "group of 64, p99 µs": many[1],
        "proposals per second in bulk": round(max(rows // CHUNK, 1) * CHUNK / took),
    }


def _timed(states: list[ContactState], size: int, compiled: Any, turns: int) -> tuple[int, int]:
    cases, took = _cases(size), []
    mine = states[: size * 2]
    for _ in range(turns):
        began = time.perf_counter_ns()
        judge_group(mine, cases, NOW, compiled)
        took.append((time.perf_counter_ns() - began) // 1000)
    took.sort()
    return took[len(took) // 2], took[int(len(took) * 0.99)]


def _cases(size: int) -> Cases:
    folios = np.full((4, size), -1)
    folios[0], folios[1] = np.arange(size) * 2, np.arange(size) * 2 + 1
    column = np.ones(size, np.int64)
    return Cases(label=column, content=column * 7, created=column * NOW, send_by=column * NEVER, folios=folios)


def _state(randomness: random.Random, touches: int) -> ContactState:
    seconds = sorted(NOW - 9 * DAY - randomness.randrange(21 * DAY) for _ in range(touches))
    records = np.zeros(touches, TOUCH)
    records["second"], records["label"], records["entry"] = seconds, 4, np.arange(touches) + 1
    permit = np.array([(NOW - 60 * DAY, 1, 0, 0, 0, PermitKind.EXPRESS, 1, 0)], PERMIT)
    return ContactState(
        sequence=touches + 1, zone=randomness.randrange(1, 4), touches=records.tobytes(), permits=permit.tobytes()
    )
