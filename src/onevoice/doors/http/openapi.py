"""The OpenAPI document: made from the same routes and types that serve, so that it cannot say anything else."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from onevoice import __version__
from onevoice.actions.edit import DOCUMENTS
from onevoice.doors.http.body import JSON, NDJSON, encode
from onevoice.doors.http.faults import LONG_TEXTS, LONGER_NAMES, NAME_MAX, TEXT_MAX
from onevoice.doors.http.permissions import SYSTEMS, Entry
from onevoice.doors.http.problems import MEDIA, TITLES, ProblemBody
from onevoice.doors.http.route import NUMBER_MAX, Call, Nothing, Route
from onevoice.doors.http.wire import MOMENTS
from onevoice.nouns.words import Category, Channel, EntryKind, MarkKind, PermitKind, Word

REFERENCE: Final = "#/components/schemas/{name}"
NO_CONTROL: Final = r"^[^\x00-\x1f\x7f\x85\u2028\u2029]*$"
NO_NUL: Final = r"^[^\x00]*$"


def _spoken(words: type[Word], *but: int) -> list[str]:
    return [word.spoken for word in words if word not in but]


WORDS: Final[dict[tuple[str, str], list[str]]] = {
    ("ProposalIn", "channel"): _spoken(Channel, Channel.ANY),
    ("ProposalIn", "category"): _spoken(Category),
    ("ObservationIn", "kind"): _spoken(EntryKind, EntryKind.DECIDED, EntryKind.ERASED),
    ("ObservationIn", "channel"): ["", *_spoken(Channel, Channel.ANY)],
    ("ObservationIn", "category"): ["", *_spoken(Category)],
    ("ObservationIn", "direction"): ["outbound", "inbound"],
    ("ObservationIn", "permit"): ["", *_spoken(PermitKind, PermitKind.WITHDRAWAL)],
    ("ObservationIn", "mark"): ["", *_spoken(MarkKind)],
}
"""Fields that take one of a few words."""

NUMBER: Final = {"type": "integer", "minimum": 1, "maximum": NUMBER_MAX}
PARTS: Final[dict[str, dict[str, Any]]] = {
    "touch": NUMBER,
    "version": NUMBER,
    "draft": NUMBER,
    "reference": {"type": "string", "minLength": 1, "maxLength": NAME_MAX, "pattern": NO_CONTROL},
    "kind": {"type": "string", "enum": list(DOCUMENTS)},
}
"""Parts of paths in braces."""


class Document(msgspec.Struct, frozen=True):
    """The OpenAPI document itself."""

    openapi: str
    info: dict[str, Any]
    paths: dict[str, Any]


def document(routes: Sequence[Route]) -> dict[str, Any]:
    """The OpenAPI 3.1 document of these routes, as plain values."""
    taken = [route.takes for route in routes if route.takes]
    given = [route.gives for route in routes]
    asked = [route.asks for route in routes if route.asks is not Nothing]
    every = list(dict.fromkeys([*taken, *given, *asked, ProblemBody]))
    schemas, components = msgspec.json.schema_components(every, ref_template=REFERENCE)
    by_type = dict(zip(every, schemas, strict=True))
    for name, schema in components.items():
        _as_told(schema)
        if name in {one.__name__ for one in [*taken, *asked]} or name.endswith("In"):
            _as_taken(name, schema)
    for one in asked:
        components.pop(one.__name__) if one.__name__ not in {t.__name__ for t in taken} else None
    queries = {one: msgspec.json.schema_components([one])[1][one.__name__] for one in asked}
    for one, schema in queries.items():
        _as_taken(one.__name__, schema)
    paths: dict[str, Any] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, by_type, queries)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Onevoice",
            "version": __version__,
            "summary": "Ask before you send, tell what happened, and see why.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": {
                str(status): _problem_response(status, title) for status, (_, title) in TITLES.items() if status != 500
            },
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "bearerFormat": "ov_…"}},
        },
    }


def routes(others: Sequence[Route]) -> tuple[Route, ...]:
    """The route that tells the document of the others and of itself."""
    kept: list[bytes] = []

    def openapi(call: Call[None, Nothing]) -> bytes:
        """Made once, at the first asking."""
        del call
        if not kept:
            kept.append(encode(document([*others, itself])))
        return kept[0]

    itself = Route(
        method="GET", path="/v1/openapi.json", says="This document.", answer=openapi, gives=Document, swift=True
    )
    return (itself,)


def _operation(route: Route, by_type: dict[Any, Any], queries: dict[Any, Any]) -> dict[str, Any]:
    media = NDJSON if route.stream else JSON
    public = SYSTEMS.get(route.name) is Entry.ANYONE
    operation: dict[str, Any] = {
        "operationId": _operation_id(route),
        "summary": route.says,
        "parameters": [*_path_parameters(route), *_query_parameters(route, queries), *_key_parameter(route)],
        "responses": {
            str(route.status): {"description": "As asked.", "content": {media: {"schema": by_type[route.gives]}}},
            **{str(status): {"$ref": f"#/components/responses/{status}"} for status in _refusals(route, public)},
        },
    }
    if route.takes:
        operation["requestBody"] = {"required": True, "content": {media: {"schema": by_type[route.takes]}}}
    operation["security"] = [] if public else [{"key": []}]
    return operation


def _operation_id(route: Route) -> str:
    words = [word.strip("{}").replace("-", "_").replace(".", "_") for word in route.path.split("/")[2:]]
    return "_".join([route.method.lower(), *words])


def _refusals(route: Route, public: bool) -> list[int]:
    statuses = {400, *route.also} | (set() if public else {401, 403, 429, 503})
    if "{" in route.path:
        statuses.add(404)
    if route.takes:
        statuses |= {413, 415}
    statuses.add(422)
    return sorted(statuses)


def _path_parameters(route: Route) -> Iterable[dict[str, Any]]:
    for part in route.path.split("/"):
        if part.startswith("{"):
            name = part.strip("{}")
            yield {"name": name, "in": "path", "required": True, "schema": PARTS[name]}


def _query_parameters(route: Route, queries: dict[Any, Any]) -> Iterable[dict[str, Any]]:
    if route.asks is Nothing:
        return
    schema = queries[route.asks]
    for name, one in schema["properties"].items():
        yield {"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": one}


def _key_parameter(route: Route) -> Iterable[dict[str, Any]]:
    if route.keyed:
        says = "The same key and body again give the same answer; with another body, 409."
        schema = {"type": "string", "maxLength": NAME_MAX, "pattern": r"^[\x20-\x7e]*$"}
        yield {"name": "Idempotency-Key", "in": "header", "description": says, "schema": schema}


def _problem_response(status: int, title: str) -> dict[str, Any]:
    schema = {"$ref": REFERENCE.format(name="ProblemBody")}
    return {"description": title, "content": {MEDIA: {"schema": schema}}}


def _as_told(schema: dict[str, Any]) -> None:
    """Moments leave as texts, and are left out where there are none."""
    for name, one in schema.get("properties", {}).items():
        if name in MOMENTS and one.get("type") == "integer":
            one.clear()
            one.update({"type": "string", "format": "date-time"})
            schema["required"] = [other for other in schema.get("required", ()) if other != name]


def _as_taken(struct: str, schema: dict[str, Any]) -> None:
    """Limits that faults.py holds to, and the words that are understood."""
    for name, one in schema.get("properties", {}).items():
        long = name in LONG_TEXTS
        for text in [one, one.get("items", {})]:
            if text.get("type") == "string" and "format" not in text:
                text["maxLength"] = TEXT_MAX if long else LONGER_NAMES.get(name, NAME_MAX)
                text["pattern"] = NO_NUL if long else NO_CONTROL
        if (struct, name) in WORDS:
            one["enum"] = WORDS[struct, name]
