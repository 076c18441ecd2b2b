"""Testimony: what an observation says becomes an entry's columns, and what follows from it."""

from typing import Any, Final, NamedTuple

from onevoice.actions.naming import Names, Naming, completed, number_of
from onevoice.actions.propose import CHANNELS
from onevoice.ledger.book import Book
from onevoice.ledger.engine import Transaction
from onevoice.ledger.entries import Draft
from onevoice.ledger.tables import zones
from onevoice.nouns.authority import Authority
from onevoice.nouns.label import Label
from onevoice.nouns.observation import Observation
from onevoice.nouns.problem import Fault, Refused
from onevoice.nouns.words import Category, Direction, EntryKind, MarkKind, PermitKind, Word
from onevoice.parsing.keywords import STOPS, keyword_of

KINDS: Final = {kind.spoken: kind for kind in EntryKind if kind not in (EntryKind.DECIDED, EntryKind.ERASED)}
"""What somebody may tell; what the book says by itself is not told."""

CATEGORIES: Final = {category.spoken: int(category) for category in Category}
TOPIC_MARKS: Final = frozenset({MarkKind.TOPIC_REFUSED, MarkKind.HOLDS_PRODUCT, MarkKind.BOUGHT_RECENTLY})
WISHES: Final = frozenset({MarkKind.TOPIC_REFUSED, MarkKind.CHANNEL_REFUSED, MarkKind.PAUSED, MarkKind.COMPLAINT})
"""What a person asked for or complained of: only with evidence of their own act is it lifted."""

COMPANY_WIDE: Final = frozenset({"withdrawn", "marked", "unmarked", "wished", "located"})
"""What binds the whole company when no unit is named: it can only make things stricter, or is about the person."""

TEXTED: Final = frozenset({"sms", "whatsapp"})
REFER_MAX: Final = 2_000


def label_and_refers(
    book: Book, naming: Naming, authority: Authority, observation: Observation
) -> tuple[Label, dict[str, str]]:
    """The label of an observation, and what its source said that has no number here. Raises Refused."""
    names = naming.names
    faults: list[Fault] = []
    channel = CHANNELS.get(observation.channel, 0)
    point = names.contact_points.get(observation.contact_point) or names.points_by_address.get(
        (channel, observation.contact_point), 0
    )
    platform = number_of(names.platforms, "platform", observation.platform, faults)
    unit = number_of(names.units, "unit", observation.unit, faults) or _unit(
        book, authority, observation, point, platform
    )
    if unit and not authority.sees(unit):
        faults.append(Fault("unit", "There is no such unit that you may speak for."))
    if observation.category and observation.category not in CATEGORIES:
        faults.append(Fault("category", f"'{observation.category[:40]}' is not one of: {', '.join(CATEGORIES)}."))
    label = Label(
        channel=channel,
        category=CATEGORIES.get(observation.category, 0),
        purpose=number_of(names.purposes, "purpose", observation.purpose, faults),
        unit=unit,
        contact_point=point,
        platform=platform,
        campaign=names.campaigns.get(observation.campaign, 0),
        offer=names.offers.get(observation.offer, 0),
        topics=_topics(names, observation, faults),
    )
    if faults:
        raise Refused(faults)
    return completed(label, book.known.surroundings), _refers(observation, label)


def _unit(book: Book, authority: Authority, observation: Observation, point: int, platform: int) -> int:
    """The unit that speaks, where none is named: the contact point's, else the platform's, else the teller's."""
    surroundings = book.known.surroundings
    if observation.kind in COMPANY_WIDE:
        return 0
    if point:
        return surroundings.contact_points[point].unit
    return surroundings.platforms[platform].unit if platform else authority.unit


def _refers(observation: Observation, label: Label) -> dict[str, str]:
    told = {where: getattr(observation, where) for where in ("source", "wording", "evidence", "detail")}
    if not label.contact_point:
        told["contact_point"] = observation.contact_point
    if not label.campaign:
        told["campaign"] = observation.campaign
    told = observation.refers | told
    return {where: value[:REFER_MAX] for where, value in told.items() if value}


def _topics(names: Names, observation: Observation, faults: list[Fault]) -> tuple[int, ...]:
    return tuple(sorted({number_of(names.topics, "topics", topic, faults) for topic in observation.topics}))


class Meaning(NamedTuple):
    """An observation in numbers: its kind (a consent without proof is quarantined), its label, what its source said
    besides, and the columns that only its kind has."""

    kind: EntryKind
    label: Label
    refers: dict[str, str]
    columns: dict[str, Any]


