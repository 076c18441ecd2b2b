"""Every page of the console on a book of a million touches in thirty days, as the server answers it, nothing cached."""

import argparse
import random
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from litestar.testing import TestClient

from benchmarks.company import company, starter_policy
from onevoice.actions.people import Person, folios_of, sought
from onevoice.actions.setup import setup
from onevoice.actions.staff import set_password
from onevoice.doors.console.pages import CONSOLE
from onevoice.doors.console.problems import problem_page
from onevoice.doors.http.app import create_app
from onevoice.ledger.engine import Transaction
from onevoice.ledger.entries import NOTHING_OLDER, Draft, Folios, post
from onevoice.ledger.people import belong
from onevoice.ledger.tables import sources
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.label import Label
from onevoice.nouns.moment import DAY
from onevoice.nouns.problem import Fault
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import Category, Channel, EntryKind, Mode, Verdict
from onevoice.wiring import Onevoice

TOUCHES = 1_000_000
A_PERSON = 10
DAYS = 30
UNITS = 10
AT_ONCE = 5_000
TURNS = 15
PASSWORD = "a long enough password"
HELD, SUPPRESSED = 0.06, 0.04
CHANNELS = (Channel.EMAIL, Channel.SMS, Channel.PUSH)


def run(chosen: argparse.Namespace) -> dict[str, Any]:
    """Milliseconds a page, for somebody of the whole company and somebody of one unit; and bytes of its assets."""
    touches = chosen.rows or TOUCHES
    with company(chosen.engine) as house:
        began = time.perf_counter()
        month(house, touches)
        wrote = time.perf_counter() - began
        return {
            "touches": touches,
            "days": DAYS,
            "people": touches // A_PERSON,
            "seconds to write the book": round(wrote, 1),
            "pages": {who: measured(house, who) for who in ("boss", "agent")},
        }


