"""Mailgun, Postmark, Amazon SES and Brevo: what their events really say, against payloads they really posted."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from onevoice.nouns.observation import Given, Observation, Parked, Read
from onevoice.parsing.fields import body_told
from onevoice.parsing.moments import when_of
from onevoice.vendors.brevo import read as brevo
from onevoice.vendors.mailgun import read as mailgun
from onevoice.vendors.postmark import read as postmark
from onevoice.vendors.ses import read as ses
from tests.shared_data import shared_data

GIVEN = Given(unit="shop", platform="mailer", category="marketing")
Body = Callable[[bytes, Given], list[Read | Parked]]
READERS: dict[str, Body] = {
    "mailgun": mailgun.read_body,
    "postmark": postmark.read_body,
    "amazon_ses": ses.read_body,
    "brevo": brevo.read_body,
}
OURS = {
    "queued": {"sent"},
    "sent": {"sent"},
    "rejected": {"failed"},
    "failed": {"failed"},
    "delivered": {"delivered"},
    "bounced": {"bounced", "marked"},
    "opened": {"opened"},
    "clicked": {"clicked"},
    "complained": {"complained"},
    "unsubscribed": {"withdrawn"},
    "subscribed": {"consented"},
}
"""Another project's normalised names, and ours; `deferred` is parked."""


