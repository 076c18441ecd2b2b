"""A company to measure with: one unit, the starter policy (every built rule active), customers with an address each."""

import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from onevoice.actions.people import Person, folios_of, sought
from onevoice.actions.setup import setup
from onevoice.ledger.engine import Transaction
from onevoice.ledger.entries import NOTHING_OLDER, Draft, post
from onevoice.ledger.tables import sources
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.label import Label
from onevoice.nouns.moment import DAY, HOUR, Clock
from onevoice.nouns.words import Category, Channel, EntryKind, Mode, PermitKind, Verdict
from onevoice.settings import Secret, Settings
from onevoice.wiring import Onevoice, open_onevoice, real_clock

PEOPLE_AT_ONCE = 5_000
HISTORY_DAYS = 30


def starter_policy() -> str:
    """The starter policy as it is shipped."""
    return (resources.files("onevoice.rules") / "starter.toml").read_text("utf-8")


def every_rule_type() -> str:
    """The starter policy with every other rule type: forty rules."""
    return starter_policy() + (Path(__file__).parent / "all_rules.toml").read_text("utf-8")


@contextmanager
def company(engine: str, policy: str = "") -> Iterator[Onevoice]:
    """An empty company on SQLite in a temporary folder, or on a durable PostgreSQL started for it."""
    from tests.postgres_server import postgres_server

    with tempfile.TemporaryDirectory() as folder:
        if engine == "sqlite":
            with _opened(Path(folder), "", policy) as house:
                yield house
            return
        with (
            postgres_server(durable=True) as server,
            _opened(Path(folder), server.url(server.new_database()), policy) as house,
        ):
            yield house


@contextmanager
def _opened(folder: Path, url: str, policy: str) -> Iterator[Onevoice]:
    house = open_onevoice(Settings(data_dir=folder / "data", database_url=Secret(url)), clock=_noon())
    try:
        files = folder / "setup"
        files.mkdir()
        (files / "company.toml").write_text('name = "Measured"\nzone = "Europe/Berlin"\nkey = "measured"\n')
        (files / "contact_points.csv").write_text(
            "key,name,channel,address,unit,platform,status,sends,receives,purpose\n"
            "news,News,email,news@measured.example,measured,,active,yes,no,\n"
        )
        (files / "campaigns.csv").write_text("key,name,unit\nspring,Spring,measured\nsummer,Summer,measured\n")
        (files / "policy.toml").write_text(policy or starter_policy())
        setup(house.gate, SYSTEM, files)
        yield house
    finally:
        house.close()


def _noon() -> Clock:
    """The real clock, moved to noon in Berlin, so that quiet hours do not depend on when one measures."""
    now = real_clock()
    moved = 11 * HOUR - now % DAY
    return lambda: real_clock() + moved


def people(house: Onevoice, count: int, touches: int) -> None:
    """`count` customers `c0`, `c1` ... with an address, a proven consent, a zone, and `touches` service and marketing
    messages sent over the last 30 days, all as entries of the book."""
    for start in range(0, count, PEOPLE_AT_ONCE):
        numbers = range(start, min(start + PEOPLE_AT_ONCE, count))
        house.gate.write(lambda tx, numbers=numbers: _people(tx, house, numbers, touches))  # type: ignore[misc]


def _people(tx: Transaction, house: Onevoice, numbers: range, touches: int) -> None:
    book, now = house.book, house.book.clock()
    told = [sought(book, Person(f"c{number}", f"c{number}@people.example", int(Channel.EMAIL))) for number in numbers]
    folios = [one for one in folios_of(tx, book, told) if isinstance(one, tuple)]
    assert len(folios) == len(numbers)
    said_by = book.known.name(tx, sources, "history")
    unit = next(iter(book.known.surroundings.units))
    consent = book.known.label(tx, Label(channel=int(Channel.EMAIL), unit=unit))
    news = book.known.label(tx, Label(channel=int(Channel.EMAIL), unit=unit, category=int(Category.MARKETING)))
    drafts = [
        Draft(
            kind=int(EntryKind.CONSENTED),
            folios=one,
            label=consent,
            occurred=now - 60 * DAY,
            said_by=said_by,
            permit=int(PermitKind.EXPRESS),
            proof=1,
        )
        for one in folios
    ]
    drafts += [
        Draft(
            kind=int(EntryKind.DECIDED),
            folios=one,
            label=news,
            occurred=now - HISTORY_DAYS * DAY + turn * (HISTORY_DAYS - 8) * DAY // max(touches, 1) + place % 24 * HOUR,
            said_by=said_by,
            content=1 + turn,
            counts=True,
            verdict=int(Verdict.SEND),
            mode=int(Mode.ENFORCE),
        )
        for turn in range(touches)
        for place, one in enumerate(folios)
    ]
    states = tx.states(sorted({folio for one in folios for folio in one if folio}), NOTHING_OLDER)
    post(tx, book.known, states, drafts, now)


def peak_megabytes() -> float:
    """The most memory this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
