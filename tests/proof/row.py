"""A proposal as the reference sees it, and which messages a scope means: one label at a time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from onevoice.nouns.label import Label
from onevoice.nouns.moment import NEVER
from onevoice.nouns.policy import AnyRule, Counting, Scope
from onevoice.nouns.reason import Reason
from onevoice.nouns.surroundings import CategoryBits, Document, Surroundings, ancestors
from onevoice.nouns.words import Category, Channel, FolioKind
from tests.proof.history import History, MarkFact, PermitFact, Touch, WishFact
from tests.proof.places import JOURNEYS


@dataclass(frozen=True, slots=True)
class Asked:
    """One proposal: numbers of its label and content, seconds, and its folios by FolioKind (-1: none)."""

    label: int
    content: int
    created: int
    send_by: int
    folios: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Says:
    """One rule's answer: the second at which it alone would let the message go, why not now, what it counted and which
    entry of that it waits for (None: for none of them alone), and the second at which what it relied upon ends."""

    second: int
    reason: Reason = Reason.CLEARED
    counted: tuple[Touch, ...] = ()
    waits_for: int | None = 0
    relied_until: int = NEVER


@dataclass(frozen=True, slots=True)
class Row:
    """A proposal with everything a rule may look at, at one second."""

    asked: Asked
    label: Label
    now: int
    histories: tuple[History, ...]
    zones: tuple[str, ...]
    zone_known: bool
    unit_zones: tuple[str, ...]
    unit_known: bool

    def zones_of(self, named: str) -> tuple[str, ...]:
        """The zones a rule goes by: one, or all that it may be, or none where nobody has an idea."""
        return {"customer": self.zones, "unit": self.unit_zones}.get(named, (named,))

    def zone_is_known(self, named: str) -> bool:
        """Whether it is one zone for sure that a rule goes by."""
        return {"customer": self.zone_known, "unit": self.unit_known}.get(named, True)

    def joined_marks(self) -> list[MarkFact]:
        return [mark for history in self.histories for mark in history.marks]

    def joined_permits(self) -> list[PermitFact]:
        return [permit for history in self.histories for permit in history.permits]

    def wish(self, has: Callable[[WishFact], int]) -> WishFact | None:
        """The customer's own wish, else the one that hangs on the address."""
        for kind in (FolioKind.CUSTOMER, FolioKind.ADDRESS):
            if has(self.histories[kind].wish):
                return self.histories[kind].wish
        return None


class Names:
    """Which labels a scope means, among these documents."""

    def __init__(self, labels: Sequence[Label], surroundings: Surroundings) -> None:
        self.labels, self.around = labels, surroundings
        self.bits: dict[int, CategoryBits] = {int(bits.category): bits for bits in surroundings.categories}
        self.known: dict[tuple[Scope, int, bool], bool] = {}

    def concerns(self, rule: AnyRule, number: int) -> bool:
        """Whether the rule has a word to say on a message of this label."""
        if isinstance(rule, Counting) and not self.obeys_caps(number):
            return False
        return self.within(rule.applies, number) and not any(self.within(scope, number) for scope in rule.exempts)

    def obeys_caps(self, number: int) -> bool:
        bits = self.bits.get(self.labels[number].category)
        return bits is None or bits.obeys_caps

    def counts_towards_caps(self, number: int) -> bool:
        bits = self.bits.get(self.labels[number].category)
        return bits is None or bits.counts_towards_caps

    def unit_line(self, label: Label) -> tuple[int, ...]:
        return ancestors(self.around.units, label.unit)

    def topic_line(self, topics: tuple[int, ...]) -> set[int]:
        return {parent for topic in topics for parent in ancestors(self.around.topics, topic)}

    def within(self, scope: Scope, number: int, topics_now: bool = False) -> bool:
        """Whether the scope means this label, under the topics it had or under those its campaign has now."""
        known = self.known.get((scope, number, topics_now))
        if known is None:
            known = self.known[scope, number, topics_now] = self._within(scope, self.labels[number], topics_now)
        return known

    def _within(self, scope: Scope, label: Label, topics_now: bool) -> bool:
        around = self.around
        topics = label.topics
        if topics_now and label.campaign in around.campaigns:
            topics = around.campaigns[label.campaign].topics
        return (
            (not scope.channels or label.channel in {Channel.of(word) for word in scope.channels})
            and (not scope.categories or label.category in {Category.of(word) for word in scope.categories})
            and (not scope.purposes or label.purpose in _numbers(around.purposes, scope.purposes))
            and (not scope.units or not _numbers(around.units, scope.units).isdisjoint(self.unit_line(label)))
            and (not scope.topics or not _numbers(around.topics, scope.topics).isdisjoint(self.topic_line(topics)))
            and (not scope.campaigns or label.campaign in _numbers(around.campaigns, scope.campaigns))
            and (not scope.journeys or label.journey in {JOURNEYS.get(key) for key in scope.journeys})
            and (not scope.offers or label.offer in _numbers(around.offers, scope.offers))
            and (
                not scope.contact_points or label.contact_point in _numbers(around.contact_points, scope.contact_points)
            )
            and (not scope.platforms or label.platform in _numbers(around.platforms, scope.platforms))
        )


def _numbers(documents: Mapping[int, Document], keys: tuple[str, ...]) -> set[int]:
    return {number for number, document in documents.items() if document.key in keys}
