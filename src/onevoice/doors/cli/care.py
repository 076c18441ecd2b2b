"""`onevoice doctor`, `onevoice erase` and `onevoice work`: is all well, forget a person, do what is due."""

import platform
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
import typer

from onevoice import __version__
from onevoice.actions.erase import Erased
from onevoice.actions.erase import erase as erase_person
from onevoice.actions.seal import broken_seal, last_seal
from onevoice.answers.health import RebuildCheck, rebuild_check
from onevoice.answers.subject_access import subject_access
from onevoice.doors.cli.telling import Exit, answering, opened, progress_bar, say, tell
from onevoice.ledger.policies import current_policy
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.moment import SECOND
from onevoice.rules.files import read_policy


class Health(msgspec.Struct, frozen=True):
    """What `onevoice doctor` found; `checks` are sentences, with whether each is well."""

    well: bool
    checks: tuple[tuple[bool, str], ...]
    rebuild: RebuildCheck | None = None


def doctor(*, rebuild: bool, as_json: bool) -> None:
    """Look at settings, store, policy, contact points and seals; with `rebuild`, at every contact state too."""
    with answering(as_json=as_json):
        with opened() as house, house.book.reader(SYSTEM) as reader:
            checks: list[tuple[bool, str]] = [
                (True, f"Onevoice {__version__} on Python {platform.python_version()}."),
                (True, f"Settings are whole; data is kept in {house.settings.data_dir.resolve()}."),
                (True, f"The store ({house.book.engine.name}) opens, and its tables are of this version."),
            ]
            checks += house.book.engine.standing()
            policy = current_policy(reader.connection)
            checks.append(
                (
                    policy is not None,
                    f"Policy version {policy.version} is in force, with {len(read_policy(policy.body).rules)} rules."
                    if policy
                    else "No policy is in force: everything may go. Put one in force with `onevoice policy activate`.",
                )
            )
            checks.append(_contact_points(len(reader.surroundings.contact_points)))
            broken = broken_seal(reader.connection, house.book)
            newest = last_seal(reader.connection)
            sealed = datetime.fromtimestamp(newest.sealed / SECOND, UTC).isoformat(" ", "minutes") if newest else ""
            checks.append(
                (
                    broken is None,
                    f"Seal {broken} does not fit the book: somebody changed it."
                    if broken is not None
                    else f"The book is sealed up to entry {newest.last:,} ({sealed} UTC)."
                    if newest
                    else "The book is not sealed yet; the worker seals it every ten minutes.",
                )
            )
            found = None
            if rebuild:
                with progress_bar("Contact states", quiet=as_json) as progress:
                    found = rebuild_check(reader, progress)
                checks.append((found.sound, _rebuilt(found)))
        health = Health(all(well for well, _ in checks), tuple(checks), found)
        tell(health, lambda: _words(health), as_json=as_json)
        if not health.well:
            raise typer.Exit(int(Exit.FAULTS))


def _contact_points(count: int) -> tuple[bool, str]:
    if count:
        return True, f"{count:,} contact points are registered."
    return True, "No contact point is registered yet; `onevoice setup` loads them."


def _rebuilt(found: RebuildCheck) -> str:
    if found.sound:
        return f"All {found.folios:,} contact states, made anew from their entries, are identical; all chains hold."
    return f"{found.different:,} of {found.folios:,} contact states differ, or sums and logs do not agree."


def _words(health: Health) -> Iterator[str]:
    for well, words in health.checks:
        yield f"{'well ' if well else 'CHECK'}  {words}"
    if health.rebuild:
        yield from (f"       {line}" for line in health.rebuild.differences)


def ask_sure(reference: str) -> None:
    """The reference is typed once more before a customer is forgotten; another one ends the command."""
    typed: str = typer.prompt("This cannot be undone. Type the customer's reference once more", err=True)
    if typed != reference:
        say("That is another reference. Nothing was erased.")
        raise typer.Exit(int(Exit.USAGE))


def erase(reference: str, *, as_json: bool) -> None:
    """Forget a customer; whoever calls it is sure."""
    with answering(as_json=as_json), opened() as house:
        erased = erase_person(house.gate, SYSTEM, reference)
        tell(erased, lambda: _erased(erased), as_json=as_json)


def _erased(erased: Erased) -> Iterator[str]:
    yield f"Erased: {sum(erased.gone.values()):,} rows of personal data are gone."
    if erased.shared_addresses:
        yield f"{erased.shared_addresses:,} addresses stay, because other customers use them too."
    if erased.groups_kept:
        yield f"{erased.groups_kept:,} households and clients stay, because others belong to them too."
    if erased.parked_emptied:
        yield f"{erased.parked_emptied:,} parked records named them and are empty now; look to their files."
    if erased.stops_kept:
        yield f"{erased.stops_kept:,} stopped addresses stay stopped, remembered by a keyed hash only."
    yield "Entries of the book stay as numbers that nobody can read back."


def access(reference: str) -> None:
    """Tell everything that is held about a person, one JSON value a line: first who they are, then every entry."""
    with answering(as_json=False), opened() as house, house.book.reader(SYSTEM) as reader:
        person, entries = subject_access(reader, reference)
        say(msgspec.json.encode(person).decode())
        for entry in entries:
            say(msgspec.json.encode(entry).decode())


def work(*, as_json: bool) -> None:
    """Do once what is due now: look again at holds, let leases lapse, send, seal."""
    from onevoice.doors.worker.timetable import timetable, told_elsewhere
    from onevoice.wiring import vendors_of

    with answering(as_json=as_json), opened() as house:
        tasks = (*timetable(house, vendors_of(house.settings)), *told_elsewhere(house))
        done = {task.name: task.run() for task in tasks}
        tell(done, lambda: (f"{count:>9,} {name}" for name, count in done.items()), as_json=as_json)
