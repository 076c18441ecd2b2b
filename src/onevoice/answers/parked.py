"""Answers: what could imports not take in, and why does it wait for a person?"""

from collections.abc import Iterator
from typing import Final

import msgspec
from sqlalchemy import select

from onevoice.ledger.book import Reader
from onevoice.ledger.tables import parked, sources

ROWS_AT_ONCE: Final = 1_000
SOURCE: Final = "import:"


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A record, or a part of one, that waits for a person: its source and place there, the reason as a sentence, what
    there was to read (as text; what is no text becomes marks), and when it was parked (microseconds UTC)."""

    number: int
    source: str
    where: str
    reason: str
    raw: str
    recorded: int


def parked_rows(reader: Reader, source: str = "") -> Iterator[Waiting]:
    """Everything parked, oldest first, of one source (as named to `onevoice import --source`) or of all. A source may
    tell of anybody, so who does not see all units sees nothing."""
    if not reader.authority.all_units:
        return
    query = select(parked, sources.c.name).join(sources, sources.c.number == parked.c.source)
    if source:
        query = query.where(sources.c.name == SOURCE + source)
    last = 0
    while rows := reader.connection.execute(
        query.where(parked.c.number > last).order_by(parked.c.number).limit(ROWS_AT_ONCE)
    ).all():
        for row in rows:
            yield Waiting(
                number=row.number,
                source=row.name.removeprefix(SOURCE),
                where=row.place,
                reason=row.reason,
                raw=bytes(row.raw).decode("utf-8", "replace"),
                recorded=row.recorded,
            )
        last = rows[-1].number
