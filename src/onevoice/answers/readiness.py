"""Answers: what would change for whom if this platform obeyed the gate, and what should be in order before it does?"""

from collections import Counter
from typing import Final

import msgspec
from sqlalchemy import func, select

from onevoice.ledger.book import Reader
from onevoice.ledger.policies import current_policy
from onevoice.ledger.tables import IS_DECISION, entries, labels, tallies_by_day
from onevoice.nouns.moment import DAY
from onevoice.nouns.problem import NotFound
from onevoice.nouns.reason import Reason
from onevoice.nouns.surroundings import Platform
from onevoice.nouns.words import ContactPointStatus, EntryKind, Mode, Verdict

DAYS: Final = 30
LOOKED_AT_MAX: Final = 20_000
PERMISSIONS: Final = frozenset({Reason.CONSENT_MISSING, Reason.CONSENT_EXPIRED, Reason.CONSENT_UNPROVEN})


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """Messages that went out and would have been held or suppressed, for one reason or one unit."""

    key: str
    name: str
    held: int = 0
    suppressed: int = 0

    @property
    def all(self) -> int:
        return self.held + self.suppressed


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """The last `days` UTC days of a platform, `first` to `last` (days since 1970-01-01). `judged` decisions were only
    advice, `sent` messages went out in any way. `people` would have got fewer messages, counted among the newest
    `looked_at` decisions (0: all). `unregistered` messages named no contact point that is registered; `no_consent` were
    stopped for want of a permission. `points` says how many contact points of the platform may send, `inactive` how
    many may not."""

    platform: Platform
    unit: str
    days: int = DAYS
    first: int = 0
    last: int = 0
    sent: int = 0
    judged: int = 0
    changed: int = 0
    people: int = 0
    looked_at: int = 0
    reasons: tuple[Changed, ...] = ()
    units: tuple[Changed, ...] = ()
    unregistered: int = 0
    no_consent: int = 0
    points: int = 0
    inactive: int = 0
    policy: str = ""


def readiness(reader: Reader, key: str) -> Readiness:
    """What enforcing would have changed. Raises NotFound for a platform the asker does not see."""
    now = reader.surroundings
    platform = next((one for one in now.platforms.values() if one.key == key and reader.authority.sees(one.unit)), None)
    if platform is None:
        raise NotFound
    last = reader.now // DAY
    first = last - DAYS + 1
    total: Counter[str] = Counter()
    reasons: dict[int, Counter[str]] = {}
    units: dict[int, Counter[str]] = {}
    for kind, point, unit, verdict, reason, mode, count in _tallies(reader, platform.number, first, last):
        if kind == EntryKind.SENT:
            total["sent"] += count
            total["unregistered"] += count * (point == 0)
            continue
        if mode == Mode.ENFORCE:
            continue
        total["judged"] += count
        if verdict == Verdict.SEND:
            continue
        what = "suppressed" if verdict == Verdict.SUPPRESS else "held"
        total["changed"] += count
        total["no_consent"] += count * (reason in PERMISSIONS)
        for table, one in ((reasons, reason), (units, unit)):
            table.setdefault(one, Counter())[what] += count
    people, looked_at = _people(reader, platform.number, first) if total["changed"] else (0, 0)
    policy = current_policy(reader.connection)
    points = [one for one in now.contact_points.values() if one.platform == platform.number and one.sends]
    working = [one for one in points if one.status in (ContactPointStatus.ACTIVE, ContactPointStatus.RETIRING)]
    return Readiness(
        platform=platform,
        unit=now.units[platform.unit].name if platform.unit in now.units else "",
        first=first,
        last=last,
        sent=total["sent"],
        judged=total["judged"],
        changed=total["changed"],
        people=people,
        looked_at=looked_at,
        reasons=_ordered([_changed(Reason(one).spoken, "", found) for one, found in reasons.items()]),
        units=_ordered([_changed(*_unit(reader, one), found) for one, found in units.items()]),
        unregistered=total["unregistered"],
        no_consent=total["no_consent"],
        points=len(working),
        inactive=len(points) - len(working),
        policy=policy.name if policy else "",
    )


def _tallies(reader: Reader, platform: int, first: int, last: int) -> list[tuple[int, int, int, int, int, int, int]]:
    """(kind, contact point, unit, verdict, reason, mode, count) of what this platform sent and asked, units the asker
    sees only."""
    table = tallies_by_day
    query = (
        select(
            table.c.kind, labels.c.contact_point, labels.c.unit, table.c.verdict, table.c.reason, table.c.mode,
            func.sum(table.c.count),
        )
        .join(labels, labels.c.number == table.c.label)
        .where(labels.c.platform == platform, table.c.day >= first, table.c.day <= last)
        .where(table.c.kind.in_((int(EntryKind.DECIDED), int(EntryKind.SENT))))
        .group_by(
            table.c.kind, labels.c.contact_point, labels.c.unit, table.c.verdict, table.c.reason, table.c.mode
        )
    )  # fmt: skip
    rows = reader.connection.execute(query)
    return [tuple(map(int, row)) for row in rows if not row.unit or reader.authority.sees(row.unit)]  # type: ignore[misc]


def _people(reader: Reader, platform: int, first: int) -> tuple[int, int]:
    """(how many people would have got fewer messages, among how many decisions that was counted; 0: all)."""
    own = labels_of(reader, platform)
    newest = (
        select(entries.c.customer, entries.c.address)
        .where(IS_DECISION, entries.c.occurred >= first * DAY, entries.c.label.in_(own))
        .where(entries.c.verdict.in_((int(Verdict.HOLD), int(Verdict.REROUTE), int(Verdict.SUPPRESS))))
        .where(entries.c.mode != int(Mode.ENFORCE))
        .order_by(entries.c.occurred.desc())
        .limit(LOOKED_AT_MAX)
        .subquery()
    )
    who = func.coalesce(newest.c.customer, newest.c.address)
    people, looked = reader.connection.execute(select(func.count(who.distinct()), func.count())).one()
    return int(people), LOOKED_AT_MAX if looked == LOOKED_AT_MAX else 0


def labels_of(reader: Reader, platform: int) -> list[int]:
    """The labels of a platform's messages, of units the asker sees."""
    query = select(labels.c.number, labels.c.unit).where(labels.c.platform == platform)
    return [row.number for row in reader.connection.execute(query) if not row.unit or reader.authority.sees(row.unit)]


def _changed(key: str, name: str, found: Counter[str]) -> Changed:
    return Changed(key=key, name=name, held=found["held"], suppressed=found["suppressed"])


def _unit(reader: Reader, number: int) -> tuple[str, str]:
    unit = reader.surroundings.units.get(number)
    return (unit.key, unit.name) if unit else ("", "no unit")


def _ordered(found: list[Changed]) -> tuple[Changed, ...]:
    return tuple(sorted(found, key=lambda one: (-one.all, one.key)))
