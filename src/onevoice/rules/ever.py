"""Counting for ever: touches that have left a contact state's newest are known by their tallies."""

import numpy as np

from onevoice.nouns.label import Ints
from onevoice.rules.batch import Batch, History
from onevoice.rules.opened import Folded
from onevoice.rules.ragged import Bools, spread
from onevoice.rules.tables import CountTable


def filled(table: CountTable, batch: Batch, history: History, visible: Bools, nth: Ints) -> Bools:
    """(ever rules, cases): as many touches counted, seen and tallied together, as are allowed at most. One touch more
    never makes that untrue.

    Puts into `nth` the oldest touch seen where the one that filled the cap is only tallied.
    """
    unseen = _unseen(table, batch)
    full: Bools = nth[table.ever] >= 0
    rule, row = np.nonzero((unseen > 0) & ~full)
    if not len(rule):
        return full
    line = table.ever[rule]
    start = rule * visible.shape[1]
    upto = np.append(0, np.cumsum(visible[table.ever]))
    before = upto[start + history.bounds[row]]
    seen = upto[start + history.bounds[row + 1]] - before
    enough = seen + unseen[rule, row] >= table.at_most[line, 0]
    full[rule, row] = enough
    oldest = np.searchsorted(upto, before, side="right") - 1 - start
    nth[line, row] = np.where(enough & (seen > 0), oldest, -1)
    return full


def _unseen(table: CountTable, batch: Batch) -> Ints:
    """(ever rules, cases): counted touches that are tallied and not among those read."""
    unseen = np.zeros((len(table.ever), len(batch.cases)), np.int64)
    left = batch.opened.left
    if left is None:
        return unseen
    tallies, older = left
    folio = batch.cases.folios[table.kind]
    for folded, sign in ((tallies, 1), (older, -1)):
        row, number, label = _records(folded, folio)
        count = folded.field("count")[number] if folded is tallies else np.ones(len(row), np.int64)
        rule, record = np.nonzero(table.counts[table.ever].take(label, axis=1))
        np.add.at(unseen, (rule, row[record]), sign * count[record])
    return unseen


def _records(folded: Folded, folio: Ints) -> tuple[Ints, Ints, Ints]:
    """Each record of these folios: its case, its place, its packed label."""
    row, number = spread(folded.start[folio], folded.length[folio])
    return row, number, folded.field("label")[number]
