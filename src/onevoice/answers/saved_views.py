"""Answers: which views of this page has the asker kept?"""

import msgspec
from sqlalchemy import select

from onevoice.ledger.book import Reader
from onevoice.ledger.view_tables import saved_views as views


class SavedView(msgspec.Struct, frozen=True, kw_only=True):
    """A named set of filters; `query` is as it stands in the page's address."""

    number: int
    name: str
    query: str


def saved_views(reader: Reader, page: str) -> tuple[SavedView, ...]:
    """The asker's own, by name; a machine has none."""
    member = reader.authority.staff
    query = select(views).where(views.c.staff == member, views.c.page == page).order_by(views.c.name)
    return tuple(
        SavedView(number=row.number, name=row.name, query=row.query)
        for row in (reader.connection.execute(query) if member else ())
    )
