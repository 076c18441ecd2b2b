"""`python -m tests.evaluate.guess`: how well `onevoice import --guess` reads tables it has not seen, in figures."""

import argparse
import json
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from onevoice.nouns.problem import Refused
from onevoice.vendors.table.guess import guess_file
from onevoice.vendors.table.mapping import Mapping
from tests.evaluate.expected_exports import LOGS, NEVER
from tests.shared_data import shared_data

EVIDENCE = Path(__file__).parents[2] / "docs" / "evidence" / "guess.json"


@dataclass(slots=True)
class Score:
    """Tables of each kind and how many were taken for what they are; columns expected, right and wrong; what missed."""

    logs: int = 0
    logs_guessed: int = 0
    others: int = 0
    others_refused: int = 0
    columns: int = 0
    columns_right: int = 0
    columns_wrong: int = 0
    missed: list[str] = field(default_factory=list)


def said(mapping: Mapping) -> dict[str, str]:
    """Field -> the column, or `=constant`, that a mapping gives it."""
    found = {"time": mapping.time.columns[0]} | dict(mapping.columns)
    found |= {f"inbound.{name}": column for name, column in mapping.inbound.items()}
    found |= {name: f"={value}" for name, value in mapping.constants.items()}
    return found | ({"key": mapping.key.columns[0]} if mapping.key.columns else {})


def score(folder: Path) -> Score:
    """Every table of the folder against what it is."""
    total = Score()
    for path in sorted(folder.rglob("*.csv")):
        name = path.relative_to(folder).as_posix()
        try:
            mapping = guess_file(path).mapping
        except Refused:
            mapping = None
        _count(total, name, mapping)
    return total


def _count(total: Score, name: str, mapping: Mapping | None) -> None:
    if name not in LOGS:
        total.others += 1
        total.others_refused += mapping is None
        total.missed += [f"{name}: taken for a log"] if mapping else []
        return
    expected = LOGS[name]
    total.logs += 1
    total.columns += len(expected)
    if mapping is None:
        total.missed.append(f"{name}: not guessed")
        return
    total.logs_guessed += 1
    found = said(mapping)
    for where, right in expected.items():
        good = found.get(where) in right
        total.columns_right += good
        total.columns_wrong += not good and where in found
        total.missed += [] if good else [f"{name}: {where} is {right[0]}, not {found.get(where, 'nothing')}"]
    wrong = [where for where in NEVER.get(name, ()) if where in found]
    total.columns_wrong += len(wrong)
    total.missed += [f"{name}: {where} is nothing, not {found[where]}" for where in wrong]


def scored() -> Score:
    """The score over the shared exports. Skips (raises) where they are absent."""
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(shared_data("exports/vendor-exports.tar.gz")) as archive:
            archive.extractall(folder, filter="data")
        return score(Path(folder))


def lines(total: Score) -> Iterator[str]:
    yield f"{total.logs_guessed} of {total.logs} logs guessed"
    yield f"{total.others_refused} of {total.others} tables that are no logs left alone"
    yield f"{total.columns_right} of {total.columns} columns right, {total.columns_wrong} wrong"
    yield from (f"  {one}" for one in total.missed)


def main() -> int:
    """0; prints the score, and writes the figures with --write."""
    asked = argparse.ArgumentParser(prog="python -m tests.evaluate.guess", description=__doc__)
    asked.add_argument("--write", action="store_true", help="write the figures to docs/evidence/guess.json")
    given = asked.parse_args()
    total = scored()
    Console(highlight=False, soft_wrap=True).print(*lines(total), sep="\n", markup=False)
    if given.write:
        figures = {
            "what": "tables of four platforms, their names unseen, read by `onevoice import --guess`",
            "logs": total.logs,
            "logs_guessed": total.logs_guessed,
            "no_logs": total.others,
            "no_logs_left_alone": total.others_refused,
            "columns": total.columns,
            "columns_right": total.columns_right,
            "columns_wrong": total.columns_wrong,
            "missed": total.missed,
        }
        EVIDENCE.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
