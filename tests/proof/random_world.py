"""Random documents, labels and policies for the proof: small pools, so that scopes meet and numbers collide."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

import msgspec

from onevoice.nouns.label import Label
from onevoice.nouns.policy import Policy
from onevoice.nouns.surroundings import (
    Campaign,
    CategoryBits,
    ContactPoint,
    Offer,
    Platform,
    Purpose,
    Surroundings,
    Topic,
    Unit,
)
from onevoice.nouns.words import Category, Channel, ContactPointStatus
from tests.proof.places import JOURNEYS, STEADY, TWICE_A_YEAR, ZONES
from tests.proof.wall import DAY, HOUR

UNITS, TOPICS, CAMPAIGNS, OFFERS, PURPOSES, POINTS, PLATFORMS, PACKAGES = 7, 9, 5, 4, 3, 6, 3, 3
CHANNELS = (Channel.EMAIL, Channel.SMS, Channel.PUSH)
STATES = ("open_complaint", "outage", "undelivered_order", "bereavement", "holds_product", "bought_recently")
Written = dict[str, object]
"""A rule, scope or window as it stands in a policy file."""


def surroundings(rng: Random, zone: str) -> Surroundings:
    """Trees of units and topics (parents have smaller numbers), campaigns whose present topics are their own."""

    def parent(number: int) -> int:
        return rng.choice((0, rng.randrange(1, number))) if number > 1 else 0

    points = {
        n: ContactPoint(
            number=n,
            key=f"point{n}",
            name="",
            channel=rng.choice(CHANNELS),
            address="",
            unit=1,
            status=rng.choice((*ContactPointStatus, *[ContactPointStatus.ACTIVE] * 8)),
            sends=rng.random() < 0.9,
        )
        for n in range(1, POINTS + 1)
    }
    zones = (zone, rng.choice(TWICE_A_YEAR), rng.choice(STEADY))
    return Surroundings(
        version=1,
        units={
            n: Unit(number=n, key=f"unit{n}", name="", parent=parent(n), zone=rng.choice(zones))
            for n in range(1, UNITS + 1)
        },
        platforms={n: Platform(number=n, key=f"platform{n}", name="", unit=1) for n in range(1, PLATFORMS + 1)},
        contact_points=points,
        topics={n: Topic(number=n, key=f"topic{n}", name="", parent=parent(n)) for n in range(1, TOPICS + 1)},
        purposes={n: Purpose(number=n, key=f"purpose{n}", name="") for n in range(1, PURPOSES + 1)},
        offers={n: Offer(number=n, key=f"offer{n}", name="") for n in range(1, OFFERS + 1)},
        campaigns={
            n: Campaign(number=n, key=f"campaign{n}", name="", unit=1, topics=_topics(rng))
            for n in range(1, CAMPAIGNS + 1)
        },
        categories=tuple(
            CategoryBits(category=category, obeys_caps=rng.random() < 0.85, counts_towards_caps=rng.random() < 0.85)
            for category in Category
        ),
        zones=ZONES,
    )


def _topics(rng: Random) -> tuple[int, ...]:
    return tuple(sorted(rng.sample(range(1, TOPICS + 1), rng.choice((0, 1, 1, 2, 3)))))


def labels(rng: Random, many: int) -> list[Label]:
    """The empty label and `many` others; their topics are those of the moment, not those the campaign has now."""
    return [
        Label(),
        *(
            Label(
                channel=rng.choice(CHANNELS),
                category=rng.choice((*Category, Category.MARKETING, Category.MARKETING)),
                purpose=rng.randrange(PURPOSES + 1),
                unit=rng.randrange(UNITS + 1),
                contact_point=rng.choice((0, rng.randrange(1, POINTS + 2))),
                platform=rng.randrange(PLATFORMS + 1),
                campaign=rng.choice((0, rng.randrange(1, CAMPAIGNS + 1))),
                journey=rng.choice((0, rng.randrange(1, len(JOURNEYS) + 1))),
                package=rng.choice((0, rng.randrange(1, PACKAGES + 1))),
                offer=rng.choice((0, rng.randrange(1, OFFERS + 1))),
                topics=_topics(rng),
            )
            for _ in range(many)
        ),
    ]


def _keys(rng: Random, word: str, many: int) -> tuple[str, ...]:
    return tuple(f"{word}{n}" for n in rng.sample(range(1, many + 1), rng.choice((1, 1, 2))))


def scope(rng: Random) -> Written:
    """Every field that a scope has is narrowed now and then."""
    narrowed: dict[str, Callable[[], tuple[str, ...]]] = {
        "channels": lambda: tuple(channel.spoken for channel in rng.sample(CHANNELS, 2)),
        "categories": lambda: tuple(category.spoken for category in rng.sample(list(Category), 3)),
        "purposes": lambda: _keys(rng, "purpose", PURPOSES),
        "units": lambda: _keys(rng, "unit", UNITS),
        "topics": lambda: _keys(rng, "topic", TOPICS),
        "campaigns": lambda: _keys(rng, "campaign", CAMPAIGNS),
        "journeys": lambda: _keys(rng, "journey", len(JOURNEYS) + 1),
        "offers": lambda: _keys(rng, "offer", OFFERS),
        "contact_points": lambda: _keys(rng, "point", POINTS),
        "platforms": lambda: _keys(rng, "platform", PLATFORMS),
    }
    fields = rng.sample(sorted(narrowed), rng.choice((1, 1, 2)))
    return {field: narrowed[field]() for field in fields}


def _touches(rng: Random) -> Written:
    """How touches are read, in the words that all counting rules have."""
    return {
        "per": rng.choice(("customer", "customer", "customer", "address", "household", "client")),
        "event": rng.choice(("reserved", "reserved", "sent", "delivered")),
        "labels": rng.choice(("then", "now")),
    }


def _waits(rng: Random) -> Written:
    return {"at_limit": rng.choice(("hold", "hold", "hold", "suppress"))}


def _counting(rng: Random) -> Written:
    return _touches(rng) | _waits(rng) | {"counts": rng.choice((None, None, {}, scope(rng)))}


def _unit_of_count(rng: Random) -> Written:
    return {"unit_of_count": rng.choice(("message", "message", "campaign", "package", "journey"))}


def _seconds(rng: Random) -> int:
    return rng.choice((1, 60, HOUR, 4 * HOUR, DAY, DAY, 3 * DAY, 7 * DAY, 30 * DAY, rng.randrange(1, 10 * DAY)))


def _at_most(rng: Random) -> int:
    return rng.choice((*(1, 1, 2, 2, 3, 5) * 5, 0))


def _rolling(rng: Random) -> Written:
    return _counting(rng) | {"at_most": _at_most(rng), "seconds": _seconds(rng)}


def _lifetime(rng: Random) -> Written:
    """Narrow ones more often than not: of them it is just one more, or one less, that was ever sent."""
    counts = rng.choice((None, scope(rng), scope(rng), scope(rng)))
    at_most = rng.choice((1, 1, 2, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30))
    return _counting(rng) | {"counts": counts, "at_most": at_most, "at_limit": "suppress"}


def _ordered_gap(rng: Random) -> Written:
    return _touches(rng) | _waits(rng) | {"after": scope(rng), "seconds": _seconds(rng)}


def _never_together(rng: Random) -> Written:
    """About topics every other time, since these may change after a message is sent."""
    first, second = (rng.choice((scope(rng), {"topics": _keys(rng, "topic", TOPICS)})) for _ in range(2))
    return _touches(rng) | _waits(rng) | {"first": first, "second": second, "seconds": _seconds(rng)}


def _never_after(rng: Random) -> Written:
    return _touches(rng) | {"after": scope(rng), "seconds": rng.choice((0, _seconds(rng)))}


def _exclusive_campaigns(rng: Random) -> Written:
    campaigns = tuple(f"campaign{n}" for n in rng.sample(range(1, CAMPAIGNS + 1), rng.choice((2, 3, 4))))
    return _touches(rng) | _waits(rng) | {"campaigns": campaigns, "seconds": _seconds(rng)}


def _pressure_points(rng: Random) -> Written:
    return _counting(rng) | {
        "budget": rng.choice((1, 3, 5, 10, 10, 20)),
        "seconds": _seconds(rng),
        "weights": {channel.spoken: rng.choice((0, 1, 2, 3, 7)) for channel in rng.sample(CHANNELS, rng.randrange(4))},
        "default_weight": rng.choice((0, 1, 1, 2)),
        "decay": rng.choice(("none", "linear")),
    }


def _only_after(rng: Random) -> Written:
    return {
        "after": rng.choice((scope(rng), scope(rng), scope(rng) | scope(rng))),
        "within": rng.choice((0, 0, _seconds(rng))),
        "event": rng.choice(("sent", "sent", "delivered")),
        "per": rng.choice(("customer", "customer", "address", "household", "client")),
        "labels": rng.choice(("then", "now")),
        "at_limit": rng.choice(("hold", "suppress")),
    }


def _blackout(rng: Random, shown: datetime) -> Written:
    """Around what the wall shows, more often than not begun; to the minute begins or ends now and then."""
    length = timedelta(minutes=rng.choice((1, 60, 90, 600, 1_440, 4_320, 30_000)))
    begin = shown.replace(second=0) - rng.choice((length, timedelta(), length * rng.random(), length * rng.random()))
    if rng.random() < 0.2:
        begin += timedelta(minutes=rng.randrange(2_880))
    said = {"begin": f"{begin:%Y-%m-%dT%H:%M}", "end": f"{begin + length:%Y-%m-%dT%H:%M}", "zone": _zone(rng)}
    return said | _waits(rng)


def _calendar(rng: Random) -> Written:
    return _counting(rng) | {
        "at_most": _at_most(rng),
        "period": rng.choice(("hour", "day", "day", "week", "month")),
        "every": rng.choice((1, 1, 1, 2, 3, 6)),
        "zone": _zone(rng),
        "week_start": rng.randrange(7),
    }


def _window(rng: Random) -> Written:
    begin, length = rng.choice(
        (
            (rng.randrange(24 * 60), rng.choice((1, 30, 90, 5 * 60, 11 * 60, 14 * 60, 1_439))),
            (rng.choice((0, 60, 90, 120, 150, 165, 180, 1_380)), rng.choice((30, 60, 90, 120, 315, 600))),
            (rng.choice((20, 21, 22)) * 60, 10 * 60),
        )
    )
    end = (begin + length) % 1_440
    days = tuple(sorted(rng.sample(range(7), rng.randrange(1, 6)))) if rng.random() < 0.35 else tuple(range(7))
    return {
        "begin": f"{begin // 60:02}:{begin % 60:02}",
        "end": f"{end // 60:02}:{end % 60:02}",
        "days": days,
        "zones": tuple(rng.sample(TWICE_A_YEAR, 12)) if rng.random() < 0.25 else (),
    }


def _quiet(rng: Random) -> Written:
    return {
        "windows": tuple(_window(rng) for _ in range(rng.choice((1, 1, 2, 3)))),
        "zone": _zone(rng),
        "unknown_zone": rng.choice(("strict", "default")),
        "default_zone": rng.choice(TWICE_A_YEAR),
    }


def _send_window(rng: Random) -> Written:
    """Long ones more often than short ones: what is never open proves little."""
    hours = [(rng.randrange(24), rng.choice((4, 8, 12, 16, 20, 23))) for _ in range(rng.choice((1, 1, 2)))]
    windows = [{"begin": f"{begin:02}:00", "end": f"{(begin + length) % 24:02}:00"} for begin, length in hours]
    return _quiet(rng) | {"windows": (*windows, *[_window(rng) for _ in range(rng.randrange(2))])}


def _zone(rng: Random) -> str:
    return rng.choice(("customer", "customer", "customer", "unit", rng.choice(TWICE_A_YEAR)))


def _days(rng: Random) -> Written:
    return {
        "express_days": rng.choice((0, 0, 1, 30, 365)),
        "purchase_days": rng.choice((0, 2, 730)),
        "inquiry_days": rng.choice((0, 1, 180)),
    }


def _suppresses(rng: Random) -> Written:
    return {"at_limit": rng.choice(("suppress", "suppress", "hold"))}


RULES: dict[str, Callable[[Random], Written]] = {
    "rolling_cap": lambda rng: _rolling(rng) | _unit_of_count(rng),
    "calendar_cap": lambda rng: _calendar(rng) | _unit_of_count(rng),
    "minimum_gap": lambda rng: _counting(rng) | {"seconds": _seconds(rng)},
    "same_content": lambda rng: _rolling(rng) | {"of": rng.choice(("content", "offer"))},
    "personal_cap": _counting,
    "lifetime_cap": _lifetime,
    "ordered_gap": _ordered_gap,
    "never_together": _never_together,
    "never_after": _never_after,
    "exclusive_campaigns": _exclusive_campaigns,
    "journey_cap": _rolling,
    "pressure_points": _pressure_points,
    "holdout": lambda rng: {
        "share_percent": rng.choice((5, 20, 50)),
        "salt": f"salt{rng.randrange(9)}",
        "household": rng.random() < 0.5,
    },
    "consent": lambda rng: _days(rng) | {"needs": rng.choice(("grant", "no_withdrawal"))},
    "proof": _days,
    "do_not_contact": _suppresses,
    "address_failure": _suppresses,
    "pause": lambda rng: {"at_limit": rng.choice(("hold", "hold", "suppress"))},
    "refusal": _suppresses,
    "customer_state": lambda rng: _suppresses(rng) | {"states": tuple(rng.sample(STATES, rng.randrange(1, 4)))},
    "only_after": _only_after,
    "exclusive_window": lambda rng: {"at_limit": rng.choice(("hold", "hold", "suppress"))},
    "quiet_hours": _quiet,
    "send_window": _send_window,
    "personal_quiet_time": lambda rng: {},
    "send_by": lambda rng: {},
    "maximum_deferral": lambda rng: {"seconds": _seconds(rng) + rng.choice((HOUR, DAY))},
    "contact_point_ready": lambda rng: {"named": rng.random() < 0.1},
}
"""Every rule type but the blackout, by its name in a policy file, and how to draw one."""
KINDS = sorted((*RULES, "blackout"))
WEIGHTS = {
    **{
        "consent": 3,
        "proof": 2,
        "contact_point_ready": 2,
        "send_by": 2,
        "holdout": 1,
        "lifetime_cap": 2,
        "only_after": 2,
    },
    **{"blackout": 2, "send_window": 3, "quiet_hours": 3, "pressure_points": 3},
    **{"journey_cap": 7, "exclusive_campaigns": 7, "exclusive_window": 9, "never_together": 8, "same_content": 8},
    **{"refusal": 7, "do_not_contact": 6, "address_failure": 5, "customer_state": 5},
}


def policy(rng: Random, shown: datetime) -> Policy:
    """Two to thirteen rules, each type about as often as it stops somebody; blackouts lie about what is `shown`."""
    drawn = rng.choices(KINDS, [WEIGHTS.get(kind, 4) for kind in KINDS], k=rng.randrange(2, 14))
    return msgspec.convert(
        {
            "name": "random",
            "version": rng.randrange(1, 1_000),
            "rules": [rule(rng, kind, place, shown) for place, kind in enumerate(drawn)],
            "longest_hold": rng.choice((HOUR, DAY, 3 * DAY, 14 * DAY, 14 * DAY, 40 * DAY, 40 * DAY)),
            "plausible_zones": rng.choice(((), rng.sample(TWICE_A_YEAR, rng.choice((2, 3))))),
        },
        Policy,
    )


def rule(rng: Random, kind: str, place: int, shown: datetime) -> Written:
    """One rule as a policy file has it; its name is its type and its place."""
    return {
        "type": kind,
        "name": f"{kind} {place}",
        "applies": {} if rng.random() < 0.6 else scope(rng),
        "exempts": [scope(rng)] if rng.random() < 0.15 else [],
        **(_blackout(rng, shown) if kind == "blackout" else RULES[kind](rng)),
    }


def turned(policy: Policy) -> Policy:
    """The same policy with its rules in the opposite order."""
    return msgspec.structs.replace(policy, rules=policy.rules[::-1])
