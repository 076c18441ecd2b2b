"""Observations over HTTP: this happened; one at a time, or many in a stream."""

from typing import Any

import msgspec

from onevoice.actions.observe import Observed
from onevoice.doors.http.lines import stream
from onevoice.doors.http.problems import ProblemBody
from onevoice.doors.http.proposals import key_of
from onevoice.doors.http.route import Call, Later, Nothing, Route
from onevoice.doors.http.wire import ObservationIn, to_noun
from onevoice.nouns.authority import Authority
from onevoice.nouns.observation import Observation


class ObservedLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one line of a batch: an observation in the book or a problem, under the line's number."""

    line: int
    observed: Observed | None = None
    problem: ProblemBody | None = None


def observe(call: Call[ObservationIn, Nothing]) -> Later[Observed]:
    """Hands the fact to the book; the answer comes after the commit that holds it."""
    key = key_of(call.body.key, call.key)
    observation = to_noun(call.body, Observation, call.onevoice.book.clock(), key=key)
    return Later(call.onevoice.gate.submit_observation(call.authority, observation))


def _line(call: Call[None, Nothing], given: ObservationIn, number: int) -> Observation:
    key = given.key or (f"{call.key}:{number}" if call.key else "")
    return to_noun(given, Observation, call.onevoice.book.clock(), key=key_of(key, ""))


def _write(onevoice: Any, authority: Authority, observations: list[Observation]) -> list[object]:
    return list(onevoice.gate.observe_many(authority, observations))


ROUTES = (
    Route(
        method="POST",
        path="/v1/observations",
        says="This happened: sent, delivered, opened, bounced, replied, withdrawn, marked …",
        answer=observe,
        takes=ObservationIn,
        gives=Observed,
        keyed=True,
        swift=True,
        also=(404, 409),
    ),
    Route(
        method="POST",
        path="/v1/observations/batch",
        says="Many facts, one a line; answered in their order. A fact told again is known already, and harmless.",
        stream=stream(ObservationIn, _line, _write, "observed"),
        takes=ObservationIn,
        gives=ObservedLine,
        keyed=True,
    ),
)
