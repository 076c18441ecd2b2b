"""The book handled roughly, at length: kills, torn-down servers and races, with their figures for docs/evidence."""

import json
import platform
import random
import tempfile
import time
from pathlib import Path
from typing import Final

from tests.book import check, database, open_company, settings_of
from tests.clock import HandMovedClock
from tests.postgres_server import postgres_server
from tests.proof.load import MOMENT, acknowledged, press, shared_addresses
from tests.proof.recount import POLICY, recount
from tests.proof.test_crash import all_is_there, killed, reopened

KILLS: Final = 400
KILLS_OF_A_CLIENT: Final = 100
ACKNOWLEDGED_LEAST: Final = 20_000
ROUNDS: Final = 10
EVIDENCE: Final = Path(__file__).parents[2] / "docs" / "evidence" / "book.json"


def handled_roughly(seed: int) -> list[str]:
    """What was found wrong, nothing when all is well; then the figures are written to docs/evidence/book.json.

    Raises AssertionError where the book itself is not sound."""
    begun = time.monotonic()
    dice = random.Random(seed)
    figures: dict[str, object] = {"what": "kill -9 under load, and 64 threads racing at shared people", "seed": seed}
    faults: list[str] = []
    with postgres_server(durable=True) as server:
        for kind, kills in (("sqlite", KILLS), ("postgres", KILLS_OF_A_CLIENT)):
            with tempfile.TemporaryDirectory() as folder, database(server) as url:
                figures[kind] = _one_store(Path(folder), url if kind == "postgres" else "", kills, dice, faults)
    figures |= {"seconds": round(time.monotonic() - begun, 1), "python": platform.python_version()}
    if not faults:
        EVIDENCE.parent.mkdir(parents=True, exist_ok=True)
        EVIDENCE.write_text(json.dumps(figures, indent=2) + "\n")
    return faults


def _one_store(folder: Path, url: str, kills: int, dice: random.Random, faults: list[str]) -> dict[str, object]:
    lives = killed(folder, url, kills, dice)
    told = acknowledged(folder)
    if len(told) < ACKNOWLEDGED_LEAST * kills // KILLS:
        faults.append(f"only {len(told)} decisions were acknowledged in {lives} lives")
    with reopened(folder, url) as company:
        all_is_there(company, told, dice)
    figures: dict[str, object] = {"kills": kills, "lives": lives, "acknowledged": len(told), "lost_or_changed": 0}
    return figures | _races(folder / "race", url, faults) if not url else figures


def _races(folder: Path, url: str, faults: list[str]) -> dict[str, object]:
    decisions = sent = 0
    for turn in range(ROUNDS):
        with open_company(settings_of(folder / str(turn), url), HandMovedClock(MOMENT), POLICY) as company:
            shared_addresses(company)
            press(company, seed=turn, threads=64, each=100)
            with company.book.engine.reading() as connection:
                found = recount(connection)
            check(company)
        decisions, sent = decisions + found.decisions, sent + found.sent
        if found.over or found.denied:
            faults.append(f"round {turn}: {found}")
    return {"raced_decisions": decisions, "sent": sent, "over": 0, "denied": 0}
