"""Answers: what is the smallest change with which this message would have gone, tried by judging it again?"""

from collections.abc import Callable
from typing import Any, Final

import msgspec
from sqlalchemy import Row

from onevoice.ledger.book import Reader
from onevoice.ledger.documents import surroundings_at
from onevoice.ledger.past import Decision, states_before
from onevoice.ledger.policies import PolicyFile
from onevoice.nouns.moment import NEVER, SECOND
from onevoice.nouns.policy import Policy
from onevoice.nouns.surroundings import Surroundings
from onevoice.nouns.words import Mode, Verdict
from onevoice.rules.cases import cases_of
from onevoice.rules.explain import counterfactual
from onevoice.rules.files import read_policy
from onevoice.rules.judge import Verdicts, judge
from onevoice.rules.tables import Compiled

ENTRIES_MAX: Final = 3_000
"""Folios with more entries than this before the decision are not folded again for a page."""

Compile = Callable[[Policy, Surroundings], Compiled]


class Enough(msgspec.Struct, frozen=True, kw_only=True):
    """One change that would have been enough: `wait` until `until` (microseconds UTC), a `grant` of permission given
    before, or `without` these `rules` (names in the policy)."""

    kind: str
    until: int = 0
    rules: tuple[str, ...] = ()


def enough(reader: Reader, row: Row[Any], file: PolicyFile, compile_policy: Compile) -> Enough | None:
    """Judges a recorded decision again, on the states, documents and policy of its time, with one change after the
    other; None where none is enough, or the person's history is too long to be folded again for this.

    What stops it must be what stopped it then: a send-by, which is not in the book, cannot be judged again."""
    sequences = (row.customer_sequence, row.address_sequence, row.household_sequence, row.client_sequence)
    if sum(sequence or 0 for sequence in sequences) > ENTRIES_MAX:
        return None
    folios = (row.customer or 0, row.address or 0, row.household or 0, row.client or 0)
    verdict, mode = Verdict(row.verdict), Mode(row.mode)
    decision = Decision(row.number, row.label, row.content, row.occurred, verdict, mode, folios)
    states = states_before(reader.connection, reader.known, [decision])[row.number]
    documents = surroundings_at(reader.connection, row.surroundings or 0)
    compiled = compile_policy(msgspec.structs.replace(read_policy(file.body), version=file.version), documents)
    own = [folio for folio in folios if folio]
    place = {folio: number for number, folio in enumerate(own)} | {0: -1}
    first, second, third, fourth = (place[folio] for folio in folios)
    now = row.occurred // SECOND
    case = cases_of([(row.label, row.content, now, NEVER, (first, second, third, fourth))], [folios])
    then = [states[folio] for folio in own]
    change = counterfactual(then, case, now, compiled) if _same(judge(then, case, now, compiled), row) else None
    if change is None:
        return None
    names = tuple(compiled.policy.rules[rule].name for rule in change.rules)
    return Enough(kind=change.kind, until=change.until * SECOND, rules=names)


def _same(found: Verdicts, row: Row[Any]) -> bool:
    """Whether judging again gives the recorded verdict."""
    if row.verdict == Verdict.HOLD:
        return int(found.when[0]) == (row.until or 0) // SECOND
    return row.verdict == Verdict.SUPPRESS and int(found.when[0]) >= NEVER
