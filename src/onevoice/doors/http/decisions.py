"""Decisions over HTTP: which there were, and why each was made."""

from datetime import date
from typing import Final, Literal

import msgspec

from onevoice.actions.bench import Bench
from onevoice.answers.decisions import PAGE_MAX, Filters, Row, decisions
from onevoice.answers.why import Why, why
from onevoice.doors.http.route import Call, Nothing, Route
from onevoice.zone_tables import read_zones

EPOCH: Final = date(1970, 1, 1)


class DecisionsQuery(msgspec.Struct, frozen=True, kw_only=True):
    """`since` and `until` are UTC days, both included; `verdict` may be `kept_back`: hold or suppress. `binding` is
    `yes` for decisions that were obeyed, `no` for those that only advised."""

    verdict: Literal["", "send", "hold", "reroute", "suppress", "kept_back"] = ""
    reason: str = ""
    unit: str = ""
    channel: str = ""
    binding: Literal["", "yes", "no"] = ""
    since: date | None = None
    until: date | None = None
    before: str = ""
    limit: int = 50


class DecisionsPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page, newest first. `total` counts all that match; `next`, given as `before`, asks for the page that follows,
    and is empty on the last one."""

    total: int
    decisions: tuple[Row, ...]
    next: str


def list_decisions(call: Call[None, DecisionsQuery]) -> DecisionsPage:
    """Decisions about messages of units the asker sees."""
    asked = call.query
    filters = Filters(
        verdict=asked.verdict,
        reason=asked.reason,
        unit=asked.unit,
        channel=asked.channel,
        binding=asked.binding,
        first_day=_day(asked.since),
        last_day=_day(asked.until),
    )
    with call.onevoice.book.reader(call.authority) as reader:
        page = decisions(reader, filters, before=asked.before, limit=min(asked.limit, PAGE_MAX))
    return DecisionsPage(total=page.total, decisions=page.rows, next=page.next)


def explain(call: Call[None, Nothing]) -> Why:
    """Why the newest decision on this touch was made, and which one change would have been enough."""
    with call.onevoice.book.reader(call.authority) as reader:
        return why(reader, call.number("touch"), Bench(reader.known, read_zones).compile)


def _day(said: date | None) -> int:
    return max((said - EPOCH).days, 0) if said else 0


ROUTES = (
    Route(
        method="GET",
        path="/v1/decisions",
        says="Which decisions were there, by verdict, reason, unit, channel and day?",
        answer=list_decisions,
        asks=DecisionsQuery,
        gives=DecisionsPage,
    ),
    Route(
        method="GET",
        path="/v1/decisions/{touch}",
        says="Why was this decided? With every finding, the touches it counted, and what became of the message.",
        answer=explain,
        gives=Why,
    ),
)
