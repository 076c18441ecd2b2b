"""Anybody's export becomes testimony by a mapping file, and every row is accounted for."""

import os
from collections import Counter
from pathlib import Path

import pytest

from onevoice.nouns.moment import SECOND
from onevoice.nouns.observation import Given, Observation, Parked, Read
from onevoice.nouns.problem import Refused
from onevoice.parsing.moments import when_of
from onevoice.vendors.table.guess import guess_file
from onevoice.vendors.table.mapping import Mapping, read_mapping
from onevoice.vendors.table.read import read, read_here
from onevoice.vendors.table.write import written
from tests.shared_data import shared_data

MAPPING = """
[time]
columns = ["when"]
format = "%d/%m/%Y %H:%M"
zone = "Europe/Berlin"

[key]
columns = ["id"]
prefix = "crm"

[columns]
address = "to"
contact_point = "from"
kind = "what"
direction = "way"
topics = "topics"

[inbound]
address = "from"
contact_point = "to"

[constants]
channel = "sms"

[values.kind]
OUT = "sent"
IN = "received"

[values.direction]
MT = "outbound"
MO = "inbound"

[refers]
agent = "agent"
"""
HEADER = "id,when,to,from,what,way,topics,agent\n"


def source(tmp_path: Path, text: str, name: str = "log.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def items(path: Path, mapping: Mapping, given: Given | None = None) -> list[Read | Parked]:
    return list(read_here(path, mapping, given or Given()))


def only(found: list[Read | Parked]) -> Observation:
    assert len(found) == 1 and isinstance(found[0], Read) and len(found[0].observations) == 1
    return found[0].observations[0]


def test_a_row_says_what_its_mapping_says(tmp_path: Path) -> None:
    """Columns, constants, tables of values, a zone, a key with its prefix, and what the caller gave."""
    path = source(tmp_path, HEADER + "7,08/03/2024 09:05,+491,4711,OUT,MT,offers; wine,Ann\n")
    assert only(items(path, read_mapping(MAPPING), Given(unit="shop", campaign="spring"))) == Observation(
        kind="sent",
        key="crm:7",
        occurred=when_of("iso")("2024-03-08T08:05Z"),
        channel="sms",
        direction="outbound",
        unit="shop",
        campaign="spring",
        address="+491",
        contact_point="4711",
        topics=("offers", "wine"),
        refers={"agent": "Ann"},
    )


def test_an_inbound_row_reads_the_customer_from_the_other_side(tmp_path: Path) -> None:
    """From and to change places with the direction."""
    path = source(tmp_path, HEADER + "8,08/03/2024 09:05,4711,+491,in,mo,,\n")
    seen = only(items(path, read_mapping(MAPPING)))
    assert (seen.kind, seen.direction, seen.address, seen.contact_point) == ("received", "inbound", "+491", "4711")


def test_what_a_row_does_not_say_parks_it_with_the_reason(tmp_path: Path) -> None:
    """Each reason names a column or a field, and never quotes what stood there."""
    bad = (
        "1,08/03/2024 09:05,,4711,OUT,MT,,\n"
        "2,2024-03-08,+491,4711,OUT,MT,,\n"
        "3,,+491,4711,OUT,MT,,\n"
        "4,08/03/2024 09:05,+491,4711,SECRET,MT,,\n"
        "5,08/03/2024 09:05,+491,4711,,MT,,\n"
        ",08/03/2024 09:05,+491,4711,OUT,MT,,\n"
    )
    found = items(source(tmp_path, HEADER + bad), read_mapping(MAPPING))
    assert [item.reason for item in found if isinstance(item, Parked)] == [
        "It names no customer and no address.",
        "Its time is not of the mapping's format, or is outside 1970 to 2106.",
        "It has no time.",
        "The mapping does not say what its value of kind means.",
        "The cell that says what happened is empty.",
        "Its key is empty.",
    ]
    assert all(item.where == f"line {number}" for number, item in enumerate(found, 2))


def test_rows_without_a_key_are_known_by_all_their_cells(tmp_path: Path) -> None:
    """The same file read twice gives the same keys; the second of two equal rows is another fact."""
    mapping = read_mapping(MAPPING.replace('columns = ["id"]', "columns = []"))
    row = "7,08/03/2024 09:05,+491,4711,OUT,MT,,\n"
    path = source(tmp_path, HEADER + row + row)
    first, second = items(path, mapping), items(path, mapping)
    keys = [item.observations[0].key for item in first if isinstance(item, Read)]
    assert first == second and len(set(keys)) == 2 and keys[1] == keys[0] + "#2"


def test_a_mapping_that_does_not_fit_the_file_parks_it_whole(tmp_path: Path) -> None:
    """The missing and the doubled column are both named."""
    path = source(tmp_path, "id,when,to,to,what,way,topics,agent\n1,2,3,4,5,6,7,8\n")
    found = items(path, read_mapping(MAPPING))
    assert len(found) == 1 and isinstance(found[0], Parked)
    assert "no column 'from'" in found[0].reason and "more than one column 'to'" in found[0].reason


def test_every_fault_of_a_mapping_is_told_at_once() -> None:
    """A wrong word, an unknown field, a doubled one, a bad zone, a bad encoding and a missing person."""
    with pytest.raises(Refused) as refused:
        read_mapping(
            'encoding = "klingon"\n[time]\ncolumns = []\nformat = "%Q"\n'
            '[columns]\ncolour = "c"\nkind = "k"\n[constants]\nkind = "decided"\n'
            'days = "x"\n[values.channel]\nA = "telex"\n'
        )
    assert {fault.where for fault in refused.value.faults} == {
        "columns.colour",
        "constants.kind",
        "constants.days",
        "columns",
        "time",
        "time.columns",
        "encoding",
        "values.channel.A",
    }


@pytest.mark.parametrize("text", ["", "time = 3", "[time]\ncolumns = ['a']\nshape = 'x'", "\x00", "[time"])
def test_what_is_no_mapping_is_refused(text: str) -> None:
    """A fault with a sentence, never a traceback."""
    with pytest.raises(Refused):
        read_mapping(text)


CONSENTS = """
[time]
columns = ["when"]
[key]
columns = ["id"]
[columns]
address = "email"
source = "source"
evidence = "proof"
[constants]
kind = "consented"
permit = "express"
channel = "email"
"""


@pytest.mark.parametrize(
    ("row", "kind", "missing"),
    [
        ("1,2024-03-08,a@example.com,form 7,double opt-in 91", "consented", ""),
        ("1,2024-03-08,a@example.com,form 7,", "quarantined", "evidence"),
        ("1,2024-03-08,a@example.com,,double opt-in 91", "quarantined", "source"),
        ("1,,a@example.com,form 7,double opt-in 91", "quarantined", "time"),
        ("1,then,a@example.com, , ", "quarantined", "source, evidence, time"),
    ],
)
def test_a_consent_without_source_proof_and_time_is_recorded_but_grants_nothing(
    tmp_path: Path, row: str, kind: str, missing: str
) -> None:
    """A list bought with consents nobody can prove goes to quarantine, and says what is missing."""
    path = source(tmp_path, "id,when,email,source,proof\n" + row + "\n")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    seen = only(items(path, read_mapping(CONSENTS)))
    assert seen.kind == kind
    assert (seen.occurred == 1_700_000_000 * SECOND) is ("time" in missing)
    assert seen.detail == (f"This consent does not count until it is proven; missing: {missing}." if missing else "")


def test_json_lines_are_read_by_dotted_names(tmp_path: Path) -> None:
    """Numbers, lists and nested fields come as text; nothing is taken twice."""
    mapping = read_mapping(
        'format = "ndjson"\n[time]\ncolumns = ["meta.at"]\nformat = "epoch"\n[columns]\n'
        'customer = "user.id"\ntopics = "tags"\n[constants]\nkind = "sent"\nchannel = "push"\n'
    )
    lines = (
        '{"meta":{"at":1461095246},"user":{"id":7},"tags":["a","b"],"n":1}\n'
        '{"meta":{"at":1461095246},"user":{"id":7},"tags":["a","b"],"n":2}\n{"meta":3}\n[1]\n'
    )
    found = items(source(tmp_path, lines, "log.ndjson"), mapping)
    assert [type(item) for item in found] == [Read, Read, Parked, Parked]
    first, second = [item.observations[0] for item in found if isinstance(item, Read)]
    assert first.customer == "7" and first.topics == ("a", "b") and first.key != second.key


def test_a_guess_is_a_mapping_with_its_reasons(tmp_path: Path) -> None:
    """What is written can be read again and is the same mapping; ambiguous days are pointed out."""
    text = "Message ID,To,Sent,Event,odd 'name\"\n1,a@example.com,03/04/2024 10:00,delivered,x\n"
    guessed = guess_file(source(tmp_path, text))
    assert read_mapping(written(guessed)) == guessed.mapping
    assert guessed.mapping.key.columns == ("Message ID",) and guessed.mapping.columns["address"] == "To"
    assert guessed.mapping.values["kind"] == {"delivered": "delivered"}
    assert any("other way round" in doubt for doubt in guessed.doubts)


def test_a_column_with_a_strange_name_does_not_break_the_mapping(tmp_path: Path) -> None:
    """Line breaks, quotes, control characters and comment signs in names and values stay what they are."""
    header = '"sent\n[key]","to ""x"" # \x01\x7f","event\u2028"\n'
    text = header + '2024-03-08,a@example.com,"od\nd"\n' + "2024-03-09,b@example.com,sent\n"
    path = source(tmp_path, text)
    with pytest.raises(Refused):
        guess_file(path)
    header = '"sent_at\t",to,"x # \x01\x7f\n[key]",event\n'
    path = source(tmp_path, header + '2024-03-08,a@example.com,1,"od\nd\x02"\n2024-03-09,b@example.com,2,sent\n')
    guessed = guess_file(path)
    assert read_mapping(written(guessed)) == guessed.mapping
    assert [type(item) for item in items(path, guessed.mapping)] == [Parked, Read]


def test_a_table_that_says_nothing_is_not_guessed(tmp_path: Path) -> None:
    """Both things that are missing are named."""
    with pytest.raises(Refused) as refused:
        guess_file(source(tmp_path, "colour,size\nred,3\n"))
    assert {fault.where for fault in refused.value.faults} == {"time", "columns"}


def test_the_political_inboxes_are_guessed_and_read_whole() -> None:
    """GOLD: 2,401 messages in 24 inboxes; day and hour are two columns."""
    path = shared_data("campaigns/political_inboxes.csv.gz")
    guessed = guess_file(path)
    assert guessed.mapping.time.columns == ("date", "hour") and guessed.mapping.key.columns == ("uid_email",)
    found = list(read(path, guessed.mapping, Given(category="marketing")))
    seen = [item.observations[0] for item in found if isinstance(item, Read)]
    assert len(found) == len(seen) == 2401 and len({one.customer for one in seen}) == 24
    assert Counter((one.kind, one.direction, one.channel) for one in seen) == {("sent", "outbound", "email"): 2401}
    assert len({one.key for one in seen}) == 2401 and all(one.contact_point for one in seen)


def test_the_sms_inboxes_are_guessed_from_the_customers_side() -> None:
    """GOLD: 2,253 rows of 10 people; one person's months stand before the days, and those days beyond 12 are parked."""
    path = shared_data("sms/exais_inboxes.csv.gz")
    guessed = guess_file(path)
    assert guessed.mapping.columns["customer"] == "user" and guessed.mapping.columns["contact_point"] == "peer"
    found = list(read(path, guessed.mapping, Given()))
    seen = [item.observations[0] for item in found if isinstance(item, Read)]
    assert len(found) == 2253 and len(seen) == 1942 and len({one.customer for one in seen}) == 10
    sides = Counter((one.kind, one.direction) for one in seen)
    assert sides == {("sent", "outbound"): 1469, ("received", "inbound"): 473}
    assert len({one.key for one in seen}) == 1942
    received = Counter((one.customer, one.occurred // 86_400_000_000) for one in seen if one.kind == "sent")
    assert (len(received), sum(n >= 3 for n in received.values()), sum(n >= 5 for n in received.values())) == (
        528,
        206,
        79,
    )


@pytest.mark.parametrize("name", ["campaigns/political_inboxes.csv.gz", "sms/exais_inboxes.csv.gz"])
@pytest.mark.parametrize("part", [0.9, 0.5, 0.1, 0.01])
def test_a_log_cut_off_gives_its_beginning_and_says_so(tmp_path: Path, name: str, part: float) -> None:
    """A transfer that broke is read as far as it goes, and its last item tells."""
    path = shared_data(name)
    mapping = guess_file(path).mapping
    whole = items(path, mapping)
    packed = path.read_bytes()
    cut = tmp_path / "cut.csv.gz"
    cut.write_bytes(packed[: int(len(packed) * part)])
    found = items(cut, mapping)
    assert isinstance(found[-1], Parked) and 0 < len(found) < len(whole)
    assert found[: max(len(found) - 2, 0)] == whole[: max(len(found) - 2, 0)]
