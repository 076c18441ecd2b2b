"""A sender asks over HTTP whether a message may go out."""

import pytest

from tests.doors.http.house import House, faults, letter


def test_a_message_is_cleared_and_reserved(house: House) -> None:
    """The answer names the touch, the lease, and when it was decided, as RFC 3339."""
    decided = house.post("/v1/proposals", letter())
    assert decided["verdict"] == "send" and decided["reason"] == "cleared"
    assert decided["touch"] > 0 and decided["binding"] is True and decided["repeated"] is False
    assert decided["decided"] == "2026-10-01T10:00:00Z"
    assert decided["lease_until"] == "2026-10-01T11:00:00Z"
    assert "until" not in decided, "a moment that is not there is left out"


def test_the_second_letter_of_a_day_is_held(house: House) -> None:
    """Until the day's end, with the finding that says so."""
    house.post("/v1/proposals", letter())
    decided = house.post("/v1/proposals", letter(key="second"))
    assert (decided["verdict"], decided["reason"]) == ("hold", "calendar_cap")
    assert decided["until"] == "2026-10-02T00:00:00Z"
    assert [finding["rule"] for finding in decided["findings"]] == ["one-a-day"]


def test_the_same_key_gives_the_same_decision(house: House) -> None:
    """A lost answer may be asked for again; nothing is decided twice."""
    first = house.post("/v1/proposals", letter())
    again = house.post("/v1/proposals", letter())
    assert again["repeated"] is True
    assert (again["touch"], again["verdict"]) == (first["touch"], first["verdict"])


def test_a_key_used_for_something_else_is_a_conflict(house: House) -> None:
    """409, and nothing is written."""
    house.post("/v1/proposals", letter())
    answer = house.ask("POST", "/v1/proposals", letter(customer="C2", address=""))
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:onevoice:problem:key-reused"


def test_the_key_may_come_as_a_header(house: House) -> None:
    """Idempotency-Key, with or without quotes; two that differ are refused, and so is none."""
    body = letter()
    del body["key"]
    first = house.post("/v1/proposals", body, idempotency_key='"abc"')
    assert first["key"] == "abc"
    assert house.post("/v1/proposals", letter(key="abc"))["repeated"] is True
    assert "key" in faults(house.ask("POST", "/v1/proposals", body))
    assert "key" in faults(house.ask("POST", "/v1/proposals", letter(), idempotency_key="other"))
    assert house.ask("POST", "/v1/proposals", body, idempotency_key="x" * 201).status_code == 400


def test_everything_that_is_wrong_is_told_at_once(house: House) -> None:
    """Wrong types, missing fields and unknown names, each with its place."""
    told = faults(house.ask("POST", "/v1/proposals", {"key": 1, "chanel": "email", "unit": "bank", "topics": ["a", 2]}))
    assert set(told) == {"key", "chanel", "topics[1]", "channel", "category"}
    assert told["chanel"] == "is not known here; did you mean channel?"
    assert told["category"] == "is missing."


def test_names_the_company_does_not_have_are_told_together(house: House) -> None:
    """An unknown unit and an unknown topic are two faults of one answer."""
    told = faults(house.ask("POST", "/v1/proposals", letter(topics=["nothing"], channel="pigeon", category="spam")))
    assert {"topics", "channel", "category"} <= {where.split("[")[0] for where in told}


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [
        ("created", "2026-10-02T10:00:01Z", "ahead"),
        ("created", "1989-12-31T23:59:59Z", "1990"),
        ("send_by", "2106-02-01T00:00:00Z", "2106"),
    ],
)
def test_a_clock_that_is_far_off_is_refused_with_both_times(house: House, field: str, value: str, word: str) -> None:
    """The sender's time and ours stand in the sentence."""
    says = faults(house.ask("POST", "/v1/proposals", letter(**{field: value})))[field]
    assert word in says and "2026-10-01T10:00:00+00:00" in says and value[:19] in says


def test_a_moment_without_its_offset_is_refused(house: House) -> None:
    """A local time names no instant."""
    assert "created" in faults(house.ask("POST", "/v1/proposals", letter(created="2026-10-01T10:00:00")))


@pytest.mark.parametrize(
    ("body", "media", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b'{"key": "\xff"}', "application/json", 400),
        (b'{"unit": ' + b"[" * 40 + b"]" * 40 + b"}", "application/json", 400),
        (b'{"unit": ' + b"[" * 5000 + b"]" * 5000 + b"}", "application/json", 400),
        (b"[]", "application/json", 422),
        (b"{}", "text/plain", 415),
        (b"{}", "application/json; charset=latin-1", 415),
        (b" " * (5 * 1024 * 1024 + 1), "application/json", 413),
    ],
)
def test_what_cannot_be_read_is_told_as_such(house: House, body: bytes, media: str, status: int) -> None:
    """Broken JSON, wrong kinds and too much of it each have their status, and nothing is decided."""
    answer = house.ask("POST", "/v1/proposals", body, content_type=media)
    assert answer.status_code == status
    assert answer.json()["status"] == status


@pytest.mark.parametrize(
    ("field", "value"),
    [("campaign", "a\nb"), ("key", "a\u0000"), ("customer", "x" * 201), ("words", "a\u0000b"), ("unit", "a\u2028b")],
)
def test_texts_that_no_name_holds_are_refused(house: House, field: str, value: str) -> None:
    """Line breaks, NULs and names longer than any column."""
    assert field in faults(house.ask("POST", "/v1/proposals", letter(**{field: value})))


def test_a_rehearsal_writes_nothing(house: House) -> None:
    """The dry run answers as the gate would, and the place stays free."""
    rehearsed = house.post("/v1/proposals/dry-run", letter())
    assert rehearsed["verdict"] == "send" and rehearsed["dry_run"] is True
    assert house.get("/v1/decisions")["total"] == 0
    assert house.post("/v1/proposals", letter())["verdict"] == "send"


def test_the_smallest_change_that_would_let_it_go_is_told(house: House) -> None:
    """For a message held by a daily cap: waiting, until the moment that was tried; the place stays free."""
    assert house.post("/v1/proposals/explain", letter())["change"] == ""
    house.post("/v1/proposals", letter())
    told = house.post("/v1/proposals/explain", letter(key="second"))
    assert (told["decision"]["verdict"], told["change"], told["until"]) == ("hold", "wait", "2026-10-02T00:00:00Z")
    assert house.get("/v1/decisions")["total"] == 1


def test_another_units_name_is_as_unknown_as_none(house: House) -> None:
    """A key of the bank cannot propose for the shop, and does not learn that there is one."""
    foreign = house.ask("POST", "/v1/proposals", letter(unit="shop"))
    missing = house.ask("POST", "/v1/proposals", letter(unit="nowhere"))
    assert foreign.status_code == missing.status_code
    assert foreign.text.replace("shop", "X") == missing.text.replace("nowhere", "X")


def test_the_door_stands_on_postgres_alike(house_on_postgres: House) -> None:
    """Cleared, held, repeated and refused, as on SQLite."""
    house = house_on_postgres
    assert house.post("/v1/proposals", letter())["verdict"] == "send"
    assert house.post("/v1/proposals", letter(key="second"))["verdict"] == "hold"
    assert house.post("/v1/proposals", letter())["repeated"] is True
    assert house.ask("POST", "/v1/proposals", letter(category="legal")).status_code == 409
    assert "customer" in faults(house.ask("POST", "/v1/proposals", letter(key="odd", customer="a\u0000b")))
