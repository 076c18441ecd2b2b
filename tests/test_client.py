"""The Python client asks, confirms and tells, and never turns a lost answer into a second message."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx2
import msgspec
import pytest
import stamina

from onevoice.client import Client, Decided, NotAllowed, Unexpected
from onevoice.doors.http.app import create_app
from onevoice.doors.http.serve import server_of
from onevoice.nouns.problem import KeyReused, NotFound, Refused, Unavailable
from onevoice.wiring import Onevoice
from tests.clock import HandMovedClock, moment_of
from tests.doors.http.house import installed

SPRING: dict[str, Any] = {
    "unit": "bank",
    "channel": "email",
    "category": "marketing",
    "customer": "C1",
    "platform": "crm",
}


@pytest.fixture(autouse=True)
def hasty() -> Iterator[None]:
    """Tries follow each other without waiting."""
    with stamina.set_testing(True, attempts=4, cap=True):
        yield


@contextmanager
def served(onevoice: Onevoice) -> Iterator[str]:
    """Lumen's door on a real port; its address."""
    told: list[str] = []
    settings = replace(onevoice.settings, http_port=0)
    server, listening = server_of(create_app(onevoice), settings, ready=told.append)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    with listening:
        thread.start()
        try:
            while not told and thread.is_alive():
                thread.join(0.01)
            yield told[0]
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def lumen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """Lumen, served once for all these stories: its address, and the secrets of its keys."""
    clock = HandMovedClock(moment_of("2026-10-01T10:00:00Z"))
    with installed(tmp_path_factory.mktemp("lumen"), clock) as (onevoice, secrets), served(onevoice) as address:
        yield address, secrets


@pytest.fixture
def bank(lumen: tuple[str, dict[str, str]]) -> Iterator[Client]:
    """The bank's sender."""
    address, secrets = lumen
    with Client(address, secrets["bank"]) as client:
        yield client


def test_a_sender_asks_sends_and_confirms(bank: Client) -> None:
    """And asks again for the same message without harm."""
    decided = bank.propose(key="walk-1", created=datetime(2026, 10, 1, 9, tzinfo=UTC), **SPRING)
    assert (decided.verdict, decided.may_send, decided.repeated) == ("send", True, False)
    assert decided.lease_until == datetime(2026, 10, 1, 11, tzinfo=UTC)
    assert bank.confirm(decided.touch, occurred=datetime(2026, 10, 1, 9, 59, tzinfo=UTC)).repeated is False
    assert bank.confirm(decided.touch).repeated is True
    again = bank.propose(key="walk-1", created=datetime(2026, 10, 1, 9, tzinfo=UTC), **SPRING)
    assert (again.touch, again.repeated) == (decided.touch, True)
    held = bank.propose(key="walk-2", **SPRING)
    assert (held.verdict, held.may_send, held.until) == ("hold", False, datetime(2026, 10, 2, tzinfo=UTC))


def test_a_message_that_did_not_go_is_released(bank: Client) -> None:
    """Its place is free for the next one."""
    row = {**SPRING, "customer": "C-release"}
    first = bank.propose(key="release-1", **row)
    bank.release(first.touch)
    assert bank.propose(key="release-2", **row).verdict == "send"
    assert bank.propose(dry_run=True, **row).dry_run is True


def test_many_messages_are_answered_in_order(bank: Client) -> None:
    """Read as they come; a refused one is answered with its exception."""
    rows = [{**SPRING, "key": f"many-{number}", "customer": f"M{number}"} for number in range(1_500)]
    rows[700] = {**rows[700], "unit": "nowhere"}
    answers = list(bank.propose_many(iter(rows)))
    assert len(answers) == 1_500
    assert isinstance(answers[700], Refused) and answers[700].faults[0].where == "unit"
    others = [answer for place, answer in enumerate(answers) if place != 700]
    assert all(isinstance(answer, Decided) and answer.verdict == "send" for answer in others)
    assert [answer.key for answer in others if isinstance(answer, Decided)][:2] == ["many-0", "many-1"]


