"""Exports of platforms, declared by their columns: each is known by itself, and every row is accounted for."""

import json
from pathlib import Path

import pytest

from onevoice.nouns.observation import Given, Observation, Parked, Read
from onevoice.nouns.problem import Refused
from onevoice.parsing.moments import when_of
from onevoice.vendors import VENDORS, LogReader, reader_named
from onevoice.vendors.table.declared import FILE, read_here, tables_of
from onevoice.vendors.table.declared import VENDORS as FOLDER
from onevoice.vendors.table.mapping import read_mapping
from onevoice.vendors.table.read import read_here as read_table

DECLARED = sorted(path.parent.name for path in FOLDER.glob(f"*/{FILE}"))
GIVEN = Given(unit="shop", category="marketing")


def facts(vendor: str, path: Path, text: str) -> list[Observation]:
    path.write_text(text, "utf-8")
    items = list(read_here(path, vendor, GIVEN))
    assert all(isinstance(item, Read) for item in items), items
    return [one for item in items if isinstance(item, Read) for one in item.observations]


@pytest.mark.parametrize("vendor", DECLARED)
def test_every_declaration_is_a_reader_and_hangs_together(vendor: str) -> None:
    """It stands in VENDORS, its mappings are without fault, and its time is a column that it needs."""
    assert reader_named(vendor) is not None
    for table in tables_of(vendor):
        if table.mapping is not None:
            assert {*table.mapping.time.columns} <= {*table.needs}
        else:
            assert table.nothing.endswith(".")


def test_a_warehouse_may_write_its_columns_in_capitals_or_quotes(tmp_path: Path) -> None:
    """The same table from Snowflake is the same facts."""
    rows = "open,c1,m1,2024-03-08 09:05:00,,https://x.example\n"
    lower = facts("mailchimp", tmp_path / "a", "action,campaign_id,member_id,timestamp,bounce_type,url\n" + rows)
    upper = facts("mailchimp", tmp_path / "b", 'ACTION,"""CAMPAIGN_ID""",MEMBER_ID,TIMESTAMP,BOUNCE_TYPE,URL\n' + rows)
    assert lower == upper and lower[0].message == "c1:m1"


def test_a_member_who_left_has_left_the_company_and_a_cleaned_one_is_dead(tmp_path: Path) -> None:
    """A withdrawal has no unit, whatever unit the import names; who subscribed without a trace is in quarantine."""
    head = "id,list_id,email_address,ip_opt,last_changed,status,unique_email_id\n"
    rows = [
        f"m{n},l,a{n}@example.com,{ip},2024-03-08 09:05:00,{status},u{n}\n"
        for n, (ip, status) in enumerate(
            [("192.0.2.1", "subscribed"), ("", "subscribed"), ("", "unsubscribed"), ("", "cleaned")]
        )
    ]
    seen = facts("mailchimp", tmp_path / "members.csv", head + "".join(rows))
    assert [one.kind for one in seen] == ["consented", "quarantined", "withdrawn", "marked"]
    assert [one.unit for one in seen] == ["shop", "shop", "", "shop"]
    assert [one.mark for one in seen] == ["", "", "", "hard_bounce"]


def test_a_message_received_at_klaviyo_was_sent(tmp_path: Path) -> None:
    """There is no event of sending there; a text from the customer came in; a hard bounce stops the address."""
    head = "ID,PERSON_ID,CAMPAIGN_ID,FLOW_ID,METRIC_ID,TYPE,DATETIME,PROPERTY_BOUNCE_TYPE\n"
    names = [("Received Email", ""), ("Sent SMS", ""), ("Bounced Email", "Hard"), ("Unsubscribed", "")]
    rows = [f"e{n},p,c,,k,{name},2024-03-08 09:05:00.000,{bounce}\n" for n, (name, bounce) in enumerate(names)]
    seen = facts("klaviyo", tmp_path / "events.csv", head + "".join(rows))
    kinds = [(one.kind, one.channel, one.direction) for one in seen]
    assert kinds == [
        ("delivered", "email", "outbound"),
        ("sent", "email", "outbound"),
        ("received", "sms", "inbound"),
        ("bounced", "email", "outbound"),
        ("withdrawn", "email", "inbound"),
    ]
    assert seen[3].detail == "hard" and seen[4].unit == "" and not seen[4].campaign


WIDE = """
[time]
columns = ["sent"]
[key]
columns = ["id"]
[columns]
customer = "who"
message = "id"
[constants]
kind = "sent"
channel = "email"
[also.opened]
kind = "opened"
when = "is_opened"
time = "opened"
[also.left]
kind = "withdrawn"
time = "left"
[also.bounced]
kind = "bounced"
when = "result"
values = ["Hard", "dead"]
detail = "hard"
"""


