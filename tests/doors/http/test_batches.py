"""Many proposals and many facts go through one request, line by line."""

import asyncio
from typing import Any

import msgspec
import pytest

from onevoice.doors.http.body import LINE_MAX, Line, read_lines
from tests.doors.http.house import House, letter, lines


def test_each_line_has_its_own_answer_in_its_order(house: House) -> None:
    """A decision or a problem; a bad line spoils nobody else's."""
    answers = house.batch(
        "/v1/proposals/batch",
        lines(letter(key="1"), b"{broken", letter(key="2"), {"unit": "bank"}, letter(key="4", unit="nowhere")),
    )
    assert [answer["line"] for answer in answers] == [1, 2, 3, 4, 5]
    assert [answer.get("decision", {}).get("verdict") for answer in answers] == ["send", None, "hold", None, None]
    assert [answer.get("problem", {}).get("status") for answer in answers] == [None, 400, None, 422, 422]
    assert {fault["where"] for fault in answers[3]["problem"]["faults"]} >= {"channel", "category"}


def test_the_same_batch_again_gives_the_same_decisions(house: House) -> None:
    """An Idempotency-Key gives every line without a key one of its own."""
    row = letter()
    del row["key"]
    body = lines(row, {**row, "customer": "C9", "address": ""})
    first = house.batch("/v1/proposals/batch", body, idempotency_key="tuesday")
    again = house.batch("/v1/proposals/batch", body, idempotency_key="tuesday")
    assert [answer["decision"]["key"] for answer in first] == ["tuesday:1", "tuesday:2"]
    assert [answer["decision"]["touch"] for answer in again] == [answer["decision"]["touch"] for answer in first]
    assert all(answer["decision"]["repeated"] for answer in again)
    without = house.batch("/v1/proposals/batch", body)
    assert [answer["problem"]["faults"][0]["where"] for answer in without] == ["key", "key"]


def test_a_line_that_is_too_long_is_refused_and_the_next_one_is_not(house: House) -> None:
    """64 KB a line; the whole has no end."""
    answers = house.batch("/v1/proposals/batch", lines(letter(key="1", words="x" * LINE_MAX), letter(key="2")))
    assert answers[0]["problem"]["status"] == 413
    assert answers[1]["decision"]["verdict"] == "send"


def test_blank_lines_are_nobody(house: House) -> None:
    """They are counted as lines and answered with nothing; an empty batch is answered by nothing at all."""
    answers = house.batch("/v1/proposals/batch", b"\n\r\n" + lines(letter()) + b"\n")
    assert [answer["line"] for answer in answers] == [3]
    assert house.batch("/v1/proposals/batch", b"") == []


def test_a_batch_is_lines_of_json_and_says_so(house: House) -> None:
    """Another kind is refused before anything is read."""
    assert house.ask("POST", "/v1/proposals/batch", lines(letter())).status_code == 415


def test_more_lines_than_are_held_at_once_come_back_whole(house: House) -> None:
    """Three thousand customers, each with one decision, in order."""
    rows = [letter(key=f"k{number}", customer=f"P{number}", address="") for number in range(3_000)]
    answers = house.batch("/v1/proposals/batch", lines(*rows))
    assert [answer["line"] for answer in answers] == list(range(1, 3_001))
    assert {answer["decision"]["verdict"] for answer in answers} == {"send"}
    assert [answer["decision"]["key"] for answer in answers] == [row["key"] for row in rows]


def test_facts_told_twice_are_known_the_second_time(house: House) -> None:
    """A log may be sent again without harm."""
    fact = {
        "kind": "received",
        "key": "in-1",
        "occurred": "2026-09-30T08:00:00+02:00",
        "channel": "email",
        "direction": "inbound",
        "customer": "C1",
        "address": "ada@example.com",
        "unit": "bank",
    }
    body = lines(fact, {**fact, "key": "in-2", "occurred": "2027-01-01T00:00:00Z"})
    first = house.batch("/v1/observations/batch", body)
    again = house.batch("/v1/observations/batch", body)
    assert first[0]["observed"]["repeated"] is False and again[0]["observed"]["repeated"] is True
    assert first[1]["problem"]["faults"][0]["where"] == "occurred"


def read(*parts: bytes) -> list[Line]:
    """The lines of a body that arrives in these parts."""
    messages = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    messages.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> Any:
        return messages.pop(0)

    async def every() -> list[Line]:
        return [line async for line in read_lines(receive)]

    return asyncio.run(every())


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ((b"ab", b"c\nd", b"\n"), [(1, b"abc"), (2, b"d")]),
        ((b"a\nb",), [(1, b"a"), (2, b"b")]),
        ((b"x" * LINE_MAX, b"x" * 10, b"\nshort\n"), [(1, None), (2, b"short")]),
        ((b"x" * (LINE_MAX + 1), b"y" * (LINE_MAX + 1), b"z\nshort"), [(1, None), (2, b"short")]),
        ((b"x" * (LINE_MAX + 1),), [(1, None)]),
        ((b"x" * LINE_MAX + b"\n",), [(1, b"x" * LINE_MAX)]),
    ],
)
def test_lines_are_put_together_from_whatever_parts_arrive(
    parts: tuple[bytes, ...], found: list[tuple[int, bytes | None]]
) -> None:
    """A line may be split anywhere; one that is too long is told of once and never held."""
    assert [tuple(line) for line in read(*parts)] == found


def test_a_caller_who_reads_nothing_until_all_is_sent_is_served(house: House) -> None:
    """Answers wait in a file, so that the reading never stops for them."""
    from onevoice.doors.http.lines import Answers

    async def story() -> bytes:
        listening, heard = asyncio.Event(), bytearray()

        async def send(message: Any) -> None:
            await listening.wait()
            heard.extend(message.get("body", b""))

        answers = Answers(send)
        for number in range(200):
            await answers.write(b"%d " % number * 10_000)
        listening.set()
        await answers.finish()
        answers.close()
        return bytes(heard)

    heard = asyncio.run(story())
    assert heard == b"".join(b"%d " % number * 10_000 for number in range(200))
    assert msgspec.json.decode(b"[%s]" % b",".join(heard.split()[:3])) == [0, 0, 0]
