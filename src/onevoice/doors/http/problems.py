"""Problems over HTTP (RFC 9457): what went wrong, with every fault, and the status that says whose turn it is."""

from typing import Final

import msgspec

from onevoice.nouns.problem import Fault, KeyReused, NotFound, Refused, Unavailable

MEDIA: Final = "application/problem+json"
RETRY_SECONDS: Final = 1

TITLES: Final[dict[int, tuple[str, str]]] = {
    400: ("malformed", "This cannot be read."),
    401: ("not-signed-in", "Say who you are."),
    403: ("not-allowed", "You may not do this."),
    404: ("not-found", "There is nothing here."),
    405: ("method", "This can be done with other methods only."),
    409: ("key-reused", "This key was used for something else."),
    413: ("too-large", "This is too large."),
    415: ("media-type", "This is not of a kind that is read here."),
    422: ("refused", "This cannot be taken as it is."),
    429: ("too-many", "Too many tries."),
    500: ("broken", "Something broke on our side."),
    503: ("unavailable", "The store cannot answer just now."),
}
"""Every status that says no: the last word of the problem's type, and its title."""


class Problem(Exception):
    """A refusal on its way out: the status, what to do, the faults, and headers that belong to it."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        faults: tuple[Fault, ...] = (),
        title: str = "",
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.faults = faults
        self.title = title
        self.headers = headers


class ProblemBody(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller reads: `faults` lists everything that is wrong, each with its place."""

    type: str
    title: str
    status: int
    detail: str
    faults: tuple[Fault, ...] = ()


def not_found() -> Problem:
    """One and the same for what is missing and for what is somebody else's."""
    return Problem(404, "There is nothing of that name here for you to see.")


def problem_of(error: BaseException) -> Problem:
    """The problem an error is told as; what is not expected tells nothing of itself."""
    match error:
        case Problem():
            return error
        case Refused():
            detail = "See `faults` for all that is wrong; nothing was written."
            return Problem(422, detail, faults=error.faults, title=error.title)
        case KeyReused():
            return Problem(409, _message(error))
        case NotFound():
            return not_found()
        case Unavailable():
            return Problem(503, _message(error), headers=(retry_after(RETRY_SECONDS),))
        case _:
            return Problem(500, "It was written to the log. Ask whoever runs this installation.")


def body_of(problem: Problem) -> ProblemBody:
    """The problem as it is told."""
    word, title = TITLES[problem.status]
    return ProblemBody(
        type=f"urn:onevoice:problem:{word}",
        title=problem.title or title,
        status=problem.status,
        detail=problem.detail,
        faults=problem.faults,
    )


def retry_after(seconds: int) -> tuple[bytes, bytes]:
    """The header that says when to come again."""
    return (b"retry-after", str(seconds).encode())


def _message(error: Exception) -> str:
    return str(error) or (type(error).__doc__ or "").strip()
