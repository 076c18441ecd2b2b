"""How a command tells what came of it: words for people, JSON for programs, and an exit code that means something."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import TYPE_CHECKING, NoReturn

import msgspec
import typer

from onevoice.nouns.problem import Fault, KeyReused, NotFound, Refused, Unavailable

if TYPE_CHECKING:
    from onevoice.settings import Settings
    from onevoice.wiring import Onevoice


class Exit(IntEnum):
    """What a command's exit code says."""

    DONE = 0
    FAULTS = 1
    USAGE = 2
    UNAVAILABLE = 3


def say(line: str = "") -> None:
    """One line on standard output."""
    sys.stdout.write(line + "\n")


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


@contextmanager
def opened() -> "Iterator[Onevoice]":
    """The store of the settings, opened for one command. Raises Refused for wrong settings, Unavailable."""
    from onevoice.wiring import open_onevoice

    house = open_onevoice(settings())
    try:
        yield house
    finally:
        house.close()


def settings() -> "Settings":
    """The settings of the settings file and the environment. Raises Refused with every fault."""
    from onevoice.settings import read_settings

    return read_settings(os.environ)


@contextmanager
def progress_bar(title: str, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A function to tell (done, of all) to; a bar on a terminal, nothing elsewhere."""
    if quiet or not sys.stderr.isatty():
        yield lambda done, of: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def _fail(title: str, faults: tuple[Fault, ...], code: Exit, as_json: bool) -> NoReturn:
    if as_json:
        say(msgspec.json.encode({"title": title, "faults": faults}).decode())
    else:
        lines = [title, *(f"  {fault.where}: {fault.says}" for fault in faults)]
        sys.stderr.write("\n".join(lines) + "\n")
    raise typer.Exit(int(code))
