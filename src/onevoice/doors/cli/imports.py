"""`onevoice import`: take in exported logs, with a balance of what became of every record."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import typer

from onevoice.actions.import_log import Account, import_log
from onevoice.doors.cli.telling import Exit, answering, at, opened, progress_bar, say, tell
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.observation import Given, Parked, Read
from onevoice.nouns.problem import Fault, Refused
from onevoice.vendors import VENDORS, reader_for, reader_named
from onevoice.vendors.table import read as table
from onevoice.vendors.table.guess import guess_file
from onevoice.vendors.table.mapping import read_mapping
from onevoice.vendors.table.write import written

REASONS_SHOWN = 20
PARTS_SHOWN = 20


class Part(msgspec.Struct, frozen=True):
    """A part of a record that was refused while the rest was taken: where it stands, and why."""

    where: str
    reason: str


class Told(msgspec.Struct, frozen=True):
    """What became of the records of one file."""

    file: str
    reader: str
    read: int
    recorded: int
    repeated: int
    parked: int
    quarantined: int
    balances: bool
    partly: int
    refused: list[Part]
    reasons: dict[str, int]
    verdicts: dict[str, int]


def guess(file: Path, *, as_json: bool) -> None:
    """Write the mapping that fits a table best, each line with its reason; nothing is imported."""
    with answering(as_json=as_json):
        if not file.is_file():
            raise Refused([Fault(str(file), "There is no such file.")])
        guessed = guess_file(file)
        tell(guessed.mapping, lambda: iter(written(guessed).splitlines()), as_json=as_json)


def load(
    files: list[Path], *, reader: str, mapping: Path | None, source: str, given: Given, replay: bool, as_json: bool
) -> None:
    """Import these files (or folders), one account each. Ends with code 1 where an account does not balance."""
    with answering(as_json=as_json):
        chosen = [(file, *_reader(file, reader, mapping, given)) for file in files]
        with opened() as house:
            accounts = []
            for file, name, records in chosen:
                with _progress(file.name, quiet=as_json) as progress:
                    account = import_log(house.gate, SYSTEM, source or name, records, replay=replay, progress=progress)
                accounts.append(_told(file, name, account))
        tell(accounts, lambda: _words(accounts), as_json=as_json)
        if not all(account.balances for account in accounts):
            raise typer.Exit(int(Exit.FAULTS))


def waiting(source: str, *, as_json: bool) -> None:
    """List what is parked, oldest first: of one source, or of all."""
    from onevoice.answers.parked import parked_rows

    with answering(as_json=as_json), opened() as house, house.book.reader(SYSTEM) as reader:
        for row in parked_rows(reader, source):
            tell(row, lambda row=row: iter([f"{row.source}  {row.where}: {row.reason}"]), as_json=as_json)  # type: ignore[misc]


def _reader(file: Path, named: str, mapping: Path | None, given: Given) -> tuple[str, Iterator[Read | Parked]]:
    """The name and the records of a file, by the reader that was named, by a mapping, or by what it looks like."""
    there = at(file)
    if not there.exists():
        raise Refused([Fault(str(file), "There is no such file or folder.")])
    if mapping is not None:
        return "table", table.read(there, read_mapping(at(mapping).read_text("utf-8")), given)
    found = reader_named(named) if named else reader_for(there)
    if named and found is None:
        names = ", ".join(one.name for one in VENDORS)
        raise Refused([Fault("--reader", f"There is no reader '{named}'. There are: {names}.")])
    if found is not None:
        return found.name, found.read(there, given)
    guessed = guess_file(there)
    if guessed.doubts:
        raise Refused(
            [Fault(str(file), doubt) for doubt in guessed.doubts],
            f"No reader knows {file.name}, and its columns leave questions. Write a mapping: "
            f"`onevoice import --guess {file}` proposes one; then import with --mapping.",
        )
    return "table", table.read(there, guessed.mapping, given)


def _told(file: Path, reader: str, account: Account) -> Told:
    return Told(
        file=str(file),
        reader=reader,
        read=account.read,
        recorded=account.recorded,
        repeated=account.repeated,
        parked=account.parked,
        quarantined=account.quarantined,
        balances=account.balances,
        partly=account.partly,
        refused=[Part(one.where, one.reason) for one in account.refused],
        reasons=dict(account.reasons.most_common()),
        verdicts=dict(account.verdicts),
    )


def _words(accounts: list[Told]) -> Iterator[str]:
    for account in accounts:
        yield f"{account.file} ({account.reader})"
        yield f"{account.read:>11,} read"
        yield f"{account.recorded:>11,} recorded"
        yield f"{account.repeated:>11,} repeated: known already, nothing changed"
        yield f"{account.parked:>11,} parked: waiting for a person"
        for reason, count in list(account.reasons.items())[:REASONS_SHOWN]:
            yield f"{count:>19,}  {reason}"
        if account.partly:
            yield f"{account.partly:>11,} of those recorded or repeated only in part; parked of them:"
            for part in account.refused[:PARTS_SHOWN]:
                yield f"{'':>19}  {part.where}: {part.reason}"
            if len(account.refused) > PARTS_SHOWN:
                yield f"{'':>19}  and more: `onevoice import --parked` lists them all"
        if account.quarantined:
            yield f"{account.quarantined:>11,} consents without proof: recorded, but they allow nothing"
        for verdict, count in sorted(account.verdicts.items()):
            yield f"{count:>11,} {verdict}"
        yield "The account balances." if account.balances else "THE ACCOUNT DOES NOT BALANCE. Please report this."


@contextmanager
def _progress(name: str, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """A function to tell how many records were taken in; a bar on a terminal, nothing elsewhere."""
    taken = 0
    with progress_bar(name, quiet=quiet, unit="records") as told:

        def more(count: int) -> None:
            nonlocal taken
            taken += count
            told(taken, 0)

        yield more


def readers(*, as_json: bool) -> None:
    """Tell which logs are known by themselves."""
    known = {one.name: one.says for one in VENDORS}
    tell(known, lambda: (f"{name:<10} {says}" for name, says in known.items()), as_json=as_json)
    if not as_json:
        say("Any other table: `onevoice import --guess FILE` proposes a mapping.")
