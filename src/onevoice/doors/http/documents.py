"""Documents over HTTP: units, platforms, contact points, topics, purposes, offers and campaigns, as rows of keys."""

from typing import Any, Final

import msgspec

from onevoice.actions.edit import DOCUMENTS, Edited, documents_of, edit
from onevoice.doors.http.problems import not_found
from onevoice.doors.http.route import Call, Nothing, Route
from onevoice.nouns.problem import Fault, Refused

ROWS_MAX: Final = 1_000


class DocumentsIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rows as the setup folder has them: each a map of column to text. Rows with a known `key` change it; others are
    new. What is not named stays as it is."""

    rows: tuple[dict[str, str], ...]


class DocumentsTold(msgspec.Struct, frozen=True, kw_only=True):
    """The documents of a kind that the asker sees, at one version of all documents."""

    kind: str
    version: int
    rows: tuple[dict[str, str], ...]


def list_documents(call: Call[None, Nothing]) -> DocumentsTold:
    """Of the kind in the path (`contact_points` …)."""
    return _documents(call, _kind(call))


def put_documents(call: Call[DocumentsIn, Nothing]) -> Edited:
    """Of the kind in the path."""
    return _put(call, _kind(call))


def list_units(call: Call[None, Nothing]) -> DocumentsTold:
    """The units the asker sees."""
    return _documents(call, "units")


def put_units(call: Call[DocumentsIn, Nothing]) -> Edited:
    """Adds units and changes them."""
    return _put(call, "units")


def _kind(call: Call[Any, Nothing]) -> str:
    kind = call.path["kind"]
    if kind not in DOCUMENTS:
        raise not_found()
    return kind


def _documents(call: Call[None, Nothing], kind: str) -> DocumentsTold:
    with call.onevoice.book.reader(call.authority) as reader:
        rows = tuple(documents_of(reader, kind))
        return DocumentsTold(kind=kind, version=reader.surroundings.version, rows=rows)


def _put(call: Call[DocumentsIn, Nothing], kind: str) -> Edited:
    if len(call.body.rows) > ROWS_MAX:
        raise Refused([Fault("rows", f"At most {ROWS_MAX:,} rows are taken at once.")])
    edited: Edited = edit(call.onevoice.gate, call.authority, {kind: call.body.rows})
    return edited


_TAKEN: Any = {"takes": DocumentsIn, "gives": Edited}

ROUTES = (
    Route(method="GET", path="/v1/units", says="Which units are there?", answer=list_units, gives=DocumentsTold),
    Route(method="PUT", path="/v1/units", says="Add or change units.", answer=put_units, **_TAKEN),
    Route(
        method="GET",
        path="/v1/documents/{kind}",
        says="Which documents of this kind are there?",
        answer=list_documents,
        gives=DocumentsTold,
    ),
    Route(
        method="PUT",
        path="/v1/documents/{kind}",
        says="Add or change documents of this kind. A row stands whole: what it leaves empty takes its default.",
        answer=put_documents,
        **_TAKEN,
    ),
)
