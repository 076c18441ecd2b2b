"""Edit: a few documents or customers, given as rows of the setup folder, are added or changed by whoever may."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from onevoice.actions.gate import Gate
from onevoice.actions.setup import SetUp, take_folder
from onevoice.answers.seen import visible_customers
from onevoice.ledger.book import Reader
from onevoice.ledger.folios import Opened, find_folios
from onevoice.nouns.authority import Authority, Verb
from onevoice.nouns.problem import Fault, NotFound, Refused
from onevoice.nouns.surroundings import Surroundings
from onevoice.nouns.words import FolioKind
from onevoice.parsing.setup_folder import CELL_MAX, COLUMNS, TEXTS, Folder, Row

DOCUMENTS: Final = ("units", "platforms", "contact_points", "topics", "purposes", "offers", "campaigns")
"""Kinds that can be read and edited by rows."""

WHOLE: Final = frozenset({"topics", "purposes", "offers"})
"""Kinds that hold for the whole company, so that only somebody who sees all of it changes them."""

TEXT_MAX: Final = 10_000

Rows = Mapping[str, Sequence[Mapping[str, str]]]


class Edited(msgspec.Struct, frozen=True, kw_only=True):
    """How much was new or different, and the version of all documents that now holds."""

    documents: int
    customers: int
    addresses: int
    surroundings: int


def edit(gate: Gate, authority: Authority, rows: Rows) -> Edited:
    """Take these rows, by kind, each a map of column to text; the same rows again change nothing.

    A row of a document stands whole: what it leaves empty takes its default. Of a customer, what is left empty stays.
    Raises Refused with every fault, each at `kind[place]`; NotFound for a customer that is not the asker's."""
    folder = Folder(rows={kind: [] for kind in COLUMNS})
    for kind, given in rows.items():
        for place, cells in enumerate(given):
            where = f"{kind}[{place}]"
            folder.faults += _faults(kind, cells, where)
            columns = [column.rstrip("!") for column in COLUMNS[kind]]
            folder.rows[kind].append(Row(where, {name: cells.get(name, "").strip() for name in columns}))
    if not authority.may(Verb.SETUP):
        folder.faults.append(Fault("rows", "You may not change documents or customers."))
    if not authority.all_units:
        with gate.book.reader(authority) as reader:
            folder.faults += _beyond(reader, folder)
    if folder.faults:
        raise Refused(folder.faults)
    done: SetUp = take_folder(gate, authority, folder)
    return Edited(
        documents=done.documents,
        customers=done.customers + done.renamed + done.joined,
        addresses=done.addresses,
        surroundings=done.surroundings,
    )


def documents_of(reader: Reader, kind: str) -> list[dict[str, str]]:
    """The documents of this kind the asker sees, as rows that `edit` takes: numbers told as keys, words as spoken."""
    now = reader.surroundings
    owner = "number" if kind == "units" else "unit"
    found = [(getattr(one, owner, 0), one) for one in getattr(now, kind).values()]
    seen = [one for unit, one in found if not unit or reader.authority.sees(unit)]
    return [row_of(reader, kind, one) for one in seen]


def row_of(reader: Reader, kind: str, document: Any) -> dict[str, str]:
    """One document of this kind as a row, with the keys that its numbers have now."""
    columns = [column.rstrip("!") for column in COLUMNS[kind]]
    return {name: _cell(reader, kind, name, getattr(document, name)) for name in columns}


def _faults(kind: str, cells: Mapping[str, str], where: str) -> Iterator[Fault]:
    columns = {column.rstrip("!"): column.endswith("!") for column in COLUMNS[kind]}
    for name in cells:
        if name not in columns:
            yield Fault(where, f"There is no column “{name[:60]}”; take {', '.join(columns)}.")
    for name, needed in columns.items():
        text = cells.get(name, "")
        if needed and not text.strip():
            yield Fault(where, f"{name} must be filled.")
        most = TEXT_MAX if name in TEXTS else CELL_MAX.get(name, 200)
        if len(text) > most:
            yield Fault(where, f"{name} has at most {most} characters.")
        if not (text.replace("\n", "") if name in TEXTS else text).replace("\u00a0", " ").isprintable():
            yield Fault(where, f"{name} holds a line break or another character that is not text.")


def _beyond(reader: Reader, folder: Folder) -> Iterator[Fault]:
    """What somebody of a unit may not change: other units' documents and people, and what holds for the company."""
    for kind in DOCUMENTS:
        there = {one.key: one for one in getattr(reader.surroundings, kind).values()}
        for row in folder.rows[kind]:
            if kind in WHOLE:
                yield Fault(row.where, "This holds for the whole company; only its administrators change it.")
            else:
                yield from _foreign(reader, kind, row, there.get(row.cells["key"]))
    visible = _unit_keys(reader)
    for row in folder.rows["customers"]:
        keys = [key.strip() for key in row.cells["units"].split(";") if key.strip()]
        yield from (_no_unit(row, "units", key) for key in keys if key not in visible)
        yield from _others_customer(reader, row, named=bool(keys))


def _foreign(reader: Reader, kind: str, row: Row, there: Any) -> Iterator[Fault]:
    visible = _unit_keys(reader)
    owner = "parent" if kind == "units" else "unit"
    if row.cells[owner] not in visible:
        yield _no_unit(row, owner, row.cells[owner])
    number = 0 if there is None else there.number if kind == "units" else there.unit
    if number and (not reader.authority.sees(number) or (kind == "units" and number == reader.authority.unit)):
        yield Fault(row.where, f"The key “{row.cells['key'][:60]}” is taken, and not yours to change.")


def _others_customer(reader: Reader, row: Row, *, named: bool) -> Iterator[Fault]:
    with reader.book.engine.writing() as tx:
        (folio,) = find_folios(tx, reader.book.lookups, [Opened(FolioKind.CUSTOMER, row.cells["customer"])])
    if folio is None and not named:
        yield Fault(row.where, "units: name at least one of your units, or you would not see the customer.")
    elif folio is not None and folio not in visible_customers(reader, [folio]):
        raise NotFound("There is no customer of that reference here for you to see.")


def _unit_keys(reader: Reader) -> frozenset[str]:
    units = reader.surroundings.units
    return frozenset(one.key for one in units.values() if reader.authority.sees(one.number))


def _no_unit(row: Row, column: str, key: str) -> Fault:
    return Fault(row.where, f"{column}: there is no unit “{key[:60]}” here for you to see.")


def _cell(reader: Reader, kind: str, name: str, value: object) -> str:
    """A field as a row has it."""
    now: Surroundings = reader.surroundings
    kinds = {"unit": "units", "platform": "platforms", "topic": "topics", "offer": "offers", "parent": kind}
    if name == "topics" and isinstance(value, tuple):
        return ";".join(now.topics[number].key for number in value if number in now.topics)
    if name in kinds and isinstance(value, int):
        documents = getattr(now, kinds[name])
        return documents[value].key if value in documents else ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(getattr(value, "spoken", value))
