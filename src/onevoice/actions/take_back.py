"""Take back: one document edited by a form, and a change of the log undone by writing the earlier values again."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final

import msgspec
from sqlalchemy import select

from onevoice.actions.edit import DOCUMENTS, documents_of, edit, row_of
from onevoice.actions.gate import Gate
from onevoice.actions.setup import take_folder
from onevoice.ledger.book import Reader
from onevoice.ledger.documents import TABLES
from onevoice.ledger.tables import changes
from onevoice.nouns.authority import Authority, Verb
from onevoice.nouns.problem import Fault, NotFound, Refused
from onevoice.nouns.surroundings import CategoryBits, Document
from onevoice.nouns.words import Category
from onevoice.parsing.setup_folder import COLUMNS, Folder

KINDS: Final[dict[str, type[Document]]] = {str(table.name): kind for kind, table in TABLES.items()}
CATEGORIES: Final = "categories"
MEANWHILE: Final = "Somebody changed this after the page was made. Load it again, and see what it says now."
Row = Mapping[str, str]


def stamp(row: Row) -> str:
    """A short hash of a row as a form showed it, so that nobody overwrites what they have not seen."""
    return blake2b(msgspec.json.encode(sorted(row.items())), digest_size=12).hexdigest()


def edit_one(gate: Gate, authority: Authority, kind: str, row: Row, *, seen: str) -> bool:
    """Add a document (`seen` is empty) or change the one that had this stamp; whether anything changed. The same form
    sent twice changes nothing the second time.

    Raises Refused with every fault, NotFound for a document that is not the asker's."""
    with gate.book.reader(authority) as reader:
        there = document_row(reader, kind, row["key"])
        taken = row["key"] in {one.key for one in getattr(reader.surroundings, kind).values()}
        root = _is_root(reader, kind, row["key"])
    if there is not None and dict(there) == dict(row):
        return False
    if not seen and taken:
        raise Refused([Fault("key", "This key is taken. Take another one.")])
    if seen and there is None:
        raise NotFound
    if seen and there is not None and seen != stamp(there):
        raise Refused([Fault("form", MEANWHILE)])
    if root:
        return _edit_company(gate, authority, row)
    return bool(edit(gate, authority, {kind: [row]}).documents)


def document_row(reader: Reader, kind: str, key: str) -> dict[str, str] | None:
    """The document of this key as a row, None where the asker sees none."""
    return next((row for row in documents_of(reader, kind) if row["key"] == key), None)


def edit_category(gate: Gate, authority: Authority, bits: CategoryBits) -> bool:
    """Set the two bits of a category with their reason; whether anything changed. Raises Refused."""
    _require_whole(authority)
    told = {"obeys_caps": bits.obeys_caps, "counts_towards_caps": bits.counts_towards_caps, "reason": bits.reason}
    folder = Folder(rows={kind: [] for kind in COLUMNS}, categories={bits.category.spoken: told})
    if len(bits.reason) > 1_000 or not bits.reason.isprintable():
        raise Refused([Fault("reason", "Write a reason of one line, in at most 1,000 characters.")])
    return bool(take_folder(gate, authority, folder).documents)


def take_back(gate: Gate, authority: Authority, number: int) -> bool:
    """Write the values again that this change of the log replaced; whether anything changed. That is a change too, and
    can be taken back itself.

    Raises NotFound where the asker sees no such document, Refused where it was changed again since."""
    with gate.book.reader(authority) as reader:
        change = reader.connection.execute(select(changes).where(changes.c.number == number)).first()
        if change is None or change.document not in (*DOCUMENTS, CATEGORIES):
            raise NotFound("There is no such change here for you to take back.")
        if change.document == CATEGORIES:
            return _category_back(gate, authority, reader, change)
        kind = KINDS[change.document]
        there = document_row(reader, change.document, change.key)
        if there is None:
            raise NotFound("There is no such change here for you to take back.")
        if not change.before:
            raise Refused([Fault("change", "This change made the document; there is nothing earlier to go back to.")])
        after = row_of(reader, change.document, msgspec.json.decode(change.after, type=kind))
        before = row_of(reader, change.document, msgspec.json.decode(change.before, type=kind))
    if there == before:
        return False
    if there != after:
        raise Refused([Fault("change", "It was changed again since. Take the later change back first.")])
    return edit_one(gate, authority, change.document, before, seen=stamp(there))


def _category_back(gate: Gate, authority: Authority, reader: Reader, change: Any) -> bool:
    before = msgspec.json.decode(change.before, type=CategoryBits)
    after = msgspec.json.decode(change.after, type=CategoryBits)
    now = next(bits for bits in reader.surroundings.categories if bits.category == Category.of(change.key))
    if now == before:
        return False
    if now != after:
        raise Refused([Fault("change", "It was changed again since. Take the later change back first.")])
    return edit_category(gate, authority, before)


def _is_root(reader: Reader, kind: str, key: str) -> bool:
    roots = [one for one in reader.surroundings.units.values() if one.parent == 0]
    first = min(roots, key=lambda one: one.number, default=None)
    return kind == "units" and first is not None and first.key == key


def _edit_company(gate: Gate, authority: Authority, row: Row) -> bool:
    """The company itself: its name and time zone; it is above all units and stays there."""
    _require_whole(authority)
    if row.get("parent"):
        raise Refused([Fault("parent", "The company stands above all units.")])
    faults = [Fault(name, f"{name} must be filled.") for name in ("name", "zone") if not row[name].strip()]
    if len(row["name"]) > 300 or not row["name"].isprintable():
        faults.append(Fault("name", "Write a name of one line, in at most 300 characters."))
    if faults:
        raise Refused(faults)
    folder = Folder(rows={kind: [] for kind in COLUMNS})
    folder.company = {"key": row["key"], "name": row["name"].strip(), "zone": row["zone"].strip()}
    return bool(take_folder(gate, authority, folder).documents)


def _require_whole(authority: Authority) -> None:
    if not authority.may(Verb.SETUP) or not authority.all_units:
        raise Refused([Fault("form", "This holds for the whole company; only its administrators change it.")])
