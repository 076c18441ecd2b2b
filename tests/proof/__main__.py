"""The proof at full length: `python -m tests.proof --long` compares a million decisions and writes the figures."""

import argparse
import json
import multiprocessing
import platform
import sys
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from onevoice.nouns.reason import Reason
from tests.proof.comparison import Account, compare_seed
from tests.proof.floors import too_little
from tests.proof.mutants import MUTANTS, caught
from tests.proof.rough import handled_roughly

LONG = 1_000_000
SHORT = 30_000
EVIDENCE = Path(__file__).parents[2] / "docs" / "evidence" / "judge.json"
SHOWN_MAX = 20


def main() -> int:
    """0 when everything agreed and enough was seen (mutants: all were caught), else 1."""
    asked = argparse.ArgumentParser(prog="python -m tests.proof", description=__doc__)
    asked.add_argument("--long", action="store_true", help=f"{LONG:,} decisions, figures to docs/evidence/judge.json")
    asked.add_argument("--decisions", type=int, default=0, help=f"so many decisions (default {SHORT:,})")
    asked.add_argument("--seed", type=int, default=0, help="the first seed")
    asked.add_argument("--book", action="store_true", help="kills and races only, figures to docs/evidence/book.json")
    asked.add_argument("--mutants", action="store_true", help="break the judge on purpose, line by line")
    given = asked.parse_args()
    if given.mutants:
        return mutants()
    if given.book:
        return told(handled_roughly(given.seed))
    decisions = given.decisions or (LONG if given.long else SHORT)
    begun = time.monotonic()
    account = compared(decisions, given.seed)
    figures = written(account, given.seed, time.monotonic() - begun)
    Console().print_json(figures)
    faults = account.differences[:SHOWN_MAX] + too_little(account, decisions)
    if given.long and not faults:
        EVIDENCE.parent.mkdir(parents=True, exist_ok=True)
        EVIDENCE.write_text(figures + "\n")
        faults = handled_roughly(given.seed)
    return told(faults)


def told(faults: list[str]) -> int:
    """Says what was found wrong; 1 when anything was."""
    for fault in faults:
        sys.stderr.write(fault + "\n")
    return 1 if faults else 0


def compared(decisions: int, seed: int) -> Account:
    """Compares seed after seed on all cores until so many decisions are reached."""
    account = Account()
    with _progress() as progress, multiprocessing.Pool() as pool:
        bar = progress.add_task("decisions", total=decisions)
        for one in pool.imap(compare_seed, _seeds(seed, decisions), chunksize=8):
            account.add(one)
            progress.update(bar, completed=min(account.decisions, decisions))
            if account.decisions >= decisions:
                break
    return account


def _seeds(first: int, decisions: int) -> Iterator[int]:
    return iter(range(first, first + decisions // 12))


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    return Progress(*columns, console=console, disable=not console.is_terminal)


def written(account: Account, seed: int, seconds: float) -> str:
    """The figures of a run as JSON."""
    return json.dumps(
        {
            "what": "random decisions of the judge compared with the reference interpreter",
            "decisions": account.decisions,
            "differences": len(account.differences),
            "verdicts": dict(account.verdicts),
            "reasons": {reason.spoken: account.reasons[reason.spoken] for reason in Reason},
            "stopped_by": dict(account.stopped_by.most_common()),
            "lists_of_counted_touches": account.evidence,
            "decided_together": account.together,
            "first_seed": seed,
            "seconds": round(seconds, 1),
            "processes": multiprocessing.cpu_count(),
            "python": platform.python_version(),
            "numpy": version("numpy"),
            "tzdata": version("tzdata"),
        },
        indent=2,
    )


def mutants() -> int:
    """Plants every fault of the table, one at a time, and prints which were caught."""
    slipped = 0
    with _progress() as progress:
        bar = progress.add_task("mutants", total=len(MUTANTS))
        for mutant in MUTANTS:
            how = caught(mutant)
            slipped += not how
            progress.console.print(
                f"{how or 'SLIPPED THROUGH'}: {mutant.file}: {mutant.old.strip()} -> {mutant.new.strip()}"
            )
            progress.advance(bar)
    sys.stdout.write(f"{len(MUTANTS) - slipped} of {len(MUTANTS)} planted faults were caught.\n")
    return 1 if slipped else 0


if __name__ == "__main__":
    sys.exit(main())
