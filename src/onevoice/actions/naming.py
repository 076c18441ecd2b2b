"""Naming: the keys people write become numbers; what is unknown is listed, all of it at once."""

from collections.abc import Mapping
from typing import Final

from onevoice.ledger.engine import Transaction
from onevoice.ledger.known import Known
from onevoice.ledger.tables import journeys, packages
from onevoice.nouns.authority import Authority
from onevoice.nouns.label import Label
from onevoice.nouns.problem import Fault, Refused
from onevoice.nouns.proposal import Proposal
from onevoice.nouns.surroundings import Document, Surroundings
from onevoice.nouns.words import Category, Channel

CACHE_MAX: Final = 50_000
LISTED_MAX: Final = 8


class Names:
    """The keys of one version of the documents, by kind."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.version = surroundings.version
        self.units = _by_key(surroundings.units)
        self.platforms = _by_key(surroundings.platforms)
        self.contact_points = _by_key(surroundings.contact_points)
        self.points_by_address = {
            (int(point.channel), point.address): number for number, point in surroundings.contact_points.items()
        }
        self.topics = _by_key(surroundings.topics)
        self.purposes = _by_key(surroundings.purposes)
        self.offers = _by_key(surroundings.offers)
        self.campaigns = _by_key(surroundings.campaigns)
        self.labels: dict[tuple[object, ...], int] = {}


def _by_key(documents: Mapping[int, Document]) -> dict[str, int]:
    return {document.key: number for number, document in documents.items()}


class Naming:
    """Finds labels; keeps what it found until the documents change."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._names = Names(Surroundings(version=-1))

    @property
    def names(self) -> Names:
        """The keys of the newest documents."""
        if self._names.version != self._known.surroundings.version:
            self._names = Names(self._known.surroundings)
        return self._names

    def forget(self) -> None:
        """Label numbers given in a write that failed never came to be."""
        self._names = Names(Surroundings(version=-1))

    def label_of(self, tx: Transaction, proposal: Proposal, authority: Authority) -> int:
        """The label of a proposal. Raises Refused with every key that is unknown or not the asker's to use."""
        names = self.names
        key = (
            proposal.unit,
            proposal.channel,
            proposal.category,
            proposal.purpose,
            proposal.platform,
            proposal.contact_point,
            proposal.topics,
            proposal.campaign,
            proposal.journey,
            proposal.package,
            proposal.offer,
        )
        known = names.labels.get(key)
        if known is None:
            known = self._known.label(tx, self._read(tx, names, proposal))
            if len(names.labels) >= CACHE_MAX:
                names.labels.clear()
            names.labels[key] = known
        if not authority.sees(self._known.labels[known].unit):
            raise Refused([_unknown("unit", proposal.unit, "")])
        return known

    def _read(self, tx: Transaction, names: Names, proposal: Proposal) -> Label:
        faults: list[Fault] = []
        if not proposal.unit:
            faults.append(Fault("unit", "Say which unit is speaking."))
        known = self._known
        numbers = {
            "channel": word(Channel, "channel", proposal.channel, faults),
            "category": word(Category, "category", proposal.category, faults),
            "purpose": number_of(names.purposes, "purpose", proposal.purpose, faults),
            "unit": number_of(names.units, "unit", proposal.unit, faults),
            "contact_point": number_of(names.contact_points, "contact_point", proposal.contact_point, faults),
            "platform": number_of(names.platforms, "platform", proposal.platform, faults),
            "campaign": number_of(names.campaigns, "campaign", proposal.campaign, faults),
            "offer": number_of(names.offers, "offer", proposal.offer, faults),
        }
        topics = tuple(sorted({number_of(names.topics, "topics", topic, faults) for topic in proposal.topics}))
        if faults:
            raise Refused(faults)
        journey, package = known.name(tx, journeys, proposal.journey), known.name(tx, packages, proposal.package)
        label = Label(**numbers, journey=journey, package=package, topics=topics)
        return completed(label, known.surroundings)


def completed(label: Label, surroundings: Surroundings) -> Label:
    """The label with what its campaign says, where the message itself says nothing."""
    campaign = surroundings.campaigns.get(label.campaign)
    if campaign is None or (label.topics and label.offer):
        return label
    return Label(
        **{field: getattr(label, field) for field in Label.__struct_fields__ if field not in ("topics", "offer")},
        topics=label.topics or tuple(sorted(campaign.topics)),
        offer=label.offer or campaign.offer,
    )


def word(words: type[Channel] | type[Category], where: str, spoken: str, faults: list[Fault]) -> int:
    """The number of a spoken word; an unknown one is a fault that lists the words there are."""
    try:
        member = words.of(spoken)
    except KeyError:
        member = None
    if member is None or member == 0:
        choices = ", ".join(one.spoken for one in words if one)
        faults.append(Fault(where, f"'{spoken[:40]}' is not one of: {choices}."))
        return 0
    return int(member)


def number_of(names: Mapping[str, int], where: str, key: str, faults: list[Fault]) -> int:
    """The number behind a key, 0 for ''; an unknown key is a fault that says what is near."""
    if not key:
        return 0
    number = names.get(key, 0)
    if not number:
        near = ", ".join(sorted(name for name in names if name[:1] == key[:1])[:LISTED_MAX])
        faults.append(_unknown(where, key, near))
    return number


def _unknown(where: str, key: str, near: str) -> Fault:
    hint = f" Known ones near it: {near}." if near else " Set it up first, or mend the spelling."
    return Fault(where, f"There is no {where.rstrip('s').replace('_', ' ')} '{key[:60]}' that you may use.{hint}")
