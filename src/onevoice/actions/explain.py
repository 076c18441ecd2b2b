"""Explain: what would be decided now about one message, and the smallest change that lets it go; nothing is written."""

from msgspec import Struct
from msgspec.structs import replace

from onevoice.actions.gate import Gate
from onevoice.actions.naming import Naming
from onevoice.actions.people import folios_of
from onevoice.actions.propose import asked
from onevoice.ledger.engine import Transaction
from onevoice.ledger.touches import by_second
from onevoice.nouns.authority import Authority
from onevoice.nouns.contact_state import ContactState
from onevoice.nouns.decision import Decision
from onevoice.nouns.moment import NEVER, SECOND
from onevoice.nouns.problem import Fault, Refused
from onevoice.nouns.proposal import Proposal
from onevoice.rules.cases import cases_of
from onevoice.rules.explain import Change, counterfactual
from onevoice.rules.reach_back import reads_older


class Explained(Struct, frozen=True, kw_only=True):
    """A dry-run decision and what would let the message go, tried by judging again: `change` is `wait` (until `until`,
    microseconds UTC), `grant` (an express, proven consent given now), `without` (these `rules` left out), or empty
    where it goes as it is or none of these is enough."""

    decision: Decision
    change: str = ""
    until: int = 0
    rules: tuple[str, ...] = ()


def explain(gate: Gate, authority: Authority, proposal: Proposal) -> Explained:
    """What would be decided now, why, and the counterfactual. Raises Refused with everything that is wrong with it."""
    decision = gate.propose(authority, proposal, dry_run=True)
    change, rules = gate.try_out(lambda tx: _counterfactual(tx, gate, authority, proposal))
    if change is None:
        return Explained(decision=decision)
    return Explained(decision=decision, change=change.kind, until=change.until * SECOND, rules=rules)


def _counterfactual(
    tx: Transaction, gate: Gate, authority: Authority, proposal: Proposal
) -> tuple[Change | None, tuple[str, ...]]:
    book, now = gate.book, gate.book.clock()
    item = asked(book, authority, proposal)
    label = Naming(book.known).label_of(tx, proposal, authority)
    (folios,) = folios_of(tx, book, [item.sought])
    if isinstance(folios, Fault):
        raise Refused([folios])
    compiled = gate.bench.compiled(tx)
    numbers = sorted({folio for folio in folios if folio})
    locked = tx.states(numbers, reads_older(compiled, now // SECOND))
    states = [_by_second(locked[number]) for number in numbers]
    place = {number: row for row, number in enumerate(numbers)} | {0: -1}
    case = cases_of(
        [
            (
                label,
                book.fingerprint(proposal.content or proposal.words),
                (proposal.created or now) // SECOND,
                proposal.send_by // SECOND if proposal.send_by else NEVER,
                (place[folios[0]], place[folios[1]], place[folios[2]], place[folios[3]]),
            )
        ],
        [folios],
    )
    change = counterfactual(states, case, now // SECOND, compiled)
    rules = tuple(compiled.policy.rules[rule].name for rule in change.rules) if change else ()
    return change, rules


def _by_second(state: ContactState) -> ContactState:
    return replace(state, older=by_second(state.older)) if state.older else state
