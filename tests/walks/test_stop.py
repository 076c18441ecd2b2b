"""A STOP by text: the very next decision is another one, for every unit and every platform."""

from pathlib import Path
from typing import Any

import msgspec

from onevoice.nouns.observation import Given, Read
from onevoice.vendors.twilio.read import read
from tests.walks.fernhill import Fernhill

WHO, NUMBER = "F-010", "+447700900010"
DRY = "/v1/proposals/dry-run"
HEADER = "From,To,Body,Status,SentDate,NumSegments,ErrorCode,AccountSid,Sid,Direction\n"


def text(key: str, **other: object) -> dict[str, object]:
    """A service text of Travel's gate desk to Ana, under a new key."""
    return {
        "key": key,
        "unit": "travel-gates",
        "channel": "sms",
        "category": "service",
        "customer": WHO,
        "address": NUMBER,
        "platform": "group-crm",
        **other,
    }


def heard(folder: Path, body: str, sid: str) -> list[dict[str, Any]]:
    """What Twilio's reader says of one text from Ana, as the API takes it."""
    log = folder / f"{sid}.csv"
    log.write_text(f"{HEADER}{NUMBER},+441632960301,{body},received,2026-10-01T13:29:00+00:00,1,,AC1,{sid},inbound\n")
    (record,) = read(log, Given())
    assert isinstance(record, Read)
    facts = []
    for one in record.observations:
        fact = msgspec.to_builtins(one)
        facts.append({**fact, "occurred": "2026-10-01T13:29:00Z"})
    return facts


def test_stop_changes_the_very_next_decision(demo: Fernhill, tmp_path: Path) -> None:
    """Cleared before; suppressed after, by all; a mail may still go, and so may a text to somebody else's number."""
    before = demo.post(DRY, text("before"))
    assert before["verdict"] == "send"
    for fact in heard(tmp_path, "Thank you", "SM01"):
        demo.post("/v1/observations", fact)
    assert demo.post(DRY, text("polite"))["verdict"] == "send", "only STOP means stop"
    for fact in heard(tmp_path, "Stop.", "SM02"):
        demo.post("/v1/observations", fact)
    after = demo.post("/v1/proposals", text("after"))
    assert (after["verdict"], after["reason"]) == ("suppress", "consent_withdrawn")
    other = text("other", unit="hearth-south", platform="till", category="marketing", customer="")
    assert demo.post("/v1/proposals", other, unit="hearth-south")["reason"] == "consent_withdrawn"
    mail = text("mail", channel="email", address="ana10@post.example", unit="support")
    assert demo.post("/v1/proposals", mail)["verdict"] == "send", "a STOP binds the number, not the person"
    stranger = text("stranger", customer="F-003", address="+447700900003", campaign="gate-change")
    assert demo.post("/v1/proposals", stranger)["verdict"] == "send"


def test_told_twice_a_stop_is_one_stop(demo: Fernhill, tmp_path: Path) -> None:
    """The vendor tries again: nothing is added, and the answer is the first one's."""
    first = [demo.post("/v1/observations", fact) for fact in heard(tmp_path, "STOP", "SM03")]
    again = [demo.post("/v1/observations", fact) for fact in heard(tmp_path, "STOP", "SM03")]
    assert [one["entry"] for one in again] == [one["entry"] for one in first]
    assert all(one["repeated"] for one in again)


def test_a_bare_stop_is_enough(demo: Fernhill) -> None:
    """A platform that only passes the text on, and draws no conclusion, stops the number all the same; a reader that
    draws it too tells nothing new."""
    number, who = "+447700900012", "F-012"
    before = demo.post(DRY, text("bare before", customer=who, address=number))
    assert before["verdict"] == "send"
    fact = {
        "kind": "received",
        "key": "inbox-1",
        "occurred": "2026-10-01T13:29:00Z",
        "channel": "sms",
        "direction": "inbound",
        "address": number,
        "words": " stop. ",
    }
    assert not demo.post("/v1/observations", fact)["repeated"]
    after = demo.post("/v1/proposals", text("bare after", customer=who, address=number))
    assert (after["verdict"], after["reason"]) == ("suppress", "consent_withdrawn")
    told_again = {
        "kind": "withdrawn",
        "key": "inbox-1:withdrawn",
        "occurred": "2026-10-01T13:29:00Z",
        "channel": "sms",
        "address": number,
    }
    assert demo.post("/v1/observations", told_again)["repeated"]
