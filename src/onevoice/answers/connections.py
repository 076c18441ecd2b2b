"""Answers: is each platform still heard from, how much, and what could not be read?"""

from collections import Counter
from typing import Final

import msgspec
from sqlalchemy import func, select

from onevoice.answers.readiness import labels_of
from onevoice.ledger.book import Reader
from onevoice.ledger.tables import IS_DECISION, WENT_OUT, entries, labels, parked, sources, tallies_by_day
from onevoice.nouns.moment import DAY
from onevoice.nouns.words import EntryKind

ASKED: Final = (int(EntryKind.DECIDED),)
ERRORS: Final = (int(EntryKind.FAILED), int(EntryKind.BOUNCED))
QUIET_DAYS: Final = 2
SOURCES_MAX: Final = 20
SHARE_OF: Final = 20_000


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """One platform: when the book last had a message of it (microseconds UTC, 0: never), and its counts of the last
    full UTC day and of today so far. `quiet` says that a platform once heard has said nothing for two days."""

    key: str
    name: str
    unit: str
    mode: str
    vendor: str
    last: int = 0
    quiet: bool = False
    asked: tuple[int, int] = (0, 0)
    sent: tuple[int, int] = (0, 0)
    failed: tuple[int, int] = (0, 0)


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where records came from that could not be read: how many wait, the newest reason and when it was; and their
    share, in millionths, of what came from there since the book was SHARE_OF entries shorter (-1: nothing did)."""

    name: str
    parked: int
    share: int
    reason: str
    last: int


class Connections(msgspec.Struct, frozen=True, kw_only=True):
    """All platforms the asker sees; sources only for whoever sees the whole company: they may tell of anybody."""

    as_of: int
    platforms: tuple[Connection, ...] = ()
    sources: tuple[Source, ...] = ()
    whole: bool = False


def connections(reader: Reader) -> Connections:
    """Reads the sums by day, and the indexes over the last day of each platform."""
    today = reader.now // DAY
    counts, last_days = _counts(reader, today)
    found = []
    for number, platform in reader.surroundings.platforms.items():
        if not reader.authority.sees(platform.unit):
            continue
        last = _last(reader, number, last_days[number]) if number in last_days else 0

        def pair(kinds: tuple[int, ...], number: int = number) -> tuple[int, int]:
            return tuple(  # type: ignore[return-value]
                sum(counts[number, day, kind] for kind in kinds) for day in (today - 1, today)
            )

        unit = reader.surroundings.units.get(platform.unit)
        found.append(
            Connection(
                key=platform.key,
                name=platform.name,
                unit=unit.name if unit else "",
                mode=platform.mode.spoken,
                vendor=platform.vendor,
                last=last,
                quiet=0 < last < reader.now - QUIET_DAYS * DAY,
                asked=pair(ASKED),
                sent=pair((int(EntryKind.SENT),)),
                failed=pair(ERRORS),
            )
        )
    return Connections(
        as_of=reader.now,
        platforms=tuple(sorted(found, key=lambda one: one.name)),
        sources=_sources(reader) if reader.authority.all_units else (),
        whole=reader.authority.all_units,
    )


def _counts(reader: Reader, today: int) -> tuple[Counter[tuple[int, int, int]], dict[int, int]]:
    """(counts by platform, day and kind of the last two days; the last day with anything, by platform)."""
    table = tallies_by_day
    kinds = (*ASKED, int(EntryKind.SENT), *ERRORS)
    joined = select(labels.c.platform, table.c.day, table.c.kind, func.sum(table.c.count).label("count"))
    query = (
        joined.join(labels, labels.c.number == table.c.label)
        .where(labels.c.platform > 0, table.c.day >= today - 1, table.c.kind.in_(kinds))
        .group_by(labels.c.platform, table.c.day, table.c.kind)
    )
    counts: Counter[tuple[int, int, int]] = Counter()
    for row in reader.connection.execute(query):
        counts[row.platform, row.day, row.kind] += int(row[3])
    newest = (
        select(labels.c.platform, func.max(table.c.day).label("day"))
        .join(labels, labels.c.number == table.c.label)
        .where(labels.c.platform > 0, table.c.kind.in_((*ASKED, int(EntryKind.SENT))))
        .group_by(labels.c.platform)
    )
    return counts, {row.platform: row.day for row in reader.connection.execute(newest)}


def _last(reader: Reader, platform: int, day: int) -> int:
    """The moment of the last message of a platform, on the last day it had one."""
    own = labels_of(reader, platform)
    moments = []
    for which in (IS_DECISION, WENT_OUT):
        query = select(func.max(entries.c.occurred)).where(
            which, entries.c.occurred >= day * DAY, entries.c.occurred < (day + 1) * DAY, entries.c.label.in_(own)
        )
        moments.append(reader.connection.execute(query).scalar() or 0)
    return max(moments)


def _sources(reader: Reader) -> tuple[Source, ...]:
    """The sources with something parked, the most first."""
    counted = (
        select(parked.c.source, func.count().label("count"), func.max(parked.c.number).label("newest"))
        .group_by(parked.c.source)
        .order_by(func.count().desc())
        .limit(SOURCES_MAX)
        .subquery()
    )
    query = (
        select(sources.c.number, sources.c.name, counted.c.count, parked.c.reason, parked.c.recorded)
        .join(counted, counted.c.source == sources.c.number)
        .join(parked, parked.c.number == counted.c.newest)
        .order_by(counted.c.count.desc(), sources.c.name)
    )
    rows = reader.connection.execute(query).all()
    return tuple(
        Source(
            name=row.name.removeprefix("import:"),
            parked=row[2],
            share=_share(reader, row.number),
            reason=row.reason,
            last=row.recorded,
        )
        for row in rows
    )


def _share(reader: Reader, source: int) -> int:
    newest = reader.connection.execute(select(func.max(entries.c.number))).scalar() or 0
    first = max(newest - SHARE_OF, 0)
    began = reader.connection.execute(select(entries.c.recorded).where(entries.c.number > first).limit(1)).scalar() or 0
    taken, waiting = (
        reader.connection.execute(select(func.count()).where(*conditions)).scalar() or 0
        for conditions in (
            (entries.c.number > first, entries.c.said_by == source),
            (parked.c.recorded >= began, parked.c.source == source),
        )
    )
    return waiting * 1_000_000 // (waiting + taken) if waiting + taken else -1
