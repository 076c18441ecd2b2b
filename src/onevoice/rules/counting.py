"""The counting kernel: every cap waits until its n-th newest counted touch has expired."""

import numpy as np

from onevoice.nouns.label import Ints
from onevoice.nouns.moment import NEVER
from onevoice.rules.answers import Answers, Now
from onevoice.rules.batch import Batch, History
from onevoice.rules.ever import filled
from onevoice.rules.periods import longest, period_end
from onevoice.rules.points import too_heavy, weighed_down
from onevoice.rules.ragged import Bools, spread
from onevoice.rules.table_lines import DAY
from onevoice.rules.tables import Compiled, CountTable
from onevoice.rules.zone_choice import zone_of


def count(table: CountTable, compiled: Compiled, batch: Batch, now: Now, answers: Answers) -> None:
    """Fills in the answers of one kind of folio's counting rules."""
    free, waits_for, columns = freed(table, compiled, batch, now)
    rule, row = np.nonzero(free > now)
    if not len(rule):
        return
    line = table.rules[rule]
    answers.says[line, row] = free[rule, row]
    answers.reasons[line, row] = table.reason[rule]
    waited = waits_for[rule, row]
    answers.waits[line, row] = np.where(waited >= 0, columns[waited], 0)


def freed(table: CountTable, compiled: Compiled, batch: Batch, now: Now) -> tuple[Ints, Ints, Ints]:
    """(rules, cases): the second from which each rule has room, and the place of the touch waited for (-1: none) in
    the column of entries, the third result."""
    history = batch.history(table.kind)
    applies = table.applies.take(batch.cases.label, axis=1)
    at_most, seconds = table.at_most, table.seconds
    if len(table.same_content):
        applies[table.same_content] &= batch.cases.content != 0
    if len(table.same_offer):
        applies[table.same_offer] &= (compiled.reading.labels.offer != 0)[batch.cases.label]
    if len(table.personal):
        at_most, seconds, applies = _wished(table, batch, applies)
    bar = table.bar | too_heavy(table, batch) if len(table.weighed) else table.bar
    if not len(history.places) and not len(table.ever):
        free = np.where(applies & bar, NEVER, now)
        return free, np.full(free.shape, -1), history.columns.entry
    visible = counted(table, compiled, batch, history)
    nth = nth_newest(visible, history.bounds, at_most)
    if len(table.weighed):
        nth[table.weighed], eased = weighed_down(table, batch, history, visible[table.weighed], now)
    full = filled(table, batch, history, visible, nth) if len(table.ever) else None
    found = applies & (nth >= 0)
    place = history.places[nth] if len(history.places) else nth
    second = history.columns.second[place]
    free = np.where(found, second + seconds, now)
    if table.period.any():
        _end_periods(table, compiled, batch, found, second, free, now)
    if len(table.weighed):
        free[table.weighed] = np.where(found[table.weighed] & table.decays, eased, free[table.weighed])
    free[table.suppresses & (free > now)] = NEVER
    if bar.any():
        free[applies & bar] = NEVER
        found &= ~bar
    if full is not None:
        free[table.ever] = np.where(applies[table.ever] & full, NEVER, free[table.ever])
    return free.clip(now, NEVER), np.where(found, place, -1), history.columns.entry


def counted(table: CountTable, compiled: Compiled, batch: Batch, history: History) -> Bools:
    """(rules, touches): whether a touch counts for a rule and the case that sees it."""
    columns, places = history.columns, history.places
    label = columns.label[places]
    found = table.counts.take(label, axis=1)
    if len(table.same_content):
        content = columns.content[places]
        found[table.same_content] &= (content != 0) & (content == batch.cases.content[history.row])
    if len(table.same_offer):
        offers = compiled.reading.labels.offer
        offer = offers[label >> 2]
        found[table.same_offer] &= (offer != 0) & (offer == offers[batch.cases.label[history.row]])
    if len(table.paired):
        case = batch.cases.label[history.row]
        for_second = table.had_first.take(label >> 2, axis=1) & table.second.take(case, axis=1)
        for_first = table.had_second.take(label >> 2, axis=1) & table.first.take(case, axis=1)
        found[table.paired] &= for_second | for_first
    if len(table.keyed):
        touch, own = table.keys.take(label >> 2, axis=1), table.keys.take(batch.cases.label[history.row], axis=1)
        found[table.keyed] = newest_of_each(found[table.keyed] & ((touch == 0) | (touch != own)), touch, history.row)
    return found


