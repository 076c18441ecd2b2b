"""A small company behind the HTTP door: Lumen, with a bank and a shop, a customer of each, and keys for everybody."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar
from litestar.testing import TestClient

from onevoice.actions.setup import setup
from onevoice.doors.http.app import create_app
from onevoice.nouns.authority import SYSTEM, Verb
from onevoice.settings import Secret, Settings
from onevoice.wiring import Onevoice, open_onevoice
from tests.clock import HandMovedClock

POLICY = """\
name = "Lumen"

[[rules]]
type = "calendar_cap"
name = "one-a-day"
applies = { categories = ["marketing"] }
at_most = 1
period = "day"
zone = "UTC"
"""

FILES = {
    "company.toml": 'key = "lumen"\nname = "Lumen"\nzone = "Europe/Berlin"\n',
    "units.csv": "key,name,parent\nbank,Lumen Bank,\nshop,Lumen Shop,\nsavings,Savings,bank\n",
    "platforms.csv": "key,name,unit,mode\ncrm,CRM,bank,enforce\nposter,Poster,shop,enforce\n",
    "topics.csv": "key,name\nloans,Loans\n",
    "customers.csv": "customer,name,units\nC1,Ada Berg,bank;shop\nC2,Ben Cole,shop\n",
    "addresses.csv": "customer,channel,address\nC1,email,ada@example.com\nC2,sms,+4915123456789\n",
    "policy.toml": POLICY,
}

KEYS = {
    "admin": ("lumen", frozenset(Verb)),
    "bank": ("bank", frozenset({Verb.PROPOSE, Verb.OBSERVE, Verb.ASK, Verb.SETUP})),
    "shop": ("shop", frozenset({Verb.PROPOSE, Verb.OBSERVE, Verb.ASK, Verb.SETUP})),
    "sender": ("bank", frozenset({Verb.PROPOSE})),
    "teller": ("bank", frozenset({Verb.OBSERVE})),
    "asker": ("bank", frozenset({Verb.ASK})),
}


@dataclass(frozen=True)
class House:
    """The installation, its application, a client without a key, and the secrets of the keys by name."""

    onevoice: Onevoice
    app: Litestar
    http: TestClient[Litestar]
    secrets: dict[str, str]
    clock: HandMovedClock

    def ask(self, method: str, path: str, body: object = None, *, key: str = "bank", **headers: str) -> Any:
        """The response to a request with this key (`''`: none); a body is sent as JSON."""
        sent = {"authorization": f"Bearer {self.secrets[key]}"} if key else {}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        if body is None:
            return self.http.request(method, path, headers=sent)
        raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
        sent.setdefault("content-type", "application/json")
        return self.http.request(method, path, headers=sent, content=raw)

    def get(self, path: str, *, key: str = "bank") -> Any:
        """The JSON of a page that is there."""
        answer = self.ask("GET", path, key=key)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: object, *, key: str = "bank", **headers: str) -> Any:
        """The JSON of an answer to what could be taken."""
        answer = self.ask("POST", path, body, key=key, **headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def batch(self, path: str, raw: bytes, *, key: str = "bank", **headers: str) -> list[dict[str, Any]]:
        """The lines of an answer to a batch."""
        answer = self.ask("POST", path, raw, key=key, content_type="application/x-ndjson", **headers)
        assert answer.status_code == 200, answer.text
        return [msgspec.json.decode(line) for line in answer.content.splitlines()]


def letter(**other: object) -> dict[str, object]:
    """A proposal of the bank to Ada."""
    return {
        "key": "spring-ada",
        "unit": "bank",
        "channel": "email",
        "category": "marketing",
        "customer": "C1",
        "address": "ada@example.com",
        "platform": "crm",
        **other,
    }


def lines(*rows: object) -> bytes:
    """These rows as NDJSON."""
    return b"".join((row if isinstance(row, bytes) else msgspec.json.encode(row)) + b"\n" for row in rows)


def faults(answer: Any, status: int = 422) -> dict[str, str]:
    """What a refusal lists, by place."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return {fault["where"]: fault["says"] for fault in answer.json()["faults"]}


@contextmanager
def installed(folder: Path, clock: HandMovedClock, database_url: str = "") -> Iterator[tuple[Onevoice, dict[str, str]]]:
    """Lumen, set up in this folder, and the secrets of its keys."""
    settings = Settings(data_dir=folder, database_url=Secret(database_url))
    onevoice = open_onevoice(settings, clock=clock)
    try:
        files = folder / "setup"
        files.mkdir()
        for name, text in FILES.items():
            (files / name).write_text(text, "utf-8")
        setup(onevoice.gate, SYSTEM, files)
        yield (
            onevoice,
            {
                name: onevoice.entrance.make_key(SYSTEM, name=name, unit=unit, verbs=verbs)[1]
                for name, (unit, verbs) in KEYS.items()
            },
        )
    finally:
        onevoice.close()


@contextmanager
def open_house(folder: Path, clock: HandMovedClock, database_url: str = "") -> Iterator[House]:
    """Lumen with its door open."""
    with installed(folder, clock, database_url) as (onevoice, secrets):
        app = create_app(onevoice)
        with TestClient(app) as http:
            yield House(onevoice, app, http, secrets, clock)
