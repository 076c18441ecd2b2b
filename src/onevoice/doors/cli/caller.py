"""Who called a command: hears its lines, sees how far it is, and owns the folder its paths begin in."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from onevoice.settings import Settings
    from onevoice.wiring import Onevoice

Steps = Callable[[int, int], None]
"""Told (done, of all); 0 of all where nobody knows how many there are."""


class Caller(Protocol):
    """Whoever a command works for: the terminal of this process, or one at the other end of the server's socket."""

    def say(self, text: str) -> None:
        """What the command answers, for standard output."""

    def complain(self, text: str) -> None:
        """What is refused, for standard error."""

    def progress(self, title: str, unit: str, *, quiet: bool) -> AbstractContextManager[Steps]:
        """A function to tell how far it is; with a `unit`, what is counted is counted in it."""

    def opened(self) -> "AbstractContextManager[Onevoice]":
        """The store. Raises Refused for wrong settings, Unavailable."""

    def at(self, path: Path) -> Path:
        """A path as the caller wrote it, as it can be opened. Raises Refused where it cannot be followed."""


class Terminal:
    """The terminal (or pipe) of this process, which opens the store for itself."""

    def say(self, text: str) -> None:
        sys.stdout.write(text)

    def complain(self, text: str) -> None:
        sys.stderr.write(text)

    @contextmanager
    def progress(self, title: str, unit: str, *, quiet: bool) -> Iterator[Steps]:
        """A bar on a terminal, nothing elsewhere."""
        if quiet or not sys.stderr.isatty():
            yield lambda done, of: None
            return
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        console = Console(stderr=True)
        counting = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn(f"{{task.completed:,}} {unit}"))
        columns = (*counting, TimeElapsedColumn()) if unit else Progress.get_default_columns()
        with Progress(*columns, console=console) as bar:
            task = bar.add_task(title, total=None)
            yield lambda done, of: bar.update(task, completed=done, total=of or None)

    @contextmanager
    def opened(self) -> "Iterator[Onevoice]":
        from onevoice.wiring import open_onevoice

        house = open_onevoice(settings())
        try:
            yield house
        finally:
            house.close()

    def at(self, path: Path) -> Path:
        return path


TERMINAL: Final = Terminal()
CALLER: Final[ContextVar[Caller]] = ContextVar("caller", default=TERMINAL)
"""Whom the command in this thread works for. Only `attendant` sets another than the terminal."""


def settings() -> "Settings":
    """The settings of the settings file and the environment. Raises Refused with every fault."""
    from onevoice.settings import read_settings

    return read_settings(os.environ)
