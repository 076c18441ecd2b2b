"""Twilio's logs, in every form they come in, become texts with all that happened to them."""

import json
import tarfile
from collections import Counter
from pathlib import Path

import pytest

from onevoice.nouns.observation import Given, Observation, Parked, Read
from onevoice.parsing.moments import when_of
from onevoice.vendors.twilio.read import read, read_here, recognises
from tests.shared_data import shared_data

GIVEN = Given(unit="shop", platform="texts", category="marketing")
SENT = when_of("iso")("2024-03-08T09:05:00Z")
LATER = when_of("iso")("2024-03-08T09:05:09Z")
MESSAGE: dict[str, object] = {
    "account_sid": "AC1",
    "body": "Hello",
    "date_created": "Fri, 08 Mar 2024 09:04:59 +0000",
    "date_sent": "Fri, 08 Mar 2024 09:05:00 +0000",
    "date_updated": "Fri, 08 Mar 2024 09:05:09 +0000",
    "direction": "outbound-api",
    "error_code": None,
    "from": "+15005550006",
    "messaging_service_sid": None,
    "num_segments": "1",
    "sid": "SM1",
    "status": "delivered",
    "to": "+15558675310",
}


def told(tmp_path: Path, **changed: object) -> list[Read | Parked]:
    path = tmp_path / "log.json"
    path.write_text(json.dumps({"first_page_uri": "/x", "messages": [{**MESSAGE, **changed}]}))
    assert recognises(path, path.read_bytes())
    return list(read_here(path, GIVEN))


def facts(tmp_path: Path, **changed: object) -> tuple[Observation, ...]:
    (item,) = told(tmp_path, **changed)
    assert isinstance(item, Read), item
    return item.observations


@pytest.mark.parametrize(
    ("status", "error", "kinds"),
    [
        ("sent", None, ["sent"]),
        ("delivered", None, ["sent", "delivered"]),
        ("read", None, ["sent", "delivered", "opened"]),
        ("undelivered", 30003, ["sent", "bounced"]),
        ("undelivered", 30006, ["sent", "bounced"]),
        ("failed", 21211, ["failed", "marked"]),
        ("failed", 30001, ["failed"]),
        ("failed", 21610, ["failed", "withdrawn"]),
        ("canceled", None, ["failed"]),
    ],
)
def test_a_status_says_all_that_happened_to_a_text(
    tmp_path: Path, status: str, error: int | None, kinds: list[str]
) -> None:
    """A row is the last state of a text; what must have come before is said too, under keys a webhook would use."""
    seen = facts(tmp_path, status=status, error_code=error)
    assert [one.kind for one in seen] == kinds
    assert len({one.key for one in seen}) == len(seen) and all(one.key.startswith("SM1:") for one in seen)
    assert {one.address for one in seen} == {"+15558675310"} and {one.channel for one in seen} == {"sms"}
    assert seen[0].occurred == (SENT if kinds[0] == "sent" else LATER)
    assert seen[-1].detail.startswith("hard") is (error == 30006)
    assert all(one.message == "SM1" for one in seen if one.kind not in ("withdrawn", "marked"))


@pytest.mark.parametrize("status", ["accepted", "scheduled", "queued", "sending"])
def test_a_text_that_has_not_left_is_no_fact_yet(tmp_path: Path, status: str) -> None:
    """It waits, and says that a later log will tell."""
    (item,) = told(tmp_path, status=status)
    assert isinstance(item, Parked) and status in item.reason and "later log" in item.reason


