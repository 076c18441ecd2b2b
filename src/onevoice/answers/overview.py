"""Answers: how much do we say to each person, and what did the gate keep back?"""

from collections import Counter
from collections.abc import Iterable

import msgspec
from sqlalchemy import select

from onevoice.answers.pressure import Pressure, pressure, window
from onevoice.answers.seen import own_labels
from onevoice.ledger.book import Reader
from onevoice.ledger.tables import labels, tallies_by_day
from onevoice.nouns.moment import DAY
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import EntryKind, Mode, Verdict


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """Decisions under one key (a reason, a unit, a day): what was held and suppressed, and what only would have been,
    because the platform is watched or advised and the message went all the same."""

    key: str
    name: str
    number: int = 0
    held: int = 0
    suppressed: int = 0
    advised: int = 0

    @property
    def all(self) -> int:
        return self.held + self.suppressed + self.advised


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of the last `days` UTC days; `day` keys are days since 1970-01-01. `reached` counts decisions of all
    verdicts. Keys lead to the same rows in `decisions`."""

    days: int
    as_of: int
    pressure: Pressure
    reached: int = 0
    cleared: int = 0
    total: Kept
    reasons: tuple[Kept, ...] = ()
    units: tuple[Kept, ...] = ()
    by_day: tuple[Kept, ...] = ()


def overview(reader: Reader, *, days: int = 7) -> Overview:
    """Reads `tallies_by_day` for decisions and the index over time for pressure. Only decisions about messages of units
    the asker sees are counted."""
    now = reader.now
    since, until = window(now, days)
    reasons: dict[int, Counter[str]] = {}
    units: dict[int, Counter[str]] = {}
    by_day: dict[int, Counter[str]] = {day: Counter() for day in range(since // DAY, until // DAY)}
    total: Counter[str] = Counter()
    for day, unit, verdict, reason, mode, count in _tallies(reader, since // DAY, until // DAY):
        what = _what(verdict, mode)
        total[what] += count
        for table, key in ((by_day, day), (units, unit), (reasons, reason)):
            if what != "cleared":
                table.setdefault(key, Counter())[what] += count
    names = reader.surroundings.units
    return Overview(
        days=days,
        as_of=now,
        pressure=pressure(reader, days=days),
        reached=sum(total.values()),
        cleared=total["cleared"],
        total=_kept("", "", 0, total),
        reasons=_most_first(_kept(Reason(key).spoken, Reason(key).spoken, key, one) for key, one in reasons.items()),
        units=_most_first(
            _kept(names[key].key if key in names else "", names[key].name if key in names else "", key, one)
            for key, one in units.items()
        ),
        by_day=tuple(_kept(str(day), str(day), day, by_day[day]) for day in sorted(by_day)),
    )


def _tallies(reader: Reader, first: int, end: int) -> list[tuple[int, int, int, int, int, int]]:
    table = tallies_by_day
    query = (
        select(table.c.day, labels.c.unit, table.c.verdict, table.c.reason, table.c.mode, table.c.count)
        .join(labels, labels.c.number == table.c.label)
        .where(table.c.day >= first, table.c.day < end, table.c.kind == int(EntryKind.DECIDED))
    )
    own = own_labels(reader)
    rows = reader.connection.execute(query if own is None else query.where(own))
    return [(row[0], row[1], row[2], row[3], row[4], row[5]) for row in rows]


def _what(verdict: int, mode: int) -> str:
    if verdict == Verdict.SEND:
        return "cleared"
    if mode != Mode.ENFORCE:
        return "advised"
    return "suppressed" if verdict == Verdict.SUPPRESS else "held"


def _kept(key: str, name: str, number: int, one: Counter[str]) -> Kept:
    return Kept(
        key=key,
        name=name,
        number=number,
        held=one["held"],
        suppressed=one["suppressed"],
        advised=one["advised"],
    )


def _most_first(kept: Iterable[Kept]) -> tuple[Kept, ...]:
    return tuple(sorted(kept, key=lambda one: (-one.all, one.key)))