def cases(vendor: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(shared_data(f"webhooks/{vendor}_webhooks.json").read_text())
    return found


def one(read: Body, event: object) -> Read | Parked:
    (item,) = read(json.dumps(event).encode(), GIVEN)
    return item


def fact(read: Body, event: object) -> Observation:
    item = one(read, event)
    assert isinstance(item, Read), item
    return item.observations[-1]


@pytest.mark.parametrize(("vendor", "compared"), [("mailgun", 8), ("postmark", 8), ("amazon_ses", 8), ("brevo", 14)])
def test_real_payloads_mean_what_another_project_reads_in_them(vendor: str, compared: int) -> None:
    """Kind, address and message against published expectations; what they call deferred is parked, and so is a payload
    of theirs that was cut down to nothing but a reason."""
    agreed = 0
    for case in cases(vendor):
        payload, expected = case["payload"], case["expected"]
        item = one(READERS[vendor], payload.get("raw_sns_message") or payload["raw_event"])
        kind = expected.get("event.event_type")
        if kind == "deferred":
            assert isinstance(item, Parked) and "later event" in item.reason, case["test"]
        if not isinstance(item, Read) or kind is None:
            continue
        kinds = {one.kind for one in item.observations}
        assert kinds & OURS[kind], (case["test"], kinds)
        if "event.recipient" in expected:
            assert expected["event.recipient"] in {one.address for one in item.observations}, case["test"]
        messages = {one.message for one in item.observations}
        if "event.message_id" in expected and not kinds & {"withdrawn", "consented", "marked"}:
            assert any(found.startswith(expected["event.message_id"]) for found in messages), (case["test"], messages)
        agreed += 1
    assert agreed >= compared


@pytest.mark.parametrize("vendor", ["mailgun", "postmark", "brevo"])
def test_real_payloads_happened_when_the_vendor_says(vendor: str) -> None:
    """To the microsecond where the expectations name a moment."""
    compared = 0
    for case in cases(vendor):
        written = str(case["expected"].get("event.timestamp", {}).get("expr", ""))
        item = one(READERS[vendor], case["payload"]["raw_event"])
        if not written or not isinstance(item, Read):
            continue
        numbers = [int(part) for part in written.removeprefix("datetime(").split(", ")[:6] if part.isdigit()]
        text = "{:04}-{:02}-{:02} {:02}:{:02}:{:02}".format(*[*numbers, 0][:6])
        zone = -4 if "-4 * 60" in written else 0
        said = when_of("iso")(f"{text}{zone:+03}:00")
        assert item.observations[-1].occurred // 1_000_000 == said // 1_000_000, case["test"]
        compared += 1
    assert compared >= 1


@pytest.mark.parametrize(
    ("fields", "kind", "detail"),
    [
        ({"event": "failed", "severity": "permanent", "delivery-status": {"bounce-type": "hard"}}, "bounced", "hard"),
        ({"event": "failed", "severity": "permanent", "delivery-status": {"bounce-type": "soft"}}, "bounced", "soft"),
        ({"event": "failed", "severity": "permanent", "delivery-status": {"message": "5.7.1 spam"}}, "bounced", "soft"),
        ({"event": "failed", "severity": "permanent", "delivery-status": {"message": "5.1.1 who"}}, "bounced", "hard"),
        ({"event": "bounced", "code": "550", "error": "550 5.2.2 mailbox full"}, "bounced", "soft"),
        ({"event": "rejected"}, "failed", "Mailgun did not send it"),
        ({"event": "opened", "client-info": {"bot": "apple"}}, "opened", "opened by a machine"),
    ],
)
def test_a_failure_at_mailgun_is_final_only_where_it_is_about_the_address(
    fields: dict[str, Any], kind: str, detail: str
) -> None:
    """A mail refused as spam is `permanent` there too, and must not stop its reader's address."""
    seen = fact(mailgun.read_body, {"id": "e", "timestamp": 1534108637, "recipient": "a@example.com", **fields})
    assert (seen.kind, seen.detail) == (kind, detail)


@pytest.mark.parametrize(
    ("reason", "kind", "mark"),
    [
        ("suppress-bounce", "marked", "hard_bounce"),
        ("suppress-complaint", "marked", "complaint"),
        ("suppress-unsubscribe", "withdrawn", ""),
    ],
)
def test_what_mailgun_did_not_try_tells_of_the_address(reason: str, kind: str, mark: str) -> None:
    """It was not sent, and the address is dead, has complained, or has left: for every unit."""
    event = {"event": "failed", "severity": "permanent", "reason": reason, "id": "e", "timestamp": 1534108637}
    item = one(mailgun.read_body, {**event, "recipient": "a@example.com"})
    assert isinstance(item, Read) and [seen.kind for seen in item.observations] == ["failed", kind]
    assert item.observations[1].mark == mark and item.observations[1].unit == ""


def test_a_mailgun_event_has_one_key_as_webhook_and_as_page() -> None:
    """The token of a signature differs each time; the id does not, but only within a day."""
    event = {"event": "opened", "id": "e", "timestamp": 1534108637.5, "recipient": "a@example.com"}
    page = json.dumps({"items": [event], "paging": {}})
    (paged,) = body_told(page.encode(), GIVEN, mailgun.told, mailgun.INSIDE)
    assert isinstance(paged, Read)
    assert fact(mailgun.read_body, {"event-data": event, "signature": {"token": "t"}}) == paged.observations[0]
    next_day = {**event, "timestamp": 1534108637.5 + 86400}
    assert fact(mailgun.read_body, next_day).key != paged.observations[0].key


@pytest.mark.parametrize(
    ("change", "kind", "mark"),
    [
        ({"SuppressSending": True, "SuppressionReason": "ManualSuppression"}, "withdrawn", ""),
        ({"SuppressSending": True, "SuppressionReason": "HardBounce"}, "marked", "hard_bounce"),
        ({"SuppressSending": True, "SuppressionReason": "SpamComplaint"}, "complained", ""),
        ({"SuppressSending": True, "SuppressionReason": "NewReason"}, "withdrawn", ""),
        ({"SuppressSending": False, "SuppressionReason": None}, "consented", ""),
    ],
)
def test_a_change_of_subscription_at_postmark_binds_by_its_reason(change: Any, kind: str, mark: str) -> None:
    """A reason that nobody knows yet stops, rather than not."""
    event = {"RecordType": "SubscriptionChange", "MessageID": "m", "Recipient": "a@example.com", **change}
    seen = fact(postmark.read_body, {**event, "ChangedAt": "2022-06-05T17:17:32Z"})
    assert (seen.kind, seen.mark, seen.source) == (kind, mark, seen.source and "Postmark event SubscriptionChange")


def test_a_delivery_at_postmark_says_that_it_was_sent() -> None:
    """There is no event of sending there, and a cap counts what was sent."""
    event = {"RecordType": "Delivery", "MessageID": "m", "Recipient": "a@x.example", "DeliveredAt": "2022-06-05T17:17Z"}
    item = one(postmark.read_body, event)
    assert isinstance(item, Read) and [seen.kind for seen in item.observations] == ["sent", "delivered"]


ALL_LEFT = {"unsubscribeAll": True}
ON_THE_LIST = "SES did not send it: the address is on the account's list"
SES_MAIL = {"timestamp": "2024-03-08T09:05:00Z", "messageId": "m", "destination": ["a@example.com"]}


@pytest.mark.parametrize(
    ("event", "kinds"),
    [
        ({"eventType": "Send", "send": {}}, ["sent"]),
        ({"eventType": "Delivery", "delivery": {"recipients": ["a@example.com"]}}, ["sent", "delivered"]),
        ({"eventType": "Reject", "reject": {"reason": "Bad content"}}, ["failed"]),
        ({"eventType": "Rendering Failure", "failure": {"templateName": "T"}}, ["failed"]),
        (
            {"eventType": "Subscription", "subscription": {"newTopicPreferences": {"unsubscribeAll": True}}},
            ["withdrawn"],
        ),
        ({"eventType": "Subscription", "subscription": {"newTopicPreferences": {}}}, ["consented"]),
    ],
)
def test_an_event_of_ses_says_what_happened(event: dict[str, Any], kinds: list[str]) -> None:
    """Every event repeats when its message was sent, so each says that too, under the same key."""
    item = one(ses.read_body, {**event, "mail": SES_MAIL})
    assert isinstance(item, Read) and [seen.kind for seen in item.observations] == kinds
    assert not [seen for seen in item.observations if seen.kind == "sent" and seen.key != "m:a@example.com:sent"]


def test_one_event_of_ses_in_any_envelope_is_one_fact() -> None:
    """Plain, in SNS's envelope under any id, in EventBridge's: the same keys."""
    event = {"eventType": "Open", "mail": SES_MAIL, "open": {"timestamp": "2024-03-08T09:08:00Z"}}
    wrapped = [
        event,
        {"Type": "Notification", "MessageId": "1", "TopicArn": "arn:aws:sns:x", "Message": json.dumps(event)},
        {"Type": "Notification", "MessageId": "2", "TopicArn": "arn:aws:sns:x", "Message": json.dumps(event)},
        {"detail-type": "Email Opened", "source": "aws.ses", "detail": event},
    ]
    assert len({fact(ses.read_body, one).key for one in wrapped}) == 1
    assert all(ses.recognises(None, json.dumps(one).encode()) for one in wrapped)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "sub", "seen", "detail"),
    [
        ("Permanent", "General", "bounced", "hard"),
        ("Transient", "MailboxFull", "bounced", "soft"),
        ("Undetermined", "Undetermined", "bounced", "soft"),
        (
            "Permanent",
            "OnAccountSuppressionList",
            "failed",
            "SES did not send it: the address is on the account's list",
        ),
    ],
)
def test_only_a_final_bounce_of_ses_is_hard(kind: str, sub: str, seen: str, detail: str) -> None:
    """Being on the account's own list says nothing of the address: complaints are on it too."""
    bounce = {"bounceType": kind, "bounceSubType": sub, "bouncedRecipients": [{"emailAddress": "a@example.com"}]}
    found = fact(ses.read_body, {"notificationType": "Bounce", "bounce": bounce, "mail": SES_MAIL})
    assert (found.kind, found.detail) == (seen, detail)


