"""Answers: how many messages does each person get from all of us together?"""

from collections import Counter
from typing import Final

import msgspec
from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from onevoice.answers.seen import own_customers, visible_customers
from onevoice.ledger.book import Reader
from onevoice.ledger.tables import entries
from onevoice.nouns.moment import DAY
from onevoice.nouns.words import Direction, EntryKind

PEOPLE_MAX: Final = 200
PERSON: Final[ColumnElement[int]] = func.coalesce(entries.c.customer, entries.c.address)
"""Whom a message went to: the customer, or the address where nobody is known to own it."""
MESSAGES: Final = func.count(entries.c.touch.distinct())


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """So many people got exactly `messages` messages (the last bar: that many or more)."""

    messages: int
    people: int
    or_more: bool = False


class Pressure(msgspec.Struct, frozen=True, kw_only=True):
    """Messages per person that went out between `since` and `until` (microseconds UTC). Every unit's messages count,
    also those whose content the asker may not see; people are the asker's own."""

    since: int
    until: int
    people: int = 0
    messages: int = 0
    median: int = 0
    most: int = 0
    bars: tuple[Bar, ...] = ()


class Pressed(msgspec.Struct, frozen=True, kw_only=True):
    """One person (a customer folio, or an address nobody is known to own) and how many messages went to them."""

    customer: int
    messages: int


def window(now: int, days: int) -> tuple[int, int]:
    """The last `days` days by the book's UTC calendar, today included: what tallies count too."""
    return (now // DAY - days + 1) * DAY, (now // DAY + 1) * DAY


def pressure(reader: Reader, *, days: int = 7, bars: int = 10) -> Pressure:
    """The distribution of messages per person over the last `days` UTC days; `bars` bars, the last one open."""
    since, until = window(reader.now, days)
    per_person = _per_person(reader, since, until).subquery()
    query = select(per_person.c.messages, func.count()).group_by(per_person.c.messages)
    counts = Counter({row[0]: row[1] for row in reader.connection.execute(query)})
    people = sum(counts.values())
    if not people:
        return Pressure(since=since, until=until)
    last = min(max(counts), bars)
    drawn = [Bar(messages=number, people=counts[number]) for number in range(1, last)]
    above = sum(count for number, count in counts.items() if number >= last)
    return Pressure(
        since=since,
        until=until,
        people=people,
        messages=sum(number * count for number, count in counts.items()),
        median=_median(counts, people),
        most=max(counts),
        bars=(*drawn, Bar(messages=last, people=above, or_more=max(counts) > last)),
    )


def people_pressed(reader: Reader, *, least: int, most: int = 0, days: int = 7) -> list[Pressed]:
    """Who got at least `least` (and at most `most`, if given) messages, most first, at most PEOPLE_MAX of them."""
    since, until = window(reader.now, days)
    per_person = _per_person(reader, since, until).having(least <= MESSAGES)
    if most:
        per_person = per_person.having(most >= MESSAGES)
    ordered = per_person.order_by(MESSAGES.desc(), PERSON).limit(PEOPLE_MAX)
    rows = [Pressed(customer=row.customer, messages=row.messages) for row in reader.connection.execute(ordered)]
    shown = visible_customers(reader, [row.customer for row in rows])
    return [row for row in rows if row.customer in shown]


def messages_of(reader: Reader, customers: list[int], *, days: int = 7) -> dict[int, int]:
    """Messages that went to each of these few customers; those with none are left out."""
    since, until = window(reader.now, days)
    theirs = or_(
        entries.c.customer.in_(customers), and_(entries.c.address.in_(customers), entries.c.customer.is_(None))
    )
    query = _per_person(reader, since, until).where(theirs)
    return {row.customer: row.messages for row in reader.connection.execute(query)}


def _per_person(reader: Reader, since: int, until: int) -> Select[int, int]:
    query = (
        select(PERSON.label("customer"), MESSAGES.label("messages"))
        .where(
            entries.c.occurred >= since,
            entries.c.occurred < until,
            entries.c.kind == int(EntryKind.SENT),
            entries.c.direction == int(Direction.OUTBOUND),
            PERSON.is_not(None),
        )
        .group_by(PERSON)
    )
    return query if reader.authority.all_units else query.where(PERSON.in_(own_customers(reader)))


def _median(counts: Counter[int], people: int) -> int:
    """The least number that at least half of them did not exceed."""
    below = 0
    for number in sorted(counts):
        below += counts[number]
        if below * 2 >= people:
            return number
    return 0
