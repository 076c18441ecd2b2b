"""A period of the book as columns: its messages, and the permissions and states that were known meanwhile."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sqlalchemy import ColumnElement, Connection, func, select

from onevoice.ledger.entries import ADDRESS_KINDS, ADDRESS_MARKS
from onevoice.ledger.tables import contact_states, entries
from onevoice.nouns.contact_state import FOREVER, MARK, PERMIT, WISH
from onevoice.nouns.label import Ints, Labels
from onevoice.nouns.moment import SECOND
from onevoice.nouns.words import Direction, EntryKind, FolioKind, Mode, PermitKind, TouchState, Verdict

Bools = np.ndarray[Any, np.dtype[np.bool_]]
Records = np.ndarray[Any, np.dtype[Any]]

ROWS_AT_ONCE: Final = 50_000
OF_A_TOUCH: Final = (
    EntryKind.DECIDED,
    EntryKind.SENT,
    EntryKind.DELIVERED,
    EntryKind.FAILED,
    EntryKind.RELEASED,
    EntryKind.LAPSED,
)
OF_A_PERSON: Final = (EntryKind.CONSENTED, EntryKind.WITHDRAWN, EntryKind.MARKED, EntryKind.UNMARKED)


@dataclass(frozen=True, slots=True)
class Messages:
    """The messages that a policy looks at from a moment on, in the order of their first entries.

    `number` is the first entry's; `decided`, `went` and `known` are seconds: when it was first decided (-1: never, it
    was only told of), when it went out (-1: it did not), and when the book knew. `folios` is (4, N) by kind, 0 for
    none; `verdict` the first one, `state` the TouchState it reached.
    """

    number: Ints
    label: Ints
    content: Ints
    folios: Ints
    decided: Ints
    went: Ints
    known: Ints
    verdict: Ints
    state: Ints

    def __len__(self) -> int:
        return len(self.number)


@dataclass(frozen=True, slots=True)
class Standing:
    """Permissions or states of folios, sorted by folio: the entry that told of each and its second, the entry that
    ended it and its second (0: none did), and a record of PERMIT or MARK."""

    folio: Ints
    number: Ints
    second: Ints
    ended: Ints
    ended_second: Ints
    record: Records


def messages_since(connection: Connection, earliest: int, until: int) -> Messages:
    """All that was decided, or told to have gone out, at these moments (microseconds UTC, `until` not included)."""
    columns = (
        entries.c.number,
        entries.c.kind,
        entries.c.touch,
        *(func.coalesce(entries.c[kind.spoken], 0) for kind in FolioKind),
        entries.c.label,
        entries.c.content,
        func.coalesce(entries.c.verdict, 0),
        func.coalesce(entries.c.mode, 0),
        entries.c.direction,
        entries.c.occurred // SECOND,
        entries.c.recorded // SECOND,
    )
    where = (entries.c.kind.in_([int(kind) for kind in OF_A_TOUCH]), entries.c.occurred < until)
    rows = _columns(connection, columns, *where, entries.c.occurred >= earliest)
    (
        number,
        kind,
        touch,
        customer,
        address,
        household,
        client,
        label,
        content,
        verdict,
        mode,
        direction,
        second,
        told,
    ) = rows
    first = touch == number
    threads, of = np.unique(touch, return_inverse=True)
    begin = np.full(len(threads), -1)
    begin[of[first]] = np.flatnonzero(first)
    decision = kind == EntryKind.DECIDED
    clears = decision & ((verdict == Verdict.SEND) | ((mode != Mode.ENFORCE) & (mode > 0)))
    outbound = (kind == EntryKind.SENT) & (direction == Direction.OUTBOUND) | (kind == EntryKind.DELIVERED)
    ended = np.isin(kind, [int(EntryKind.RELEASED), int(EntryKind.LAPSED), int(EntryKind.FAILED)])
    out, over = _any(outbound, of, len(threads)), _any(ended, of, len(threads))
    went = np.full(len(threads), -1)
    np.maximum.at(went, of[clears], second[clears])
    told_of = np.full(len(threads), FOREVER)
    np.minimum.at(told_of, of[outbound], second[outbound])
    went = np.where((went < 0) & out, told_of, np.where(over & ~out, -1, went))
    state = np.where(_any(kind == EntryKind.DELIVERED, of, len(threads)), int(TouchState.DELIVERED), TouchState.SENT)
    known = (begin >= 0) & ((went >= 0) | _any(decision & first, of, len(threads)))
    row, which = begin[known], np.flatnonzero(known)
    order = np.argsort(number[row], kind="stable")
    row, which = row[order], which[order]
    return Messages(
        number=number[row],
        label=label[row],
        content=content[row],
        folios=np.stack([customer[row], address[row], household[row], client[row]]),
        decided=np.where(decision[row], second[row], -1),
        went=went[which],
        known=np.minimum(second[row], told[row]),
        verdict=np.where(decision[row], verdict[row], 0),
        state=state[which],
    )


def permits_until(connection: Connection, labels: Labels, until: int) -> Standing:
    """Every grant and withdrawal told of so far."""
    kinds = (EntryKind.CONSENTED, EntryKind.WITHDRAWN)
    number, kind, folio, label, permit, proof, _, _, _, second = _of_people(connection, kinds, until)
    record = np.zeros(len(number), PERMIT)
    record["second"], record["proof"] = second, proof
    record["unit"], record["channel"] = labels.unit[label], labels.channel[label]
    record["purpose"] = labels.purpose[label]
    record["kind"] = np.where(kind == EntryKind.WITHDRAWN, int(PermitKind.WITHDRAWAL), permit)
    order = np.lexsort((number, folio))
    never = np.zeros(len(order), np.int64)
    return Standing(folio[order], number[order], second[order], never, never, record[order])


def marks_until(connection: Connection, labels: Labels, until: int) -> Standing:
    """Every state told of so far; one is ended by the next of its kind, channel and scope, or when it is taken back."""
    kinds = (EntryKind.MARKED, EntryKind.UNMARKED)
    number, kind, folio, label, _, _, mark, scope, ends, second = _of_people(connection, kinds, until)
    record = np.zeros(len(number), MARK)
    record["until"] = np.where(ends > 0, np.minimum(ends, FOREVER), FOREVER)
    record["kind"], record["channel"], record["scope"] = mark, labels.channel[label], scope
    order = np.lexsort((number, scope, record["channel"], mark, folio))
    folio, number, kind, second, record = folio[order], number[order], kind[order], second[order], record[order]
    same = (folio[1:] == folio[:-1]) & np.logical_and.reduce(
        [record[name][1:] == record[name][:-1] for name in ("kind", "channel", "scope")]
    )
    ended = np.append(np.where(same, number[1:], 0), 0)[: len(number)]
    ended_second = np.append(np.where(same, second[1:], 0), 0)[: len(number)]
    told = kind == EntryKind.MARKED
    return Standing(folio[told], number[told], second[told], ended[told], ended_second[told], record[told])


def zones_and_wishes(connection: Connection) -> tuple[Ints, Ints, Ints, Records]:
    """Of every folio that has any: (its number, its zone), (its number, its wish), as they are today."""
    zone = select(contact_states.c.folio, contact_states.c.zone).where(contact_states.c.zone > 0)
    folio, number = _stacked(_fetched(connection, zone.order_by(contact_states.c.folio)), 2)
    wish = select(contact_states.c.folio, contact_states.c.wishes).where(func.length(contact_states.c.wishes) > 0)
    wished = connection.execute(wish.order_by(contact_states.c.folio)).all()
    records = np.frombuffer(b"".join(bytes(row[1])[: WISH.itemsize] for row in wished), WISH)
    return folio, number, np.array([row[0] for row in wished], np.int64), records


def _of_people(connection: Connection, kinds: Sequence[EntryKind], until: int) -> Ints:
    """number, kind, the folio it binds, label, permit, proof, mark, scope, until and second of these entries."""
    columns = (
        entries.c.number,
        entries.c.kind,
        func.coalesce(entries.c.customer, 0),
        func.coalesce(entries.c.address, 0),
        entries.c.label,
        func.coalesce(entries.c.permit, 0),
        func.coalesce(entries.c.proof, 0),
        func.coalesce(entries.c.mark, 0),
        func.coalesce(entries.c.scope, 0),
        func.coalesce(entries.c.until, 0) // SECOND,
        entries.c.occurred // SECOND,
    )
    where = (entries.c.kind.in_([int(kind) for kind in kinds]), entries.c.occurred < until)
    number, kind, customer, address, label, permit, proof, mark, scope, ends, second = _columns(
        connection, columns, *where
    )
    by_address = np.isin(kind, [int(one) for one in ADDRESS_KINDS]) | np.isin(mark, [int(one) for one in ADDRESS_MARKS])
    own, other = np.where(by_address, address, customer), np.where(by_address, customer, address)
    folio = np.where(own > 0, own, other)
    return np.stack([number, kind, folio, label, permit, proof, mark, scope, ends, second])


def _columns(connection: Connection, columns: Sequence[ColumnElement[Any]], *where: ColumnElement[bool]) -> Ints:
    query = select(*columns).where(*where).order_by(entries.c.number)
    return _stacked(_fetched(connection, query), len(columns))


def _fetched(connection: Connection, query: Any) -> Iterator[Ints]:
    """The rows in parts, straight from the driver: a million of them would spend more time as objects."""
    cursor: Any = connection.execute(query).cursor
    while rows := cursor.fetchmany(ROWS_AT_ONCE):
        yield np.array(rows, np.int64)


def _stacked(parts: Iterator[Ints], width: int) -> Ints:
    """(width, rows): the columns of all parts, which are given up one after another."""
    read = deque(parts)
    columns, done = np.empty((width, sum(len(part) for part in read)), np.int64), 0
    while read:
        part = read.popleft()
        columns[:, done : done + len(part)] = part.T
        done += len(part)
    return columns


def _any(which: Bools, of: Ints, size: int) -> Bools:
    found = np.zeros(size, np.bool_)
    found[of[which]] = True
    return found
