"""A million rows of a CSV log into the book: read, mapped, matched to people, written once each."""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.company import company, peak_megabytes
from onevoice.actions.import_log import import_log
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.observation import Given
from onevoice.vendors.table.mapping import read_mapping
from onevoice.vendors.table.read import read

ROWS = 1_000_000
PEOPLE = 100_000
MAPPING = """
format = "csv"
[time]
columns = ["at"]
format = "epoch"
zone = "UTC"
[key]
columns = ["id"]
[columns]
customer = "who"
address = "address"
subject = "subject"
[constants]
kind = "sent"
channel = "email"
category = "marketing"
"""


def run(chosen: argparse.Namespace) -> dict[str, Any]:
    """Rows per second of the whole import, and of reading and mapping alone."""
    rows = chosen.rows or ROWS
    with tempfile.TemporaryDirectory() as folder, company(chosen.engine) as house:
        file = Path(folder) / "log.csv"
        _write(file, rows, house.book.clock() // 1_000_000)
        mapping = read_mapping(MAPPING)
        began = time.perf_counter()
        records = sum(1 for _ in read(file, mapping, Given()))
        reading = time.perf_counter() - began
        began = time.perf_counter()
        account = import_log(house.gate, SYSTEM, "measured", read(file, mapping, Given()))
        took = time.perf_counter() - began
    assert records == rows
    assert account.balances
    assert account.recorded == rows
    return {
        "rows": rows,
        "people": min(PEOPLE, rows),
        "seconds": round(took, 1),
        "rows per second": round(rows / took),
        "reading and mapping alone, seconds": round(reading, 1),
        "peak MB": round(peak_megabytes()),
    }


def _write(file: Path, rows: int, now: int) -> None:
    with file.open("w") as out:
        out.write("id,at,who,address,subject\n")
        for number in range(rows):
            person = number % PEOPLE
            out.write(f"m{number},{now - rows + number},c{person},c{person}@people.example,Spring news {number % 50}\n")
