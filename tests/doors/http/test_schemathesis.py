"""The OpenAPI document says nothing that is not so: requests made from it, right and wrong, are answered as it says."""

from typing import Any

import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from litestar.testing import TestClient
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from onevoice.doors.http.openapi import document
from onevoice.doors.http.routes import ROUTES
from tests.doors.http.house import House, letter

EXAMPLES = 15
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    allow_header_conformance,
]


def without_keys() -> dict[str, Any]:
    """The document, but for who may ask, which has tests of its own: every request is sent with a key."""
    told: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(document(ROUTES)))
    for path in told["paths"].values():
        for operation in path.values():
            operation["security"] = []
    return told


SCHEMA = schemathesis.openapi.from_dict(without_keys())


@schemathesis.serializer("application/x-ndjson")
def one_line(context: Any, value: Any) -> bytes:
    """A batch of one line."""
    return msgspec.json.encode(value) + b"\n" if not isinstance(value, bytes) else value


@schemathesis.deserializer("application/x-ndjson")
def first_line(context: Any, response: Any) -> Any:
    """What a batch of one line was answered with."""
    return msgspec.json.decode(response.content.splitlines()[0])


PAGES: dict[str, dict[str, Any]] = {
    "GET /v1/customers": {"query": {"search": "ada"}},
    "GET /v1/consents": {"query": {"customer": "C1"}},
    "GET /v1/decisions": {"query": {"limit": 1}},
    "GET /v1/decisions/{touch}": {"path_parameters": {"touch": 0}},
    "GET /v1/customers/{reference}": {"path_parameters": {"reference": "C1"}},
    "GET /v1/customers/{reference}/timeline": {"path_parameters": {"reference": "C1"}, "query": {"limit": 2}},
    "GET /v1/policy/versions/{version}": {"path_parameters": {"version": 1}},
    "GET /v1/policy/drafts/{draft}": {"path_parameters": {"draft": 1}},
    "GET /v1/policy/drafts/{draft}/what-if": {"path_parameters": {"draft": 1}},
    "GET /v1/documents/{kind}": {"path_parameters": {"kind": "platforms"}},
}
"""Questions that have an answer at Lumen; touch 0 stands for the message that is held."""


@pytest.fixture
def busy_house(house: House) -> House:
    """Lumen with a message cleared, another held, one confirmed, and a draft of the policy that was tried."""
    touch = house.post("/v1/proposals", letter())["touch"]
    house.post(f"/v1/touches/{touch}/confirm", {})
    house.post("/v1/proposals", letter(key="second", words="Hello"))
    consent = {"kind": "consented", "key": "w", "occurred": "2026-09-01T12:00:00Z", "customer": "C1", "unit": "bank"}
    house.post("/v1/consents", {**consent, "channel": "email", "source": "s", "wording": "w", "evidence": "e"})
    pause = {"kind": "marked", "mark": "paused", "key": "p", "until": "2026-11-01T00:00:00Z", "customer": "C1"}
    house.post("/v1/observations", {**pause, "occurred": "2026-09-02T12:00:00Z", "unit": "bank", "channel": "sms"})
    house.post("/v1/policy/drafts", {}, key="admin", idempotency_key="d")
    house.post("/v1/policy/drafts/1/what-if", {"days": 7}, key="admin")
    return house


def send(house: House, http: TestClient[Any], case: Any) -> Any:
    """The response to a generated request, sent with the administrator's key."""
    kwargs = case.as_transport_kwargs(base_url="http://testserver.local")
    headers = {**(kwargs.get("headers") or {}), "authorization": f"Bearer {house.secrets['admin']}"}
    content = msgspec.json.encode(kwargs["json"]) if "json" in kwargs else kwargs.get("data")
    return http.request(
        kwargs["method"],
        kwargs["url"],
        params=kwargs.get("params"),
        headers={name: str(value) for name, value in headers.items()},
        content=content,
    )


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_the_document_tells_the_truth(busy_house: House, route: Any, mode: GenerationMode) -> None:
    """Statuses, media types, headers and bodies are the declared ones; what the document forbids is refused."""
    operation = SCHEMA[route.path][route.method]
    if mode is GenerationMode.NEGATIVE and not (route.takes or "{" in route.path or operation.query or route.keyed):
        return
    checks = [check for check in CHECKS if not (route.stream and check is negative_data_rejection)]  # refused by line
    quiet = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture]

    @settings(
        max_examples=EXAMPLES, deadline=None, phases=[Phase.generate], suppress_health_check=quiet, derandomize=True
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def story(case: Any) -> None:
        answer = send(busy_house, busy_house.http, case)
        case.validate_response(answer, checks=checks)

    story()


@pytest.mark.parametrize("route", [route for route in ROUTES if route.method == "GET"], ids=lambda route: route.name)
def test_what_is_there_is_told_as_the_document_says(busy_house: House, route: Any) -> None:
    """Every page that can be read, with something on it."""
    asked: dict[str, Any] = dict(PAGES.get(route.name, {}))
    if asked.get("path_parameters") == {"touch": 0}:
        held = busy_house.get("/v1/decisions?verdict=hold")["decisions"][0]["happened"]["touch"]
        asked["path_parameters"] = {"touch": held}
    case = SCHEMA[route.path]["GET"].Case(**asked)
    answer = send(busy_house, busy_house.http, case)
    assert answer.status_code == 200, answer.text
    case.validate_response(answer, checks=[check for check in CHECKS if check is not negative_data_rejection])