def meaning_of(tx: Transaction, book: Book, naming: Naming, authority: Authority, observation: Observation) -> Meaning:
    """What an observation means in numbers. Raises Refused."""
    kind = KINDS[observation.kind]
    label, refers = label_and_refers(book, naming, authority, observation)
    if kind is EntryKind.CONSENTED and (missing := unproven(observation)):
        kind, refers = EntryKind.QUARANTINED, refers | {"missing": missing}
    return Meaning(kind, label, refers, particulars(tx, book, observation, kind, label))


def unproven(observation: Observation) -> str:
    """What a consent lacks to be one: where it was given, and what shows it (scenario C3). '' when nothing."""
    return ", ".join(where for where in ("source", "evidence") if not getattr(observation, where))


def particulars(tx: Transaction, book: Book, observation: Observation, kind: EntryKind, label: Label) -> dict[str, Any]:
    """The columns that only permissions, states, wishes and zones have. Raises Refused."""
    if kind in (EntryKind.CONSENTED, EntryKind.QUARANTINED):
        permit = _word(PermitKind, "permit", observation.permit or "express")
        return {"permit": permit, "proof": int(bool(observation.wording and observation.evidence))}
    if kind is EntryKind.WITHDRAWN:
        return {"permit": int(PermitKind.WITHDRAWAL)}
    if kind in (EntryKind.MARKED, EntryKind.UNMARKED):
        return _mark(observation, kind, label)
    if kind is EntryKind.WISHED:
        return {"wish": (observation.at_most, observation.days, observation.quiet_begin, observation.quiet_length)}
    if kind is EntryKind.LOCATED:
        unknown = [zone for zone in observation.zone.split("|") if zone not in book.zone_names]
        if unknown:
            raise Refused([Fault("zone", f"'{unknown[0][:60]}' is not an IANA time zone, such as Europe/Berlin.")])
        return {"zone": book.known.name(tx, zones, observation.zone)}
    return {}


def _mark(observation: Observation, kind: EntryKind, label: Label) -> dict[str, Any]:
    mark = MarkKind(_word(MarkKind, "mark", observation.mark))
    if kind is EntryKind.UNMARKED and mark in WISHES and not observation.evidence:
        raise Refused([Fault("evidence", "Only the person may lift this: say what shows that they did.")])
    if mark in TOPIC_MARKS:
        return {"mark": int(mark), "scope": label.topics[0] if label.topics else 0}
    if mark is MarkKind.OWNED and not label.unit:
        raise Refused([Fault("unit", "Say which unit speaks with this person alone.")])
    return {"mark": int(mark), "scope": label.unit}


def _word(words: type[Word], where: str, spoken: str) -> int:
    try:
        return int(words.of(spoken))
    except KeyError:
        choices = ", ".join(one.spoken for one in words)
        raise Refused([Fault(where, f"'{spoken[:40]}' is not one of: {choices}.")]) from None


def stops(observation: Observation) -> bool:
    """Whether this is a text that consists of a stop word: it binds, whatever the platform that took it did with it."""
    inbound = observation.kind == "received" and observation.channel in TEXTED
    return inbound and keyword_of(observation.words) in STOPS


def stop_key(observation: Observation) -> str:
    """The key under which the withdrawal that follows from a stop is known: a reader that tells of it too, under the
    message's id, tells nothing new."""
    return f"{observation.message or observation.key}:withdrawn"


def what_follows(draft: Draft, observation: Observation, stopped_label: int) -> list[Draft]:
    """A hard bounce and a complaint stop the address they came from, and so does a text that says stop, whichever
    platform told of them. `stopped_label` is the label of the channel alone."""
    told = Draft(0, draft.folios, 0, draft.occurred, draft.said_by)
    if draft.kind == EntryKind.BOUNCED and observation.detail.startswith("hard"):
        return [told._replace(kind=int(EntryKind.MARKED), mark=int(MarkKind.HARD_BOUNCE), scope=0)]
    if draft.kind == EntryKind.COMPLAINED:
        return [told._replace(kind=int(EntryKind.MARKED), mark=int(MarkKind.COMPLAINT), scope=0)]
    if stops(observation):
        withdrawal = int(PermitKind.WITHDRAWAL)
        inbound = int(Direction.INBOUND)
        return [told._replace(kind=int(EntryKind.WITHDRAWN), label=stopped_label, permit=withdrawal, direction=inbound)]
    return []
