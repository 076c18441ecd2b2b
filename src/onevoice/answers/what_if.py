"""Answers: what would change under a draft of the policy: how many messages, for whom, and which ones would be lost?"""

from collections.abc import Callable
from typing import Final

import msgspec
import numpy as np
from sqlalchemy import func, select

from onevoice.answers.customer import people_named
from onevoice.answers.decisions import Row
from onevoice.answers.seen import ENTRY_COLUMNS, sees_label, visible_customers
from onevoice.answers.simulate import Compile, Each, Progress, simulate
from onevoice.answers.timeline import happened
from onevoice.ledger.book import Reader
from onevoice.ledger.tables import IS_DECISION, entries
from onevoice.nouns.label import Ints
from onevoice.nouns.policy import Policy
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import Verdict

LOST_MAX: Final = 200
PEOPLE_MAX: Final = 50


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """How many messages of one kind (a verdict, a unit's number or a reason) there were, and would be."""

    key: str
    before: int
    after: int


class Lost(msgspec.Struct, frozen=True):
    """The entry of a decision that was cleared and would be held or suppressed, and why."""

    entry: int
    verdict: str
    reason: str


class Fewer(msgspec.Struct, frozen=True):
    """A person (their folio) by cleared messages then, and under the draft."""

    person: int
    before: int
    after: int


class WhatIf(msgspec.Struct, frozen=True, kw_only=True):
    """`decisions` were judged again. `units` count cleared messages, `reasons` those kept
    back. `reach_*` are people with at least one cleared message, by before and after. `lost` and `fewer` are cut at
    LOST_MAX and PEOPLE_MAX; their numbers stand in `lost_all` and `fewer_all`."""

    decisions: int
    verdicts: tuple[Tally, ...]
    units: tuple[Tally, ...]
    reasons: tuple[Tally, ...]
    reach_kept: int
    reach_lost: int
    reach_gained: int
    lost_all: int
    gained_all: int
    fewer_all: int
    lost: tuple[Lost, ...]
    fewer: tuple[Fewer, ...]


class FewerRow(msgspec.Struct, frozen=True, kw_only=True):
    """A person who would get fewer; `customer` 0 where the asker may not see them."""

    customer: int
    person: str
    before: int
    after: int


class LostRow(msgspec.Struct, frozen=True, kw_only=True):
    """A message that would be lost, as the asker may see it, with the draft's verdict and reason."""

    row: Row
    verdict: str
    reason: str


def what_if(
    reader: Reader,
    policy: Policy,
    compile_policy: Compile,
    since: int,
    until: int,
    *,
    progress: Progress = lambda done, of: None,
) -> WhatIf:
    """Judge the recorded decisions of a period (microseconds UTC, `until` not included) again under a draft.

    Compared is what was decided then, whichever policy was in force and however the platform obeyed it.
    Raises Refused where the period holds too many."""
    told: list[Each] = []
    simulate(reader, policy, compile_policy, since, until, progress=progress, watch=told.append)
    (each,) = told
    sent, sends = each.before == int(Verdict.SEND), each.after == int(Verdict.SEND)
    people, place = np.unique(each.person, return_inverse=True)
    had = np.bincount(place, sent, len(people)).astype(np.int64)
    has = np.bincount(place, sends, len(people)).astype(np.int64)
    lost = np.flatnonzero(sent & ~sends)
    fewer = np.flatnonzero(has < had)
    largest = fewer[np.argsort(has[fewer] - had[fewer], kind="stable")][:PEOPLE_MAX]
    newest = lost[np.argsort(-each.entry[lost], kind="stable")][:LOST_MAX]
    return WhatIf(
        decisions=len(each.entry),
        verdicts=_tallies(_counted(each.before), _counted(each.after), lambda one: Verdict(one).spoken),
        units=_tallies(_counted(each.unit[sent]), _counted(each.unit[sends]), str),
        reasons=_tallies(
            _reasons_then(reader, since, until), _counted(each.reason[~sends]), lambda one: Reason(one).spoken
        ),
        reach_kept=int(((had > 0) & (has > 0)).sum()),
        reach_lost=int(((had > 0) & (has == 0)).sum()),
        reach_gained=int(((had == 0) & (has > 0)).sum()),
        lost_all=len(lost),
        gained_all=int((sends & ~sent).sum()),
        fewer_all=len(fewer),
        lost=tuple(
            Lost(int(each.entry[one]), Verdict(int(each.after[one])).spoken, Reason(int(each.reason[one])).spoken)
            for one in newest
        ),
        fewer=tuple(Fewer(int(people[one]), int(had[one]), int(has[one])) for one in largest),
    )


def lost_rows(reader: Reader, found: WhatIf, limit: int = 50) -> tuple[LostRow, ...]:
    """The newest messages that would be lost, of units the asker sees."""
    by_entry = {one.entry: one for one in found.lost}
    query = select(*ENTRY_COLUMNS).where(entries.c.number.in_(list(by_entry)))
    rows = reader.connection.execute(query.order_by(entries.c.number.desc())).all() if by_entry else []
    own = [row for row in rows if sees_label(reader, row.label)][:limit]
    told = happened(reader, own)
    allowed = visible_customers(reader, [one.customer for one in told])
    called = people_named(reader, allowed)
    return tuple(
        LostRow(
            row=Row(
                happened=one,
                customer=one.customer if one.customer in allowed else 0,
                person=called.get(one.customer, ""),
            ),
            verdict=by_entry[one.entry].verdict,
            reason=by_entry[one.entry].reason,
        )
        for one in told
    )


def fewer_rows(reader: Reader, found: WhatIf, limit: int = 20) -> tuple[FewerRow, ...]:
    """Who would get less, the largest difference first, as far as the asker sees them."""
    allowed = visible_customers(reader, [one.person for one in found.fewer])
    called = people_named(reader, allowed)
    return tuple(
        FewerRow(customer=one.person, person=called.get(one.person, ""), before=one.before, after=one.after)
        for one in found.fewer
        if one.person in allowed
    )[:limit]


def _counted(column: Ints) -> dict[int, int]:
    values, counts = np.unique(column, return_counts=True)
    return dict(zip(values.tolist(), counts.tolist(), strict=True))


def _reasons_then(reader: Reader, since: int, until: int) -> dict[int, int]:
    """How many of the same decisions were kept back for each reason when they were made."""
    query = (
        select(entries.c.reason, func.count())
        .where(
            IS_DECISION,
            entries.c.touch == entries.c.number,
            entries.c.occurred >= since,
            entries.c.occurred < until,
            entries.c.verdict != int(Verdict.SEND),
        )
        .group_by(entries.c.reason)
    )
    return {int(reason or 0): count for reason, count in reader.connection.execute(query)}


def _tallies(before: dict[int, int], after: dict[int, int], spoken: Callable[[int], str]) -> tuple[Tally, ...]:
    """The largest first."""
    found = [Tally(key=spoken(key), before=before.get(key, 0), after=after.get(key, 0)) for key in before | after]
    return tuple(sorted(found, key=lambda one: (-max(one.before, one.after), one.key)))
