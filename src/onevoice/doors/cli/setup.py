"""`onevoice setup`: load the setup folder, check it, write it out, or let a member of staff in again."""

import os
from collections.abc import Iterator
from pathlib import Path

import typer

from onevoice.actions.second_step import reset_second_step as forget_second_step
from onevoice.actions.setup import UNFIT, SetUp, setup
from onevoice.actions.staff import set_password
from onevoice.answers.setup_folder import setup_files
from onevoice.doors.cli.telling import answering, at, opened, progress_bar, tell
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.problem import Fault, Refused


def load(folder: Path, *, checking: bool, as_json: bool) -> None:
    """Load the folder (or only check it) and tell what changed."""
    with answering(as_json=as_json), opened() as house:
        there = at(folder)
        if not there.is_dir():
            raise Refused([Fault(str(folder), "There is no such folder.")], UNFIT)
        with progress_bar("Customers", quiet=as_json) as progress:
            done = setup(house.gate, SYSTEM, there, checking=checking, progress=progress)
        tell(done, lambda: _words(done), as_json=as_json)


def export(folder: Path, *, as_json: bool) -> None:
    """Write the setup folder. It must be empty or not there yet, so that nothing of somebody's is overwritten."""
    with answering(as_json=as_json), opened() as house:
        there = at(folder)
        if there.exists() and (not there.is_dir() or any(there.iterdir())):
            raise Refused([Fault(str(folder), "This is not an empty folder; name a new one.")], "Nothing was written.")
        there.mkdir(parents=True, exist_ok=True, mode=0o700)
        written: list[str] = []
        with house.book.reader(SYSTEM) as reader:
            for name, text in setup_files(reader):
                _write(there / name, text)
                written.append(name)
        words = f"Wrote {len(written)} files to {folder}. They hold personal data: keep them where only you can read."
        tell({"folder": str(folder), "files": written}, lambda: iter([words]), as_json=as_json)


def ask_password() -> str:
    """A new password, typed twice and not shown."""
    wanted: str = typer.prompt("New password", hide_input=True, confirmation_prompt=True, err=True)
    return wanted


def password(email: str, wanted: str, *, as_json: bool) -> None:
    """Set a password; sessions of that member of staff end."""
    with answering(as_json=as_json), opened() as house:
        member = set_password(house.book.engine, SYSTEM, email, wanted, at=house.book.clock())
        words = f"{member.name} signs in with {member.email} and the new password."
        tell({"email": member.email, "unit": member.unit}, lambda: iter([words]), as_json=as_json)


def reset_second_step(email: str, *, as_json: bool) -> None:
    """Forget somebody's second step; sessions of that member of staff end, and they enrol at their next sign-in."""
    with answering(as_json=as_json), opened() as house:
        member = forget_second_step(house.book.engine, SYSTEM, email, at=house.book.clock())
        words = f"{member.name} sets up a second step at the next sign-in."
        tell({"email": member.email, "unit": member.unit}, lambda: iter([words]), as_json=as_json)


def _write(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(text.encode())


def _words(done: SetUp) -> Iterator[str]:
    if done.checked:
        yield "The folder is good. Nothing was written."
        return
    if not done.changed:
        yield "Nothing changed: everything was there already."
    else:
        counts = {
            "documents new or changed": done.documents,
            "members of staff new or changed": done.staff,
            "customers new": done.customers,
            "customers with another name or language": done.renamed,
            "addresses linked": done.addresses,
            "memberships of units, households and clients": done.joined,
            "zones and holdings told to the book": done.facts,
        }
        yield from (f"{count:>9,} {what}" for what, count in counts.items() if count)
    yield f"Documents are at version {done.surroundings}, the policy at version {done.policy}."
