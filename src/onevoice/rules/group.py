"""Judging a group whose members share folios: equal to judging one by one in order, at the cost of a few judgings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from onevoice.nouns.contact_state import ContactState
from onevoice.nouns.label import Ints
from onevoice.nouns.words import TouchState
from onevoice.rules.batch import Batch, Reserved, batch_of
from onevoice.rules.cases import Cases
from onevoice.rules.counting import freed
from onevoice.rules.judge import Verdicts, judge_batch
from onevoice.rules.opened import Opened, Touches, open_states
from onevoice.rules.ragged import Bools, spread
from onevoice.rules.tables import Compiled

TURNS_MAX: Final = 64
TOUCHES_MAX: Final = 65_536
"""Bounds on one group's work; what lies beyond is postponed, and judged by the caller's next group."""


@dataclass(frozen=True, slots=True)
class Membership:
    """Who shares what: member m is case `row[m]` by folio `kind[m]`; `earlier[m]` members of its folio stand just
    before it, earlier in order. `columns` are the opened touches with every member's possible touch behind them."""

    kind: Ints
    row: Ints
    earlier: Ints
    columns: Touches
    opened: int
    ahead: bool


def judge_group(
    states: Sequence[ContactState], cases: Cases, now: int, compiled: Compiled, anyway: Bools | None = None
) -> tuple[Verdicts, Bools]:
    """Verdicts as if each case, in the given order, were judged after the ones before it had reserved their touches;
    and which cases were postponed (their verdicts mean nothing). Cases that go `anyway`, whatever their verdict (their
    platform only takes advice), always reserve.

    Bracketing: judge as if no undecided earlier case were sent, then as if all were; where both agree the case is
    decided. More touches never make a rule more lenient, so the truth lies between. Repeat until all are decided.

    A rule that a touch does loosen (only after) looks at what was sent or delivered alone. What a group adds is merely
    reserved, so that its answer is the same under both extremes, and that of judging one by one.
    """
    opened = open_states(states)
    alone = judge_batch(batch_of(cases, opened), now, compiled)
    postponed = np.zeros(len(cases), np.bool_)
    members = _membership(opened, cases, now)
    if not members.earlier.any():
        return alone, postponed
    # A case that may not go alone may not go after others either; one that may is stopped by counting rules only.
    sent = np.zeros(len(cases), np.bool_) if anyway is None else anyway.copy()
    undecided = (alone.when == now) & ~sent
    undecided, postponed = _within_bounds(members, undecided, cases)
    for _ in range(TURNS_MAX):
        _decide(members, sent, undecided, cases, opened, now, compiled)
        if not undecided.any():
            break
    else:
        postponed |= undecided
    postponed = _with_followers(postponed, cases)
    return _judged_again(members, sent & ~postponed, alone, cases, opened, now, compiled), postponed


def _membership(opened: Opened, cases: Cases, now: int) -> Membership:
    """All (folio, case) pairs by folio and order, and the touch each case would reserve there."""
    kind, row = np.nonzero(cases.folios >= 0)
    folio = cases.folios[kind, row]
    order = np.lexsort((row, folio))
    kind, row, folio = kind[order], row[order], folio[order]
    first = np.flatnonzero(np.append(True, folio[1:] != folio[:-1]))
    earlier = np.arange(len(folio)) - first.repeat(np.diff(np.append(first, len(folio))))
    columns = opened.columns
    # Every case makes an entry in each of its folios, whatever its verdict, so its number is known beforehand.
    grown = Touches(
        second=np.append(columns.second, np.full(len(row), now)),
        label=np.append(columns.label, 4 * cases.label[row] + TouchState.RESERVED),
        content=np.append(columns.content, cases.content[row]),
        entry=np.append(columns.entry, opened.sequence[folio] + 1 + earlier),
    )
    ahead = bool((columns.second > now).any())
    return Membership(kind, row, earlier, grown, len(columns.second), ahead)


