"""Every answer carries what keeps a browser from being turned against its user."""

import pytest

from tests.doors.http.house import House


@pytest.mark.parametrize("path", ["/v1/health", "/v1/units", "/v1/nothing", "/nothing", "/login", "/v1/decisions/x"])
def test_every_answer_is_protected(house: House, path: str) -> None:
    """Whatever its status: no scripts from elsewhere, no frames, no guessing of types, no referrer, no cache."""
    headers = house.ask("GET", path).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


def test_what_breaks_tells_nothing_of_itself(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """500 without a word of the error; it is in the log."""

    def broken(*given: object) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(house.onevoice.gate, "submit", broken)
    answer = house.ask("POST", "/v1/proposals", {"key": "k", "unit": "bank", "channel": "email", "category": "legal"})
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["type"] == "urn:onevoice:problem:broken"


def test_a_store_that_does_not_answer_is_told_with_when_to_come_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 and Retry-After, and never a yes."""
    from onevoice.nouns.problem import Unavailable

    def full(*given: object) -> None:
        raise Unavailable("Too much is waiting to be written. Try again in a moment.")

    monkeypatch.setattr(house.onevoice.gate, "submit", full)
    body = {"key": "k", "unit": "bank", "channel": "email", "category": "legal", "customer": "C1"}
    answer = house.ask("POST", "/v1/proposals", body)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    monkeypatch.setattr(type(house.onevoice.book), "reader", full)
    assert house.ask("GET", "/v1/health", key="").status_code == 503
