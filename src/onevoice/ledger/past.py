"""The past: contact states as they were just before given entries, folded again from the entries alone."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from msgspec.structs import replace
from sqlalchemy import Connection, Row, func, or_, select

from onevoice.ledger.known import Known
from onevoice.ledger.rebuild import BEGINNING, fact_from, folded_whole
from onevoice.ledger.tables import IS_DECISION, entries
from onevoice.ledger.touches import by_second
from onevoice.nouns.contact_state import ContactState
from onevoice.nouns.words import Mode, Verdict

COLUMNS: Final = ("customer", "address", "household", "client")
PART: Final = 400


class Decision(NamedTuple):
    """A recorded decision: the entry's columns that a judge needs; `folios` as in the entry, 0 for none."""

    number: int
    label: int
    content: int
    occurred: int
    verdict: Verdict
    mode: Mode
    folios: tuple[int, int, int, int]


def count_decisions(connection: Connection, since: int, until: int) -> int:
    """How many messages were decided (for the first time) in this period, microseconds UTC, `until` not included."""
    return connection.execute(select(func.count()).select_from(entries).where(*_decided(since, until))).scalar() or 0


def decisions(connection: Connection, since: int, until: int, most: int) -> Iterator[list[Decision]]:
    """The first decisions of the period's messages, the oldest `most` of them, in parts ordered by person."""
    oldest = select(entries.c.number).where(*_decided(since, until)).order_by(entries.c.number).limit(most)
    query = select(entries).where(entries.c.number.in_(oldest))
    rows = connection.execute(query.order_by(entries.c.customer, entries.c.address, entries.c.number)).all()
    for start in range(0, len(rows), PART):
        yield [_decision(row) for row in rows[start : start + PART]]


def states_before(
    connection: Connection, known: Known, asked: Sequence[Decision]
) -> dict[int, dict[int, ContactState]]:
    """For each of these entries (by number) the states of its folios (by number) just before it, older touches in the
    order of time."""
    wanted: dict[int, set[int]] = {}
    for one in asked:
        for folio in one.folios:
            if folio:
                wanted.setdefault(folio, set()).add(one.number)
    found: dict[int, dict[int, ContactState]] = {one.number: {} for one in asked}
    last = max(one.number for one in asked)
    for folio, kind, rows in _histories(connection, sorted(wanted), last):
        for number, state in _folded(known, kind, rows, wanted[folio]):
            found[number][folio] = state
    return found


def _decided(since: int, until: int) -> tuple[Any, ...]:
    first = entries.c.touch == entries.c.number
    return IS_DECISION, first, entries.c.occurred >= since, entries.c.occurred < until


def _decision(row: Row[Any]) -> Decision:
    return Decision(
        row.number, row.label, row.content, row.occurred, Verdict(row.verdict), Mode(row.mode), _folios(row)
    )


def _folios(row: Row[Any]) -> tuple[int, int, int, int]:
    return row.customer or 0, row.address or 0, row.household or 0, row.client or 0


def _histories(connection: Connection, folios: Sequence[int], last: int) -> Iterator[tuple[int, int, list[Row[Any]]]]:
    """(folio, its kind as an index of COLUMNS, its entries up to `last` in order) of each folio."""
    members: dict[int, tuple[int, list[Row[Any]]]] = {}
    for start in range(0, len(folios), PART):
        part = set(folios[start : start + PART])
        anywhere = or_(*[entries.c[column].in_(sorted(part)) for column in COLUMNS])
        query = select(entries).where(anywhere, entries.c.number <= last).order_by(entries.c.number)
        for row in connection.execute(query):
            for kind, folio in enumerate(_folios(row)):
                if folio in part:
                    members.setdefault(folio, (kind, []))[1].append(row)
        yield from ((folio, kind, rows) for folio, (kind, rows) in members.items())
        members.clear()


def _folded(known: Known, kind: int, rows: Iterable[Row[Any]], wanted: set[int]) -> Iterator[tuple[int, ContactState]]:
    state = BEGINNING
    firsts: dict[int, int] = {}
    for row in rows:
        if row.number in wanted:
            yield row.number, _by_second(state)
        state = folded_whole(state, [fact_from(row, kind, known.labels, firsts)], bytes(row.hash))


def _by_second(state: ContactState) -> ContactState:
    return replace(state, older=by_second(state.older)) if state.older else state