def newest_of_each(counted: Bools, key: Ints, row: Ints) -> Bools:
    """(rules, touches): of the counted touches that share a rule, a row and a key other than 0, only the newest. One
    touch more never makes the newest of any key older, nor takes a key away."""
    rule, touch = np.nonzero(counted & (key != 0))
    named = key[rule, touch]
    # every (rule, row, key) as one number, newest first
    size = (int(named.max(initial=0)) + 1, int(row.max(initial=0)) + 1)
    one = ((rule * size[1] + row[touch]) * size[0] + named)[::-1]
    newest = len(one) - 1 - np.unique(one, return_index=True)[1]
    found: Bools = counted & (key == 0)
    found[rule[newest], touch[newest]] = True
    return found


def nth_newest(counted: Bools, bounds: Ints, n: Ints) -> Ints:
    """(rules, touches) -> (rules, rows): the index of the n-th newest counted touch of each row, -1 where there are
    fewer. Row i has the touches `bounds[i]` up to `bounds[i + 1]`; `n` is at least 1 and may differ by rule and row."""
    start = np.arange(len(counted))[:, None] * counted.shape[1]
    upto = np.zeros(counted.size + 1, np.int32)
    np.cumsum(counted, out=upto[1:])
    before = upto[start + bounds]
    nth = before[:, 1:] - n
    hits = np.append(np.flatnonzero(counted), 0)
    return np.where(nth >= before[:, :-1], hits.take(nth, mode="clip") - start, -1)


def _wished(table: CountTable, batch: Batch, applies: Bools) -> tuple[Ints, Ints, Bools]:
    """At most, seconds and applies with the person's wish in the rows of personal caps."""
    shape = applies.shape
    at_most, seconds = np.broadcast_to(table.at_most, shape).copy(), np.broadcast_to(table.seconds, shape).copy()
    if batch.wishes is None:
        applies[table.personal] = False
        at_most[table.personal] = 1
        return at_most, seconds, applies
    wished = (batch.wishes[0] > 0) & (batch.wishes[1] > 0)
    at_most[table.personal] = np.maximum(batch.wishes[0], 1)
    seconds[table.personal] = batch.wishes[1] * DAY
    applies[table.personal] &= wished
    return at_most, seconds, applies


def _end_periods(
    table: CountTable, compiled: Compiled, batch: Batch, found: Bools, second: Ints, free: Ints, now: Now
) -> None:
    """Puts the end of the calendar period of `second` into `free`, the latest where the zone is one of several; what is
    surely over is not asked."""
    recent = second + longest(table.period, table.length)[:, None] > now
    rule, row = np.nonzero(found & recent & (table.period > 0)[:, None])
    zone = zone_of(table.zone, rule, batch.cases.label[row], batch.zone[row], compiled)
    pair, member = spread(compiled.member_start[zone], compiled.member_length[zone])
    single = compiled.members[member]
    blind = np.flatnonzero(compiled.member_length[zone] == 0)
    if len(blind):
        utc = np.full(len(blind), compiled.zones.numbers["UTC"])
        pair, single = np.append(pair, blind), np.append(single, utc)
    line = rule[pair]
    ends = period_end(
        compiled.zones,
        single,
        second[line, row[pair]],
        kind=table.period[line],
        length=table.length[line],
        phase=table.phase[line],
    )
    latest = np.zeros(len(rule), np.int64)
    np.maximum.at(latest, pair, ends)
    free[rule, row] = latest
