"""What an import could not read may name somebody: it is emptied when they are forgotten, and stays counted."""

import base64
import json
from collections.abc import Iterator

import pytest

from onevoice.actions.erase import EMPTIED, erase
from onevoice.actions.import_log import import_log
from onevoice.actions.named import Names
from onevoice.ledger.tables import parked
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.observation import Parked, Read
from tests.actions.test_erase import CANARY, hits, planted
from tests.actions.test_import_log import record
from tests.book import Company

REFERENCE, ADDRESS = f"{CANARY}-1", f"{CANARY.lower()}.ana@example.com"
RAW: dict[str, bytes] = {
    "a row": f"7;{REFERENCE};hello".encode(),
    "capitals": f"7;{REFERENCE.upper()};hello".encode(),
    "UTF-16": f"7;{ADDRESS}".encode("utf-16-le"),
    "quoted": f"To: {ADDRESS}".replace("@", "=40").encode(),
    "a link": f"https://x.example/?to={ADDRESS}".replace("@", "%40").encode(),
    "JSON": json.dumps({"to": ADDRESS}).replace("@", "\\u0040").encode(),
    "a number as written at home": b"call 0151 / 998-877 66!",
    "a number as written abroad": b"tel:+49 (0)151 99887766",
}
"""What could not be read, and names her."""

OTHERS: dict[str, bytes] = {
    "a longer reference": f"7;{REFERENCE}0;hello".encode(),
    "a longer address": f"7;di{ADDRESS};hello".encode(),
    "a longer number": b"call 0151998877669",
    "nobody": b"\xff\0,,",
}


def rows() -> Iterator[Read | Parked]:
    for name, raw in (RAW | OTHERS).items():
        yield Parked(where=f"file of {name}", reason="The row has too many columns.", raw=raw)
    yield Parked(where=f"{REFERENCE}.eml", reason="No date.")
    yield Parked(where="row 99", reason=f"address: '{ADDRESS}' is no address.")
    yield record(1, unit="nowhere", address=ADDRESS)


def test_parked_records_that_name_the_person_are_empty_and_still_there(company: Company) -> None:
    """By reference, address or number, in raw bytes, place or reason, however it is encoded; those of others stay."""
    planted(company)
    import_log(company.gate, SYSTEM, "export", rows())
    before = company.counts()["parked"]
    erased = erase(company.gate, SYSTEM, REFERENCE)
    assert erased.parked_emptied == len(RAW) + 3
    kept = {place: bytes(raw) for *_, place, reason, raw, _ in company.rows(parked) if reason != EMPTIED}
    assert kept == {f"file of {name}": raw for name, raw in OTHERS.items()}
    assert [(place, raw) for *_, place, reason, raw, _ in company.rows(parked) if reason == EMPTIED] == [("", b"")] * 11
    assert company.counts()["parked"] == before


def test_no_byte_of_what_was_parked_sings(company: Company) -> None:
    """Tables, free pages, overflow pages and log of SQLite, a dump of PostgreSQL: nothing that names them."""
    planted(company)
    long = f"{ADDRESS};{CANARY} writes. ".encode() * 400
    broken = Parked(where="row 1", reason=f"{REFERENCE} twice", raw=long)
    import_log(company.gate, SYSTEM, "export", [broken, record(1, unit="nowhere", address=ADDRESS)])
    assert hits(company)
    erase(company.gate, SYSTEM, REFERENCE)
    assert hits(company) == []


def test_the_same_file_again_does_not_bring_them_back(company: Company) -> None:
    """The row is known, as before, and stays empty."""
    planted(company)
    import_log(company.gate, SYSTEM, "export", rows())
    erase(company.gate, SYSTEM, REFERENCE)
    before = company.rows(parked)
    import_log(company.gate, SYSTEM, "export", [row for row in rows() if isinstance(row, Parked)])
    assert company.rows(parked) == before


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("7", True),
        ("a;7;b", True),
        ('{"customer": 7}', True),
        ('{"customer": "7"}', True),
        ("2026-07-07 7:00, 17;70;7.5", False),
        ("row 7", False),
    ],
)
def test_a_short_reference_is_looked_for_as_a_whole_value_only(text: str, named: bool) -> None:
    """`7` stands in every date; a stop that waits to be read must not go because of it."""
    assert Names(["7"]).are_in(text) is named


def test_nobody_is_named_by_nothing() -> None:
    """Without words there is nothing to find."""
    assert not Names([]).are_in("anything")
    assert not Names([""]).are_in_bytes(base64.b64encode(b"anything"))
