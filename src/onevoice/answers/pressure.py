"""Answers: how many messages does each person get from all of us together?"""

from collections import Counter
from typing import Final

import msgspec
import numpy as np
from sqlalchemy import ColumnElement, and_, func, or_, select

from onevoice.answers.columns import columns_of
from onevoice.answers.seen import own_customers, visible_customers
from onevoice.ledger.book import Reader
from onevoice.ledger.tables import WENT_OUT, entries
from onevoice.nouns.label import Ints
from onevoice.nouns.moment import DAY
from onevoice.nouns.words import Direction, EntryKind

PEOPLE_MAX: Final = 200
PERSON: Final[ColumnElement[int]] = func.coalesce(entries.c.customer, entries.c.address)
"""Whom a message went to: the customer, or the address where nobody is known to own it."""


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
    _, messages = _everybody(reader, since, until)
    if not len(messages):
        return Pressure(since=since, until=until)
    counts = Counter(dict(enumerate(np.bincount(messages).tolist())))
    people, most = len(messages), int(messages.max())
    last = min(most, bars)
    drawn = [Bar(messages=number, people=counts[number]) for number in range(1, last)]
    above = sum(count for number, count in counts.items() if number >= last)
    return Pressure(
        since=since,
        until=until,
        people=people,
        messages=int(messages.sum()),
        median=_median(counts, people),
        most=most,
        bars=(*drawn, Bar(messages=last, people=above, or_more=most > last)),
    )


def people_pressed(reader: Reader, *, least: int, most: int = 0, days: int = 7) -> list[Pressed]:
    """Who got at least `least` (and at most `most`, if given) messages, most first, at most PEOPLE_MAX of them."""
    people, messages = _everybody(reader, *window(reader.now, days))
    meant = (messages >= least) & (messages <= most) if most else messages >= least
    people, messages = people[meant], messages[meant]
    first = np.lexsort((people, -messages))[:PEOPLE_MAX]
    rows = [
        Pressed(customer=person, messages=count)
        for person, count in zip(people[first].tolist(), messages[first].tolist(), strict=True)
    ]
    shown = visible_customers(reader, [row.customer for row in rows])
    return [row for row in rows if row.customer in shown]


def messages_of(reader: Reader, customers: list[int], *, days: int = 7) -> dict[int, int]:
    """Messages that went to each of these few customers; those with none are left out."""
    since, until = window(reader.now, days)
    theirs = or_(
        entries.c.customer.in_(customers), and_(entries.c.address.in_(customers), entries.c.customer.is_(None))
    )
    query = (
        select(PERSON.label("customer"), func.count(entries.c.touch.distinct()).label("messages"))
        .where(
            theirs,
            entries.c.occurred >= since,
            entries.c.occurred < until,
            # not WENT_OUT: few people are found by their own indexes, not by a week of everybody
            entries.c.kind == int(EntryKind.SENT),
            entries.c.direction == int(Direction.OUTBOUND),
        )
        .group_by(PERSON)
    )
    if not reader.authority.all_units:
        query = query.where(PERSON.in_(own_customers(reader)))
    return {row.customer: row.messages for row in reader.connection.execute(query)}


def _everybody(reader: Reader, since: int, until: int) -> tuple[Ints, Ints]:
    """(people, messages of each): everybody to whom a message went in this time and whom the asker may see."""
    query = select(PERSON, entries.c.touch).where(
        WENT_OUT, entries.c.occurred >= since, entries.c.occurred < until, PERSON.is_not(None)
    )
    person, touch = columns_of(reader.connection, query)
    if not reader.authority.all_units:
        (own,) = columns_of(reader.connection, own_customers(reader))
        mine = np.isin(person, own)
        person, touch = person[mine], touch[mine]
    # a message told of twice is one message, and of one person
    order = np.argsort(touch, kind="stable")
    touch = touch[order]
    again = np.zeros(len(touch), np.bool_)
    again[1:] = touch[1:] == touch[:-1]
    people, messages = np.unique(person[order[~again]], return_counts=True)
    return people, messages


def _median(counts: Counter[int], people: int) -> int:
    """The least number that at least half of them did not exceed."""
    below = 0
    for number in sorted(counts):
        below += counts[number]
        if below * 2 >= people:
            return number
    return 0
