"""How a command tells what came of it: words for people, JSON for programs, and an exit code that means something."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import msgspec
import typer

from onevoice.doors.cli.caller import CALLER, Steps, settings
from onevoice.nouns.problem import Fault, KeyReused, NotFound, Refused, Unavailable

if TYPE_CHECKING:
    from onevoice.wiring import Onevoice

__all__ = ["Exit", "answering", "at", "opened", "progress_bar", "say", "settings", "tell"]


class Exit(IntEnum):
    """What a command's exit code says."""

    DONE = 0
    FAULTS = 1
    USAGE = 2
    UNAVAILABLE = 3


def say(line: str = "") -> None:
    """One line on standard output."""
    CALLER.get().say(line + "\n")


def tell(value: object, words: Callable[[], Iterator[str]], *, as_json: bool) -> None:
    """The value as one line of JSON, or as the lines that `words` makes of it."""
    if as_json:
        say(msgspec.json.encode(value).decode())
    else:
        for line in words():
            say(line)


@contextmanager
def answering(*, as_json: bool) -> Iterator[None]:
    """Whatever is refused inside is told with all its faults, and ends the command with its code."""
    try:
        yield
    except Refused as refused:
        _fail(refused.title, refused.faults, Exit.FAULTS, as_json)
    except (NotFound, KeyReused) as problem:
        _fail(str(problem), (), Exit.FAULTS, as_json)
    except Unavailable as problem:
        _fail(str(problem), (), Exit.UNAVAILABLE, as_json)


def opened() -> "AbstractContextManager[Onevoice]":
    """The store of the settings for one command: opened here, or the one that the server around this command holds.
    Raises Refused for wrong settings, Unavailable."""
    return CALLER.get().opened()


def at(path: Path) -> Path:
    """A path of the command line as it can be opened; messages show it as it was written."""
    return CALLER.get().at(path)


def progress_bar(title: str, *, quiet: bool, unit: str = "") -> AbstractContextManager[Steps]:
    """A function to tell (done, of all) to; a bar on a terminal, nothing elsewhere. With a `unit`, what is counted is
    counted in it, and nobody knows of how many."""
    return CALLER.get().progress(title, unit, quiet=quiet)


def _fail(title: str, faults: tuple[Fault, ...], code: Exit, as_json: bool) -> NoReturn:
    if as_json:
        say(msgspec.json.encode({"title": title, "faults": faults}).decode())
    else:
        lines = [title, *(f"  {fault.where}: {fault.says}" for fault in faults)]
        CALLER.get().complain("\n".join(lines) + "\n")
    raise typer.Exit(int(code))
