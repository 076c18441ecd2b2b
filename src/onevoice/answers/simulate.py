"""What would this draft policy have decided? Recorded decisions, judged again on the states of their time."""

from collections import Counter
from collections.abc import Callable
from typing import Final

import msgspec

from onevoice.ledger.book import Reader
from onevoice.ledger.past import Decision, count_decisions, decisions, states_before
from onevoice.nouns.contact_state import ContactState
from onevoice.nouns.moment import NEVER, SECOND
from onevoice.nouns.policy import Policy
from onevoice.nouns.problem import Fault, Refused
from onevoice.nouns.reason import Reason
from onevoice.nouns.surroundings import Surroundings
from onevoice.nouns.words import Verdict
from onevoice.rules.cases import cases_of
from onevoice.rules.judge import judge
from onevoice.rules.tables import Compiled

DECISIONS_MAX: Final = 200_000

Compile = Callable[[Policy, Surroundings], Compiled]
Progress = Callable[[int, int], None]


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """How many messages of a unit would have got another verdict, and for which reason; a SEND is `cleared`."""

    unit: str
    before: str
    after: str
    reason: str
    count: int


class Simulated(msgspec.Struct, frozen=True, kw_only=True):
    """Decisions judged again, how many with another verdict, and where; `beyond` were too many to judge."""

    decisions: int
    changed: int
    beyond: int
    lines: tuple[Shift, ...]


def simulate(
    reader: Reader,
    policy: Policy,
    compile_policy: Compile,
    since: int,
    until: int,
    *,
    progress: Progress = lambda done, of: None,
) -> Simulated:
    """Judge the period's messages (first decisions, microseconds UTC, `until` not included) under a draft.

    Each is judged on what the book knew then, as it was: messages that the draft would have stopped still count in
    later ones. Documents and labels are today's. A send-by is not in the book, so it is not looked at."""
    if until <= since:
        raise Refused([Fault("until", "The period must end after it begins.")])
    compiled = compile_policy(policy, reader.surroundings)
    total = count_decisions(reader.connection, since, until)
    most = min(total, DECISIONS_MAX)
    shifts: Counter[tuple[int, Verdict, Verdict, int]] = Counter()
    done = 0
    for part in decisions(reader.connection, since, until, DECISIONS_MAX):
        states = states_before(reader.connection, reader.known, part)
        for decision in part:
            verdict, reason = _judged(decision, states[decision.number], compiled)
            if verdict is not decision.verdict:
                shifts[reader.known.labels[decision.label].unit, decision.verdict, verdict, reason] += 1
        done += len(part)
        progress(done, most)
    return Simulated(
        decisions=done, changed=shifts.total(), beyond=total - done, lines=tuple(_lines(shifts, reader.surroundings))
    )


def _judged(decision: Decision, states: dict[int, ContactState], compiled: Compiled) -> tuple[Verdict, int]:
    folios = [folio for folio in decision.folios if folio]
    place = {folio: row for row, folio in enumerate(folios)} | {0: -1}
    first, second, third, fourth = (place[folio] for folio in decision.folios)
    now = decision.occurred // SECOND
    case = cases_of([(decision.label, decision.content, now, NEVER, (first, second, third, fourth))])
    found = judge([states[folio] for folio in folios], case, now, compiled)
    when = int(found.when[0])
    verdict = Verdict.SEND if when <= now else Verdict.SUPPRESS if when >= NEVER else Verdict.HOLD
    return verdict, int(found.reason[0])


def _lines(shifts: Counter[tuple[int, Verdict, Verdict, int]], now: Surroundings) -> list[Shift]:
    lines = [
        Shift(
            unit=now.units[unit].key if unit in now.units else "",
            before=before.spoken,
            after=after.spoken,
            reason=Reason(reason).spoken,
            count=count,
        )
        for (unit, before, after, reason), count in shifts.items()
    ]
    return sorted(lines, key=lambda line: (-line.count, line.unit, line.before, line.after, line.reason))
