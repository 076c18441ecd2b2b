"""Answers: what happened with this customer, newest first, a page at a time?"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Row, Select, select

from onevoice.answers.seen import ENTRY_COLUMNS, Seen, require_customer, seen, sees_label
from onevoice.ledger.book import Reader
from onevoice.ledger.tables import entries, links, sources, vault_words
from onevoice.nouns.problem import Fault, Refused
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import Direction, EntryKind, FolioKind, MarkKind, Mode, PermitKind, Verdict

PAGE_MAX: Final = 200
ADDRESSES_MAX: Final = 16
ORDERED_MAX: Final = 2_000
WISH_BYTES: Final = 8
ABOUT_TOPICS: Final = ("topic_refused", "holds_product", "bought_recently")
"""Marks whose scope is a topic; the scope of others is a unit."""


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """One entry as this asker may see it; moments are microseconds UTC, 0: none. `seen` names the message, `subject`
    is its subject where the asker may read it, `told_by` who said so. Enumerations are in their spoken form."""

    entry: int
    touch: int
    kind: str
    occurred: int
    recorded: int
    customer: int
    sequence: int
    direction: str
    seen: Seen
    verdict: str = ""
    reason: str = ""
    mode: str = ""
    until: int = 0
    latest: int = 0
    policy: int = 0
    permit: str = ""
    mark: str = ""
    scope: int = 0
    scope_name: str = ""
    zone: str = ""
    wish: tuple[int, int, int, int] = (0, 0, 0, 0)
    subject: str = ""
    told_by: str = ""

    @property
    def hidden(self) -> bool:
        return self.seen.hidden

    @property
    def binding(self) -> bool:
        """Whether the verdict was obeyed."""
        return self.mode in ("", "enforce")

    @property
    def late(self) -> bool:
        """Whether it was written into the book more than a day after it happened."""
        return self.recorded - self.occurred > 86_400_000_000


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """One page, newest entry first; `next` asks for the page before."""

    customer: int
    happened: tuple[Happened, ...] = ()
    next: str = ""


def timeline(reader: Reader, customer: int, *, before: str = "", limit: int = 50) -> Timeline:
    """A page of the customer's entries, and of their addresses' entries that belong to no customer.

    In the order of time; a person with more than ORDERED_MAX entries in the order in which the book learned of them,
    read backwards along the folio's own index, whatever it holds. Raises NotFound; Refused for a cursor that this
    function did not give."""
    kind = require_customer(reader, customer)
    limit = max(1, min(limit, PAGE_MAX))
    below = _cursor(before)
    queries = entries_of(reader, customer, kind)
    order = _in_time(reader, queries)
    newest = _as_learned(reader, queries, below, limit) if order is None else _from(reader, order, below, limit)
    shown = newest[:limit]
    following = str(shown[-1].number) if len(newest) > limit else ""
    return Timeline(customer=customer, happened=happened(reader, shown), next=following)


def _in_time(reader: Reader, queries: list[Select[Any]]) -> list[int] | None:
    """The numbers of all entries, latest first; None where there are more than ORDERED_MAX."""
    times: list[tuple[int, int]] = []
    for query in queries:
        narrow = query.with_only_columns(entries.c.occurred, entries.c.number).limit(ORDERED_MAX + 1)
        times += [(row.occurred, row.number) for row in reader.connection.execute(narrow)]
    return None if len(times) > ORDERED_MAX else [number for _, number in sorted(set(times), reverse=True)]


def _from(reader: Reader, order: list[int], below: int, limit: int) -> list[Row[Any]]:
    """The entries that follow `below` in this order, and one more than a page holds."""
    begin = order.index(below) + 1 if below in order else 0
    wanted = order[begin : begin + limit + 1]
    query = select(*ENTRY_COLUMNS).where(entries.c.number.in_(wanted))
    rows = {row.number: row for row in reader.connection.execute(query)} if wanted else {}
    return [rows[number] for number in wanted]


def _as_learned(reader: Reader, queries: list[Select[Any]], below: int, limit: int) -> list[Row[Any]]:
    rows: dict[int, Row[Any]] = {}
    for query in queries:
        page = query if not below else query.where(entries.c.number < below)
        rows |= {row.number: row for row in reader.connection.execute(page.limit(limit + 1))}
    return [rows[number] for number in sorted(rows, reverse=True)]


def happened(reader: Reader, rows: Sequence[Row[Any]]) -> tuple[Happened, ...]:
    """These entries as the asker may see them, with subjects and sources read in one go each."""
    subjects = _subjects(reader, [row.number for row in rows if sees_label(reader, row.label)])
    return tuple(_happened(reader, row, subjects) for row in rows)


def entries_of(reader: Reader, customer: int, kind: FolioKind) -> list[Select[Any]]:
    """The person's entries, newest first: one query for each folio, each along that folio's own index."""
    addresses = [customer] if kind is FolioKind.ADDRESS else addresses_of(reader, customer)
    alone = select(*ENTRY_COLUMNS).where(entries.c.customer.is_(None)).order_by(entries.c.address_sequence.desc())
    theirs = select(*ENTRY_COLUMNS).where(entries.c.customer == customer).order_by(entries.c.customer_sequence.desc())
    of_addresses = [alone.where(entries.c.address == address) for address in addresses]
    return of_addresses if kind is FolioKind.ADDRESS else [theirs, *of_addresses]


def addresses_of(reader: Reader, customer: int) -> list[int]:
    """The address folios a customer uses, at most ADDRESSES_MAX."""
    query = select(links.c.address).where(links.c.customer == customer).order_by(links.c.address).limit(ADDRESSES_MAX)
    return list(reader.connection.execute(query).scalars())


def _cursor(before: str) -> int:
    if not before:
        return 0
    if not (before.isascii() and before.isdigit() and len(before) < 19):
        raise Refused([Fault("before", "Take the cursor from the page before, as it was given.")])
    return int(before)


def _subjects(reader: Reader, numbers: Iterable[int]) -> dict[int, str]:
    wanted = list(numbers)
    if not wanted:
        return {}
    query = select(vault_words.c.entry, vault_words.c.subject).where(vault_words.c.entry.in_(wanted))
    return {row.entry: row.subject for row in reader.connection.execute(query)}


def _happened(reader: Reader, row: Row[Any], subjects: dict[int, str]) -> Happened:
    shown = seen(reader, row.label)
    mark = MarkKind(row.mark).spoken if row.mark else ""
    return Happened(
        entry=row.number,
        touch=row.touch,
        kind=EntryKind(row.kind).spoken,
        occurred=row.occurred,
        recorded=row.recorded,
        customer=row.customer or row.address or 0,
        sequence=row.customer_sequence or row.address_sequence or 0,
        direction=Direction(row.direction).spoken,
        seen=shown,
        verdict=Verdict(row.verdict).spoken if row.verdict else "",
        reason="" if shown.hidden or row.reason is None else Reason(row.reason).spoken,
        mode=Mode(row.mode).spoken if row.mode else "",
        until=row.until or 0,
        latest=row.latest or 0,
        policy=row.policy or 0,
        permit="" if shown.hidden or not row.permit else PermitKind(row.permit).spoken,
        mark="" if shown.hidden else mark,
        scope=0 if shown.hidden else row.scope or 0,
        scope_name="" if shown.hidden else scope_name(reader, mark, row.scope or 0),
        zone=zone_name(reader, row.zone or 0),
        wish=wish_of(row.wish),
        subject=subjects.get(row.number, ""),
        told_by="" if shown.hidden else reader.known.key_of(sources, row.said_by),
    )


def zone_name(reader: Reader, number: int) -> str:
    """The IANA zone (or set of plausible ones) behind a zone number, '' for unknown."""
    names = reader.known.zone_names()
    return names[number] if number < len(names) else ""


def scope_name(reader: Reader, mark: str, scope: int) -> str:
    """The name of what a mark is limited to: a topic for those about topics, else a unit; '' for everything."""
    documents = reader.surroundings.topics if mark in ABOUT_TOPICS else reader.surroundings.units
    return documents[scope].name if scope in documents else ""


def wish_of(record: bytes | None) -> tuple[int, int, int, int]:
    """(at_most, days, quiet_begin, quiet_length) of a WISH record, all zero for none."""
    if not record or len(record) < WISH_BYTES:
        return (0, 0, 0, 0)
    return (
        record[0],
        record[1],
        int.from_bytes(record[2:4], "little"),
        int.from_bytes(record[4:6], "little"),
    )
