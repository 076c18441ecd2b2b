"""Moments cross the door as texts, and answers reach everybody who waits."""

import asyncio
from concurrent.futures import Future
from datetime import UTC, datetime
from threading import Thread

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onevoice.doors.http.relay import Relay
from onevoice.doors.http.route import Route
from onevoice.doors.http.routes import ROUTES
from onevoice.doors.http.wire import MOMENTS, instant, microseconds
from onevoice.nouns.problem import Unavailable


@given(st.integers(min_value=0, max_value=microseconds(datetime(2106, 1, 1, tzinfo=UTC))))
def test_a_moment_survives_the_door_both_ways(moment: int) -> None:
    """To the microsecond, whatever the offset it is written with."""
    written = msgspec.json.encode(instant(moment))
    assert microseconds(msgspec.json.decode(written, type=datetime)) == moment


def test_microseconds_never_leave_as_numbers() -> None:
    """Every whole number an answer holds is a count, a number given by the book, or named in MOMENTS."""
    counts = {
        "touch", "touches", "entry", "number", "customer", "sequence", "policy", "surroundings", "version", "scope",
        "total", "messages", "rules", "at_most", "seconds", "every", "week_start", "express_days", "purchase_days",
        "inquiry_days", "days", "shared", "line", "status", "folio", "unit", "documents", "customers", "addresses",
        "wish", "limit", "after", "base", "before", "budget", "decisions", "default_weight", "done", "draft",
        "fewer_all", "gained_all", "lost_all", "person", "reach_gained", "reach_kept", "reach_lost", "revision",
        "share_percent", "within",
    }  # fmt: skip
    _, components = msgspec.json.schema_components(
        [route.gives for route in ROUTES], ref_template="#/components/schemas/{name}"
    )
    numbers = {
        name
        for schema in components.values()
        for name, one in schema.get("properties", {}).items()
        if one.get("type") == "integer"
    }
    assert numbers - MOMENTS - counts == set()


@pytest.mark.parametrize("broken", [False, True])
def test_everybody_who_waits_gets_their_own_answer(broken: bool) -> None:
    """Hundreds settled at once by another thread, one of them refused, one given up meanwhile."""

    async def story() -> list[object]:
        relay = Relay()
        futures: list[Future[int]] = [Future() for _ in range(300)]
        waiting = [asyncio.ensure_future(relay.wait(future)) for future in futures]
        await asyncio.sleep(0)
        waiting[7].cancel()

        def settle() -> None:
            for number, future in enumerate(futures):
                if broken and number == 3:
                    future.set_exception(Unavailable("full"))
                else:
                    future.set_result(number)

        thread = Thread(target=settle)
        thread.start()
        answers = await asyncio.gather(*waiting, return_exceptions=True)
        thread.join()
        return list(answers)

    answers = asyncio.run(story())
    assert isinstance(answers[7], asyncio.CancelledError)
    assert isinstance(answers[3], Unavailable) == broken
    assert [answer for place, answer in enumerate(answers) if place not in (3, 7)] == [
        number for number in range(300) if number not in (3, 7)
    ]


def test_each_route_is_named_once() -> None:
    """Method and path together."""
    names = [route.name for route in ROUTES]
    assert len(names) == len(set(names)) and all(isinstance(route, Route) for route in ROUTES)
