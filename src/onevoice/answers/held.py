"""Answers: what of mine is waiting, until when, why, and until when at the latest?"""

from typing import Any, Final

import msgspec
from sqlalchemy import func, select

from onevoice.answers.customer import people_named
from onevoice.answers.decisions import Row
from onevoice.answers.seen import ENTRY_COLUMNS, own_labels, visible_customers
from onevoice.answers.timeline import happened
from onevoice.ledger.book import Reader
from onevoice.ledger.tables import due, entries, labels
from onevoice.nouns.problem import Fault, Refused
from onevoice.nouns.words import EntryKind, Verdict

PAGE_MAX: Final = 100
COUNTED_MAX: Final = 10_000
"""More are counted as this many and more: a page need not count a million rows of work."""
HELD: Final = 1
"""Of `due` rows: a hold that ends."""
ORDERS: Final = ("", "latest")


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """One page of held messages of units the asker sees, those that are looked at soonest first (`order` is `latest`
    for those that wait longest first). `total` stops at COUNTED_MAX; `next` asks for the page that follows."""

    order: str = ""
    total: int = 0
    rows: tuple[Row, ...] = ()
    next: str = ""


def held(reader: Reader, *, order: str = "", after: str = "", limit: int = 50) -> Held:
    """Messages that wait to be looked at again. Raises Refused for an order or a cursor that is none."""
    if order not in ORDERS:
        raise Refused([Fault("order", "Say latest, or nothing for the soonest first.")])
    limit = max(1, min(limit, PAGE_MAX))
    query = _query(reader)
    total = reader.connection.execute(
        select(func.count()).select_from(query.limit(COUNTED_MAX).subquery())
    ).scalar_one()
    at, number = due.c.at, entries.c.number
    if after:
        moment, last = _cursor(after)
        beyond = at < moment if order else at > moment
        query = query.where(beyond | ((at == moment) & (number > last)))
    ordered = query.order_by(at.desc() if order else at, number).limit(limit + 1)
    found = reader.connection.execute(ordered).all()
    told = happened(reader, found[:limit])
    allowed = visible_customers(reader, [one.customer for one in told])
    called = people_named(reader, allowed)
    rows = tuple(
        Row(happened=one, customer=one.customer if one.customer in allowed else 0, person=called.get(one.customer, ""))
        for one in told
    )
    following = f"{found[limit - 1].until}-{found[limit - 1].number}" if len(found) > limit else ""
    return Held(order=order, total=total, rows=rows, next=following)


def _query(reader: Reader) -> Any:
    """The newest decision of each held message: the one whose end is what is due."""
    newest = (entries.c.number == due.c.touch) | (
        (entries.c.touch == due.c.touch) & (entries.c.touch != entries.c.number)
    )
    query = (
        select(*ENTRY_COLUMNS)
        .select_from(due.join(entries, newest & (entries.c.until == due.c.at)))
        .where(
            due.c.kind == HELD,
            entries.c.kind == int(EntryKind.DECIDED),
            entries.c.verdict == int(Verdict.HOLD),
        )
    )
    own = own_labels(reader)
    return query if own is None else query.where(entries.c.label.in_(select(labels.c.number).where(own)))


def _cursor(after: str) -> tuple[int, int]:
    at, dash, number = after.partition("-")
    if not (dash and all(part.isascii() and part.isdigit() and len(part) < 19 for part in (at, number))):
        raise Refused([Fault("after", "Take the cursor from the page before, as it was given.")])
    return int(at), int(number)
