"""The cast of the judge's stories: Ana, whose book we can write, in a company of two brands."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from onevoice.nouns.contact_state import FOREVER, MARK, PERMIT, TALLY, TOUCH, WISH, ContactState
from onevoice.nouns.label import Label, Labels, columns_of
from onevoice.nouns.moment import NEVER
from onevoice.nouns.policy import AnyRule, Policy
from onevoice.nouns.reason import Reason
from onevoice.nouns.surroundings import (
    Campaign,
    ContactPoint,
    Offer,
    Purpose,
    Surroundings,
    Topic,
    Unit,
)
from onevoice.nouns.words import Category, Channel, ContactPointStatus, MarkKind, PermitKind, TouchState
from onevoice.rules.cases import Cases, cases_of
from onevoice.rules.judge import Verdicts, judge
from onevoice.rules.policy import compile_policy, zones_named
from onevoice.rules.tables import Compiled
from onevoice.rules.zones import Zones
from onevoice.zone_tables import read_zones

ZONES = ("", "Europe/Berlin", "America/New_York", "Africa/Casablanca", "America/New_York|America/Los_Angeles")
UNKNOWN, BERLIN, NEW_YORK, CASABLANCA, AMERICAN_NUMBER = range(5)

SURROUNDINGS = Surroundings(
    version=1,
    units={
        1: Unit(number=1, key="group", name="Group", zone="Europe/Berlin"),
        2: Unit(number=2, key="bakery", name="Bakery", parent=1, zone="Europe/Berlin"),
        3: Unit(number=3, key="travel", name="Travel", parent=1, zone="America/New_York"),
    },
    topics={
        1: Topic(number=1, key="loans", name="Loans"),
        2: Topic(number=2, key="mortgage", name="Mortgage", parent=1),
        3: Topic(number=3, key="cards", name="Cards"),
    },
    purposes={
        1: Purpose(number=1, key="newsletter", name="Newsletter"),
        2: Purpose(number=2, key="offers", name="Offers"),
    },
    offers={1: Offer(number=1, key="spring", name="Spring"), 2: Offer(number=2, key="autumn", name="Autumn")},
    campaigns={
        1: Campaign(number=1, key="homes", name="Homes", unit=2, topics=(3,)),
        2: Campaign(number=2, key="savings", name="Savings", unit=2),
        3: Campaign(number=3, key="rates", name="Rates", unit=2),
    },
    contact_points={
        1: ContactPoint(number=1, key="desk", name="Desk", channel=Channel.EMAIL, address="a@x.example", unit=2),
        2: ContactPoint(
            number=2,
            key="old",
            name="Old desk",
            channel=Channel.EMAIL,
            address="b@x.example",
            unit=2,
            status=ContactPointStatus.RETIRED,
        ),
        3: ContactPoint(
            number=3, key="ear", name="Ear", channel=Channel.EMAIL, address="c@x.example", unit=2, sends=False
        ),
        4: ContactPoint(
            number=4,
            key="leaving",
            name="Leaving desk",
            channel=Channel.EMAIL,
            address="d@x.example",
            unit=2,
            status=ContactPointStatus.RETIRING,
        ),
    },
    zones=ZONES,
)


def mail(**changes: Any) -> Label:
    """A marketing e-mail of the bakery, but for these changes."""
    plain: dict[str, Any] = {
        "channel": Channel.EMAIL,
        "category": Category.MARKETING,
        "purpose": 1,
        "unit": 2,
    }
    return Label(**{**plain, **changes})


def text(**changes: Any) -> Label:
    """A marketing SMS of the bakery, but for these changes."""
    return mail(**{"channel": Channel.SMS, **changes})


@cache
def zone_table(also: tuple[str, ...] = ()) -> Zones:
    return read_zones(ZONES, also)


@dataclass
class Book:
    """What stands in the judge's world: labels are numbered as they are first used."""

    labels: list[Label] = field(default_factory=lambda: [Label()])

    def number(self, label: Label) -> int:
        if label not in self.labels:
            self.labels.append(label)
        return self.labels.index(label)

    def columns(self) -> Labels:
        return columns_of(self.labels)


@dataclass(frozen=True)
class Touch:
    """A touch in a folio, `ago` seconds before now."""

    ago: int
    label: Label = field(default_factory=mail)
    content: int = 0
    state: TouchState = TouchState.RESERVED


@dataclass(frozen=True)
class Permit:
    ago: int
    kind: PermitKind = PermitKind.EXPRESS
    channel: int = 0
    purpose: int = 0
    unit: int = 0
    proof: int = 1


@dataclass(frozen=True)
class Mark:
    kind: MarkKind
    until: int = FOREVER
    channel: int = 0
    scope: int = 0


