"""Surroundings: a frozen, versioned snapshot of everything the judge needs that is not per person."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from onevoice.nouns.words import Category, Channel, ContactPointStatus, Mode


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """What every document has: a number given once, a key people write in files, a name people read."""

    number: int
    key: str
    name: str


class Unit(Document, frozen=True, kw_only=True):
    """A brand, region, franchisee, department or team; `parent` is a unit number, 0 for a root."""

    parent: int = 0
    kind: str = "department"
    zone: str = "UTC"


class Platform(Document, frozen=True, kw_only=True):
    unit: int
    vendor: str = "sandbox"
    mode: Mode = Mode.MONITOR


class ContactPoint(Document, frozen=True, kw_only=True):
    """An address, domain, number or handle from which the company speaks or at which it listens."""

    channel: Channel
    address: str
    unit: int
    platform: int = 0
    status: ContactPointStatus = ContactPointStatus.ACTIVE
    sends: bool = True
    receives: bool = False
    purpose: str = ""


class Topic(Document, frozen=True, kw_only=True):
    """What a message is about; nested by `parent`; products are topics too."""

    parent: int = 0
    unit: int = 0


class Purpose(Document, frozen=True, kw_only=True):
    """What a permission is for; numbers stay below 256."""


class Offer(Document, frozen=True, kw_only=True):
    topic: int = 0
    terms: str = ""


class Campaign(Document, frozen=True, kw_only=True):
    unit: int
    category: Category = Category.MARKETING
    topics: tuple[int, ...] = ()
    offer: int = 0
    why: str = ""


class CategoryBits(msgspec.Struct, frozen=True, kw_only=True):
    """The two independent bits of a category; a category that does not obey needs a reason."""

    category: Category
    obeys_caps: bool = True
    counts_towards_caps: bool = True
    reason: str = ""


DEFAULT_BITS = (
    CategoryBits(category=Category.SAFETY, obeys_caps=False, reason="A warning must not wait behind a newsletter."),
    CategoryBits(category=Category.LEGAL, obeys_caps=False, reason="The law sets the day of a legal notice."),
    CategoryBits(category=Category.SERVICE, obeys_caps=False, reason="People asked for what serves them."),
    CategoryBits(category=Category.MARKETING),
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`version` grows with every change of a document; the maps are by number."""

    version: int = 0
    units: Mapping[int, Unit] = field(default_factory=dict)
    platforms: Mapping[int, Platform] = field(default_factory=dict)
    contact_points: Mapping[int, ContactPoint] = field(default_factory=dict)
    topics: Mapping[int, Topic] = field(default_factory=dict)
    purposes: Mapping[int, Purpose] = field(default_factory=dict)
    offers: Mapping[int, Offer] = field(default_factory=dict)
    campaigns: Mapping[int, Campaign] = field(default_factory=dict)
    categories: tuple[CategoryBits, ...] = DEFAULT_BITS
    zones: tuple[str, ...] = ("",)
    """Names of IANA zones; index = zone number, 0 is unknown."""


def ancestors(documents: Mapping[int, Unit] | Mapping[int, Topic], number: int) -> tuple[int, ...]:
    """The number itself and all its parents, nearest first; a cycle ends where it closes."""
    line: list[int] = []
    while number and number in documents and number not in line:
        line.append(number)
        number = documents[number].parent
    return tuple(line)


def subtree(units: Mapping[int, Unit], root: int) -> frozenset[int]:
    """The unit and everything below it."""
    return frozenset(number for number in units if root in ancestors(units, number))
