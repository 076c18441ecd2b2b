"""The demo as the tests see it: made once at a moment that stands still, asked over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from litestar.testing import TestClient

from onevoice.demo.make import Made, begin_demo, make_demo
from onevoice.doors.http.app import create_app
from onevoice.nouns.authority import SYSTEM, Verb
from onevoice.settings import Settings
from onevoice.wiring import Onevoice, open_onevoice
from tests.clock import HandMovedClock

KEYS = {"fernhill": frozenset(Verb), "hearth-north": frozenset({Verb.ASK}), "hearth-south": frozenset(Verb)}


@dataclass(frozen=True)
class Fernhill:
    """The installation, what it was made of, and a client with a key for each of three units."""

    onevoice: Onevoice
    made: Made
    folder: Path
    http: TestClient[Any]
    secrets: dict[str, str]

    def get(self, path: str, *, unit: str = "fernhill") -> Any:
        """The JSON of a page that is there."""
        answer = self.http.get(path, headers={"authorization": f"Bearer {self.secrets[unit]}"})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: object, *, unit: str = "fernhill") -> Any:
        """The JSON of what was taken."""
        answer = self.http.post(path, json=body, headers={"authorization": f"Bearer {self.secrets[unit]}"})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def timeline(self, customer: str, *, unit: str = "fernhill") -> list[dict[str, Any]]:
        """All entries of a customer, newest first."""
        page: dict[str, Any] = self.get(f"/v1/customers/{customer}/timeline?limit=100", unit=unit)
        assert not page["next"], "one page holds a customer of the demo"
        happened: list[dict[str, Any]] = page["happened"]
        return happened


@contextmanager
def fernhill(folder: Path, clock: HandMovedClock) -> Iterator[Fernhill]:
    """The demo, made in this folder as of this clock, and its door open."""
    state = begin_demo(folder, clock())
    onevoice = open_onevoice(Settings(data_dir=folder), clock=clock)
    try:
        made = make_demo(onevoice.gate, folder, state)
        secrets = {
            unit: onevoice.entrance.make_key(SYSTEM, name=unit, unit=unit, verbs=verbs)[1]
            for unit, verbs in KEYS.items()
        }
        with TestClient(create_app(onevoice)) as http:
            yield Fernhill(onevoice, made, folder, http, secrets)
    finally:
        onevoice.close()
