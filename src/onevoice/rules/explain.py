"""Explaining one decision: the touches that were counted, and the smallest change that would have let it go."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

import msgspec
import numpy as np

from onevoice.nouns.contact_state import PERMIT, ContactState
from onevoice.nouns.moment import NEVER
from onevoice.nouns.policy import Consent, Counting
from onevoice.nouns.words import FolioKind, PermitKind
from onevoice.rules.batch import batch_of
from onevoice.rules.cases import Cases
from onevoice.rules.counting import counted, freed
from onevoice.rules.judge import Verdicts, judge
from onevoice.rules.opened import open_states
from onevoice.rules.ragged import Bools
from onevoice.rules.tables import (
    AfterTable,
    BoundTable,
    ClockTable,
    Compiled,
    CountTable,
    HoldoutTable,
    MarkTable,
    PermitTable,
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one rule's answer rests on: entries (numbers of the folio's own sequence, oldest first) of folios of this
    kind. For a counting rule the touches counted, from the one waited for to the newest."""

    kind: FolioKind
    entries: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One change with which the message may go: `wait` until second `until`; with a `grant` of consent; `without` these
    rules (indices in the policy)."""

    kind: Literal["wait", "grant", "without"]
    until: int = 0
    rules: tuple[int, ...] = ()


def evidence(states: Sequence[ContactState], case: Cases, now: int, compiled: Compiled, rule: int) -> Evidence | None:
    """What the answer of rule `rule` (an index in the policy) on a single case rests on; None where it lets it go, or
    rests on nothing in the book (a clock, a missing consent)."""
    assert len(case) == 1
    if isinstance(compiled.policy.rules[rule], Counting):
        return counted_touches(states, case, now, compiled, rule)
    found = judge(states, case, now, compiled)
    entry = int(found.waits[rule, 0])
    return Evidence(_kind_of(states, case, now, compiled, rule, entry), (entry,)) if entry else None


def counted_touches(
    states: Sequence[ContactState], case: Cases, now: int, compiled: Compiled, rule: int
) -> Evidence | None:
    """The touches a counting rule counted against a single case, from the one waited for to the newest."""
    table = next(table for table in compiled.counts if rule in table.rules)
    place = int(np.flatnonzero(table.rules == rule)[0])
    batch = batch_of(case, open_states(states))
    free, waits_for, _ = freed(table, compiled, batch, now)
    if free[place, 0] <= now or waits_for[place, 0] < 0:
        return None
    history = batch.history(table.kind)
    hits = history.places[counted(table, compiled, batch, history)[place]]
    since = hits[hits.tolist().index(int(waits_for[place, 0])) :]
    return Evidence(FolioKind(table.kind), tuple(history.columns.entry[since].tolist()))


def _kind_of(
    states: Sequence[ContactState], case: Cases, now: int, compiled: Compiled, rule: int, entry: int
) -> FolioKind:
    """The folio an entry number belongs to: the one whose permits and marks alone still give this entry."""
    for kind in FolioKind:
        folios = np.full((len(FolioKind), 1), -1)
        folios[kind] = case.folios[kind]
        alone = judge(states, replace(case, folios=folios), now, compiled)
        if int(alone.waits[rule, 0]) == entry and case.folios[kind, 0] >= 0:
            return kind
    return FolioKind.CUSTOMER


def counterfactual(states: Sequence[ContactState], case: Cases, now: int, compiled: Compiled) -> Change | None:
    """The smallest change with which this single case may go, each tried by judging again: waiting, then a grant of
    consent, then leaving out one rule, then leaving out all that stop it. None where it may go as it is, or no such
    change is enough."""
    found = judge(states, case, now, compiled)
    when = int(found.when[0])
    if when == now:
        return None
    if when < NEVER and judge(states, case, when, compiled).when[0] == when:
        return Change("wait", until=when)
    if any(isinstance(compiled.policy.rules[rule], Consent) for rule in _stopping(found, now)):
        granted = _with_grant(states, case, now)
        if granted and judge(granted, case, now, compiled).when[0] == now:
            return Change("grant")
    stopping = _stopping(found, now)
    for rules in (*((rule,) for rule in stopping), stopping):
        if judge(states, case, now, without(compiled, rules)).when[0] == now:
            return Change("without", rules=rules)
    return None


def _stopping(found: Verdicts, now: int) -> tuple[int, ...]:
    """The rules that stop a single case, those of the first published reason first."""
    rules = np.flatnonzero(found.says[:, 0] > now).tolist()
    return tuple(sorted(rules, key=lambda rule: (int(found.reasons[rule, 0]), rule)))


def _with_grant(states: Sequence[ContactState], case: Cases, now: int) -> list[ContactState] | None:
    """The states with an express, proven grant for everything, given now to the first folio there is."""
    folio = next((folio for folio in case.folios[:, 0].tolist() if folio >= 0), -1)
    if folio < 0:
        return None
    grant = np.array([(now + 1, 0, 0, 0, 0, PermitKind.EXPRESS, 1, 0)], PERMIT).tobytes()
    changed = list(states)
    changed[folio] = msgspec.structs.replace(changed[folio], permits=changed[folio].permits + grant)
    return changed


Applying = TypeVar("Applying", AfterTable, CountTable, PermitTable, MarkTable, ClockTable, BoundTable, HoldoutTable)


def _cut(table: Applying, left: Bools) -> Applying:
    return replace(table, applies=table.applies & left[table.rules][:, None])


def without(compiled: Compiled, rules: Sequence[int]) -> Compiled:
    """The compiled policy in which these rules apply to no message; every rule keeps its index."""
    left = np.isin(np.arange(len(compiled)), list(rules), invert=True)

    senders = compiled.senders
    return replace(
        compiled,
        counts=tuple(_cut(table, left) for table in compiled.counts),
        afters=tuple(_cut(table, left) for table in compiled.afters),
        permits=compiled.permits and _cut(compiled.permits, left),
        marks=compiled.marks and _cut(compiled.marks, left),
        clock=compiled.clock and _cut(compiled.clock, left),
        bounds=compiled.bounds and _cut(compiled.bounds, left),
        holdouts=compiled.holdouts and _cut(compiled.holdouts, left),
        senders=senders and replace(senders, reason=senders.reason * left[senders.rules][:, None]),
    )
