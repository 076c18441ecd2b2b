"""Answers: which addresses are told what became of what waited, and what could not be told?"""

import msgspec
from sqlalchemy import func, select

from onevoice.ledger.book import Reader
from onevoice.ledger.webhook_tables import webhook_endpoints as endpoints
from onevoice.ledger.webhook_tables import webhook_messages as messages

SHOWN_MAX = 100


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """One address, and how much of what it was to be told it was: `waiting`, `taken`, `given_up`. Moments are
    microseconds UTC, 0: none."""

    number: int
    unit: str
    url: str
    active: bool
    older_until: int = 0
    waiting: int = 0
    taken: int = 0
    given_up: int = 0


class Untold(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was given up, or was tried in vain and waits for its next try."""

    number: int
    endpoint: int
    entry: int
    tries: int
    at: int
    given_up: bool
    fault: str


class Webhooks(msgspec.Struct, frozen=True, kw_only=True):
    """Endpoints of units the asker sees, and the newest SHOWN_MAX things not told to them."""

    endpoints: tuple[Endpoint, ...] = ()
    untold: tuple[Untold, ...] = ()


def webhooks(reader: Reader) -> Webhooks:
    """What an administrator of these units needs to see of their webhooks."""
    rows = reader.connection.execute(select(endpoints).order_by(endpoints.c.number)).all()
    own = [row for row in rows if reader.authority.sees(row.unit)]
    numbers = [row.number for row in own]
    counted = (
        select(messages.c.endpoint, messages.c.state, func.count())
        .where(messages.c.endpoint.in_(numbers))
        .group_by(messages.c.endpoint, messages.c.state)
    )
    counts = {(row[0], row[1]): row[2] for row in reader.connection.execute(counted)} if numbers else {}
    untold = (
        select(messages)
        .where(messages.c.endpoint.in_(numbers), messages.c.state != 1, messages.c.fault != "")
        .order_by(messages.c.state.desc(), messages.c.number.desc())
        .limit(SHOWN_MAX)
    )
    tree = reader.surroundings.units
    return Webhooks(
        endpoints=tuple(
            Endpoint(
                number=row.number,
                unit=tree[row.unit].name if row.unit in tree else "",
                url=row.url,
                active=row.active,
                older_until=row.older_until if row.older_until > reader.now else 0,
                waiting=counts.get((row.number, 0), 0),
                taken=counts.get((row.number, 1), 0),
                given_up=counts.get((row.number, 2), 0),
            )
            for row in own
        ),
        untold=tuple(
            Untold(
                number=row.number,
                endpoint=row.endpoint,
                entry=row.entry,
                tries=row.tries,
                at=row.at,
                given_up=row.state == 2,
                fault=row.fault,
            )
            for row in (reader.connection.execute(untold).all() if numbers else ())
        ),
    )
