"""The marks kernel: states of a person or an address that stop a message until they end."""

import numpy as np

from onevoice.nouns.contact_state import FOREVER
from onevoice.nouns.label import Ints
from onevoice.nouns.moment import NEVER
from onevoice.nouns.words import MarkKind
from onevoice.rules.answers import Answers, Now
from onevoice.rules.batch import Batch
from onevoice.rules.opened import Records
from onevoice.rules.ragged import Bools, spread
from onevoice.rules.tables import Compiled, MarkTable

BY_TOPIC = (MarkKind.TOPIC_REFUSED, MarkKind.HOLDS_PRODUCT, MarkKind.BOUGHT_RECENTLY)


def mark(table: MarkTable, compiled: Compiled, batch: Batch, now: Now, answers: Answers) -> None:
    """Fills in the answers of rules that read marks: never, or the end of the latest that covers the message."""
    row, place = batch.joined(batch.opened.marks)
    records = batch.opened.marks.records[place]
    live = records["until"] > (now if isinstance(now, int) else now[row])
    row, records = row[live], records[live]
    covers = _covers(compiled, batch.cases.label[row], records)
    row, records = row[covers], records[covers]
    if not len(row):
        return
    applies = table.applies.take(batch.cases.label[row], axis=1)
    reason = table.reason[:, records["kind"]]
    rule, hit = np.nonzero(applies & (reason > 0))
    until, entry = records["until"].astype(np.int64)[hit], records["entry"].astype(np.int64)[hit]
    until[(until == FOREVER) | ~table.holds[rule, 0]] = NEVER
    line, row, reason = table.rules[rule], row[hit], reason[rule, hit]
    # Latest last, so that among several marks the latest is what remains; its reason is the first published one.
    order = np.lexsort((entry, until))
    line, row, reason = line[order], row[order], reason[order]
    answers.says[line, row] = until[order]
    answers.waits[line, row] = entry[order]
    answers.reasons[line, row] = NEVER
    np.minimum.at(answers.reasons, (line, row), reason)


def _covers(compiled: Compiled, label: Ints, records: Records) -> Bools:
    labels, reading = compiled.reading.labels, compiled.reading
    channel, scope = records["channel"], records["scope"].astype(np.int64)
    covers = (channel == 0) | (channel == labels.channel[label])
    by_topic = np.isin(records["kind"], BY_TOPIC)
    within = reading.units.holds(scope, labels.unit[label])
    for_topic = np.flatnonzero(by_topic)
    if len(for_topic):
        begin = reading.topics_then.bounds[label[for_topic]]
        own, place = spread(begin, reading.topics_then.bounds[label[for_topic] + 1] - begin)
        met = reading.topics.holds(scope[for_topic[own]], reading.topics_then.number[place])
        hit = np.bincount(own, weights=met, minlength=len(for_topic)) > 0
        within[for_topic] = hit | (scope[for_topic] == 0)
    owned = np.flatnonzero(records["kind"] == MarkKind.OWNED)
    if len(owned):  # binds everybody but the owner and the units below it
        within[owned] = ~within[owned]
    return np.asarray(covers & within, np.bool_)
