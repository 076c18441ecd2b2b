"""Answers: who changed what, who signed in, and who looked at which customer; as far as the asker may know."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from sqlalchemy import select

from onevoice.answers.spoken import iso
from onevoice.ledger.book import Reader
from onevoice.ledger.staff import all_keys, all_members
from onevoice.ledger.tables import access_log, changes
from onevoice.nouns.words import Category, Channel, ContactPointStatus, Mode, Role, Word

LOOKED_AT_ONCE: Final = 200
LOOKED_AT_MAX: Final = 5_000
KINDS: Final[dict[str, tuple[str, ...]]] = {
    "sign_ins": ("sessions",),
    "documents": (
        "units", "platforms", "contact_points", "topics", "purposes", "offers", "campaigns", "categories", "customers",
    ),
    "people": ("staff", "invitations", "staff_accounts", "second_steps"),
    "keys": ("api_keys",),
    "policy": ("policies", "policy_drafts", "exceptions"),
}  # fmt: skip
"""What the log can be narrowed to, and the documents that are."""

OWNED: Final = frozenset({"units", "platforms", "contact_points", "campaigns", "staff", "api_keys", "sessions",
                          "invitations"})  # fmt: skip
"""Documents that belong to a unit; whoever does not see the unit does not see the change."""

PRIVATE: Final = frozenset({"customers", "staff_accounts", "second_steps"})
"""Documents whose unit the log does not say: only whoever sees the whole company sees them."""


SPOKEN: Final[dict[str, type[Word]]] = {
    "mode": Mode, "status": ContactPointStatus, "channel": Channel, "category": Category, "role": Role,
}  # fmt: skip
REFERS: Final = {"unit": "units", "platform": "platforms", "topic": "topics", "topics": "topics", "offer": "offers"}
MOMENTS: Final = frozenset({"ends", "revoked"})


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the log: `who` and `what` in words, `fields` are (name, before, after) as far as they differ, `hash`
    links it to the line before. `back` says that it can be taken back."""

    number: int
    document: str
    key: str
    deed: str
    at: int
    by: str
    who: str
    what: str
    fields: tuple[tuple[str, str, str], ...]
    back: bool
    hash: str


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody looked at a person's messages."""

    number: int
    who: str
    what: str
    customer: int
    at: int


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the log, newest first; `next` asks for the page that follows (0: there is none). `head` is the number
    and hash of the newest line of the whole chain."""

    changes: tuple[Change, ...] = ()
    looks: tuple[Look, ...] = ()
    next: int = 0
    head: tuple[int, str] = (0, "")


def activity(reader: Reader, *, kind: str = "", by: str = "", before: int = 0, most: int = 50) -> Activity:
    """What was done, of one kind (a key of KINDS, or `looks`) or of all, by one asker (`staff:3`) or by anybody."""
    newest = reader.connection.execute(
        select(changes.c.number, changes.c.hash).order_by(changes.c.number.desc()).limit(1)
    ).first()
    head = (newest.number, bytes(newest.hash).hex()) if newest else (0, "")
    if kind == "looks":
        looks = _looks(reader, by, before, most + 1)
        more = looks[most - 1].number if len(looks) > most else 0
        return Activity(looks=tuple(looks[:most]), next=more, head=head)
    found = list(_changes(reader, KINDS.get(kind, ()), "", by, before, most + 1))
    return Activity(changes=tuple(found[:most]), next=found[most - 1].number if len(found) > most else 0, head=head)


def changes_of(reader: Reader, *, document: str = "", key: str = "", most: int) -> tuple[Change, ...]:
    """The newest changes the asker may see, of one kind of document or of all, of one document or of each; sign-ins
    are not among them."""
    every = tuple(one for kind, named in KINDS.items() if kind != "sign_ins" for one in named)
    return tuple(_changes(reader, (document,) if document else every, key, "", 0, most))


def names_of_askers(reader: Reader) -> dict[str, str]:
    """What people call those who change things: `staff:3` is a name, `key:7` a key's."""
    named = {
        f"staff:{one.number}": one.name for one in all_members(reader.connection) if reader.authority.sees(one.unit)
    }
    keys = {
        f"key:{one.number}": f"key “{one.name}”"
        for one in all_keys(reader.connection)
        if reader.authority.sees(one.unit)
    }
    return {"system": "the command line", **keys, **named}


