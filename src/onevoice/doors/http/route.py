"""A route: one method on one path, what it takes and gives, and the function that answers."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import msgspec

from onevoice.doors.http.problems import not_found
from onevoice.nouns.authority import Authority

Body = TypeVar("Body")
Query = TypeVar("Query")
Result = TypeVar("Result")

NUMBER_MAX: Final = 2**63 - 1


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No query at all: every name behind the question mark is a mistake."""


@dataclass(frozen=True, slots=True)
class Call(Generic[Body, Query]):
    """One request, read and allowed: `body` and `query` are of the types the route declares, `path` holds the parts in
    braces, `key` the Idempotency-Key header ('' without one)."""

    onevoice: Any
    authority: Authority
    body: Body
    query: Query
    path: Mapping[str, str]
    key: str = ""

    def number(self, name: str) -> int:
        """A part of the path that is a book number. Raises Problem 404 where it cannot be one."""
        written = self.path[name]
        if not (written.isascii() and written.isdecimal()) or not 0 < int(written[:30]) <= NUMBER_MAX:
            raise not_found()
        return int(written)


@dataclass(frozen=True, slots=True)
class Later(Generic[Result]):
    """An answer that comes when the book has it."""

    future: "Future[Result]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """`answer` gives a struct (or a Later). It runs beside the event loop, unless `swift`: then it runs on it, and must
    not wait. A route with `stream` reads and answers line by line: `takes` and `gives` are then one line."""

    method: str
    path: str
    says: str
    gives: Any
    answer: Callable[[Call[Any, Any]], object] | None = None
    stream: Callable[[Call[Any, Any], Any, Any], Any] | None = None
    takes: type[msgspec.Struct] | None = None
    asks: type[msgspec.Struct] = Nothing
    status: int = 200
    keyed: bool = False
    swift: bool = False
    also: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """How permissions and documents call it: `POST /v1/proposals`."""
        return f"{self.method} {self.path}"