def test_an_opening_posted_twice_by_brevo_is_one() -> None:
    """`opened` and `unique_opened` tell of the same opening; the webhook's number is not the event's."""
    event = {"email": "a@example.com", "message-id": "<1@x>", "ts_epoch": 1520363423000}
    keys = {
        fact(brevo.read_body, {**event, "event": name, "id": n}).key
        for n, name in enumerate(("opened", "unique_opened"))
    }
    assert len(keys) == 1


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({"ts_epoch": 1604933623000, "ts_event": 1}, 1604933623),
        ({"ts_epoch": 1604933623}, 1604933623),
        ({"ts_event": 1604933654, "ts": 5}, 1604933654),
        ({"date": "2024-03-08T09:05:00.000+01:00"}, 1709885100),
    ],
)
def test_brevo_times_are_read_only_where_they_are_utc(fields: dict[str, Any], seconds: int) -> None:
    """`date` and `ts` follow the account's zone, which nobody told."""
    seen = fact(brevo.read_body, {"event": "click", "email": "a@example.com", "message-id": "m", **fields})
    assert seen.occurred == seconds * 1_000_000
    alone = one(
        brevo.read_body, {"event": "click", "email": "a@x.example", "message-id": "m", "date": "2020-10-09 00:00:00"}
    )
    assert isinstance(alone, Parked) and "UTC" in alone.reason


