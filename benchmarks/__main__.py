"""`python -m benchmarks NAME [--option value]`: runs one benchmark, prints its figures and writes them as JSON."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import batch, blast, http, import_rows, judge, pages, timeline, what_if

ON_BOTH = ("blast", "batch", "what_if")
"""Benchmarks whose figures are kept for each store."""

RESULTS = Path(__file__).parent / "results"
BENCHMARKS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "blast": blast.run,
    "batch": batch.run,
    "http": http.run,
    "timeline": timeline.run,
    "pages": pages.run,
    "import_rows": import_rows.run,
    "judge": judge.run,
    "what_if": what_if.run,
}


def main() -> None:
    """Run the benchmark that was named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", choices=sorted(BENCHMARKS))
    parser.add_argument("--engine", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument(
        "--rows", type=int, default=0, help="how many proposals, rows or touches (0: the published size)"
    )
    parser.add_argument("--all-rules", action="store_true", help="batch: under every rule type there is, forty rules")
    parser.add_argument("--seconds", type=int, default=10, help="how long a timed part lasts")
    chosen = parser.parse_args()
    figures = BENCHMARKS[chosen.name](chosen)
    told = {
        "benchmark": chosen.name,
        "engine": chosen.engine,
        "machine": {"processor": _processor(), "cores": os.cpu_count(), "python": platform.python_version()},
        "figures": figures,
    }
    RESULTS.mkdir(exist_ok=True)
    name = f"{chosen.name}-{chosen.engine}" if chosen.name in ON_BOTH else chosen.name
    name += "-all-rules" if chosen.all_rules else ""
    (RESULTS / f"{name}.json").write_text(json.dumps(told, indent=2) + "\n")
    sys.stdout.write(json.dumps(told, indent=2) + "\n")


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else ():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


if __name__ == "__main__":
    main()
