"""The caps of a book counted again, decision after decision in each folio's own order; shares nothing but nouns."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, select

from onevoice.ledger.tables import entries
from onevoice.nouns.words import EntryKind, Verdict

CUSTOMER_MAX: Final = 3
ADDRESS_MAX: Final = 4
HOUSEHOLD_MAX: Final = 5
CAPS: Final = {"customer": CUSTOMER_MAX, "address": ADDRESS_MAX, "household": HOUSEHOLD_MAX}
POLICY: Final = "\n".join(
    ['name = "three caps"', "lease = 360000"]
    + [
        f'[[rules]]\ntype = "rolling_cap"\nname = "per {per}"\nat_most = {most}\nseconds = 864000\nper = "{per}"\n'
        for per, most in CAPS.items()
    ]
)
"""Far longer than any run: what went counts until it is given back."""


class Recount(NamedTuple):
    """`over`: messages that went though a folio was full; `denied`: held though every folio had room."""

    decisions: int
    sent: int
    over: int
    denied: int


def recount(connection: Connection) -> Recount:
    """Every decision of the book, judged again from the sends and releases before it in each of its folios.

    For logs whose messages are all of one category, score and age, so that the order of asking is the order of
    judging."""
    rows = _rows(connection)
    taken = {name: _taken(rows, name) for name in CAPS}
    over = denied = sent = decisions = 0
    for row in rows:
        if row["kind"] != EntryKind.DECIDED:
            continue
        room = all(
            taken[name][row[name]][row[f"{name}_sequence"]] < most
            for name, most in CAPS.items()
            if row[name] is not None
        )
        went = row["verdict"] == Verdict.SEND
        decisions, sent = decisions + 1, sent + went
        over, denied = over + (went and not room), denied + (room and not went)
    return Recount(decisions, sent, over, denied)


def fullest(connection: Connection) -> dict[str, int]:
    """The most places that were ever taken at once in one folio of each kind."""
    rows = _rows(connection)
    return {
        name: max((max(counts.values()) for counts in _taken(rows, name, after=True).values()), default=0)
        for name in CAPS
    }


def _rows(connection: Connection) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(select(entries).order_by(entries.c.number)).mappings()]


def _taken(rows: Iterable[Mapping[str, Any]], name: str, *, after: bool = False) -> dict[int, dict[int, int]]:
    """Folio -> sequence number -> places taken before (or after) that entry."""
    folios: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        if row[name] is not None:
            folios.setdefault(row[name], []).append(row)
    return {
        folio: _places(sorted(own, key=lambda row: row[f"{name}_sequence"]), name, after)
        for folio, own in folios.items()
    }


def _places(rows: Sequence[Mapping[str, Any]], name: str, after: bool) -> dict[int, int]:
    reserved: set[int] = set()
    out: set[int] = set()
    counted: dict[int, int] = {}
    for row in rows:
        before = len(reserved | out)
        if row["kind"] == EntryKind.DECIDED and row["verdict"] == Verdict.SEND:
            reserved.add(row["touch"])
        elif row["kind"] in (EntryKind.SENT, EntryKind.DELIVERED):
            out.add(row["touch"])
        elif row["kind"] in (EntryKind.RELEASED, EntryKind.LAPSED, EntryKind.FAILED):
            reserved.discard(row["touch"])
        counted[row[f"{name}_sequence"]] = len(reserved | out) if after else before
    return counted
