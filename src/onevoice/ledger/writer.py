"""Group commit: whoever waits to write shares one durable commit; bulk work alternates with waiting singles."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, Final, Generic, TypeVar

from onevoice.ledger.engine import Engine, Transaction
from onevoice.nouns.problem import KeyReused, NotFound, Refused, Unavailable

Item = TypeVar("Item")
Result = TypeVar("Result")


class Postponed:
    """The answer of a group to an item that keeps its place for the next group."""


POSTPONED: Final = Postponed()

Group = Callable[[Transaction, Sequence[Item]], Sequence[Result | Exception | Postponed]]
"""Writes many items in one open transaction; an Exception refuses that item alone (and nothing of it was written). At
least one item must not be postponed."""

GROUP_MAX: Final = 256
QUEUE_MAX: Final = 20_000
TRIES_MAX: Final = 3
LINGER_SECONDS: Final = 0.002
EXPECTED: Final = (Refused, KeyReused, NotFound, Unavailable)
PASSING: Final = frozenset({"40001", "40P01", "23505", "57P01", "57P02", "57P03"})
"""SQLSTATEs of what may succeed the next time: a serialization failure, a deadlock, a row that another process was
faster to write (read again, it is there), and a server that is stopping or starting."""


class Writer(Generic[Item, Result]):
    """One thread that writes for all: takes what is waiting, writes it in one transaction, answers after the commit.

    Singles come before bulk: between two bulk groups all waiting singles are served. A full queue refuses
    (Unavailable), so that a slow store never means an unbounded wait. `failed` is told of every transaction undone."""

    def __init__(
        self, engine: Engine, group: Group[Item, Result], failed: Callable[[], None], group_max: int = GROUP_MAX
    ) -> None:
        self._engine = engine
        self._group = group
        self._failed = failed
        self._group_max = group_max
        self._singles: deque[tuple[Item, Future[Result]]] = deque()
        self._bulk: deque[tuple[Sequence[Item], Future[Sequence[Result | Exception]]]] = deque()
        self._wake = threading.Condition()
        self._stopping = False
        self._last = 0
        self._thread = threading.Thread(target=self._run, name="onevoice-writer", daemon=True)
        self._thread.start()

    def submit(self, item: Item) -> "Future[Result]":
        """Queue one item; the future is done after the durable commit that holds it."""
        future: Future[Result] = Future()
        with self._wake:
            self._refuse_when_full(len(self._singles))
            self._singles.append((item, future))
            self._wake.notify()
        return future

    def submit_many(self, items: Sequence[Item]) -> "Future[Sequence[Result | Exception]]":
        """Queue one group of at most a few thousand items, written in its own transaction (or several, where items
        keep their place)."""
        future: Future[Sequence[Result | Exception]] = Future()
        with self._wake:
            self._refuse_when_full(len(self._bulk) * 100)
            self._bulk.append((items, future))
            self._wake.notify()
        return future

    def close(self) -> None:
        """Write what is waiting, then stop."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        self._thread.join()

    def _refuse_when_full(self, waiting: int) -> None:
        if self._stopping or waiting >= QUEUE_MAX:
            raise Unavailable("Too much is waiting to be written. Try again in a moment.")

    def _run(self) -> None:
        while True:
            with self._wake:
                while not (self._singles or self._bulk or self._stopping):
                    self._wake.wait()
                if self._stopping and not (self._singles or self._bulk):
                    return
                self._linger()
                count = min(len(self._singles), self._group_max)
                taken = [self._singles.popleft() for _ in range(count)]
                bulk = self._bulk.popleft() if self._bulk else None
            # whoever gave up waiting is left out; from here on nobody can
            singles = [one for one in taken if one[1].set_running_or_notify_cancel()]
            if singles:
                answers = self._write([item for item, _ in singles])
                for (_, future), answer in zip(singles, answers, strict=True):
                    _settle(future, answer)
            if bulk is not None and bulk[1].set_running_or_notify_cancel():
                bulk[1].set_result(self._write(bulk[0]))

    def _linger(self) -> None:
        """Wait a moment for those who were just answered to come back with their next, as they did last time: one
        commit for all of them costs less than one for the quickest and one for the rest."""
        until = time.monotonic() + LINGER_SECONDS
        while len(self._singles) < self._last and not self._bulk and not self._stopping:
            left = until - time.monotonic()
            if left <= 0 or not self._wake.wait(left):
                break
        self._last = min(len(self._singles), self._group_max)

    def _write(self, items: Sequence[Item]) -> "list[Result | Exception]":
        """All items, in as few transactions as it takes; each ends as a result or an exception."""
        answers: list[Result | Exception | Postponed] = [POSTPONED] * len(items)
        left = list(range(len(items)))
        while left:
            part = self._try([items[index] for index in left])
            for index, answer in zip(left, part, strict=True):
                answers[index] = answer
            left = [index for index in left if isinstance(answers[index], Postponed)]
        return [answer for answer in answers if not isinstance(answer, Postponed)]

    def _try(self, items: Sequence[Item]) -> "Sequence[Result | Exception | Postponed]":
        """One transaction for all; when it fails, one by one, so that one bad item spoils nobody else's."""
        try:
            return self._commit(items)
        except Exception as error:  # whatever broke, each waiting caller must get an answer
            if len(items) == 1:
                return [error if isinstance(error, EXPECTED) else _broken(error)]
            return [answer for item in items for answer in self._try([item])]

    def _commit(self, items: Sequence[Item]) -> "Sequence[Result | Exception | Postponed]":
        for turn in range(TRIES_MAX):
            try:
                with self._engine.writing() as tx:
                    answers = self._group(tx, items)
                    assert len(answers) == len(items), "a group answers everybody"
                    assert not all(isinstance(one, Postponed) for one in answers), "a group answers somebody"
                return answers
            except Exception as error:
                self._failed()
                if turn + 1 == TRIES_MAX or not _is_passing(error):
                    raise
        raise AssertionError("the loop returns or raises")


def _settle(future: "Future[Any]", answer: object) -> None:
    if isinstance(answer, BaseException):
        future.set_exception(answer)
    else:
        future.set_result(answer)


def _broken(error: Exception) -> Unavailable:
    refusal = Unavailable(f"The store could not write this ({type(error).__name__}); nothing was written.")
    refusal.__cause__ = error
    return refusal


def _is_passing(error: Exception) -> bool:
    """Whether the same transaction may succeed now: by its SQLSTATE, or because the connection broke (whether a commit
    went through is then told by the keys it wrote)."""
    driver = getattr(error, "orig", error)
    state = getattr(driver, "sqlstate", "unknown to this driver")
    lost = state is None and type(driver).__name__ == "OperationalError"  # psycopg: the connection, not the statement
    return lost or bool(getattr(error, "connection_invalidated", False)) or state in PASSING
