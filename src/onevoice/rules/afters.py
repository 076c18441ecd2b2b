"""The kernel of rules that need another message first: the only ones that a touch loosens."""

import numpy as np

from onevoice.nouns.label import Ints
from onevoice.nouns.moment import NEVER
from onevoice.nouns.reason import Reason
from onevoice.rules.answers import Answers, Now
from onevoice.rules.batch import Batch
from onevoice.rules.counting import nth_newest
from onevoice.rules.ragged import Bools, spread
from onevoice.rules.tables import AfterTable, Compiled


def follow(table: AfterTable, compiled: Compiled, batch: Batch, now: Now, latest: Ints, answers: Answers) -> None:
    """Fills in the answers of one kind of folio's rules: now, never, or the last second for which a message may wait.

    `latest` is the last second of each case's hold. A case that waits for a touch may be asked again and again, so that
    its hold also ends by the time it was created."""
    cases = batch.cases
    stopped = table.applies.take(cases.label, axis=1)
    stopped &= ~_served(table, batch, now)
    rule, row = np.nonzero(stopped)
    if not len(rule):
        return
    until = np.minimum(latest, cases.created + compiled.policy.longest_hold)
    until = np.where(until > now, until, NEVER)[row]
    line = table.rules[rule]
    answers.says[line, row] = np.where(table.holds[rule, 0], until, NEVER)
    answers.reasons[line, row] = Reason.NOT_YET_AFTER


def _served(table: AfterTable, batch: Batch, now: Now) -> Bools:
    """(rules, cases): whether some touch serves; the newest one does if any."""
    history = batch.history(table.kind)
    served = np.zeros((len(table.rules), len(batch.cases)), np.bool_)
    if len(history.places):
        visible = table.serves.take(history.columns.label[history.places], axis=1)
        newest = nth_newest(visible, history.bounds, np.ones((len(table.rules), 1), np.int64))
        second = history.columns.second[history.places[newest]]
        served = (newest >= 0) & (second + table.within > now)
    ever = np.flatnonzero(table.within[:, 0] == NEVER)
    if len(ever) and batch.opened.left is not None:
        tallies = batch.opened.left[0]
        folio = batch.cases.folios[table.kind]
        row, place = spread(tallies.start[folio], tallies.length[folio])
        rule, record = np.nonzero(table.serves[ever].take(tallies.field("label")[place], axis=1))
        served[ever[rule], row[record]] = True
    return served
