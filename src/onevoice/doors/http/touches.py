"""Touches over HTTP: the sender says what became of a message that was cleared."""

import msgspec

from onevoice.actions.observe import Observed
from onevoice.doors.http.route import Call, Later, Nothing, Route
from onevoice.doors.http.wire import Moment, to_noun
from onevoice.nouns.observation import Observation


class SentIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When it was sent; without a moment, now."""

    occurred: Moment | None = None


class ReleasedIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nothing needs saying."""


def confirm(call: Call[SentIn, Nothing]) -> Later[Observed]:
    """The reservation is used. Said again, it is known already."""
    return _settled(call, "sent", call.body)


def release(call: Call[ReleasedIn, Nothing]) -> Later[Observed]:
    """The place is free again. Said again, it is known already."""
    return _settled(call, "released", SentIn())


def _settled(call: "Call[SentIn, Nothing] | Call[ReleasedIn, Nothing]", kind: str, said: SentIn) -> Later[Observed]:
    touch, now = call.number("touch"), call.onevoice.book.clock()
    key = call.key or f"{kind}:{touch}"
    occurred = to_noun(said, _Occurred, now).occurred or now
    observation = Observation(kind=kind, key=key, occurred=occurred, touch=touch)
    return Later(call.onevoice.gate.submit_observation(call.authority, observation, strict=False))


class _Occurred(msgspec.Struct, frozen=True):
    occurred: int


ROUTES = (
    Route(
        method="POST",
        path="/v1/touches/{touch}/confirm",
        says="The message was sent: the reservation is used.",
        answer=confirm,
        takes=SentIn,
        gives=Observed,
        keyed=True,
        swift=True,
        also=(409,),
    ),
    Route(
        method="POST",
        path="/v1/touches/{touch}/release",
        says="The message was not sent and will not be: its place is free again.",
        answer=release,
        takes=ReleasedIn,
        gives=Observed,
        keyed=True,
        swift=True,
        also=(409,),
    ),
)
