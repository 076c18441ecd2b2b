"""The clock kernel: quiet windows push a moment on until no wall clock that matters shows quiet."""

from dataclasses import dataclass, replace

import numpy as np

from onevoice.nouns.label import Ints
from onevoice.nouns.moment import NEVER
from onevoice.nouns.reason import Reason
from onevoice.rules.answers import Answers, Now
from onevoice.rules.batch import Batch
from onevoice.rules.ragged import Bools, spread
from onevoice.rules.table_lines import DAY
from onevoice.rules.tables import ClockTable, Compiled
from onevoice.rules.zone_choice import zone_of
from onevoice.rules.zones import Zones

PATIENCE = 400 * DAY
"""Quiet rules that leave no opening for so long leave none."""


@dataclass(frozen=True, slots=True)
class Windows:
    """Quiet windows of a batch, flat: the (rule, row) pair each belongs to, its zone, and when it is quiet."""

    rule: Ints
    row: Ints
    pair: Ints
    zone: Ints
    begin: Ints
    length: Ints
    on: Bools
    period: Ints | None
    """None: every window comes every day."""

    def take(self, keep: Bools) -> "Windows":
        return Windows(
            self.rule,
            self.row,
            self.pair[keep],
            self.zone[keep],
            self.begin[keep],
            self.length[keep],
            self.on[keep],
            None if self.period is None else self.period[keep],
        )


def quiet(table: ClockTable, compiled: Compiled, batch: Batch, now: Now, answers: Answers) -> Windows:
    """Fills in each clock rule's own answer: the first second from now that is not quiet to it."""
    windows = _windows(table, compiled, batch, answers)
    begun = np.full(len(windows.rule), now if isinstance(now, int) else now[windows.row], np.int64)
    at = begun.copy()
    if len(windows.pair):
        zones, moment = compiled.zones, at[windows.pair]
        shown = zones.look_once(windows.zone, now) if isinstance(now, int) else zones.look(windows.zone, moment)
        shut = _push(windows, at, moment, *shown)
        open_at(windows.take(shut), zones, at, begun + PATIENCE)
    at[at > begun + PATIENCE] = NEVER
    if table.suppresses is not None:
        at[table.suppresses[windows.rule] & (at > begun)] = NEVER
    later = np.flatnonzero(at > begun)
    rule, row = windows.rule[later], windows.row[later]
    answers.says[table.rules[rule], row] = at[later]
    answers.reasons[table.rules[rule], row] = table.reason[rule]
    return windows


def settle(windows: Windows, zones: Zones, held: Ints, when: Ints, limit: Ints) -> None:
    """Moves `when` of the `held` rows on to the least second that every clock rule accepts, or to one past `limit`."""
    place = np.full(int(max(held.max(initial=0), windows.row.max(initial=0))) + 1, -1, np.int64)
    place[held] = np.arange(len(held))
    mine = place[windows.row[windows.pair]]
    keep = mine >= 0
    chosen = windows.take(keep)
    open_at(replace(chosen, pair=mine[keep]), zones, when, limit)


def open_at(windows: Windows, zones: Zones, at: Ints, limit: Ints | int) -> None:
    """Moves each pair's moment on, in place, to the least second outside all its windows; stops past `limit`.

    A step goes to the window's end or to the change of clocks, whichever is first, and asks again: jumping straight to
    the end would miss the opening that appears when clocks go back to before the window began.
    """
    limits = np.broadcast_to(np.asarray(limit, np.int64), at.shape)
    while len(windows.pair):
        moment = at[windows.pair]
        moved = _push(windows, at, moment, *zones.look(windows.zone, moment))
        windows = windows.take(moved & (at <= limits)[windows.pair])


def _push(windows: Windows, at: Ints, moment: Ints, wall: Ints, change: Ints) -> Bools:
    """One step of every window that is quiet at its moment; returns which windows belong to a pair that moved."""
    turn, into = np.divmod(wall - windows.begin, DAY if windows.period is None else windows.period)
    # 1970-01-01, day 0, was a Thursday: weekday 3 counted from Monday.
    shut = windows.on[np.arange(len(turn)), (turn + 3) % 7] & (into < windows.length)
    pair = windows.pair[shut]
    np.maximum.at(at, pair, np.minimum(moment + windows.length - into, change)[shut])
    moved = np.zeros(len(at), np.bool_)
    moved[pair] = True
    return moved[windows.pair]


def _windows(table: ClockTable, compiled: Compiled, batch: Batch, answers: Answers) -> Windows:
    """Every window that may be quiet to a case. Where the zone is unknown and nothing is plausible, the answer is
    never: a quiet rule is not silently off."""
    label = batch.cases.label
    applies = table.applies.take(label, axis=1)
    if table.personal.any():
        quiet_for = np.zeros(len(label), np.int64) if batch.wishes is None else batch.wishes[3]
        # A wish for quiet all day has no end to look for.
        rule, row = np.nonzero(applies & table.personal[:, None] & (quiet_for >= DAY))
        answers.says[table.rules[rule], row] = NEVER
        answers.reasons[table.rules[rule], row] = table.reason[rule]
        applies[table.personal] &= (quiet_for > 0) & (quiet_for < DAY)
    rule, row = np.nonzero(applies)
    zone = zone_of(table.zone, rule, label[row], batch.zone[row], compiled)
    blind = np.flatnonzero(table.blind[rule, zone])
    if len(blind):
        line = table.rules[rule[blind]]
        answers.says[line, row[blind]] = NEVER
        answers.reasons[line, row[blind]] = Reason.ZONE_UNKNOWN
    pair, place = spread(table.start[rule, zone], table.length[rule, zone])
    begin, length = table.window_begin[place], table.window_length[place]
    if batch.wishes is not None and table.personal.any():
        own = np.flatnonzero(table.personal[rule[pair]])
        begin[own], length[own] = batch.wishes[2:, row[pair[own]]]
    period = None if table.window_period is None else table.window_period[place]
    return Windows(rule, row, pair, table.window_zone[place], begin, length, table.window_on[place], period)