@pytest.mark.parametrize("vendor", READERS)
@pytest.mark.parametrize(
    "raw",
    [
        b'{"event":{"a":[1]},"event-data":7,"RecordType":[],"eventType":{},"Message":"{"}',
        b'{"event-data":{"event":"opened","recipient":"a@b.c","timestamp":1e308}}',
        b'{"eventType":"Bounce","bounce":{"bouncedRecipients":[7,null,{}]},"mail":[]}',
        b'{"Message":"' + b"[" * 50_000 + b'"}',
        b'{"event":"opened","email":"\\ud800@x.example","ts_epoch":-1}',
        b'{"RecordType":"Open","MessageID":"m","Recipient":"' + b"x" * 200_000 + b'","ReceivedAt":"9999-99-99"}',
    ],
    ids=["types", "infinite", "lists", "nested", "surrogate", "huge"],
)
def test_a_hostile_payload_is_a_reason_not_an_error(vendor: str, raw: bytes) -> None:
    """Wrong types at every place, times outside the world, and values without end."""
    assert all(isinstance(item, Parked) and item.reason.endswith(".") for item in READERS[vendor](raw, GIVEN))


def test_what_came_in_is_left_to_the_mail_itself() -> None:
    """Inbound payloads are no events about a message of ours: each is parked."""
    for vendor, read in READERS.items():
        for case in json.loads(shared_data(f"webhooks/{vendor}_inbound.json").read_text()):
            payload = case["payload"]
            event = payload.get("raw_sns_message") or payload.get("raw_event") or payload
            found = one(read, event)
            assert isinstance(found, Parked) or found.observations[0].kind in ("clicked", "delivered"), case["test"]


def test_an_opening_of_several_recipients_is_nobodys_at_ses() -> None:
    """SES does not say which of them it was; a bounce names each, and is one record."""
    mail = {**SES_MAIL, "destination": ["a@example.com", "b@example.com"]}
    opened = one(ses.read_body, {"eventType": "Open", "mail": mail, "open": {"timestamp": "2024-03-08T09:08:00Z"}})
    assert isinstance(opened, Parked) and "several recipients" in opened.reason
    gone = [{"emailAddress": "a@example.com"}, {"emailAddress": "b@example.com"}]
    bounce = {"bounceType": "Permanent", "bouncedRecipients": gone, "feedbackId": "f"}
    item = one(ses.read_body, {"notificationType": "Bounce", "mail": mail, "bounce": bounce})
    assert isinstance(item, Read)
    assert [(seen.kind, seen.address) for seen in item.observations if seen.kind == "bounced"] == [
        ("bounced", "a@example.com"),
        ("bounced", "b@example.com"),
    ]


@pytest.mark.parametrize(
    ("read", "event"),
    [
        (mailgun.read_body, {"event": "unsubscribed", "id": "e", "timestamp": 1, "recipient": "a@example.com"}),
        (brevo.read_body, {"event": "unsubscribed", "email": "a@example.com", "message-id": "m", "ts_event": 1}),
    ],
    ids=["mailgun", "brevo"],
)
def test_who_unsubscribes_leaves_the_whole_company(read: Body, event: object) -> None:
    """No unit, no message, no category, whatever the import names; and the withdrawal says where it came from."""
    seen = fact(read, event)
    assert (seen.kind, seen.unit, seen.message, seen.category) == ("withdrawn", "", "", "")
    assert seen.source and seen.evidence and seen.direction == "inbound"
