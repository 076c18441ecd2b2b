"""Demo, the making: files are written, then read and decided through the same actions as anybody's own exports."""

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Final

import msgspec

from onevoice.actions.gate import Gate
from onevoice.actions.import_log import Account, import_log
from onevoice.actions.setup import setup
from onevoice.demo.company import DOMAINS
from onevoice.demo.crowd import fill_crowd
from onevoice.demo.files import EXPORTS, SETUP, write
from onevoice.demo.people import tell_people
from onevoice.demo.plans import plan
from onevoice.demo.script import Script
from onevoice.demo.stories import tell_stories
from onevoice.demo.traffic import fill_traffic
from onevoice.demo.world import World
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.decision import Decision
from onevoice.nouns.observation import Given, Parked, Read
from onevoice.nouns.problem import Fault, Refused
from onevoice.vendors import reader_named
from onevoice.vendors.table import read as table
from onevoice.vendors.table.mapping import read_mapping

STATE: Final = "demo.json"
SOURCE: Final = "exports"
Progress = Callable[[str, int, int], None]
"""Called with the step at hand, how much of it is done, and how much there is (0: nobody knows)."""

LOGS: Final[tuple[tuple[str, str, Given], ...]] = (
    ("twilio-chairside.csv", "twilio", Given(platform="chairside", category="service")),
    ("twilio-gate-texts.csv", "twilio", Given(platform="gate-texts", category="service", campaign="gate-change")),
    ("twilio-till.csv", "twilio", Given(platform="till", category="marketing")),
    (
        "sendgrid-bank-news.json",
        "sendgrid",
        Given(unit="bank-marketing", platform="bank-mailer", category="marketing", campaign="bank-news"),
    ),
    (
        "sendgrid-travel-deals.json",
        "sendgrid",
        Given(unit="travel-offers", platform="travel-mailer", category="marketing", campaign="travel-deals"),
    ),
    ("managers.mbox", "mail", Given(platform="mailboxes", category="service", ours=DOMAINS)),
    ("permissions.csv", "table", Given()),
    ("messages.csv", "table", Given()),
)
"""Each export, its reader, and what its platform's people know about it."""


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What the folder remembers: the moment the demo is about, and whether everything was loaded."""

    moment: int
    made: bool = False


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """What the demo is made of; all zero where it was there already."""

    customers: int = 0
    read: int = 0
    recorded: int = 0
    repeated: int = 0
    parked: int = 0
    proposed: int = 0
    verdicts: dict[str, int] = {}


def script_of(world: World) -> Script:
    """Everything that the demo tells, made up from its moment alone."""
    script = Script()
    tell_stories(world, script)
    tell_people(world, script)
    cast = sorted(script.customers, key=lambda one: one.reference, reverse=True)
    script.customers.clear()
    crowd = fill_crowd(world, script)
    script.customers += cast  # last, so that the list of the newest customers begins with the stories
    fill_traffic(world, script, crowd)
    plan(script, crowd)
    return script


def make_demo(gate: Gate, folder: Path, state: State, progress: Progress = lambda step, done, of: None) -> Made:
    """Write and load the demo begun in this folder, finish it where that broke off, or leave it where it is made."""
    if state.made:
        return Made()
    world = World(state.moment)
    script = script_of(world)
    write(folder, world, script)
    progress("Writing files", 1, 1)
    setup(gate, SYSTEM, folder / SETUP, progress=lambda done, of: progress("Customers", done, of))
    account = _import(gate, folder / EXPORTS, progress)
    gate.look_again()
    verdicts = _propose(gate, script, progress)
    keep_state(folder, State(moment=state.moment, made=True))
    return Made(
        customers=len(script.customers),
        read=account.read,
        recorded=account.recorded,
        repeated=account.repeated,
        parked=account.parked,
        proposed=len(script.proposals),
        verdicts=verdicts,
    )


def begin_demo(folder: Path, now: int) -> State:
    """What the folder remembers; where it is new or empty, a demo of this moment is begun in it.

    Raises Refused where it holds something else, so that nobody's data is mixed with made-up people."""
    path = folder / STATE
    if path.exists():
        return msgspec.json.decode(path.read_bytes(), type=State)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused([Fault("--data", f"{folder} holds something else. Name a new folder.")], "Nothing was written.")
    folder.mkdir(parents=True, exist_ok=True)
    state = State(moment=now)
    keep_state(folder, state)
    return state


def keep_state(folder: Path, state: State) -> None:
    """Remember it, whole or not at all."""
    fresh = folder / f"{STATE}.new"
    fresh.write_bytes(msgspec.json.encode(state) + b"\n")
    fresh.replace(folder / STATE)


def _import(gate: Gate, exports: Path, progress: Progress) -> Account:
    """All exports in one go and in the order of time, each message decided at its own time by its platform's mode."""
    done, read, expected = 0, 0, sum(_lines(exports / name) for name, _, _ in LOGS)

    def told(record: Read | Parked) -> Read | Parked:
        nonlocal read
        read += 1
        progress("Reading exports", min(read, expected), expected)
        return record

    def step(count: int) -> None:
        nonlocal done
        done += count
        progress("Deciding the month", min(done, expected), expected)

    records = chain.from_iterable(_records(exports / name, reader, given) for name, reader, given in LOGS)
    return import_log(gate, SYSTEM, SOURCE, map(told, records), replay=True, progress=step)


def _lines(path: Path) -> int:
    text = path.read_bytes()
    return text.count(b"\nMessage-ID:") if path.suffix == ".mbox" else text.count(b"\n") - (path.suffix == ".csv")


def _records(path: Path, reader: str, given: Given) -> Iterator[Read | Parked]:
    if reader == "table":
        return table.read(path, read_mapping(path.with_suffix(".toml").read_text("utf-8")), given)
    found = reader_named(reader)
    assert found is not None, reader
    return found.read(path, given)


def _propose(gate: Gate, script: Script, progress: Progress) -> dict[str, int]:
    verdicts: dict[str, int] = {}
    for count, proposal in enumerate(script.proposals, 1):
        decision: Decision = gate.propose(SYSTEM, proposal)
        verdicts[decision.verdict] = verdicts.get(decision.verdict, 0) + 1
        progress("Deciding today", count, len(script.proposals))
    return verdicts
