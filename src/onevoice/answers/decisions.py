"""Answers: which decisions are behind a number: by verdict, reason, unit, channel, day and mode, newest first?"""

from typing import Any, Final

import msgspec
from sqlalchemy import Select, func, select

from onevoice.answers.customer import people_named
from onevoice.answers.seen import ENTRY_COLUMNS, own_labels, visible_customers
from onevoice.answers.timeline import Happened, happened
from onevoice.ledger.book import Reader
from onevoice.ledger.tables import IS_DECISION, entries, labels, tallies_by_day
from onevoice.nouns.moment import DAY
from onevoice.nouns.problem import Fault, Refused
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import Channel, EntryKind, Mode, Verdict

PAGE_MAX: Final = 200


class Filters(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What to keep: spoken words, a unit's key, and days since 1970-01-01 in UTC, both included (0: no bound).
    `verdict` may be `kept_back`: hold or suppress. `binding` is `yes` (obeyed), `no` (only advised) or empty."""

    verdict: str = ""
    reason: str = ""
    unit: str = ""
    channel: str = ""
    binding: str = ""
    first_day: int = 0
    last_day: int = 0


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One decision and whom it was about; `person` is empty where the asker may not see them."""

    happened: Happened
    customer: int = 0
    person: str = ""


class Decisions(msgspec.Struct, frozen=True, kw_only=True):
    """One page, newest first; `total` counts all that match, `next` asks for the page before."""

    filters: Filters
    total: int = 0
    rows: tuple[Row, ...] = ()
    next: str = ""


def decisions(reader: Reader, filters: Filters, *, before: str = "", limit: int = 50) -> Decisions:
    """Decisions about messages of units the asker sees. `total` comes from the same daily tallies as the overview.

    Raises Refused with every filter that is not understood."""
    limit = max(1, min(limit, PAGE_MAX))
    conditions = _conditions(reader, filters)
    cursor = _cursor(before)
    total, first_day, last_day = _total(reader, filters, conditions(tallies_by_day))
    found = _page(reader, conditions(entries), (first_day, last_day), cursor, limit + 1) if total else []
    page = found[:limit]
    following = f"{page[-1].occurred}-{page[-1].number}" if len(found) > limit else ""
    return Decisions(
        filters=filters,
        total=total,
        rows=_with_people(reader, happened(reader, page)),
        next=following,
    )


def _page(
    reader: Reader, conditions: list[Any], days: tuple[int, int], cursor: tuple[int, int], limit: int
) -> list[Any]:
    """The newest `limit` of these decisions before the cursor, whole. They are found in the index alone, between the
    first and the last day that has any; only those that are shown are read."""
    at, number = cursor
    query = select(entries.c.number).where(
        IS_DECISION,
        entries.c.occurred >= days[0] * DAY,
        entries.c.occurred < (days[1] + 1) * DAY,
        *conditions,
    )
    if number:
        query = query.where(
            (entries.c.occurred < at) | ((entries.c.occurred == at) & (entries.c.number < number)),
            entries.c.occurred <= at,
        )
    newest = entries.c.occurred.desc(), entries.c.number.desc()
    numbers = list(reader.connection.execute(query.order_by(*newest).limit(limit)).scalars())
    rows = select(*ENTRY_COLUMNS).where(entries.c.number.in_(numbers)).order_by(*newest)
    return list(reader.connection.execute(rows).all()) if numbers else []


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


def _total(reader: Reader, filters: Filters, conditions: list[Any]) -> tuple[int, int, int]:
    """(how many decisions match, the first and the last day with any)."""
    table = tallies_by_day
    query: Select[int, int, int] = select(
        func.coalesce(func.sum(table.c.count), 0), func.min(table.c.day), func.max(table.c.day)
    ).where(table.c.kind == int(EntryKind.DECIDED), *conditions)
    if filters.first_day:
        query = query.where(table.c.day >= filters.first_day)
    if filters.last_day:
        query = query.where(table.c.day <= filters.last_day)
    total, first, last = reader.connection.execute(query).one()
    return int(total), first or 0, last or 0


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
    if faults:
        raise Refused(faults, "These decisions cannot be looked up.")
    own = own_labels(reader)

    def conditions(table: Any) -> list[Any]:
        found = []
        found += [table.c.verdict.in_([int(Verdict.HOLD), int(Verdict.SUPPRESS)])] if kept_back else []
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