@pytest.mark.parametrize(
    ("body", "follows"),
    [
        ("STOP", "withdrawn"),
        (" stop. ", "withdrawn"),
        ("stop" + "\n" * 60, "withdrawn"),
        ("StopAll", "withdrawn"),
        ("unsubscribe", "withdrawn"),
        ("Cancel", "withdrawn"),
        ("END", "withdrawn"),
        ("quit", "withdrawn"),
        ("Revoke", "withdrawn"),
        ("OPTOUT", "withdrawn"),
        ("START", "consented"),
        ("unstop", "consented"),
        ("stop it", ""),
        ("please cancel my order", ""),
        ("the end", ""),
        ("yes", ""),
        ("", ""),
    ],
)
def test_a_keyword_counts_only_as_the_whole_message(tmp_path: Path, body: str, follows: str) -> None:
    """Ordinary talk holds words like stop and cancel; a yes may answer anything."""
    seen = facts(tmp_path, direction="inbound", status="received", body=body, **{"from": "+15558675310", "to": "+1500"})
    assert [one.kind for one in seen] == ["received", *([follows] if follows else [])]
    assert (seen[0].address, seen[0].contact_point, seen[0].direction) == ("+15558675310", "+1500", "inbound")
    if follows:
        assert seen[1].address == "+15558675310" and seen[1].occurred == SENT and seen[1].source and seen[1].evidence
        assert seen[1].unit == ("" if follows == "withdrawn" else "shop")
        assert seen[1].permit == ("express" if follows == "consented" else "")


def test_whatsapp_is_a_channel_of_its_own(tmp_path: Path) -> None:
    """The prefix is Twilio's, the number the customer's."""
    (seen, *_) = facts(tmp_path, **{"from": "whatsapp:+1500", "to": "whatsapp:+15558675310"})
    assert (seen.channel, seen.address, seen.contact_point) == ("whatsapp", "+15558675310", "+1500")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"sid": None}, "sid"),
        ({"status": "vanished"}, "status"),
        ({"to": ""}, "number"),
        ({"date_sent": "soon", "date_created": None}, "time"),
    ],
)
def test_what_a_message_lacks_parks_it(tmp_path: Path, changed: dict[str, object], reason: str) -> None:
    """The reason names what is missing."""
    (item,) = told(tmp_path, **changed)
    assert isinstance(item, Parked) and reason in item.reason


def test_the_consoles_csv_and_the_apis_json_say_the_same(tmp_path: Path) -> None:
    """Names differ in case and underscores, times in their format; the facts and their keys are equal."""
    path = tmp_path / "sms-log.csv"
    path.write_text(
        "From,To,Body,Status,SentDate,ApiVersion,NumSegments,ErrorCode,AccountSid,Sid,Direction,Price,PriceUnit\n"
        "+15005550006,+15558675310,Hello,sent,2024-03-08T09:05:00Z,2010-04-01,1,,AC1,SM1,outbound-api,-0.0075,USD\n"
    )
    assert recognises(path, path.read_bytes())
    (item,) = read(path, GIVEN)
    assert isinstance(item, Read) and item.observations == facts(tmp_path, status="sent")


@pytest.mark.parametrize("name", ["twilio_message_data.csv", "twilio_message_data_snowflake.csv"])
def test_the_warehouse_exports_are_recognised_and_read_whole(tmp_path: Path, name: str) -> None:
    """Ten texts, each sent and delivered; the column names of one export stand in quotes."""
    with tarfile.open(shared_data("exports/vendor-exports.tar.gz")) as archive:
        inner = archive.extractfile(f"twilio/{name}")
        assert inner is not None
        raw = inner.read()
    path = tmp_path / name
    path.write_bytes(raw)
    assert recognises(path, raw)
    found = list(read(path, GIVEN))
    assert len(found) == 10 and all(isinstance(item, Read) for item in found)
    seen = [one for item in found if isinstance(item, Read) for one in item.observations]
    assert Counter(one.kind for one in seen) == {"sent": 10, "delivered": 10}
    assert len({one.key for one in seen}) == 20 and {one.address for one in seen} == {"+15555555555"}


def test_other_tables_are_not_taken_for_twilios(tmp_path: Path) -> None:
    """Of the 51 vendor tables, only the two message logs are."""
    with tarfile.open(shared_data("exports/vendor-exports.tar.gz")) as archive:
        mine = []
        for member in archive.getmembers():
            inner = archive.extractfile(member)
            assert inner is not None
            if recognises(Path(member.name), inner.read()):
                mine.append(member.name)
    assert sorted(mine) == ["twilio/twilio_message_data.csv", "twilio/twilio_message_data_snowflake.csv"]
