"""`onevoice demo`: a fictional group of companies, made in a folder of its own, then served."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from onevoice.demo.company import ADMIN, FRANCHISEE
from onevoice.demo.make import Made, Progress, State, begin_demo, make_demo, script_of
from onevoice.demo.script import Story
from onevoice.demo.world import World
from onevoice.doors.cli.logs import start_logging
from onevoice.doors.cli.telling import answering, say, settings, tell
from onevoice.settings import Secret, Settings

if TYPE_CHECKING:
    from onevoice.wiring import Onevoice

SIGN_IN: Final = "sign-in.json"


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """How to sign in to this demo, and what one sees then."""

    email: str
    password: str
    sees: str


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What the demo is, where it is, and how to get in. `address` is empty where it is not served."""

    folder: str
    made: Made
    logins: tuple[Login, ...]
    stories: tuple[Story, ...]
    address: str = ""


def demo(folder: Path, *, port: int | None, serving: bool, as_json: bool) -> None:
    """Make the demo where it is not there yet, and serve it."""
    from onevoice.wiring import open_onevoice, real_clock

    with answering(as_json=as_json):
        chosen = _settings(folder, port)
        state = begin_demo(folder, real_clock())
        house = open_onevoice(chosen)
        try:
            told = _made(house, folder, state, as_json=as_json)
            if serving:
                from onevoice.doors.cli.serve import serve_house

                start_logging("warning")  # the terminal is for reading
                serve_house(house, lambda address: _tell(told, address, as_json=as_json))
                if not as_json:
                    say("Stopped. The same command goes on where it was.")
            else:
                _tell(told, "", as_json=as_json)
        finally:
            house.close()


def _settings(folder: Path, port: int | None) -> Settings:
    """A store of its own in the folder, whatever the settings say of the company's; and no way to send real mail."""
    own = Settings()
    given = settings()
    return replace(
        given,
        data_dir=folder,
        database_url=own.database_url,
        database_owner_url=own.database_owner_url,
        secret_key_file=None,
        region="",
        public_url="",
        oidc_issuer="",
        second_step="nobody",  # its passwords open nothing but the demo
        smtp_host="",
        smtp_password=Secret(),
        http_host=own.http_host,
        http_port=given.http_port if port is None else port,
    )


def _made(house: "Onevoice", folder: Path, state: State, *, as_json: bool) -> Told:
    with _progress(quiet=as_json) as progress:
        made = make_demo(house.gate, folder, state, progress)
        logins = _logins(house, folder)
    stories = script_of(World(state.moment)).stories
    return Told(folder=str(folder), made=made, logins=logins, stories=tuple(stories))


def _logins(house: "Onevoice", folder: Path) -> tuple[Login, ...]:
    """Who may sign in, with passwords made up for this folder and kept in it."""
    from onevoice.actions.staff import set_password
    from onevoice.nouns.authority import SYSTEM

    path = folder / SIGN_IN
    if path.exists():
        return msgspec.json.decode(path.read_bytes(), type=tuple[Login, ...])
    sees = {
        ADMIN: "everything",
        FRANCHISEE: "what a franchisee sees: its customers, not the words of other units",
    }
    logins = tuple(
        Login(email=email, password=house.entrance.random_bytes(9).hex(), sees=what) for email, what in sees.items()
    )
    for login in logins:
        set_password(house.book.engine, SYSTEM, login.email, login.password, at=house.book.clock())
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.encode(logins) + b"\n")
    return logins


def _tell(told: Told, address: str, *, as_json: bool) -> None:
    told = msgspec.structs.replace(told, address=address)
    tell(told, lambda: _words(told), as_json=as_json)
    sys.stdout.flush()


def _words(told: Told) -> Iterator[str]:
    made = told.made
    if made.read:
        yield f"Fernhill Group is made up: {made.customers:,} customers and {made.read:,} records, in {told.folder}."
        yield f"{made.proposed:,} messages of today were decided: {_counts(made.verdicts)}."
    else:
        yield f"Fernhill Group is in {told.folder} as it was left. Delete the folder for a new one."
    yield ""
    yield "Stories to look at under Customers (README.md in the folder says what each shows):"
    for story in told.stories:
        yield f"  {story.customer}  {story.title}"
    yield ""
    for login in told.logins:
        yield f"Sign in as {login.email} with {login.password}, and see {login.sees}."
    if told.address:
        yield ""
        yield f"Open {told.address}. Ctrl-C stops it."


def _counts(verdicts: dict[str, int]) -> str:
    words = {"send": "cleared", "hold": "held", "suppress": "suppressed", "reroute": "rerouted"}
    return ", ".join(f"{count:,} {words[verdict]}" for verdict, count in sorted(verdicts.items()))


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Progress]:
    """A bar for each step on a terminal, nothing elsewhere."""
    if quiet or not sys.stderr.isatty():
        yield lambda step, done, of: None
        return
    from rich.console import Console
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    with Bars(console=Console(stderr=True)) as bars:
        steps: dict[str, TaskID] = {}

        def told(step: str, done: int, of: int) -> None:
            if step not in steps:
                steps[step] = bars.add_task(step, total=of or None)
            bars.update(steps[step], completed=done, total=of or None)

        yield told
