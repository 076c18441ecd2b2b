"""Entries: how facts are written into the book, numbered, chained and folded into their folios in one go."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from onevoice.ledger.chain import Value, entry_hash, values_of
from onevoice.ledger.engine import SavedState, Transaction
from onevoice.ledger.known import Known
from onevoice.ledger.states import Fact, fold, needs_older
from onevoice.ledger.tables import entries
from onevoice.nouns.contact_state import FOREVER, ContactState
from onevoice.nouns.label import Label
from onevoice.nouns.moment import DAY, SECOND
from onevoice.nouns.words import Direction, EntryKind, FolioKind, MarkKind

Folios = tuple[int, int, int, int]
"""One number per FolioKind: customer, address, household, client; 0 for none."""

NO_FOLIOS: Final[Folios] = (0, 0, 0, 0)
ADDRESS_KINDS: Final = frozenset({EntryKind.CONSENTED, EntryKind.WITHDRAWN, EntryKind.QUARANTINED})
ADDRESS_MARKS: Final = frozenset({MarkKind.HARD_BOUNCE, MarkKind.COMPLAINT, MarkKind.DEAD_TOKEN})
_NOT_OF_A_TOUCH: Final = int(EntryKind.CONSENTED)
EVERYTHING_OLDER: Final = -1
NOTHING_OLDER: Final = 2**40
"""As `older_behind`: read every folio's older touches, or nobody's."""


class Draft(NamedTuple):
    """An entry before it has numbers. Moments are microseconds UTC.

    `folios` are the customer, address, household and client it belongs to (0: none); `touch` the thread it continues
    (0: it begins one) and `firsts` the sequence numbers of that thread's first entry in the same folios. `counts` says
    whether a decided entry takes a place. The rest are the columns of `entries`.
    """

    kind: int
    folios: Folios
    label: int
    occurred: int
    said_by: int
    touch: int = 0
    firsts: Folios = NO_FOLIOS
    direction: int = int(Direction.OUTBOUND)
    content: int = 0
    template: int = 0
    counts: bool = False
    verdict: int | None = None
    reason: int | None = None
    mode: int | None = None
    until: int | None = None
    latest: int | None = None
    findings: bytes | None = None
    policy: int | None = None
    surroundings: int | None = None
    permit: int | None = None
    proof: int | None = None
    mark: int | None = None
    scope: int | None = None
    zone: int | None = None
    wish: tuple[int, int, int, int] | None = None
    commitment: bytes | None = None


class Posted(NamedTuple):
    """What an entry became: its number in the book, the number of its thread, its sequence in each folio."""

    entry: int
    touch: int
    sequences: Folios


def post(
    tx: Transaction, known: Known, states: dict[int, ContactState], drafts: Sequence[Draft], now: int
) -> list[Posted]:
    """Write these drafts in order. `states` are the locked states of all their folios and are brought up to date.

    One statement per table, whatever the number of drafts; every folio is saved once."""
    numbers = tx.numbers(entries, len(drafts))
    heads = {folio: (state.sequence, state.head) for folio, state in states.items()}
    facts: dict[int, list[Fact]] = {}
    rows: list[tuple[object, ...]] = []
    posted: list[Posted] = []
    recorded = now // SECOND
    for number, draft in zip(numbers, drafts, strict=True):
        sequences = [0, 0, 0, 0]
        before: list[bytes] = []
        present = [(kind, folio) for kind, folio in enumerate(draft.folios) if folio]
        for kind, folio in present:
            sequence, head = heads[folio]
            sequences[kind] = sequence + 1
            before.append(head)
        values = _values(number, draft, sequences, now)
        head = entry_hash(before, values_of(values))
        rows.append((*values, head))
        posted.append(Posted(number, draft.touch or number, (sequences[0], sequences[1], sequences[2], sequences[3])))
        for kind, folio in present:
            sequence = sequences[kind]
            heads[folio] = (sequence, head)
            first = draft.firsts[kind] if draft.touch else sequence
            fact = fact_of(known.labels, draft, kind, sequence, first, recorded)
            if folio in facts:
                facts[folio].append(fact)
            else:
                facts[folio] = [fact]
    tx.add(entries, rows)
    tx.save_states(_folded(tx, states, facts, heads))
    tx.count_up(_tallied(drafts))
    return posted


def _values(number: int, draft: Draft, sequences: Sequence[int], now: int) -> tuple[Value, ...]:
    """The row without its hash, in the table's column order."""
    customer, address, household, client = draft.folios
    return (
        number,
        draft.kind,
        draft.touch or number,
        customer or None,
        sequences[0] or None,
        address or None,
        sequences[1] or None,
        household or None,
        sequences[2] or None,
        client or None,
        sequences[3] or None,
        draft.label,
        draft.direction,
        draft.content,
        draft.template,
        None,
        draft.verdict,
        draft.reason,
        draft.mode,
        draft.until,
        draft.latest,
        draft.findings,
        draft.policy,
        draft.surroundings,
        draft.permit,
        draft.proof,
        draft.mark,
        draft.scope,
        draft.zone,
        _wish_record(draft.wish),
        draft.occurred,
        now,
        draft.said_by,
        draft.commitment,
    )