@dataclass(frozen=True)
class Folio:
    """A folio as a story tells it; entries are numbered in the order told."""

    touches: Sequence[Touch] = ()
    permits: Sequence[Permit] = ()
    marks: Sequence[Mark] = ()
    wish: tuple[int, int, int, int] | None = None
    zone: int = BERLIN
    older: Sequence[Touch] = ()
    forgotten: Sequence[tuple[Label, int]] = ()
    """How many of each label left so long ago that they stand nowhere but in the tallies."""
    unread: bool = False
    """The judge was not handed `older`."""


def past(*touches: tuple[int, Label]) -> Folio:
    """A folio of these touches: how many seconds ago, and what they were."""
    return Folio([Touch(ago, label) for ago, label in touches])


def state_of(folio: Folio, book: Book, now: int) -> ContactState:
    """The contact state of this folio."""
    entry = iter(range(1, 10_000))

    def records(touches: Sequence[Touch]) -> bytes:
        rows = [
            (now - touch.ago, 4 * book.number(touch.label) + touch.state, touch.content, next(entry))
            for touch in sorted(touches, key=lambda touch: -touch.ago)
        ]
        return np.array(rows, TOUCH).tobytes()

    older, touches = records(folio.older), records(folio.touches)
    left = Counter({4 * book.number(label) + TouchState.SENT: count for label, count in folio.forgotten})
    left.update(np.frombuffer(older, TOUCH)["label"].tolist())
    permits = [
        (now - one.ago, next(entry), one.unit, one.channel, one.purpose, one.kind, one.proof, 0)
        for one in sorted(folio.permits, key=lambda one: (-one.ago, one.kind))
    ]
    marks = [(one.until, next(entry), one.kind, one.channel, one.scope) for one in folio.marks]
    return ContactState(
        sequence=next(entry) - 1,
        zone=folio.zone,
        touches=touches,
        permits=np.array(permits, PERMIT).tobytes(),
        marks=np.array(marks, MARK).tobytes(),
        wishes=np.array([(*folio.wish, 0)], WISH).tobytes() if folio.wish else b"",
        older=None if folio.unread else older or None,
        tallies=np.array(sorted(left.items()), TALLY).tobytes(),
    )


NOW = int(datetime(2026, 3, 4, 12, 0, tzinfo=ZoneInfo("Europe/Berlin")).timestamp())
"""A Wednesday noon in Berlin."""


def at(clock: str, zone: str = "Europe/Berlin") -> int:
    """The UTC second at which this wall clock time is first shown there."""
    return int(datetime.fromisoformat(clock).replace(tzinfo=ZoneInfo(zone)).timestamp())


@dataclass(frozen=True)
class Ask:
    """One question to the judge: may this message go to Ana now?"""

    message: Label = field(default_factory=mail)
    content: int = 0
    customer: Folio = field(default_factory=Folio)
    address: Folio | None = None
    household: Folio | None = None
    now: int = NOW
    created: int | None = None
    send_by: int = NEVER


def prepare(ask: Ask, *rules: AnyRule, **policy: Any) -> tuple[list[ContactState], Cases, Compiled]:
    """States, case and compiled policy of one question."""
    book = Book()
    folios = [ask.customer, ask.address, ask.household]
    states = [state_of(folio, book, ask.now) for folio in folios if folio is not None]
    numbers = iter(range(4))
    places = [next(numbers) if folio is not None else -1 for folio in folios]
    created = ask.now if ask.created is None else ask.created
    case = (book.number(ask.message), ask.content, created, ask.send_by, (places[0], places[1], places[2], -1))
    written = Policy(name="story", rules=rules, **policy)
    zones = zone_table(tuple(zones_named(written, SURROUNDINGS)))
    return states, cases_of([case]), compile_policy(written, book.columns(), SURROUNDINGS, zones)


def verdicts(ask: Ask, *rules: AnyRule, **policy: Any) -> Verdicts:
    states, cases, compiled = prepare(ask, *rules, **policy)
    return judge(states, cases, ask.now, compiled)


def told(ask: Ask, *rules: AnyRule, **policy: Any) -> tuple[str, str]:
    """The verdict in words, and its reason: ("send", "cleared"), ("hold 3600", ...) in seconds from now, ..."""
    found = verdicts(ask, *rules, **policy)
    when, reason = int(found.when[0]), Reason(int(found.reason[0])).spoken
    if when == ask.now:
        return "send", reason
    return ("suppress", reason) if when == NEVER else (f"hold {when - ask.now}", reason)


def outcome(ask: Ask, rule: AnyRule, **policy: Any) -> str:
    """The verdict in words under one rule, whose reason has the name of its type: "send", "hold 3600", "suppress"."""
    verdict, reason = told(ask, rule, **policy)
    assert reason == ("cleared" if verdict == "send" else rule.__struct_config__.tag)
    return verdict


def until(ask: Ask, *rules: AnyRule, **policy: Any) -> str:
    """The wall clock in Berlin at which the message may go."""
    when = int(verdicts(ask, *rules, **policy).when[0])
    return "never" if when == NEVER else datetime.fromtimestamp(when, ZoneInfo("Europe/Berlin")).isoformat()[:16]