def _changes(reader: Reader, documents: tuple[str, ...], key: str, by: str, before: int, most: int) -> Iterator[Change]:
    query = select(changes).order_by(changes.c.number.desc())
    if documents:
        query = query.where(changes.c.document.in_(documents))
    if key:
        query = query.where(changes.c.key == key)
    if by:
        query = query.where(changes.c.changed_by == by)
    names, found, looked = names_of_askers(reader), 0, 0
    while looked < LOOKED_AT_MAX:
        part = query.where(changes.c.number < before) if before else query
        rows = reader.connection.execute(part.limit(LOOKED_AT_ONCE)).all()
        for row in rows:
            if _seen(reader, row):
                yield _told(reader, row, names)
                found += 1
                if found == most:
                    return
        if len(rows) < LOOKED_AT_ONCE:
            return
        looked, before = looked + len(rows), rows[-1].number


def _seen(reader: Reader, row: Any) -> bool:
    if reader.authority.all_units:
        return True
    if row.document in PRIVATE:
        return False
    if row.document not in OWNED:
        return True
    units = {_unit(row.document, text) for text in (row.before, row.after) if text}
    return bool(units) and all(reader.authority.sees(unit) for unit in units)


def _unit(document: str, text: str) -> int:
    told = msgspec.json.decode(text)
    return int(told.get("number" if document == "units" else "unit", 0))


def _told(reader: Reader, row: Any, names: dict[str, str]) -> Change:
    before = msgspec.json.decode(row.before) if row.before else {}
    after = msgspec.json.decode(row.after) if row.after else {}
    differing = [
        (
            name,
            _words(reader, row.document, name, before.get(name)),
            _words(reader, row.document, name, after.get(name)),
        )
        for name in {**before, **after}
        if name not in ("number", "epoch") and before.get(name) != after.get(name)
    ]
    documents: Any = getattr(reader.surroundings, row.document, None)
    there = [one.name for one in documents.values() if one.key == row.key] if isinstance(documents, dict) else []
    named = there[0] if there else names.get(row.key, row.key)
    return Change(
        number=row.number,
        document=row.document,
        key=row.key,
        deed="made" if not row.before else "ended" if not row.after else "changed",
        at=row.changed,
        by=row.changed_by,
        who=names.get(row.changed_by, row.changed_by),
        what=named,
        fields=tuple(differing),
        back=bool(row.before) and row.document in KINDS["documents"] and row.document != "customers",
        hash=bytes(row.hash).hex(),
    )


def _looks(reader: Reader, by: str, before: int, most: int) -> list[Look]:
    names = names_of_askers(reader)
    query = select(access_log).order_by(access_log.c.number.desc()).limit(most)
    if by:
        query = query.where(access_log.c.who == by)
    if before:
        query = query.where(access_log.c.number < before)
    if not reader.authority.all_units:  # of one's own people only
        query = query.where(access_log.c.who.in_([name for name in names if name.startswith("staff:")]))
    return [
        Look(number=row.number, who=names.get(row.who, row.who), what=row.what, customer=row.folio, at=row.at)
        for row in reader.connection.execute(query)
    ]


def _words(reader: Reader, document: str, name: str, value: Any) -> str:
    """A value of the log as people say it: numbers of documents become their names."""
    if value is None or value == "":
        return ""
    if name in SPOKEN and isinstance(value, int):
        return SPOKEN[name](value).spoken.replace("_", " ")
    kind = document if name == "parent" else REFERS.get(name, "")
    if kind:
        documents = getattr(reader.surroundings, kind)
        numbers = value if isinstance(value, list) else [value]
        return ", ".join(documents[one].name for one in numbers if one in documents)
    if name in MOMENTS and isinstance(value, int):
        return iso(value) if value else ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
