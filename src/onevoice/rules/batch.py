"""A batch: the cases of one judging together with what their folios hold."""

from dataclasses import dataclass

import numpy as np

from onevoice.nouns.label import Ints
from onevoice.nouns.words import FolioKind
from onevoice.rules.cases import Cases
from onevoice.rules.opened import Folded, Opened, Touches
from onevoice.rules.ragged import bounds_of, spread


@dataclass(frozen=True, slots=True)
class Reserved:
    """Touches that earlier cases of a group add: touch `place` of `columns` belongs to case `row` by folio `kind`.

    `columns` are the opened touches with the reserved ones behind them; `ahead`: some touch is later than now, so that
    the reserved ones do not all come last.
    """

    columns: Touches
    kind: Ints
    row: Ints
    place: Ints
    ahead: bool


@dataclass(frozen=True, slots=True)
class History:
    """The touches each case sees in one kind of folio: case i sees `places[bounds[i]:bounds[i + 1]]` of `columns`."""

    columns: Touches
    bounds: Ints
    row: Ints
    places: Ints


@dataclass(frozen=True, slots=True)
class Batch:
    """What the kernels read: the cases, their zones (customer's, else address's), and the opened states."""

    cases: Cases
    opened: Opened
    zone: Ints
    wishes: Ints | None
    reserved: Reserved | None
    key: Ints | None = None
    """Where a past is judged: per case, up to which key permits and marks (which then have `told` and `gone`) were
    known. None: all of them are."""

    def history(self, kind: int) -> History:
        """The touches in this kind of folio, by case, oldest first."""
        folio = self.cases.folios[kind]
        touches = self.opened.touches
        row, places = spread(touches.start[folio], touches.length[folio])
        bounds = bounds_of(touches.length[folio])
        if self.reserved is None:
            return History(self.opened.columns, bounds, row, places)
        reserved, mine = self.reserved, np.flatnonzero(self.reserved.kind == kind)
        row, places = np.append(row, reserved.row[mine]), np.append(places, reserved.place[mine])
        columns = reserved.columns
        if reserved.ahead:
            order = np.lexsort((columns.entry[places], columns.second[places], row))
        else:
            order = np.argsort(row, kind="stable")
        bounds = bounds_of(np.bincount(row, minlength=len(self.cases)))
        return History(columns, bounds, row[order], places[order])

    def joined(self, records: Folded) -> tuple[Ints, Ints]:
        """Permits or marks of all of a case's folios together: the case each belongs to, and its place."""
        flat = self.cases.folios.ravel()
        if not len(records.records):
            return flat[:0], flat[:0]
        row, places = spread(records.start[flat], records.length[flat])
        row %= len(self.cases)
        if self.key is not None:
            told, gone = records.records["told"][places], records.records["gone"][places]
            known = (told <= self.key[row]) & (self.key[row] < gone)
            row, places = row[known], places[known]
        return row, places


def batch_of(cases: Cases, opened: Opened, reserved: Reserved | None = None) -> Batch:
    """The batch of these cases; a person's wishes are the customer's, or else the address's."""
    customer, address = cases.folios[FolioKind.CUSTOMER], cases.folios[FolioKind.ADDRESS]
    zone = opened.zone[customer]
    zone = np.where(zone == 0, opened.zone[address], zone)
    wishes = None
    if opened.wishes is not None:
        own, other = opened.wishes[:, customer], opened.wishes[:, address]
        # a wish has two halves, a cap and a quiet time; each is the customer's, or else the address's
        cap, quiet = own[0] > 0, own[3] > 0
        wishes = np.where(np.stack([cap, cap, quiet, quiet]), own, other)
    return Batch(cases, opened, zone, wishes, reserved)
