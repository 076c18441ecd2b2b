"""Real exports of platforms are taken in whole, and the second time changes nothing."""

import csv
import tarfile
from pathlib import Path

from onevoice.actions.import_log import import_log
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.observation import Given
from onevoice.vendors import reader_for
from tests.book import Company
from tests.shared_data import shared_data


def unpacked(folder: Path) -> list[Path]:
    with tarfile.open(shared_data("exports/vendor-exports.tar.gz")) as archive:
        archive.extractall(folder, filter="data")
    return sorted(folder.rglob("*.csv"))


def test_every_row_of_real_exports_is_accounted_for_and_twice_changes_nothing(company: Company, tmp_path: Path) -> None:
    """51 tables of four platforms: those that are known are read whole, the rest are left to a mapping."""
    known = 0
    for path in unpacked(tmp_path):
        reader = reader_for(path)
        if reader is None:
            continue
        known += 1
        assert reader.name == path.parent.name, path.name
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = sum(1 for row in csv.reader(stream) if row) - 1
        account = import_log(company.gate, SYSTEM, path.name, reader.read(path, Given(category="service")))
        assert account.balances and account.read == rows, path.name
        before = company.counts()
        again = import_log(company.gate, SYSTEM, path.name, reader.read(path, Given(category="service")))
        assert (again.read, again.recorded) == (rows, 0) and company.counts() == before, path.name
    assert known >= 38
