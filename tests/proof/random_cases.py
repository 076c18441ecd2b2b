"""Random histories and proposals for the proof: most seconds are moved to where some rule of the policy turns."""

from dataclasses import dataclass
from random import Random

from onevoice.nouns.contact_state import FOREVER
from onevoice.nouns.label import Label
from onevoice.nouns.policy import CalendarCap, Consent, MaximumDeferral, Policy, Proof
from onevoice.nouns.surroundings import Surroundings
from onevoice.nouns.words import EntryKind, MarkKind, PermitKind
from tests.proof import random_world
from tests.proof.history import Fact, MarkFact, PermitFact, TouchFact, WishFact, ZoneFact
from tests.proof.places import EITHER, STEADY, TWICE_A_YEAR, moment, period_begin
from tests.proof.row import Asked
from tests.proof.wall import DAY, HOUR, wall

CUSTOMERS, ADDRESSES, HOUSEHOLDS, CLIENTS = 8, 5, 3, 2
ANCIENT = 1_000
FOLIOS = CUSTOMERS + ADDRESSES + HOUSEHOLDS + CLIENTS


@dataclass(frozen=True, slots=True)
class Batch:
    """One policy among its documents, folios with all their facts, and proposals asked at each of `nows`."""

    policy: Policy
    labels: list[Label]
    surroundings: Surroundings
    facts: tuple[tuple[Fact, ...], ...]
    asked: tuple[Asked, ...]
    nows: tuple[int, ...]


def batch(seed: int, proposals: int = 12) -> Batch:
    """The batch of this seed; the same for ever."""
    rng = Random(seed)
    zone = rng.choice(TWICE_A_YEAR)
    now = moment(rng, zone)
    policy = random_world.policy(rng, wall(zone, now))
    labels = random_world.labels(rng, 12)
    edges = _edges(rng, policy, zone, now)
    return Batch(
        policy=policy,
        labels=labels,
        surroundings=random_world.surroundings(rng, zone),
        facts=tuple(_folio(rng, number, zone, edges, now, len(labels)) for number in range(FOLIOS)),
        asked=tuple(_asked(rng, policy, now, len(labels)) for _ in range(proposals)),
        nows=(now, now + rng.choice((1, 59, HOUR, HOUR, 5 * HOUR, DAY, rng.randrange(3 * DAY)))),
    )


def _edges(rng: Random, policy: Policy, zone: str, now: int) -> list[int]:
    """Seconds at which a touch just does or just does not count any more."""
    edges = [now, now - HOUR]
    for rule in policy.rules:
        if isinstance(rule, CalendarCap):
            begin = period_begin(zone, now, rule.period)
            days = rule.every * {"hour": 1, "day": 1, "week": 7, "month": 31}[rule.period]
            edges += [
                begin,
                begin - (rule.every - 1) * DAY,
                rng.randrange(begin, now + 1),
                now - rng.randrange(days * DAY),
            ]
        elif seconds := getattr(rule, "seconds", 0) or getattr(rule, "within", 0):
            edges += [now - seconds, now - rng.randrange(seconds + 1)]
    return edges


def near(rng: Random, second: int) -> int:
    return second + rng.choice((-1, 0, 0, 1, rng.randrange(-HOUR, HOUR)))


def _folio(rng: Random, number: int, zone: str, edges: list[int], now: int, labels: int) -> tuple[Fact, ...]:
    facts: list[Fact] = []
    # Some get messages of one kind only, so that what they had long before is all they had of another.
    pool = [rng.randrange(1, labels)] if rng.random() < (0.2 if number % 8 else 0.6) else range(1, labels)
    focus = [rng.choice(edges)] if rng.random() < 0.4 else edges
    for touch in range(rng.choice((0, 1, 2, 3, 5, 8, 12, 40) if number % 8 else (2, 60, 70))):
        second = near(rng, rng.choice(focus)) if focus != edges or rng.random() < 0.7 else now - rng.randrange(40 * DAY)
        facts += _touch(rng, touch + 1, second, rng.choice(pool))
    facts += [_permit(rng, now) for _ in range(rng.choice((0, 1, 1, 2, 4)))]
    facts += [_mark(rng, now) for _ in range(rng.choice((0, 0, 0, 1, 1, 3)))]
    if number < CUSTOMERS and rng.random() < 0.8:
        facts.append(PermitFact(PermitKind.EXPRESS, now - rng.randrange(2 * DAY), proven=rng.random() < 0.8))
    if number < CUSTOMERS + ADDRESSES:
        if rng.random() < 0.5:
            facts.append(_wish(rng, now))
        facts.append(
            ZoneFact(
                rng.choice((zone, zone, zone, zone, "", "", rng.choice((*TWICE_A_YEAR, *STEADY)), rng.choice(EITHER)))
            )
        )
    if rng.random() < 0.3:
        rng.shuffle(facts)
    return (*_ancient(rng, now, labels, 0.1 if number % 8 else 0.8), *facts)


def _ancient(rng: Random, now: int, labels: int, share: float) -> list[Fact]:
    """Touches of which the book has kept their number only: long before all others, and told in their order."""
    if rng.random() > share:
        return []
    seconds = sorted(now - rng.randrange(500 * DAY, 600 * DAY) for _ in range(rng.choice((1, 1, 2, 35))))
    return [
        fact
        for place, second in enumerate(seconds)
        for fact in _touch(rng, ANCIENT + place, second, rng.randrange(1, labels))
    ]


