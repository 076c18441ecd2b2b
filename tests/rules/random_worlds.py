"""Random worlds for the judge's properties: policies, books and questions, crowded where rules turn."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np

from onevoice.nouns.contact_state import TOUCH, ContactState
from onevoice.nouns.label import Label
from onevoice.nouns.moment import NEVER
from onevoice.nouns.policy import (
    AddressFailure,
    AnyRule,
    Blackout,
    CalendarCap,
    Consent,
    ContactPointReady,
    CustomerState,
    DoNotContact,
    ExclusiveCampaigns,
    ExclusiveWindow,
    Holdout,
    JourneyCap,
    LifetimeCap,
    MaximumDeferral,
    MinimumGap,
    NeverAfter,
    NeverTogether,
    OnlyAfter,
    OrderedGap,
    Pause,
    PersonalCap,
    PersonalQuietTime,
    Policy,
    PressurePoints,
    Proof,
    QuietHours,
    Refusal,
    RollingCap,
    SameContent,
    Scope,
    SendBy,
    SendWindow,
    UnitOfCount,
    Window,
)
from onevoice.nouns.words import Category, MarkKind, PermitKind, TouchState
from onevoice.rules.cases import Cases, cases_of
from onevoice.rules.policy import compile_policy, zones_named
from onevoice.rules.tables import Compiled
from tests.rules.world import (
    NOW,
    SURROUNDINGS,
    ZONES,
    Book,
    Folio,
    Mark,
    Permit,
    Touch,
    at,
    mail,
    state_of,
    text,
    zone_table,
)

HOUR, DAY = 3_600, 86_400
LABELS = (
    mail(),
    mail(topics=(2,), offer=1),
    mail(unit=3, purpose=2, topics=(3,), campaign=1),
    mail(category=Category.SERVICE, contact_point=2),
    text(topics=(1, 3), offer=2, contact_point=1),
    text(unit=1, purpose=0),
    mail(campaign=2, package=1, journey=1),
    mail(campaign=2, package=2),
    text(campaign=3, package=1, journey=2),
)
SCOPES = (
    Scope(),
    Scope(channels=("email",)),
    Scope(topics=("loans",)),
    Scope(units=("group",)),
    Scope(units=("travel",), channels=("email", "sms")),
    Scope(categories=("marketing",)),
)
SPANS = (1, HOUR, 5 * HOUR, DAY, 3 * DAY, 30 * DAY)
TURNS = (
    NOW,
    at("2026-03-29T01:30"),
    at("2026-10-25T01:30"),
    at("2026-03-08T01:00", "America/New_York"),
    at("2026-11-01T00:30", "America/New_York"),
    at("2026-02-15T01:00", "Africa/Casablanca"),
    at("2026-03-31T23:30"),
)


@dataclass(frozen=True)
class RandomWorld:
    states: list[ContactState]
    cases: Cases
    now: int
    compiled: Compiled
    rules: tuple[AnyRule, ...]
    labels: list[Label]


def random_rules(dice: random.Random) -> tuple[AnyRule, ...]:
    """A policy of one to twelve rules."""
    return tuple(_rule(dice, f"rule {number}") for number in range(dice.randint(1, 12)))


def _rule(dice: random.Random, name: str) -> AnyRule:
    scopes: dict[str, Any] = {
        "applies": dice.choice(SCOPES),
        "exempts": (dice.choice(SCOPES),) if dice.random() < 0.1 else (),
    }
    wide: dict[str, Any] = {"name": name, **scopes}
    counting: dict[str, Any] = {
        **wide,
        "counts": dice.choice((None, *SCOPES)),
        "per": dice.choice(("customer", "customer", "address", "household")),
        "event": dice.choice(("reserved", "reserved", "sent")),
        "labels": dice.choice(("then", "now")),
        "at_limit": dice.choice(("hold", "hold", "suppress")),
    }
    marked: dict[str, Any] = {**wide, "at_limit": dice.choice(("hold", "suppress"))}
    days: dict[str, Any] = {
        "express_days": dice.choice((0, 30)),
        "purchase_days": dice.choice((0, 5)),
        "inquiry_days": 2,
    }
    unit: UnitOfCount = dice.choice(("message", "message", "campaign", "package", "journey"))
    span: dict[str, Any] = {"at_most": dice.randint(1, 3), "seconds": dice.choice(SPANS)}
    makers: tuple[Callable[[], AnyRule], ...] = (
        lambda: RollingCap(**counting, **span, unit_of_count=unit),
        lambda: CalendarCap(
            **counting,
            unit_of_count=unit,
            at_most=dice.randint(1, 3),
            period=dice.choice(("hour", "day", "week", "month")),
            every=dice.choice((1, 1, 2)),
            zone=dice.choice(("customer", "unit", "Africa/Casablanca")),
            week_start=dice.choice((0, 6)),
        ),
        lambda: MinimumGap(**counting, seconds=dice.choice(SPANS)),
        lambda: SameContent(**counting, **span, of=dice.choice(("content", "offer"))),
        lambda: PersonalCap(**counting),
        *_remembering(dice, counting, span),
        lambda: Consent(**wide, needs=dice.choice(("grant", "no_withdrawal", "no_withdrawal")), **days),
        lambda: Proof(**wide, **days),
        lambda: DoNotContact(**marked),
        lambda: AddressFailure(**marked),
        lambda: Pause(**marked),
        lambda: Refusal(**marked),
        lambda: CustomerState(**marked, states=("open_complaint", "holds_product")),
        lambda: QuietHours(**wide, **_quiet(dice)),
        lambda: PersonalQuietTime(**wide),
        lambda: SendBy(**wide),
        lambda: MaximumDeferral(**wide, seconds=dice.choice((DAY, 7 * DAY))),
        lambda: ContactPointReady(**wide),
        lambda: ExclusiveWindow(**marked),
        lambda: SendWindow(**wide, **_quiet(dice)),
        lambda: Blackout(**wide, **_blackout(dice), at_limit=dice.choice(("hold", "hold", "suppress"))),
        lambda: Holdout(**wide, share_percent=dice.choice((0, 30)), salt=name, household=dice.random() < 0.5),
        lambda: OnlyAfter(
            **wide,
            after=dice.choice(SCOPES),
            within=dice.choice((0, *SPANS)),
            event=dice.choice(("sent", "delivered")),  # its hold is no promise that the message goes: told by name
        ),
    )
    weights = (6, 6, 3, 4, 3, 2, 2, 2, 2, 2, 2, 4, 2, 1, 1, 1, 1, 1, 1, 4, 2, 2, 2, 1, 1, 1, 2, 1, 1)
    return dice.choices(makers, weights)[0]()


def _remembering(
    dice: random.Random, counting: dict[str, Any], span: dict[str, Any]
) -> tuple[Callable[[], AnyRule], ...]:
    """The rules that look at touches in other ways than a cap does."""
    uncounted = {field: value for field, value in counting.items() if field != "counts"}
    once = {field: value for field, value in uncounted.items() if field != "at_limit"}
    seconds = span["seconds"]
    first, second = dice.sample(SCOPES[1:], 2)
    campaigns = tuple(dice.sample(("homes", "savings", "rates"), 2))
    points: dict[str, Any] = {
        "budget": dice.randint(1, 12),
        "weights": {"email": dice.randint(0, 4), "sms": dice.randint(1, 6)},
        "decay": dice.choice(("none", "linear")),
    }
    return (
        lambda: LifetimeCap(**{**once, "counts": counting["counts"]}, at_most=dice.randint(1, 9)),
        lambda: OrderedGap(**uncounted, after=first, seconds=seconds),
        lambda: NeverTogether(**uncounted, first=first, second=second, seconds=seconds),
        lambda: NeverAfter(**once, after=first, seconds=dice.choice((0, seconds))),
        lambda: ExclusiveCampaigns(**uncounted, campaigns=campaigns, seconds=seconds),
        lambda: JourneyCap(**counting, **span),
        lambda: PressurePoints(**counting, seconds=seconds, **points),
    )


def _blackout(dice: random.Random) -> dict[str, Any]:
    begin = dice.choice(TURNS) + 1_800 * dice.randint(-6, 6)
    ends = begin + 1_800 * dice.randint(1, 200)
    begin_at, end = (datetime.fromtimestamp(moment, UTC).isoformat()[:16] for moment in (begin, ends))
    return {"begin": begin_at, "end": end, "zone": dice.choice(("UTC", "customer", "unit", "Africa/Casablanca"))}


def _quiet(dice: random.Random) -> dict[str, Any]:
    windows = tuple(
        Window(
            begin=f"{dice.randint(0, 23):02}:{dice.choice((0, 30, 45)):02}",
            end=f"{dice.randint(0, 23):02}:15",
            days=tuple(sorted(dice.sample(range(7), dice.randint(1, 7)))),
            zones=dice.choice(((), (), ("America/New_York",))),
        )
        for _ in range(dice.randint(1, 2))
    )
    return {
        "windows": windows,
        "zone": dice.choice(("customer", "customer", "unit", "Africa/Casablanca")),
        "unknown_zone": dice.choice(("strict", "default")),
        "default_zone": "Europe/Berlin",
    }


def random_world(seed: int, cases: int = 12, people: int = 5, quiet_book: bool = False) -> RandomWorld:
    """States, cases and a policy; several cases share a customer, an address or a household."""
    dice = random.Random(seed)
    now = dice.choice(TURNS) + dice.choice((0, dice.randint(-2 * HOUR, 2 * HOUR), 30 * 60))
    rules = random_rules(dice)
    book = Book()
    for label in LABELS:
        book.number(label)
    states = [state_of(_folio(dice, quiet_book), book, now) for _ in range(3 * people)]
    rows = []
    for _ in range(cases):
        folios = (
            dice.choice((-1, *range(people), *range(people))),
            dice.choice((-1, *range(people, 2 * people))),
            dice.choice((-1, -1, *range(2 * people, 3 * people))),
            -1,
        )
        created = now - dice.choice((0, HOUR, 2 * DAY))
        send_by = dice.choice((NEVER, NEVER, now + DAY, now + 10 * HOUR, now, now - 1))
        rows.append((dice.randint(1, len(LABELS)), dice.randint(0, 3), created, send_by, folios))
    policy = Policy(name="random", rules=rules, plausible_zones=("Europe/Berlin", "America/New_York"))
    zones = zone_table(tuple(zones_named(policy, SURROUNDINGS)))
    compiled = compile_policy(policy, book.columns(), SURROUNDINGS, zones)
    return RandomWorld(states, cases_of(rows), now, compiled, rules, book.labels)


def _folio(dice: random.Random, quiet_book: bool) -> Folio:
    touches = []
    for _ in range(dice.choice((0, 1, 3, 7))):
        ago = dice.choice((dice.choice(SPANS) + dice.randint(-1, 1), dice.randint(0, 4 * DAY)))
        if dice.random() < 0.05:
            ago = -dice.randint(1, HOUR)
        state = dice.choice(list(TouchState))
        touches.append(Touch(ago, dice.choice(LABELS), dice.randint(0, 3), state))
    permits = [
        Permit(
            dice.randint(0, 40 * DAY),
            dice.choice(list(PermitKind)),
            dice.choice((0, 0, 1, 2)),
            dice.choice((0, 1)),
            dice.choice((0, 1, 2, 3)),
            dice.choice((0, 1)),
        )
        for _ in range(dice.choice((0, 1, 4)))
    ]
    marks = [
        Mark(dice.choice(list(MarkKind)), NOW + dice.randint(-DAY, 200 * DAY), dice.choice((0, 1)), dice.randint(0, 3))
        for _ in range(0 if quiet_book else dice.choice((0, 0, 0, 1, 3)))
    ]
    wish = (dice.randint(0, 3), dice.randint(0, 9), dice.randint(0, 1439), dice.choice((0, 60, 600)))
    forgotten = [(label, 1) for label in dice.sample(LABELS, dice.choice((0, 0, 0, 2)))]
    wished = wish if dice.random() < 0.3 else None
    return Folio(touches, permits, marks, wished, dice.randrange(len(ZONES)), forgotten=forgotten)


def with_touch(state: ContactState, now: int, label: int, content: int) -> ContactState:
    """The state after one more entry, which reserved a touch."""
    touch = np.array([(now, 4 * label, content, state.sequence + 1)], TOUCH)
    touches = np.append(np.frombuffer(state.touches, TOUCH), touch)
    touches = touches[np.lexsort((touches["entry"], touches["second"]))]
    return with_entry(state, touches.tobytes())


def with_entry(state: ContactState, touches: bytes | None = None) -> ContactState:
    """The state after one more entry."""
    return msgspec.structs.replace(
        state, sequence=state.sequence + 1, touches=state.touches if touches is None else touches
    )
