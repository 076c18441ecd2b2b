"""Pressure: touches weigh points instead of counting one, and weigh less with time where a rule says so.

One touch more only adds points, so that every answer is the same or later.
"""

import numpy as np

from onevoice.nouns.label import Ints
from onevoice.rules.answers import Now
from onevoice.rules.batch import Batch, History
from onevoice.rules.ragged import Bools, spread
from onevoice.rules.tables import CountTable


def too_heavy(table: CountTable, batch: Batch) -> Bools:
    """(all rules, cases): the message alone has more points than the budget of the rule that weighs it."""
    found = np.zeros((len(table.rules), len(batch.cases)), np.bool_)
    found[table.weighed] = _room(table, batch) < 0
    return found


def weighed_down(table: CountTable, batch: Batch, history: History, counted: Bools, now: Now) -> tuple[Ints, Ints]:
    """(weighing rules, cases), twice: the touch waited for (an index of `places`, -1: there is room), and the second
    from which there is room where points decay.

    Without decay it is the newest touch whose points, with those of all newer ones, leave no room. With decay it is the
    oldest that still weighs anything.
    """
    weight = table.weights.take(history.columns.label[history.places] >> 2, axis=1) * counted
    start = np.arange(len(weight))[:, None] * weight.shape[1]
    upto = np.zeros(weight.size + 1, np.int64)
    np.cumsum(weight, out=upto[1:])
    begin, end = start + history.bounds[:-1], start + history.bounds[1:]
    room = _room(table, batch).clip(0)
    heavy = np.searchsorted(upto, upto[end] - room, side="left") - 1
    nth = np.where(heavy >= begin, heavy - start, -1)
    eased = np.zeros(nth.shape, np.int64)
    if table.decays.any():
        _decay(table, history, weight, room, np.broadcast_to(now, len(batch.cases)), nth, eased)
    return nth, eased


def _room(table: CountTable, batch: Batch) -> Ints:
    """(weighing rules, cases): the budget less the message's own points."""
    room: Ints = table.budget - table.weights.take(batch.cases.label, axis=1)
    return room


def _decay(table: CountTable, history: History, weight: Ints, room: Ints, now: Ints, nth: Ints, eased: Ints) -> None:
    """Puts answers of decaying rules into `nth` and `eased`: the first second is found by halving, since points only
    become fewer as time passes. In whole numbers: points x seconds."""
    # Undecayed points that leave room leave it all the more when they decay.
    rule, row = np.nonzero((nth >= 0) & table.decays)
    nth[np.broadcast_to(table.decays, nth.shape)] = -1
    pair, touch = spread(history.bounds[row], history.bounds[row + 1] - history.bounds[row])
    bounds = np.append(0, np.cumsum(np.bincount(pair, minlength=len(rule))))
    points, second = weight[rule[pair], touch], history.columns.second[history.places[touch]]
    span = table.seconds[table.weighed[rule], 0]
    most = room[rule, row] * span

    def fits(at: Ints) -> Bools:
        age = (at[pair] - second).clip(0)
        upto = np.append(0, np.cumsum(points * (span[pair] - age).clip(0)))
        return np.asarray(upto[bounds[1:]] - upto[bounds[:-1]] <= most, np.bool_)

    early, late = now[row], now[row] + span
    np.maximum.at(late, pair, second + span[pair])  # all have expired
    open_now = fits(early)
    late = np.where(open_now, early, late)
    while (late - early > 1).any():
        middle = (early + late) // 2
        enough = fits(middle)
        early, late = np.where(enough, early, middle), np.where(enough, middle, late)
    shut = np.flatnonzero(~open_now)
    eased[rule, row] = late
    alive = np.flatnonzero((points > 0) & (second + span[pair] > now[row][pair]))
    owner, oldest = np.unique(pair[alive], return_index=True)
    first = np.full(len(rule), -1)
    first[owner] = touch[alive[oldest]]
    nth[rule[shut], row[shut]] = first[shut]
