"""The permits kernel: until when a message is permitted, by the newest withdrawal and the longest grant since."""

from dataclasses import dataclass

import numpy as np

from onevoice.nouns.label import Ints
from onevoice.nouns.moment import NEVER
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import PermitKind
from onevoice.rules.answers import Answers, Now
from onevoice.rules.batch import Batch
from onevoice.rules.opened import Records
from onevoice.rules.ragged import Bools
from onevoice.rules.tables import Compiled, PermitTable


@dataclass(frozen=True, slots=True)
class Permitted:
    """(rules, cases): the second at which permission ends (-1: there is none, NEVER: it does not), the entry that says
    so, and whether the rule applies."""

    until: Ints
    entry: Ints
    applies: Bools


def permit(table: PermitTable, compiled: Compiled, batch: Batch, now: Now, answers: Answers) -> Permitted:
    """Fills in the answers of consent and proof: now or never."""
    row, place = batch.joined(batch.opened.permits)
    size = len(batch.cases)
    records = batch.opened.permits.records[place]
    row, records = _covering(compiled, batch, row, records)
    second, entry = records["second"].astype(np.int64), records["entry"].astype(np.int64)
    withdrawn = records["kind"] == PermitKind.WITHDRAWAL
    stopped = _latest(second[withdrawn], row[withdrawn], size)
    stopper = second[withdrawn] == stopped[row[withdrawn]]
    stop_entry = _latest(entry[withdrawn][stopper], row[withdrawn][stopper], size)

    lasts = table.lasts[:, records["kind"]]
    live = (second > stopped[row]) & ~withdrawn & (lasts >= 0) & (~table.proven | (records["proof"] > 0))
    ends = np.where(live, np.minimum(second + lasts, NEVER), -1)
    until = np.full((len(table.rules), size), -1, np.int64)
    np.maximum.at(until.T, row, ends.T)
    deciding = live & (ends == until[:, row])
    decided = np.full(until.shape, 0, np.int64)
    np.maximum.at(decided.T, row, np.where(deciding, entry, 0).T)
    decided = np.where(until >= 0, decided, np.maximum(stop_entry, 0))
    until[~table.needs_grant & (stopped < 0)] = NEVER

    applies = table.applies.take(batch.cases.label, axis=1)
    rule, failed = np.nonzero(applies & (until <= now))
    missing = np.where(stopped < 0, Reason.CONSENT_MISSING, Reason.CONSENT_WITHDRAWN)
    reason = np.where(until[rule, failed] < 0, missing[failed], int(Reason.CONSENT_EXPIRED))
    reason[table.proven[rule, 0]] = Reason.CONSENT_UNPROVEN
    line = table.rules[rule]
    answers.says[line, failed] = NEVER
    answers.reasons[line, failed] = reason
    answers.waits[line, failed] = decided[rule, failed]
    return Permitted(until, decided, applies)


def _covering(compiled: Compiled, batch: Batch, row: Ints, records: Records) -> tuple[Ints, Records]:
    """The permits whose channel, purpose and unit cover their case's message."""
    labels, label = compiled.reading.labels, batch.cases.label[row]
    channel, purpose = records["channel"], records["purpose"]
    covers = (
        ((channel == 0) | (channel == labels.channel[label]))
        & ((purpose == 0) | (purpose == labels.purpose[label]))
        & compiled.reading.units.holds(records["unit"].astype(np.int64), labels.unit[label])
    )
    return row[covers], records[covers]


def _latest(value: Ints, row: Ints, size: int) -> Ints:
    latest = np.full(size, -1, np.int64)
    np.maximum.at(latest, row, value)
    return latest
