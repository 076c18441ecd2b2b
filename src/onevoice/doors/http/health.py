"""Is Onevoice there, and can it answer? Told to anybody, without details."""

import msgspec

from onevoice.doors.http.route import Call, Nothing, Route
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.problem import Unavailable


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """`live`: the process answers. `ready`: so does its store; otherwise the answer is a problem with status 503."""

    live: bool = True
    ready: bool = True


def health(call: Call[None, Nothing]) -> Health:
    """Asks the store for one moment of it."""
    try:
        with call.onevoice.book.reader(SYSTEM) as reader:
            del reader
    except Exception as error:  # whatever it is, it is told as: not ready
        raise Unavailable("The store does not answer.") from error
    return Health()


ROUTES = (
    Route(
        method="GET",
        path="/v1/health",
        says="Is Onevoice there, and does its store answer?",
        answer=health,
        gives=Health,
        also=(503,),
    ),
)