def test_what_happened_is_told_once(bank: Client) -> None:
    """The second time the book knows it already."""
    said = {"kind": "replied", "key": "r-1", "occurred": datetime(2026, 10, 1, 8, tzinfo=UTC)}
    about = {"channel": "email", "customer": "C1", "unit": "bank"}
    assert bank.observe(**said, **about).repeated is False  # type: ignore[arg-type]
    assert bank.observe(**said, **about).repeated is True  # type: ignore[arg-type]


def test_every_refusal_has_its_exception(bank: Client, lumen: tuple[str, dict[str, str]]) -> None:
    """With the faults, as they were listed."""
    with pytest.raises(Refused) as refused:
        bank.propose(key="bad", unit="bank", channel="email", category="marketing", colour="red", topics=[1])
    assert {fault.where for fault in refused.value.faults} == {"colour", "topics[0]"}
    bank.propose(key="reused", **{**SPRING, "customer": "R1"})
    with pytest.raises(KeyReused):
        bank.propose(key="reused", **{**SPRING, "customer": "R2"})
    with pytest.raises((NotFound, Refused)):
        bank.confirm(2**40)
    address, secrets = lumen
    for secret in ("ov_wrong", secrets["asker"]):
        with Client(address, secret) as stranger, pytest.raises(NotAllowed):
            stranger.propose(key="k", **SPRING)


def answering(*answers: httpx2.Response | Exception) -> tuple[Client, list[httpx2.Request]]:
    """A client before a server that gives these answers, and the requests it got."""
    left, seen = list(answers), []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        one = left.pop(0)
        if isinstance(one, Exception):
            raise one
        return one

    return Client("http://gate.example", "ov_x", transport=httpx2.MockTransport(answer)), seen


def cleared() -> httpx2.Response:
    return httpx2.Response(200, json={"key": "k", "touch": 7, "verdict": "send", "reason": "cleared"})


def test_a_lost_answer_is_asked_for_again_with_the_same_key() -> None:
    """Broken connections, a busy store and a proxy in between: the request stays the same to the byte."""
    client, seen = answering(
        httpx2.ReadError("gone"), httpx2.Response(503, headers={"retry-after": "2"}), httpx2.Response(502), cleared()
    )
    assert client.propose(**SPRING).touch == 7
    assert len({request.content for request in seen}) == 1 and len(seen) == 4
    assert msgspec.json.decode(seen[0].content)["key"]


def test_a_gate_that_cannot_be_reached_never_said_yes() -> None:
    """After the last try it is Unavailable; what is wrong for good is not tried again."""
    client, seen = answering(*[httpx2.ConnectError("no") for _ in range(9)])
    with pytest.raises(Unavailable, match="Hold the message"):
        client.propose(key="k", **SPRING)
    assert len(seen) == 4
    client, seen = answering(httpx2.Response(409, json={"status": 409, "title": "t", "detail": "d"}), cleared())
    with pytest.raises(KeyReused):
        client.propose(key="k", **SPRING)
    assert len(seen) == 1


@pytest.mark.parametrize("answer", [httpx2.Response(200, text="<html>"), httpx2.Response(418, text="teapot")])
def test_an_answer_nobody_understands_is_not_taken_for_a_yes(answer: httpx2.Response) -> None:
    """Some other server answers at that address."""
    client, _ = answering(answer)
    with pytest.raises(Unexpected):
        client.propose(key="k", **SPRING)


def test_an_answer_that_broke_off_is_told() -> None:
    """A batch with fewer answers than lines is to be repeated with the same keys."""
    line: dict[str, Any] = {"line": 1, "decision": {"key": "a", "touch": 1, "verdict": "send", "reason": "cleared"}}
    client, _ = answering(httpx2.Response(200, content=msgspec.json.encode(line) + b"\n"))
    with pytest.raises(Unavailable, match="same keys"):
        list(client.propose_many([{**SPRING, "key": "a"}, {**SPRING, "key": "b"}]))
