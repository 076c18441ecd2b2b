"""The timetable: everything that happens by itself, with its interval; one thread runs through it."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from onevoice.actions.deliver_webhooks import deliver_due
from onevoice.actions.dispatch import dispatch_due
from onevoice.actions.draft_policy import put_planned_in_force
from onevoice.actions.retain import let_go
from onevoice.actions.seal import seal_book
from onevoice.lines.http import WebLine
from onevoice.nouns.message import Sender
from onevoice.nouns.problem import Unavailable
from onevoice.wiring import Onevoice

log: Final = logging.getLogger("onevoice.worker")


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that happens every `seconds`: a word for the log, and the deed (how much it did)."""

    name: str
    seconds: float
    run: Callable[[], int]


def timetable(house: Onevoice, vendors: Mapping[str, Sender]) -> tuple[Task, ...]:
    """What happens by itself in one installation."""
    gate = house.gate
    return (
        Task("look again at holds, and let leases lapse", 1, gate.look_again),
        Task("send what is ours to send", 1, lambda: dispatch_due(gate, vendors)),
        Task("put planned policies in force", 1, lambda: put_planned_in_force(house.book, house.entrance.authority_of)),
        Task("let go of what is past its time", 3_600, lambda: _let_go(house)),
        Task("seal the book", 600, lambda: int(gate.write(lambda tx: seal_book(tx, house.book)) is not None)),
    )


def told_elsewhere(house: Onevoice) -> tuple[Task, ...]:
    """What waits for other servers to answer, on a thread of its own, so that a slow one keeps nobody here waiting."""
    line = WebLine(frozenset(house.settings.private_hosts))
    return (Task("tell senders what became of what waited", 1, lambda: deliver_due(house.gate, line)),)


def _let_go(house: Onevoice) -> int:
    settings = house.settings
    return house.gate.write(
        lambda tx: let_go(
            tx,
            house.book,
            words_days=settings.words_days,
            parked_days=settings.parked_days,
            access_log_days=settings.access_log_days,
        )
    )


class Worker:
    """Runs the timetable on its own thread until it is stopped; a task that fails is logged and tried again."""

    def __init__(self, tasks: tuple[Task, ...]) -> None:
        self._tasks = tasks
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="onevoice-worker", daemon=True)

    def start(self) -> None:
        """Begin; the first round runs at once."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the task at hand, then end."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        due = {task.name: 0.0 for task in self._tasks}
        while not self._stop.is_set():
            for task in self._tasks:
                if due[task.name] <= time.monotonic() and not self._stop.is_set():
                    self._once(task)
                    due[task.name] = time.monotonic() + task.seconds
            self._stop.wait(max(0.05, min(due.values()) - time.monotonic()))

    def _once(self, task: Task) -> None:
        try:
            done = task.run()
        except Unavailable as problem:
            log.warning("%s: %s", task.name, problem)
        except Exception:  # one broken task must not stop the others; it is seen in the log and runs again
            log.exception("%s failed", task.name)
        else:
            if done:
                log.info("%s: %d", task.name, done)
