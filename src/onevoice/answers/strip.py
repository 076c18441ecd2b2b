"""Answers: what was said to this customer lately and what is to come, as the marks of one picture?"""

from typing import Final

import msgspec

from onevoice.answers.seen import Seen, require_customer
from onevoice.answers.timeline import Happened, entries_of, happened
from onevoice.ledger.book import Reader
from onevoice.nouns.moment import DAY

ENTRIES_MAX: Final = 600
"""The strip looks at no more of the newest entries of each folio than this."""


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """One touch on the strip. `state` is sent, cleared, held, suppressed, failed, withdrawn (given back or lapsed) or
    received; `at` is when it reached that state, `until` when a hold ends, `replied` when the customer answered.
    `entry` is the entry that explains it: the last decision where there is one."""

    touch: int
    entry: int
    at: int
    state: str
    seen: Seen
    until: int = 0
    replied: int = 0
    binding: bool = True
    told: Happened


class Strip(msgspec.Struct, frozen=True, kw_only=True):
    """The marks between `since` and `until` (microseconds UTC), oldest first; `partial` when there were more than the
    strip looks at, and it begins later than asked."""

    customer: int
    since: int
    until: int
    now: int
    marks: tuple[Mark, ...] = ()
    partial: bool = False


def strip(reader: Reader, customer: int, *, days: int = 28, ahead: int = 3) -> Strip:
    """The last `days` days and the next `ahead`. Raises NotFound."""
    kind = require_customer(reader, customer)
    now = reader.now
    since, until = now - days * DAY, now + ahead * DAY
    rows = []
    partial = False
    for query in entries_of(reader, customer, kind):
        found = reader.connection.execute(query.limit(ENTRIES_MAX)).all()
        partial |= len(found) == ENTRIES_MAX and found[-1].occurred > since
        rows += [row for row in found if row.occurred >= since and row.kind < FIRST_STATE]
    threads: dict[int, list[Happened]] = {}
    for one in reversed(happened(reader, sorted(rows, key=lambda row: -row.number))):
        threads.setdefault(one.touch, []).append(one)
    marks = sorted((_mark(thread) for thread in threads.values()), key=lambda mark: (mark.at, mark.touch))
    return Strip(customer=customer, since=since, until=until, now=now, marks=tuple(marks), partial=partial)


FIRST_STATE: Final = 30
"""Entries from this kind on belong to a permission or a state, not to a touch."""

STATES: Final = {
    "sent": "sent",
    "delivered": "sent",
    "opened": "sent",
    "clicked": "sent",
    "bounced": "failed",
    "failed": "failed",
    "doubted": "failed",
    "released": "withdrawn",
    "lapsed": "withdrawn",
    "received": "received",
}
VERDICTS: Final = {"send": "cleared", "reroute": "cleared", "hold": "held", "suppress": "suppressed"}


def _mark(thread: list[Happened]) -> Mark:
    """One mark from the entries of one touch, oldest first; what came later wins, a reply does not undo a sending."""
    state, at, until, replied, told = "cleared", thread[0].occurred, 0, 0, thread[0]
    for one in thread:
        if one.kind == "decided":
            state, at, until, told = VERDICTS.get(one.verdict, "cleared"), one.occurred, one.until, one
        elif one.kind == "replied":
            replied = one.occurred
        elif one.kind in STATES:
            fresh = STATES[one.kind]
            at = at if fresh == state else one.occurred
            state = fresh
            told = told if told.kind == "decided" else one
    return Mark(
        touch=thread[0].touch,
        entry=told.entry,
        at=at,
        state=state,
        seen=told.seen,
        until=until if state == "held" else 0,
        replied=replied,
        binding=told.binding or told.verdict not in ("hold", "suppress"),
        told=told,
    )
