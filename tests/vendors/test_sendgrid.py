"""SendGrid's events, as it really posts them, become facts about the message and about the address."""

import json
from pathlib import Path
from typing import Any

import pytest

from onevoice.nouns.observation import Given, Parked, Read
from onevoice.parsing.moments import when_of
from onevoice.vendors.sendgrid.read import read, read_body, recognises
from tests.shared_data import shared_data

GIVEN = Given(unit="shop", platform="mailer", category="marketing")
EVENT = {"email": "a@example.com", "timestamp": 1461095250, "sg_event_id": "e1", "sg_message_id": "m1.f.0"}

EXPECTED = {"queued": "sent", "rejected": "failed", "delivered": "delivered", "bounced": "bounced"}
EXPECTED |= {"opened": "opened", "clicked": "clicked"}
"""Another project's normalised names, and ours."""


def told(**fields: object) -> Read | Parked:
    (item,) = read_body(json.dumps([{**EVENT, **fields}]).encode(), GIVEN)
    return item


@pytest.mark.parametrize(
    ("fields", "kinds", "mark"),
    [
        ({"event": "processed"}, ["sent"], ""),
        ({"event": "delivered"}, ["delivered"], ""),
        ({"event": "open"}, ["opened"], ""),
        ({"event": "click", "url": "https://x.example"}, ["clicked"], ""),
        ({"event": "bounce", "type": "bounce"}, ["bounced"], ""),
        ({"event": "bounce", "type": "bounce", "bounce_classification": "Technical"}, ["bounced"], ""),
        ({"event": "bounce", "type": "blocked"}, ["bounced"], ""),
        ({"event": "blocked"}, ["bounced"], ""),
        ({"event": "dropped", "reason": "Invalid"}, ["failed", "marked"], "hard_bounce"),
        ({"event": "dropped", "reason": "Spam Reporting Address"}, ["failed", "marked"], "complaint"),
        ({"event": "dropped", "reason": "Unsubscribed Address"}, ["failed", "withdrawn"], ""),
        ({"event": "dropped", "reason": "Spam Content"}, ["failed"], ""),
        ({"event": "spamreport"}, ["complained"], ""),
        ({"event": "unsubscribe"}, ["withdrawn"], ""),
        ({"event": "group_unsubscribe", "asm_group_id": 7}, ["withdrawn"], ""),
        ({"event": "group_resubscribe", "asm_group_id": 7}, ["consented"], ""),
    ],
)
def test_an_event_says_what_happened_and_what_it_means(fields: dict[str, object], kinds: list[str], mark: str) -> None:
    """The event keeps SendGrid's own id as its key; what follows from it has a key of its own."""
    item = told(**fields)
    assert isinstance(item, Read)
    assert [one.kind for one in item.observations] == kinds
    assert item.observations[0].key == "e1" and len({one.key for one in item.observations}) == len(kinds)
    assert item.observations[-1].mark == mark
    for one in item.observations:
        assert (one.address, one.channel, one.occurred) == ("a@example.com", "email", 1461095250 * 1_000_000)
        assert one.unit == ("" if one.kind in ("withdrawn", "marked") else "shop")
        assert bool(one.source and one.evidence) == (one.kind in ("withdrawn", "marked", "consented"))


@pytest.mark.parametrize(
    ("fields", "hard"),
    [
        ({"event": "bounce", "type": "bounce"}, True),
        ({"event": "bounce", "type": "bounce", "bounce_classification": "Invalid Address"}, True),
        ({"event": "bounce", "type": "bounce", "bounce_classification": "Technical"}, False),
        ({"event": "bounce", "type": "blocked", "status": "5.7.1"}, False),
        ({"event": "blocked"}, False),
    ],
)
def test_only_a_final_bounce_is_hard(fields: dict[str, object], hard: bool) -> None:
    """The word `hard` at the head of the detail is what stops the address."""
    item = told(**fields)
    assert isinstance(item, Read) and item.observations[0].detail.startswith("hard") is hard


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"event": "deferred"}, "still trying"),
        ({"event": "teleported"}, "does not document"),
        ({}, "does not document"),
        ({"event": "open", "email": None}, "no e-mail address"),
        ({"event": "open", "timestamp": "noon"}, "no readable time"),
        ({"event": "open", "timestamp": 1e300}, "no readable time"),
        ({"event": "open", "timestamp": -1}, "no readable time"),
        ({"event": "open", "timestamp": []}, "no readable time"),
    ],
)
def test_what_says_nothing_for_the_book_is_parked(fields: dict[str, object], reason: str) -> None:
    """An event that decides nothing, and one that cannot be read, each wait with a reason."""
    item = told(**fields)
    assert isinstance(item, Parked) and reason in item.reason


def test_the_events_sendgrid_really_posted_mean_what_another_project_reads_in_them() -> None:
    """Kinds, moments, ids and addresses against published expectations; only `deferred` is parked."""
    cases: list[dict[str, Any]] = json.loads(shared_data("webhooks/sendgrid_webhooks.json").read_text())
    compared = 0
    for case in cases:
        items = read_body(json.dumps(case["payload"]["raw_events"]).encode(), GIVEN)
        expected = case["expected"]
        if expected.get("event.event_type") == "deferred":
            assert isinstance(items[0], Parked)
            continue
        assert len(items) == 1 and isinstance(items[0], Read), case["test"]
        seen = items[0].observations[0]
        event = case["payload"]["raw_events"][0]
        assert seen.key == expected.get("event.event_id", event["sg_event_id"])
        assert seen.address == expected.get("event.recipient", event["email"])
        assert seen.occurred == when_of("epoch")(str(event["timestamp"]))
        assert seen.message == event["sg_message_id"]
        if "event.event_type" in expected:
            assert seen.kind == EXPECTED[expected["event.event_type"]]
            compared += 1
    assert compared >= 8


def test_a_file_of_lines_and_a_posted_array_give_the_same_facts(tmp_path: Path) -> None:
    """Collected webhooks are stored either way."""
    events = [{**EVENT, "event": "open", "sg_event_id": f"e{n}"} for n in range(3)]
    lines, array = tmp_path / "log.ndjson", tmp_path / "log.json"
    lines.write_text("\n".join(map(json.dumps, events)))
    array.write_text(json.dumps(events))
    assert recognises(lines, lines.read_bytes()) and recognises(array, array.read_bytes())
    keys = [[one.observations[0].key for one in read(path, GIVEN) if isinstance(one, Read)] for path in (lines, array)]
    assert keys == [["e0", "e1", "e2"]] * 2


def test_an_event_without_an_id_is_still_known_again() -> None:
    """Its message, kind, time and address name it."""
    first, again = told(event="open", sg_event_id=None), told(event="open", sg_event_id=None)
    assert (
        first == again
        and isinstance(first, Read)
        and first.observations[0].key == "m1.f.0:open:1461095250:a@example.com"
    )
