"""Rebuild: every contact state made anew from its entries must be, to the byte, the one that is stored."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from msgspec.structs import replace
from sqlalchemy import Connection, Row, select, tuple_

from onevoice.ledger.chain import COLUMNS, Link, values_of, verify_folio
from onevoice.ledger.entries import Draft, fact_of
from onevoice.ledger.states import Fact, fold
from onevoice.ledger.tables import contact_state_older, contact_states, entries, folios
from onevoice.nouns.contact_state import EMPTY, ContactState
from onevoice.nouns.label import Label
from onevoice.nouns.moment import SECOND
from onevoice.nouns.words import FolioKind, Mode, Verdict

KINDS: Final = tuple(kind.spoken for kind in FolioKind)
STATE_COLUMNS: Final = tuple(name for name in ContactState.__struct_fields__ if name != "older")
FACTS_AT_ONCE: Final = 256
BEGINNING: Final = replace(EMPTY, older=b"")


class Difference(NamedTuple):
    """A folio whose stored state is not what its entries make, or whose chain is broken."""

    folio: int
    says: str


def differences(connection: Connection, labels: Sequence[Label]) -> Iterator[tuple[int, list[Difference]]]:
    """For every folio: its number and what is wrong with it. Reads each entry once per folio it stands in."""
    for number, kind in connection.execute(select(folios.c.number, folios.c.kind).order_by(folios.c.number)).all():
        rows = _rows(connection, number, KINDS[kind])
        stored = _stored(connection, number)
        rebuilt = rebuilt_state(rows, kind, labels)
        wrong = [
            Difference(number, f"{name} is not what the entries make")
            for name in (*STATE_COLUMNS, "older")
            if getattr(stored, name) != getattr(rebuilt, name)
        ]
        broken = verify_folio(_links(connection, rows, kind), stored.head)
        if broken is not None:
            wrong.append(Difference(number, f"the chain is broken at its entry {broken}"))
        yield number, wrong


def rebuilt_state(rows: Sequence[Row[Any]], kind: int, labels: Sequence[Label]) -> ContactState:
    """The state that these entries of one folio, in sequence order, make."""
    firsts: dict[int, int] = {}
    state, facts, head = BEGINNING, list[Fact](), b""
    for row in rows:
        facts.append(fact_from(row, kind, labels, firsts))
        head = bytes(row.hash)
        if len(facts) == FACTS_AT_ONCE:
            state, facts = folded_whole(state, facts, head), []
    return folded_whole(state, facts, head) if facts else state


def fact_from(row: Row[Any], kind: int, labels: Sequence[Label], firsts: dict[int, int]) -> Fact:
    """What a stored entry means to its folio of this kind; `firsts` (kept by the caller from entry to entry) are the
    folio's own numbers of each thread's first entry."""
    sequence = getattr(row, f"{KINDS[kind]}_sequence")
    first = firsts.setdefault(row.touch, sequence)
    return fact_of(labels, _draft(row), kind, sequence, first, row.recorded // SECOND)


def folded_whole(state: ContactState, facts: Sequence[Fact], head: bytes) -> ContactState:
    """The state after these facts, its whole `older` log included."""
    folded = fold(state, facts, head)
    if folded.rewritten:
        return folded.state
    return replace(folded.state, older=(state.older or b"") + folded.moved)


def _draft(row: Row[Any]) -> Draft:
    """The entry as it was drafted, as far as a state can tell."""
    went = row.verdict == Verdict.SEND or (row.verdict is not None and row.mode != Mode.ENFORCE)
    wish = row.wish or b""
    return Draft(
        kind=row.kind,
        folios=(row.customer or 0, row.address or 0, row.household or 0, row.client or 0),
        label=row.label,
        occurred=row.occurred,
        said_by=row.said_by,
        touch=0 if row.touch == row.number else row.touch,
        content=row.content,
        counts=went,
        until=row.until,
        permit=row.permit,
        proof=row.proof,
        mark=row.mark,
        scope=row.scope,
        zone=row.zone,
        wish=(wish[0], wish[1], _two(wish[2:4]), _two(wish[4:6])) if wish else None,
    )


def _two(two: bytes) -> int:
    return int.from_bytes(two, "little")


def _rows(connection: Connection, folio: int, name: str) -> Sequence[Row[Any]]:
    column, sequence = entries.c[name], entries.c[f"{name}_sequence"]
    return connection.execute(select(entries).where(column == folio).order_by(sequence)).all()


def _stored(connection: Connection, folio: int) -> ContactState:
    row = connection.execute(select(contact_states).where(contact_states.c.folio == folio)).one()
    older = connection.execute(select(contact_state_older.c.older).where(contact_state_older.c.folio == folio)).scalar()
    return ContactState(**{name: getattr(row, name) for name in STATE_COLUMNS}, older=older or b"")


def _links(connection: Connection, rows: Sequence[Row[Any]], kind: int) -> list[Link]:
    heads = _heads(connection, rows)
    links = []
    for row in rows:
        stands = [(name, getattr(row, name), getattr(row, f"{name}_sequence")) for name in KINDS if getattr(row, name)]
        previous = tuple(heads.get((name, folio, sequence - 1), b"") for name, folio, sequence in stands)
        place = [name for name, _, _ in stands].index(KINDS[kind])
        values = values_of([getattr(row, column) for column in COLUMNS])
        sequence = getattr(row, f"{KINDS[kind]}_sequence")
        links.append(Link(sequence, previous, place, values, bytes(row.hash)))
    return links


def _heads(connection: Connection, rows: Sequence[Row[Any]]) -> dict[tuple[str, int, int], bytes]:
    """The hashes of the entries just before these, in each of their folios."""
    heads: dict[tuple[str, int, int], bytes] = {}
    for name in KINDS:
        folio, sequence = entries.c[name], entries.c[f"{name}_sequence"]
        wanted = sorted(
            {(getattr(row, name), getattr(row, f"{name}_sequence") - 1) for row in rows if getattr(row, name)}
        )
        for start in range(0, len(wanted), FACTS_AT_ONCE):
            part = wanted[start : start + FACTS_AT_ONCE]
            found = connection.execute(select(folio, sequence, entries.c.hash).where(tuple_(folio, sequence).in_(part)))
            heads |= {(name, row[0], row[1]): bytes(row[2]) for row in found}
    return heads
