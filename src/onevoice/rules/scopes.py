"""Scopes: which labels a rule's `applies`, `counts` and `exempts` match, for all labels at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from onevoice.nouns.label import Ints, Labels
from onevoice.nouns.policy import Rule, Scope
from onevoice.nouns.surroundings import Document, Surroundings
from onevoice.nouns.words import Category, Channel
from onevoice.rules.ragged import Bools, bounds_of
from onevoice.rules.trees import Tree, tree_of


@dataclass(frozen=True, slots=True)
class Topics:
    """Each label's topics as a ragged column: label i has `number[bounds[i]:bounds[i + 1]]`."""

    bounds: Ints
    number: Ints


@dataclass(frozen=True, slots=True)
class Reading:
    """Labels and documents laid out for matching scopes; `numbers[field]` finds a document's number by its key, and
    `numbers["journeys"]` that of a journey by the key under which messages name it."""

    labels: Labels
    units: Tree
    topics: Tree
    topics_then: Topics
    topics_now: Topics
    numbers: Mapping[str, Mapping[str, int]]


NO_JOURNEYS: Final[Mapping[str, int]] = MappingProxyType({})


def reading_of(labels: Labels, surroundings: Surroundings, journeys: Mapping[str, int] = NO_JOURNEYS) -> Reading:
    """What `matches` needs, laid out once per policy. `journeys` are those that messages named so far, by key."""
    return Reading(
        labels=labels,
        units=tree_of(surroundings.units),
        topics=tree_of(surroundings.topics),
        topics_then=_ragged(labels.topics),
        topics_now=_ragged(_topics_now(labels, surroundings)),
        numbers={**numbers_by_key(surroundings), "journeys": journeys},
    )


def numbers_by_key(surroundings: Surroundings) -> dict[str, dict[str, int]]:
    """By scope field that names documents: the number of each key a policy may write there."""
    return {
        "channels": {word.spoken: word.value for word in Channel if word is not Channel.ANY},
        "categories": {word.spoken: word.value for word in Category},
        "purposes": _keys(surroundings.purposes.values()),
        "units": _keys(surroundings.units.values()),
        "topics": _keys(surroundings.topics.values()),
        "campaigns": _keys(surroundings.campaigns.values()),
        "offers": _keys(surroundings.offers.values()),
        "contact_points": _keys(surroundings.contact_points.values()),
        "platforms": _keys(surroundings.platforms.values()),
    }


def matches(scope: Scope, reading: Reading, *, topics_now: bool = False) -> Bools:
    """One bool per label: every given field matches, each by any of its keys. Unknown keys match nothing."""
    labels = reading.labels
    found = np.ones(len(labels), np.bool_)
    single = (
        ("channels", scope.channels, labels.channel),
        ("categories", scope.categories, labels.category),
        ("purposes", scope.purposes, labels.purpose),
        ("campaigns", scope.campaigns, labels.campaign),
        ("journeys", scope.journeys, labels.journey),
        ("offers", scope.offers, labels.offer),
        ("contact_points", scope.contact_points, labels.contact_point),
        ("platforms", scope.platforms, labels.platform),
    )
    for field, keys, column in single:
        if keys:
            found &= np.isin(column, _known(keys, reading.numbers[field]))
    if scope.units:
        wanted = np.array(_known(scope.units, reading.numbers["units"]), np.int64)
        found &= reading.units.holds(wanted[:, None], labels.unit).any(axis=0)
    if scope.topics:
        topics = reading.topics_now if topics_now else reading.topics_then
        wanted = np.array(_known(scope.topics, reading.numbers["topics"]), np.int64)
        hit = reading.topics.holds(wanted[:, None], topics.number).any(axis=0)
        upto = bounds_of(np.asarray(hit, np.int64))
        found &= upto[topics.bounds[1:]] > upto[topics.bounds[:-1]]
    return found


def applies_to(rule: Rule, reading: Reading) -> Bools:
    """One bool per label: the rule looks at messages of this label, and its own text does not exempt them."""
    found = matches(rule.applies, reading)
    for exempt in rule.exempts:
        found &= ~matches(exempt, reading)
    return found


def _known(keys: tuple[str, ...], numbers: Mapping[str, int]) -> list[int]:
    return [numbers[key] for key in keys if key in numbers]


def _keys(documents: Iterable[Document]) -> dict[str, int]:
    return {document.key: document.number for document in documents}


def _topics_now(labels: Labels, surroundings: Surroundings) -> tuple[tuple[int, ...], ...]:
    """Each label's topics as its campaign has them at present; a label without a known campaign keeps its own."""
    campaigns = surroundings.campaigns
    return tuple(
        campaigns[campaign].topics if campaign in campaigns else own
        for campaign, own in zip(labels.campaign.tolist(), labels.topics, strict=True)
    )


def _ragged(topics: tuple[tuple[int, ...], ...]) -> Topics:
    lengths = np.fromiter(map(len, topics), np.int64, len(topics))
    number = np.fromiter((one for own in topics for one in own), np.int64, int(lengths.sum()))
    return Topics(bounds_of(lengths), number)
