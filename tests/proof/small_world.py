"""One customer, one unit, a handful of messages: the smallest world in which a boundary can be looked at."""

from collections.abc import Sequence
from datetime import datetime

from onevoice.nouns.label import Label
from onevoice.nouns.policy import AnyRule, Policy
from onevoice.nouns.surroundings import Campaign, Surroundings, Topic, Unit
from onevoice.nouns.words import Category, Channel, EntryKind
from tests.proof.comparison import agree
from tests.proof.history import Fact, TouchFact, ZoneFact
from tests.proof.places import ZONES
from tests.proof.random_cases import Batch
from tests.proof.reference import Answer
from tests.proof.row import Asked

NEWS, SALE = 1, 2
LABELS = [
    Label(),
    Label(channel=Channel.EMAIL, category=Category.MARKETING, unit=1, topics=(1,), campaign=1),
    Label(channel=Channel.EMAIL, category=Category.MARKETING, unit=1, topics=(2,)),
]
SURROUNDINGS = Surroundings(
    units={1: Unit(number=1, key="head-office", name="Head office", zone="Europe/Berlin")},
    topics={1: Topic(number=1, key="news", name="News"), 2: Topic(number=2, key="sale", name="Sale")},
    campaigns={1: Campaign(number=1, key="spring", name="Spring", unit=1, topics=(2,))},
    zones=ZONES,
)


def utc(text: str) -> int:
    """The second of an ISO moment: `2026-02-15T01:50:00+00:00`, or `...Z`."""
    return int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def sent(second: int, touch: int = 1, label: int = NEWS, content: int = 0) -> TouchFact:
    return TouchFact(EntryKind.SENT, touch, second, label, content)


def decided(
    *rules: AnyRule,
    facts: Sequence[Fact] = (),
    zone: str = "UTC",
    now: int,
    also: Sequence[int] = (),
    label: int = NEWS,
    plausible: tuple[str, ...] = (),
    send_by: int = 0,
) -> Answer:
    """What becomes of a message now, judge and reference agreeing, now and at the seconds in `also`."""
    batch = Batch(
        policy=Policy(name="small", version=1, rules=rules, longest_hold=60 * 86_400, plausible_zones=plausible),
        labels=LABELS,
        surroundings=SURROUNDINGS,
        facts=((ZoneFact(zone), *facts),),
        asked=(Asked(label, 0, now, send_by, (0, -1, -1, -1)),),
        nows=(now, *also),
    )
    return agree(batch)[0]