def month(house: Onevoice, touches: int) -> None:
    """A book in which every customer got about ten messages over thirty days from ten units, a tenth of them held or
    suppressed; the rest were decided and sent. Written day by day, as it would have been."""
    with tempfile.TemporaryDirectory() as folder:
        _company(Path(folder))
        setup(house.gate, SYSTEM, Path(folder))
    for who in ("boss", "agent"):
        set_password(house.book.engine, SYSTEM, f"{who}@measured.example", PASSWORD, at=house.book.clock())
    chance, count = random.Random(1), touches // A_PERSON
    people: list[Folios] = []
    for start in range(0, count, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, count))
        people += house.gate.write(lambda tx, numbers=numbers: _people(tx, house, numbers))  # type: ignore[misc]
    first = house.book.clock() // DAY - DAYS + 1
    for day in range(DAYS):
        chosen = chance.choices(people, k=touches // DAYS)
        for start in range(0, len(chosen), AT_ONCE):
            part, at = chosen[start : start + AT_ONCE], (first + day) * DAY
            house.gate.write(lambda tx, part=part, at=at: _touches(tx, house, part, at, chance))  # type: ignore[misc]


def _company(folder: Path) -> None:
    (folder / "company.toml").write_text('name = "Measured"\nzone = "Europe/Berlin"\nkey = "measured"\n')
    units = "".join(f"unit{number},Unit {number},measured\n" for number in range(UNITS))
    (folder / "units.csv").write_text("key,name,parent\n" + units)
    staff = "boss@measured.example,Boss,measured,admin\nagent@measured.example,Agent,unit3,agent\n"
    (folder / "staff.csv").write_text("email,name,unit,role\n" + staff)
    (folder / "contact_points.csv").write_text(
        "key,name,channel,address,unit,platform,status,sends,receives,purpose\n"
        "news,News,email,news@measured.example,measured,,active,yes,no,\n"
    )
    (folder / "policy.toml").write_text(starter_policy())


def _people(tx: Transaction, house: Onevoice, numbers: range) -> list[Folios]:
    told = [Person(f"c{one}", f"c{one}@people.example", int(Channel.EMAIL)) for one in numbers]
    asked = folios_of(tx, house.book, [sought(house.book, one) for one in told])
    found = [one for one in asked if isinstance(one, tuple) and not isinstance(one, Fault)]
    units = _units(house)
    belong(tx, [(units[place % UNITS], one[0]) for place, one in enumerate(found)])
    return found


def _units(house: Onevoice) -> list[int]:
    return sorted(one.number for one in house.book.known.surroundings.units.values() if one.key.startswith("unit"))


def _touches(tx: Transaction, house: Onevoice, people: list[Folios], at: int, chance: random.Random) -> None:
    book = house.book
    said_by = book.known.name(tx, sources, "history")
    labels = [
        book.known.label(tx, Label(channel=int(channel), unit=unit, category=int(Category.MARKETING)))
        for unit in _units(house)
        for channel in CHANNELS
    ]
    drafts = []
    for folios in people:
        lot = chance.random()
        verdict = Verdict.HOLD if lot < HELD else Verdict.SUPPRESS if lot < HELD + SUPPRESSED else Verdict.SEND
        reason = Reason.CLEARED if verdict is Verdict.SEND else chance.choice((Reason.CALENDAR_CAP, Reason.QUIET_HOURS))
        drafts.append(
            Draft(
                kind=int(EntryKind.DECIDED),
                folios=folios,
                label=chance.choice(labels),
                occurred=at + chance.randrange(DAY),
                said_by=said_by,
                counts=verdict is Verdict.SEND,
                verdict=int(verdict),
                reason=int(reason),
                mode=int(Mode.ENFORCE),
            )
        )
    states = tx.states(sorted({folio for one in people for folio in one if folio}), NOTHING_OLDER)
    posted = post(tx, book.known, states, drafts, book.clock())
    sent = [
        Draft(
            kind=int(EntryKind.SENT),
            folios=draft.folios,
            label=draft.label,
            occurred=draft.occurred + 1_000_000,
            said_by=said_by,
            touch=one.touch,
            firsts=one.sequences,
            mode=draft.mode,
        )
        for draft, one in zip(drafts, posted, strict=True)
        if draft.verdict == Verdict.SEND
    ]
    post(tx, book.known, states, sent, book.clock())


def measured(house: Onevoice, who: str) -> dict[str, dict[str, float]]:
    """Milliseconds of every page for this member of staff: the first time, the median, the worst."""
    with signed_in(house, who) as client:
        return {name: _timed(client, method, path) for name, method, path in _pages(client)}


@contextmanager
def signed_in(house: Onevoice, who: str) -> "Iterator[TestClient[Any]]":
    """A browser's session with the console, without a network."""
    with TestClient(create_app(house, console=CONSOLE, page=problem_page)) as client:
        ticket = re.search(r'name="csrf_token" value="([0-9a-f]+)"', client.get("/login").text)
        assert ticket is not None
        form = {"email": f"{who}@measured.example", "password": PASSWORD, "csrf_token": ticket[1], "next": "/"}
        assert client.post("/login", data=form, follow_redirects=False).headers["location"] == "/"
        yield client


def _pages(client: "TestClient[Any]") -> list[tuple[str, str, str]]:
    """(name, method, path) of every page there is, with numbers that lead somewhere."""
    customers = re.findall(r'href="/customers/(\d+)', client.get("/customers").text)
    held = re.findall(r"why=(\d+)", client.get("/decisions?verdict=hold").text)
    return [
        ("overview", "GET", "/"),
        ("decisions", "GET", "/decisions"),
        ("decisions kept back", "GET", "/decisions?verdict=kept_back"),
        ("decisions by a rare reason", "GET", "/decisions?reason=same_content"),
        ("decisions of a unit by text", "GET", "/decisions?unit=unit3&channel=sms&verdict=suppress"),
        ("why", "GET", f"/decisions/{held[0]}" if held else "/decisions"),
        ("customers", "GET", "/customers"),
        ("customers behind a bar", "GET", "/customers?least=3&most=3"),
        ("customers by a name", "POST", "c123"),
        ("a customer", "GET", f"/customers/{customers[0]}" if customers else "/customers"),
    ]


def _timed(client: "TestClient[Any]", method: str, path: str) -> dict[str, float]:
    took = []
    for _ in range(TURNS):
        began = time.perf_counter()
        if method == "GET":
            answer = client.get(path)
        else:
            token = re.search(r'name="csrf_token" value="([0-9a-f]+)"', client.get("/customers").text)
            began = time.perf_counter()
            answer = client.post("/customers", data={"words": path, "csrf_token": token[1] if token else ""})
        took.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:300])
    return {
        "first ms": round(took[0], 1),
        "p50 ms": round(sorted(took)[TURNS // 2], 1),
        "worst ms": round(max(took), 1),
    }
