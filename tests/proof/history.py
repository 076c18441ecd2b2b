"""The whole history of a folio, fact by fact in sequence order, and what it comes to: the reference's own reading."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from onevoice.nouns.words import EntryKind, MarkKind, PermitKind, TouchState


@dataclass(frozen=True, slots=True)
class TouchFact:
    """Something happened to touch number `touch`: decided, sent, delivered, released or lapsed, at `second`."""

    kind: EntryKind
    touch: int
    second: int
    label: int = 0
    content: int = 0


@dataclass(frozen=True, slots=True)
class PermitFact:
    """Consent given or withdrawn at `second`; 0 means any channel, purpose or unit."""

    kind: PermitKind
    second: int
    channel: int = 0
    purpose: int = 0
    unit: int = 0
    proven: bool = False


@dataclass(frozen=True, slots=True)
class MarkFact:
    """A state that holds until second `until`; 0 takes it away."""

    kind: MarkKind
    until: int
    channel: int = 0
    scope: int = 0


@dataclass(frozen=True, slots=True)
class WishFact:
    """At most `at_most` messages in `days` days; quiet from minute `quiet_begin` for `quiet_length` minutes."""

    at_most: int = 0
    days: int = 0
    quiet_begin: int = 0
    quiet_length: int = 0


@dataclass(frozen=True, slots=True)
class ZoneFact:
    """The IANA zone, `A|B` where it may be either, empty where nobody knows."""

    zone: str


Fact = TouchFact | PermitFact | MarkFact | WishFact | ZoneFact


@dataclass(frozen=True, slots=True)
class Touch:
    """A message that counts: `entry` is the sequence number of the first fact told about it."""

    second: int
    entry: int
    label: int
    content: int
    state: TouchState


@dataclass(frozen=True, slots=True)
class History:
    """What all facts of one folio come to. Nothing is forgotten but what the facts themselves took back."""

    zone: str = ""
    touches: tuple[Touch, ...] = ()
    permits: tuple[PermitFact, ...] = ()
    marks: tuple[MarkFact, ...] = ()
    wish: WishFact = WishFact()


NOTHING = History()
REACHED = {
    EntryKind.DECIDED: TouchState.RESERVED,
    EntryKind.SENT: TouchState.SENT,
    EntryKind.DELIVERED: TouchState.DELIVERED,
}


def read(facts: Iterable[Fact]) -> History:
    """Read all facts in sequence order (the first has number 1); repeats and late arrivals change nothing twice."""
    touches: dict[int, Touch] = {}
    begun: dict[int, int] = {}
    marks: dict[tuple[int, int, int], MarkFact] = {}
    permits: list[PermitFact] = []
    zone, wish = "", WishFact()
    for entry, fact in enumerate(facts, start=1):
        match fact:
            case TouchFact():
                _touch(touches, fact, begun.setdefault(fact.touch, entry))
            case PermitFact():
                permits.append(fact)
            case MarkFact():
                marks[fact.kind, fact.channel, fact.scope] = fact
            case WishFact():
                wish = fact
            case ZoneFact():
                zone = fact.zone
    return History(
        zone=zone,
        touches=tuple(sorted(touches.values(), key=lambda touch: (touch.second, touch.entry))),
        permits=tuple(permits),
        marks=tuple(mark for mark in marks.values() if mark.until),
        wish=wish,
    )


def _touch(touches: dict[int, Touch], fact: TouchFact, entry: int) -> None:
    """A touch only ever comes further; a reservation that ends before anything was sent is as if it had not been, and
    one that is decided again takes its new place."""
    known = touches.get(fact.touch)
    if fact.kind in REACHED:
        reached = REACHED[fact.kind]
        if known is None or reached == known.state == TouchState.RESERVED:
            touches[fact.touch] = Touch(fact.second, entry, fact.label, fact.content, reached)
        elif reached > known.state:
            touches[fact.touch] = replace(known, state=reached)
    elif known is not None and known.state == TouchState.RESERVED:
        del touches[fact.touch]
