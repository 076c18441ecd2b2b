"""Answers: which decisions are behind a number: by verdict, reason, unit, channel, day, mode, rule and customer?"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from sqlalchemy import Select, func, or_, select

from onevoice.answers.customer import people_named
from onevoice.answers.seen import ENTRY_COLUMNS, own_labels, require_customer, visible_customers
from onevoice.answers.stopped_by import StoppedBy
from onevoice.answers.timeline import Happened, addresses_of, happened
from onevoice.ledger.book import Reader
from onevoice.ledger.tables import IS_DECISION, entries, labels, tallies_by_day
from onevoice.nouns.moment import DAY
from onevoice.nouns.problem import Fault, Refused
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import Channel, EntryKind, FolioKind, Mode, Verdict

PAGE_MAX: Final = 200
LOOKED_AT_MAX: Final = 4_000
"""Decisions that are looked through for those of one rule, for one page: which rule it was stands inside each."""
LOOKED_AT_ONCE: Final = 500
KEPT_BACK: Final = (int(Verdict.HOLD), int(Verdict.SUPPRESS))


class Filters(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What to keep: spoken words, a unit's key, and days since 1970-01-01 in UTC, both included (0: no bound).
    `verdict` may be `kept_back`: hold or suppress. `binding` is `yes` (obeyed), `no` (only advised) or empty. `rule` is
    the name of a rule that stood in the way, `customer` a folio; `order` is `oldest`, or empty for the newest first."""

    verdict: str = ""
    reason: str = ""
    unit: str = ""
    channel: str = ""
    binding: str = ""
    first_day: int = 0
    last_day: int = 0
    rule: str = ""
    customer: int = 0
    order: str = ""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One decision and whom it was about; `person` is empty where the asker may not see them."""

    happened: Happened
    customer: int = 0
    person: str = ""


class Decisions(msgspec.Struct, frozen=True, kw_only=True):
    """One page in the order asked for; `total` counts all that match, `next` asks for the page that follows.

    Where a rule is asked for, `total` counts those among the `looked_at` decisions looked through (0: all)."""

    filters: Filters
    total: int = 0
    looked_at: int = 0
    rows: tuple[Row, ...] = ()
    next: str = ""


def decisions(
    reader: Reader, filters: Filters, *, before: str = "", limit: int = 50, most: int = PAGE_MAX
) -> Decisions:
    """Decisions about messages of units the asker sees; at most `limit` rows, and never more than `most`. `total` comes
    from the same daily tallies as the overview, but where one customer is asked for.

    Raises Refused with every filter that is not understood, NotFound for a customer who is not the asker's to see."""
    limit = max(1, min(limit, most))
    conditions = _conditions(reader, filters)
    cursor = _cursor(before)
    people = _of_customer(reader, filters.customer) if filters.customer else []
    total, first_day, last_day = _total(reader, filters, conditions, people)
    if not total:
        return Decisions(filters=filters)
    query = _query(filters, [*conditions(entries), *people], (first_day, last_day))
    if filters.rule:
        return _of_rule(reader, filters, query, cursor, limit)
    numbers = _numbers(reader, filters, query, cursor, limit + 1)
    return Decisions(
        filters=filters,
        total=total,
        rows=_rows(reader, numbers[:limit]),
        next=_following(numbers[limit - 1]) if len(numbers) > limit else "",
    )


def _query(filters: Filters, conditions: list[Any], days: tuple[int, int]) -> Select[Any]:
    """Moment and number of these decisions, found in the index alone, between the first and the last day with any."""
    kept = [] if not filters.rule or filters.verdict else [entries.c.verdict.in_(KEPT_BACK)]
    return select(entries.c.occurred, entries.c.number).where(
        IS_DECISION,
        entries.c.occurred >= days[0] * DAY,
        entries.c.occurred < (days[1] + 1) * DAY,
        *conditions,
        *kept,
    )


def _numbers(
    reader: Reader, filters: Filters, query: Select[Any], cursor: tuple[int, int], limit: int
) -> list[tuple[int, int]]:
    """(moment, number) of the `limit` decisions after the cursor, in the order asked for."""
    at, number = cursor
    when, which = entries.c.occurred, entries.c.number
    oldest = filters.order == "oldest"
    if number and oldest:
        query = query.where((when > at) | ((when == at) & (which > number)), when >= at)
    elif number:
        query = query.where((when < at) | ((when == at) & (which < number)), when <= at)
    ordered = query.order_by(when, which) if oldest else query.order_by(when.desc(), which.desc())
    return [(row.occurred, row.number) for row in reader.connection.execute(ordered.limit(limit))]


def _rows(reader: Reader, numbers: list[tuple[int, int]]) -> tuple[Row, ...]:
    """These decisions whole, in this order; only those that are shown are read."""
    wanted = [number for _, number in numbers]
    if not wanted:
        return ()
    query = select(*ENTRY_COLUMNS).where(entries.c.number.in_(wanted))
    found = {row.number: row for row in reader.connection.execute(query)}
    return _with_people(reader, happened(reader, [found[number] for number in wanted]))


def _of_rule(reader: Reader, filters: Filters, query: Select[Any], cursor: tuple[int, int], limit: int) -> Decisions:
    """The decisions in whose way this rule stood, among the next LOOKED_AT_MAX kept back; where there are more to look
    through, `next` goes on behind them."""
    stopped = StoppedBy(reader, filters.rule)
    matching: list[tuple[int, int]] = []
    looked, more = 0, True
    while more and len(matching) <= limit and looked < LOOKED_AT_MAX:
        part = _numbers(reader, filters, query, cursor, LOOKED_AT_ONCE)
        more, looked = len(part) == LOOKED_AT_ONCE, looked + len(part)
        matching += stopped.among(part)
        cursor = part[-1] if part else cursor
    shown = matching[:limit]
    beyond = _following(shown[-1]) if len(matching) > limit else _following(cursor) if more else ""
    return Decisions(
        filters=filters,
        total=len(matching),
        looked_at=looked if beyond else 0,
        rows=_rows(reader, shown),
        next=beyond,
    )