def test_one_row_with_several_times_is_one_record_with_several_facts(tmp_path: Path) -> None:
    """A flag with its time, a time alone, a value that says so; a flag without a time happened when the row did."""
    path = tmp_path / "wide.csv"
    path.write_text(
        "id,who,sent,is_opened,opened,left,result\n"
        "1,7,2024-03-08 09:00,t,2024-03-08 10:00,2024-03-08 11:00,ok\n"
        "2,7,2024-03-08 09:00,TRUE,,,hard\n"
        "3,7,2024-03-08 09:00,f,2024-03-08 10:00,,ok\n"
        "4,7,2024-03-08 09:00,t,noon,,ok\n"
    )
    items = list(read_table(path, read_mapping(WIDE), GIVEN))
    found = [[one.kind for one in item.observations] for item in items if isinstance(item, Read)]
    assert found == [["sent", "opened", "withdrawn"], ["sent", "opened", "bounced"], ["sent"]]
    assert isinstance(items[3], Parked) and "time of what it says of opened" in items[3].reason
    first, second = items[0], items[1]
    assert isinstance(first, Read) and isinstance(second, Read)
    hours = [one.occurred - when_of("iso")("2024-03-08T09:00Z") for one in first.observations]
    assert hours == [0, 3_600_000_000, 7_200_000_000]
    assert second.observations[1].occurred == second.observations[0].occurred
    left = first.observations[2]
    assert (left.unit, left.message, left.direction, bool(left.source and left.evidence)) == ("", "", "inbound", True)
    assert len({one.key for item in (first, second) for one in item.observations}) == 6


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (('kind = "opened"', 'kind = "decided"'), "also.opened.kind"),
        (('time = "left"\n', ""), "also.left"),
        (("[constants]", '[joined]\nmessage = ["id"]\n[constants]'), "joined.message"),
    ],
)
def test_a_wide_mapping_that_cannot_be_meant_is_refused(change: tuple[str, str], fault: str) -> None:
    """A fact nobody may claim, a fact that nothing tells, a field that is filled twice."""
    with pytest.raises(Refused) as error:
        read_mapping(WIDE.replace(*change))
    assert [one.where for one in error.value.faults] == [fault]


@pytest.mark.parametrize("reader", [one for one in VENDORS if one.name in DECLARED], ids=lambda one: one.name)
@pytest.mark.parametrize(
    "raw",
    [
        b"[" + b"{}}" * 30_000,
        b'{"events":' + b"[" * 60_000,
        b"\xff\xfe" + "action,campaign_id,member_id,timestamp\n".encode("utf-16-le") * 3,
        b"action,campaign_id,member_id,timestamp\n" + b'"' + b"x" * 3_000_000,
        b"action,campaign_id,member_id,timestamp\nopen,c," + b"m" * 200_000 + b",2024-03-08 09:05:00\n",
        b"id,id,event_type,time,user_id\n1,1,x,y,z\n",
    ],
    ids=["brackets", "nested", "utf16", "unclosed", "huge-cell", "twice"],
)
def test_a_hostile_export_is_parked_with_reasons(reader: LogReader, raw: bytes, tmp_path: Path) -> None:
    """Not one fact, not one error, and a sentence for each record."""
    path = tmp_path / "hostile"
    path.write_bytes(raw)
    items = list(read_here(path, reader.name, GIVEN))
    assert items and all(isinstance(item, Parked) and item.reason.endswith(".") for item in items)


def test_a_table_in_which_nothing_happened_says_so_row_by_row(tmp_path: Path) -> None:
    """Each row is parked with the sentence, at a place that names the table; what it holds is not kept."""
    path = tmp_path / "flow.csv"
    path.write_text("ID,STATUS,CUSTOMER_FILTER,TRIGGER_TYPE\nX,live,{},Metric\nY,draft,{},List\n")
    items = list(read_here(path, "klaviyo", GIVEN))
    assert [item.where for item in items] == ["flows, line 2", "flows, line 3"]
    assert all(isinstance(item, Parked) and "describes a flow" in item.reason and not item.raw for item in items)


def test_who_unsubscribes_at_hubspot_has_left_in_either_format(tmp_path: Path) -> None:
    """A change of subscription is a withdrawal where its status says so, and waits for a person where it does not."""
    event = {"id": "e", "created": 1461095250000, "recipient": "a@example.com", "emailCampaignId": 7}
    changes = [("STATUSCHANGE", "UNSUBSCRIBED"), ("SENT", ""), ("STATUSCHANGE", "SUBSCRIBED")]
    lines = [
        {**event, "type": kind} | ({"portalSubscriptionStatus": status} if status else {}) for kind, status in changes
    ]
    (tmp_path / "log.json").write_text(json.dumps({"events": lines}))
    head = "id,created,type,recipient,emailCampaignId,portalSubscriptionStatus\n"
    rows = [f"e,1461095250000,{kind},a@example.com,7,{status}\n" for kind, status in changes]
    (tmp_path / "log.csv").write_text(head + "".join(rows))
    for name in ("log.json", "log.csv"):
        items = list(read_here(tmp_path / name, "hubspot", GIVEN))
        seen = [(one.kind, one.unit) for item in items if isinstance(item, Read) for one in item.observations]
        assert seen == [("withdrawn", ""), ("sent", "shop")] and isinstance(items[2], Parked)