def _within_bounds(members: Membership, undecided: Bools, cases: Cases) -> tuple[Bools, Bools]:
    """Postpones the cases, from the end, whose earlier neighbours are more than can be looked at in one group."""
    might = np.append(0, np.cumsum(undecided[members.row]))
    place = np.arange(len(members.row))
    cost = np.bincount(members.row, weights=might[place] - might[place - members.earlier], minlength=len(cases))
    postponed = _with_followers((cost > 0) & (np.cumsum(cost) > TOUCHES_MAX), cases)
    return undecided & ~postponed, postponed


def _with_followers(postponed: Bools, cases: Cases) -> Bools:
    """Those postponed, and every later case that shares a folio with one, and so on."""
    if not postponed.any():
        return postponed
    rows, folios = np.arange(len(cases)), cases.folios
    while True:
        first = np.full(int(folios.max()) + 2, len(cases))
        np.minimum.at(first, folios[:, postponed].ravel(), rows[postponed].repeat(4).reshape(-1, 4).T.ravel())
        first[-1] = len(cases)
        followed = postponed | (first[folios] < rows).any(axis=0)
        if (followed == postponed).all():
            return postponed
        postponed = followed


def _decide(
    members: Membership,
    sent: Bools,
    undecided: Bools,
    cases: Cases,
    opened: Opened,
    now: int,
    compiled: Compiled,
) -> None:
    """One turn, in place: the undecided cases under both extremes, as one batch of twice their number."""
    rows = np.flatnonzero(undecided)
    fewest = _reserved(members, sent, rows, len(cases))
    most = _reserved(members, sent | undecided, rows, len(cases))
    both = replace(
        fewest,
        kind=np.append(fewest.kind, most.kind),
        row=np.append(fewest.row, most.row + len(rows)),
        place=np.append(fewest.place, most.place),
    )
    batch = batch_of(cases.take(np.append(rows, rows)), opened, both)
    goes = _has_room(compiled, batch, now)
    goes_at_best, goes_at_worst = goes[: len(rows)], goes[len(rows) :]
    sent[rows[goes_at_worst]] = True
    undecided[rows[goes_at_worst | ~goes_at_best]] = False


def _has_room(compiled: Compiled, batch: Batch, now: int) -> Bools:
    room = np.ones(len(batch.cases), np.bool_)
    for table in compiled.counts:
        room &= (freed(table, compiled, batch, now)[0] <= now).all(axis=0)
    return room


def _reserved(members: Membership, which: Bools, rows: Ints, size: int) -> Reserved:
    """The touches that the `which` cases reserve, as each of `rows` sees those before it (renumbered from 0)."""
    new = np.full(size, -1)
    new[rows] = np.arange(len(rows))
    chosen = which[members.row]
    reserving, upto = np.flatnonzero(chosen), np.append(0, np.cumsum(chosen))
    mine = np.flatnonzero(new[members.row] >= 0)
    begin = upto[mine - members.earlier[mine]]
    member, nth = spread(begin, upto[mine] - begin)
    member, seen = mine[member], reserving[nth]
    return Reserved(
        members.columns, members.kind[member], new[members.row[member]], seen + members.opened, members.ahead
    )


def _judged_again(
    members: Membership, sent: Bools, alone: Verdicts, cases: Cases, opened: Opened, now: int, compiled: Compiled
) -> Verdicts:
    """Every verdict, the cases behind a sent one judged once more with what was sent before them."""
    might = np.append(0, np.cumsum(sent[members.row]))
    place = np.arange(len(members.row))
    behind = np.zeros(len(cases), np.bool_)
    behind[members.row[might[place] > might[place - members.earlier]]] = True
    rows = np.flatnonzero(behind)
    if not len(rows):
        return alone
    again = judge_batch(batch_of(cases.take(rows), opened, _reserved(members, sent, rows, len(cases))), now, compiled)
    columns = {}
    for name in ("when", "latest", "reason", "says", "reasons", "waits"):
        columns[name] = getattr(alone, name).copy()
        columns[name][..., rows] = getattr(again, name)
    return Verdicts(**columns)