def _of_customer(reader: Reader, customer: int) -> list[Any]:
    """The condition that keeps to one person: decisions about them, or about an address of theirs that named nobody.

    Raises NotFound where the asker may not see them."""
    kind = require_customer(reader, customer)
    addresses = [customer] if kind is FolioKind.ADDRESS else addresses_of(reader, customer)
    own = (entries.c.address.in_(addresses)) & entries.c.customer.is_(None)
    return [own if kind is FolioKind.ADDRESS else or_(entries.c.customer == customer, own)]


def every(reader_of: Any, filters: Filters, *, most: int, at_once: int) -> Iterator[tuple[Row, ...]]:
    """All decisions that match, `most` of them at most, some at once; each part is read in a reading of its own (the
    context manager that `reader_of` gives), so that a slow taker holds none open and rights taken away end it.

    Raises Refused, NotFound, and what `reader_of` raises."""
    cursor, left = "", most
    while left > 0:
        with reader_of() as reader:
            page = decisions(reader, filters, before=cursor, limit=min(at_once, left), most=at_once)
        if page.rows:
            yield page.rows
        cursor, left = page.next, left - len(page.rows)
        if not cursor:
            return


def _following(last: tuple[int, int]) -> str:
    return f"{last[0]}-{last[1]}"


def _with_people(reader: Reader, told: tuple[Happened, ...]) -> tuple[Row, ...]:
    allowed = visible_customers(reader, [one.customer for one in told])
    called = people_named(reader, allowed)
    return tuple(
        Row(
            happened=one,
            customer=one.customer if one.customer in allowed else 0,
            person=called.get(one.customer, ""),
        )
        for one in told
    )


def _total(reader: Reader, filters: Filters, conditions: Any, people: list[Any]) -> tuple[int, int, int]:
    """(how many decisions match, the first and the last day with any). Of one person they are few, and counted."""
    if people:
        return _total_of_person(reader, filters, [*conditions(entries), *people])
    table = tallies_by_day
    query: Select[int, int, int] = select(
        func.coalesce(func.sum(table.c.count), 0), func.min(table.c.day), func.max(table.c.day)
    ).where(table.c.kind == int(EntryKind.DECIDED), *conditions(table))
    if filters.first_day:
        query = query.where(table.c.day >= filters.first_day)
    if filters.last_day:
        query = query.where(table.c.day <= filters.last_day)
    total, first, last = reader.connection.execute(query).one()
    return int(total), first or 0, last or 0


def _total_of_person(reader: Reader, filters: Filters, conditions: list[Any]) -> tuple[int, int, int]:
    when = entries.c.occurred
    query = select(func.count(), func.min(when), func.max(when)).where(IS_DECISION, *conditions)
    if filters.first_day:
        query = query.where(when >= filters.first_day * DAY)
    if filters.last_day:
        query = query.where(when < (filters.last_day + 1) * DAY)
    total, first, last = reader.connection.execute(query).one()
    return int(total), (first or 0) // DAY, (last or 0) // DAY


def _conditions(reader: Reader, filters: Filters) -> Any:
    """A function that gives the conditions for a table with label, verdict, reason and mode. Raises Refused."""
    faults: list[Fault] = []

    def number(kind: Any, spoken: str, where: str) -> int:
        try:
            return int(kind.of(spoken))
        except KeyError:
            faults.append(Fault(where, f"There is no {where} called {spoken[:40]}."))
            return 0

    kept_back = filters.verdict == "kept_back"
    verdict = number(Verdict, filters.verdict, "verdict") if filters.verdict and not kept_back else 0
    reason = number(Reason, filters.reason, "reason") if filters.reason else -1
    channel = number(Channel, filters.channel, "channel") if filters.channel else 0
    units = {unit.key: unit.number for unit in reader.surroundings.units.values()}
    if filters.unit and filters.unit not in units:
        faults.append(Fault("unit", f"There is no unit called {filters.unit[:40]}."))
    if filters.binding not in ("", "yes", "no"):
        faults.append(Fault("binding", "Say yes or no."))
    if filters.order not in ("", "oldest"):
        faults.append(Fault("order", "Say oldest, or nothing for the newest first."))
    if faults:
        raise Refused(faults, "These decisions cannot be looked up.")
    own = own_labels(reader)

    def conditions(table: Any) -> list[Any]:
        found = []
        found += [table.c.verdict.in_(KEPT_BACK)] if kept_back else []
        found += [table.c.verdict == verdict] if verdict else []
        found += [table.c.reason == reason] if reason >= 0 else []
        named = [] if own is None else [own]
        named += [labels.c.channel == channel] if channel else []
        named += [labels.c.unit == units[filters.unit]] if filters.unit else []
        if named:
            found.append(table.c.label.in_(select(labels.c.number).where(*named)))
        if filters.binding:
            enforced = table.c.mode == int(Mode.ENFORCE)
            found.append(enforced if filters.binding == "yes" else ~enforced)
        return found

    return conditions


def _cursor(before: str) -> tuple[int, int]:
    if not before:
        return 0, 0
    at, dash, number = before.partition("-")
    if not (dash and all(part.isascii() and part.isdigit() and len(part) < 19 for part in (at, number))):
        raise Refused([Fault("before", "Take the cursor from the page before, as it was given.")])
    return int(at), int(number)