def _touch(rng: Random, touch: int, second: int, label: int) -> list[Fact]:
    """A touch's life, sometimes told twice, sometimes in the wrong order."""
    content = rng.randrange(4)
    told: list[Fact] = [TouchFact(EntryKind.DECIDED, touch, second, label, content)]
    end = rng.choice((None, EntryKind.SENT, EntryKind.SENT, EntryKind.DELIVERED, EntryKind.RELEASED, EntryKind.LAPSED))
    if end == EntryKind.DELIVERED and rng.random() < 0.7:
        told.append(TouchFact(EntryKind.SENT, touch, second + 1, label, content))
    if end is not None:
        told.append(TouchFact(end, touch, second + rng.randrange(HOUR), label, content))
    if rng.random() < 0.2:
        told.append(rng.choice(told))
    if rng.random() < 0.05:
        told.append(TouchFact(EntryKind.DECIDED, touch, second + rng.randrange(DAY), label, content))
    if end in (EntryKind.SENT, EntryKind.DELIVERED) and rng.random() < 0.2:
        rng.shuffle(told)
    return told


def _permit(rng: Random, now: int) -> PermitFact:
    ago = rng.choice((1, 2, 30, 180, 365, 730)) * DAY
    second = now - rng.choice((ago + rng.choice((-1, 0, 1)), ago - rng.randrange(2 * DAY), rng.randrange(400 * DAY)))
    if rng.random() < 0.3:
        second = now - rng.choice((0, 0, 1, DAY))
    return PermitFact(
        kind=rng.choice((*PermitKind, PermitKind.EXPRESS)),
        second=max(second, 1),
        channel=rng.choice((0, 0, *random_world.CHANNELS)),
        purpose=rng.choice((0, rng.randrange(random_world.PURPOSES + 1))),
        unit=rng.choice((0, rng.randrange(random_world.UNITS + 1))),
        proven=rng.random() < 0.6,
    )


def _mark(rng: Random, now: int) -> MarkFact:
    return MarkFact(
        kind=rng.choice(
            (*MarkKind, MarkKind.PAUSED, MarkKind.PAUSED, MarkKind.TOPIC_REFUSED, MarkKind.OWNED, MarkKind.OWNED)
        ),
        until=rng.choice((FOREVER, 0, now - 1, now, now + 1, now + rng.randrange(3 * DAY), now + rng.randrange(HOUR))),
        channel=rng.choice((0, *random_world.CHANNELS)),
        scope=rng.choice((0, rng.randrange(random_world.UNITS + 1))),
    )


def _wish(rng: Random, now: int) -> WishFact:
    capped, quiet = rng.random() < 0.6, rng.random() < 0.6
    return WishFact(
        at_most=rng.randrange(1, 4) if capped else 0,
        days=rng.choice((1, 7, 30)) if capped else 0,
        quiet_begin=rng.randrange(1_440) if quiet else 0,
        quiet_length=rng.choice((1, 60, 60, 600, 600, 1_000, 1_440)) if quiet else 0,
    )


def _asked(rng: Random, policy: Policy, now: int, labels: int) -> Asked:
    seconds = [rule.seconds for rule in policy.rules if isinstance(rule, MaximumDeferral)]
    return Asked(
        label=rng.randrange(1, labels),
        content=rng.randrange(4),
        created=now
        - rng.choice((0, 1, *(rng.randrange(HOUR) for _ in range(4)), *(near(rng, s) for s in seconds[:1]))),
        send_by=rng.choice((0, *[0] * 8, now - 1, now, now + 1, *(now + rng.randrange(1, 20 * DAY) for _ in range(6)))),
        folios=(
            rng.randrange(-1, CUSTOMERS) if rng.random() < 0.5 else rng.randrange(CUSTOMERS),
            CUSTOMERS + rng.randrange(ADDRESSES) if rng.random() < 0.7 else -1,
            CUSTOMERS + ADDRESSES + rng.randrange(HOUSEHOLDS) if rng.random() < 0.5 else -1,
            CUSTOMERS + ADDRESSES + HOUSEHOLDS + rng.randrange(CLIENTS) if rng.random() < 0.4 else -1,
        ),
    )


def sharpened(rng: Random, batch: Batch, whens: list[int]) -> Batch:
    """The same batch, its bounds moved to the very second (or one off) at which the first answers let a message go.

    `whens` has one answer of `nows[0]` for each proposal that is held, its own second for each other.
    """
    now = batch.nows[0]
    asked, facts = list(batch.asked), list(batch.facts)
    deferrals = [rule.seconds for rule in batch.policy.rules if isinstance(rule, MaximumDeferral)]
    days = [rule.express_days for rule in batch.policy.rules if isinstance(rule, Consent | Proof) and rule.express_days]
    for place, (one, when) in enumerate(zip(batch.asked, whens, strict=True)):
        if when <= now:
            continue
        send_by, created = one.send_by, one.created
        if deferrals and rng.random() < 0.5:
            created = when - rng.choice(deferrals) + rng.choice((-1, 0, 1))
        else:
            send_by = when + rng.choice((-1, 0, 1))
        asked[place] = Asked(one.label, one.content, created, send_by, one.folios)
        if days and one.folios[0] >= 0 and rng.random() < 0.5:
            grant = PermitFact(PermitKind.EXPRESS, when - rng.choice(days) * DAY + rng.choice((-1, 0, 1)), proven=True)
            facts[one.folios[0]] = (*facts[one.folios[0]], grant)
    return Batch(batch.policy, batch.labels, batch.surroundings, tuple(facts), tuple(asked), batch.nows)
