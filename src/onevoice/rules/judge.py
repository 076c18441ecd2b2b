"""The judge: every rule says when at the earliest a message may go, and the latest answer decides."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from onevoice.nouns.contact_state import ContactState
from onevoice.nouns.label import Ints
from onevoice.nouns.moment import NEVER
from onevoice.nouns.reason import Reason
from onevoice.rules.afters import follow
from onevoice.rules.answers import Answers, Now, answers_of
from onevoice.rules.batch import Batch, batch_of
from onevoice.rules.cases import Cases
from onevoice.rules.clock import PATIENCE, quiet, settle
from onevoice.rules.counting import count
from onevoice.rules.marks import mark
from onevoice.rules.opened import open_states
from onevoice.rules.permits import Permitted, permit
from onevoice.rules.shares import hold_out
from onevoice.rules.tables import Compiled


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Answers for N cases under R rules; times are whole seconds UTC.

    `when`: now is send, later is hold until then, NEVER is suppress. `latest`: the last second of a hold. `reason`: the
    Reason number that comes first in the published order among the findings of the winning strictness, CLEARED for a
    send. Per rule (R, N): `says`, its own answer from now to NEVER; `reasons`, its Reason where that is later than now;
    `waits`, the entry its answer rests on (the touch waited for, the permit or mark; a number of the folio's own
    sequence), 0 where there is none.
    """

    when: Ints
    latest: Ints
    reason: Ints
    says: Ints
    reasons: Ints
    waits: Ints


def judge(states: Sequence[ContactState], cases: Cases, now: int, compiled: Compiled) -> Verdicts:
    """The verdict on each case by itself, over the states its folios name."""
    return judge_batch(batch_of(cases, open_states(states)), now, compiled)


def judge_batch(batch: Batch, now: Now, compiled: Compiled) -> Verdicts:
    """Runs the kernels, settles the holds, and names the reasons."""
    answers = answers_of(len(compiled), len(batch.cases), now)
    for table in compiled.counts:
        count(table, compiled, batch, now, answers)
    if compiled.marks and len(batch.opened.marks.records):
        mark(compiled.marks, compiled, batch, now, answers)
    permitted = permit(compiled.permits, compiled, batch, now, answers) if compiled.permits else None
    windows = quiet(compiled.clock, compiled, batch, now, answers) if compiled.clock else None
    _refuse_senders(compiled, batch, answers)
    if compiled.holdouts:
        hold_out(compiled.holdouts, batch, answers)
    last = _last_seconds(compiled, batch)
    latest = np.minimum(np.minimum(batch.cases.send_by, now + compiled.policy.longest_hold), last.min(axis=0))
    for after in compiled.afters:
        follow(after, compiled, batch, now, latest, answers)

    when = np.maximum(answers.says.max(axis=0, initial=0), now)
    held = np.flatnonzero((when > now) & (when < NEVER))
    if len(held) and windows is not None:
        limit = _limit(when, held, latest, last, batch, permitted)
        settled = when[held]
        settle(windows, compiled.zones, held, settled, limit)
        when[held] = np.where(settled > when[held] + PATIENCE, NEVER, settled)
    _end_by_bounds(compiled, when, last, answers)
    if permitted is not None:
        _end_by_permits(compiled, permitted, held, when, answers)
    return _verdicts(when, latest, now, answers)


def _refuse_senders(compiled: Compiled, batch: Batch, answers: Answers) -> None:
    table = compiled.senders
    if table is None:
        return
    reason = table.reason.take(batch.cases.label, axis=1)
    answers.reasons[table.rules] = reason
    answers.says[table.rules] = np.where(reason > 0, NEVER, answers.says[table.rules])


def _last_seconds(compiled: Compiled, batch: Batch) -> Ints:
    """(rules with a bound, cases): the last second each lets a message go; at least one row, of NEVER."""
    table, cases = compiled.bounds, batch.cases
    if table is None:
        return np.full((1, len(cases)), NEVER)
    last = np.where(table.after < 0, cases.send_by, cases.created + table.after)
    return np.where(table.applies.take(cases.label, axis=1), last, NEVER)


def _limit(when: Ints, held: Ints, latest: Ints, last: Ints, batch: Batch, permitted: Permitted | None) -> Ints:
    """Past this second nothing about a held case can change any more: all its bounds and permissions are over."""
    ends = [latest[None, :], last, batch.cases.send_by[None, :]]
    if permitted is not None:
        ends.append(np.where(permitted.applies, permitted.until, -1))
    bounds = np.concatenate(ends)[:, held]
    over = np.where(bounds < NEVER, bounds, -1).max(axis=0)
    limit: Ints = np.minimum(over, when[held] + PATIENCE)
    return limit


def _end_by_bounds(compiled: Compiled, when: Ints, last: Ints, answers: Answers) -> None:
    """A message that would go after its last second does not go. Rows that other rules suppress are asked as of now."""
    table = compiled.bounds
    if table is None:
        return
    asked = np.where(when == NEVER, answers.says[table.rules], when)
    late = asked > last
    answers.says[table.rules] = np.where(late, NEVER, answers.says[table.rules])
    answers.reasons[table.rules] = np.where(late, table.reason, 0)


def _end_by_permits(compiled: Compiled, permitted: Permitted, held: Ints, when: Ints, answers: Answers) -> None:
    """A permission that ends before a held message could go is no permission for it."""
    assert compiled.permits is not None
    ended = permitted.applies[:, held] & (permitted.until[:, held] <= when[held])
    rule, place = np.nonzero(ended)
    line, row = compiled.permits.rules[rule], held[place]
    answers.says[line, row] = NEVER
    answers.reasons[line, row] = Reason.CONSENT_EXPIRED
    answers.waits[line, row] = permitted.entry[rule, row]


def _verdicts(when: Ints, latest: Ints, now: Now, answers: Answers) -> Verdicts:
    barred = (answers.says == NEVER).any(axis=0)
    when = np.where(barred | ((when > now) & (when > latest)), NEVER, when)
    winning = np.where(when == NEVER, answers.says == NEVER, answers.says > now)
    reason = np.where(winning, answers.reasons, int(Reason.NO_OPENING)).min(axis=0, initial=int(Reason.NO_OPENING))
    reason = np.where(when == now, int(Reason.CLEARED), reason)
    return Verdicts(when, latest, reason, answers.says, answers.reasons, answers.waits)