def _wish_record(wish: tuple[int, int, int, int] | None) -> bytes | None:
    if wish is None:
        return None
    at_most, days, begin, length = wish
    return bytes((at_most, days)) + begin.to_bytes(2, "little") + length.to_bytes(2, "little") + b"\0\0"


def bound_folio(kind: int, mark: int, folios: Folios) -> int:
    """Which folio a permission or a state binds, as an index into `folios`: a STOP, a consent and a bounce bind the
    address, not the person; a wish or a case binds the person. Each binds the other where there is no such folio."""
    own = FolioKind.ADDRESS if kind in ADDRESS_KINDS or mark in ADDRESS_MARKS else FolioKind.CUSTOMER
    other = FolioKind.CUSTOMER if own is FolioKind.ADDRESS else FolioKind.ADDRESS
    return int(own if folios[own] else other)


def fact_of(labels: Sequence[Label], draft: Draft, folio_kind: int, sequence: int, first: int, recorded: int) -> Fact:
    """What an entry means to its folio of this kind; `sequence` and `first` (of its thread) are numbers there."""
    second = draft.occurred // SECOND
    if draft.kind < _NOT_OF_A_TOUCH:  # of a touch: the short form, written millions of times
        return Fact(draft.kind, sequence, second, recorded, draft.label, draft.content, first, draft.counts)
    if folio_kind != bound_folio(draft.kind, draft.mark or 0, draft.folios):
        return Fact(int(EntryKind.RECEIVED), sequence, second, recorded)  # told here, but binding elsewhere
    label = labels[draft.label]
    return Fact(
        kind=draft.kind,
        sequence=sequence,
        second=second,
        recorded=recorded,
        touch_sequence=first,
        channel=label.channel,
        purpose=label.purpose,
        unit=label.unit,
        permit=draft.permit or 0,
        proof=draft.proof or 0,
        mark=draft.mark or 0,
        scope=draft.scope or 0,
        until=FOREVER if not draft.until else min(draft.until // SECOND, FOREVER),
        zone=draft.zone or 0,
        wish=draft.wish or (0, 0, 0, 0),
    )


def _folded(
    tx: Transaction,
    states: dict[int, ContactState],
    facts: dict[int, list[Fact]],
    heads: dict[int, tuple[int, bytes]],
) -> list[SavedState]:
    blind = [folio for folio, told in facts.items() if needs_older(states[folio], told)]
    if blind:
        states |= tx.states(blind, EVERYTHING_OLDER)
    saved = []
    for folio, told in facts.items():
        state, moved, rewritten = fold(states[folio], told, heads[folio][1])
        states[folio] = state
        saved.append(SavedState(folio, state, (state.older or b"") if rewritten else moved, rewritten))
    return saved


def _tallied(drafts: Iterable[Draft]) -> list[tuple[int, int, int, int, int, int, int]]:
    counted = Counter(
        (draft.occurred // DAY, draft.label, draft.kind, draft.verdict or 0, draft.reason or 0, draft.mode or 0)
        for draft in drafts
    )
    return [(*key, count) for key, count in counted.items()]
