"""Reads Amazon SES events and notifications: plain, inside SNS envelopes, or inside EventBridge's."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from onevoice.nouns.observation import Given, Observation, Parked, Read
from onevoice.parsing.bounded import file_asked, read_file_in_child
from onevoice.parsing.fields import all_told, at, body_told, is_json, moment, objects, text, texts
from onevoice.parsing.mail_events import MailEvent, observed
from onevoice.parsing.ndjson import Record, record_of

KINDS: Final = {
    # docs.aws.amazon.com/ses: "Contents of event data that Amazon SES publishes to Amazon SNS", eventType
    "send": "sent",
    "delivery": "delivered",
    "bounce": "bounced",
    "complaint": "complained",
    "open": "opened",
    "click": "clicked",
    "reject": "failed",
    "rendering failure": "failed",
    "subscription": "withdrawn",
}
NOTHING: Final = {
    "deliverydelay": "SES was still trying to deliver it; a later event says what came of it.",
    "received": "It is a message that came in, and SES keeps its words elsewhere; import the mail itself.",
    "amazonsnssubscriptionsucceeded": "It says that notifications were switched on, nothing about a message.",
}
BODIES: Final = {"rendering failure": "failure"}
"""The field that holds the particulars, where it is not the event's name."""

RECIPIENTS: Final = {"bounce": "bouncedRecipients", "complaint": "complainedRecipients"}
UNTRIED: Final = frozenset({"onaccountsuppressionlist", "unsubscribedrecipient"})
"""Sub-types of a bounce by which SES did not try: the account's own list, for whatever reason the address is on it."""

ENVELOPES: Final = frozenset({"SubscriptionConfirmation", "UnsubscribeConfirmation"})
READERS_MAX: Final = 50
"""SES takes at most 50 recipients a message."""


def recognises(_path: Path, head: bytes) -> bool:
    """JSON of SES by its own fields, with or without the escapes of an envelope."""
    if not is_json(head):
        return False
    bare = head.replace(b"\\", b"")
    if b'"detail-type"' in bare and b'"aws.ses"' in bare:
        return True
    if b'"TopicArn"' in bare and b'"arn:aws:sns:' in bare:
        return True
    return (b'"notificationType"' in bare or b'"eventType"' in bare) and b'"mail"' in bare and b'"messageId"' in bare


def read(path: Path, given: Given) -> Iterator[Read | Parked]:
    """Every event of the file once, read in a bounded child. Raises OSError where the file cannot be opened."""
    return read_file_in_child("onevoice.vendors.ses.read:read_asked", path, given)


def read_asked(raw: bytes) -> Iterator[Read | Parked]:
    """The way into the bounded child."""
    return read_here(*file_asked(raw))


def read_here(path: Path, given: Given) -> Iterator[Read | Parked]:
    """Every event of the file once, in this process."""
    return all_told(path, given, told)


def read_body(body: bytes, given: Given) -> list[Read | Parked]:
    """The event of one posted body, whose size and signature the door has checked."""
    return body_told(body, given, told)


def told(where: str, posted: Record, given: Given) -> Read | Parked:
    """What one event says for the book, or why nothing. An event about several recipients is one record."""
    if text(posted, "Type") in ENVELOPES:
        return Parked(where=where, reason="It asks to confirm a subscription at Amazon SNS, and says nothing of mail.")
    record = unwrapped(where, posted)
    if isinstance(record, Parked):
        return record
    name = (text(record, "eventType") or text(record, "notificationType")).lower()
    if name in NOTHING:
        return Parked(where=where, reason=NOTHING[name])
    if name not in KINDS:
        return Parked(where=where, reason="It is an event that Amazon SES does not document.")
    body = at(record, BODIES.get(name, name))
    addresses = addresses_of(record, name, body)
    if not addresses:
        return Parked(where=where, reason="It names no e-mail address.")
    if name in ("open", "click") and len(addresses) > 1:
        return Parked(where=where, reason="The message had several recipients, and SES does not say which one it was.")
    sent = moment(text(record, "mail", "timestamp"))
    occurred = moment(text(body, "timestamp")) or (sent if name in ("send", "reject") else 0)
    occurred = occurred or moment(text(posted, "Timestamp")) or moment(text(posted, "time")) or sent
    if not occurred:
        return Parked(where=where, reason="It has no readable time.")
    events = [event_of(record, name, body, address, occurred) for address in addresses[:READERS_MAX]]
    facts = [fact for event in events for fact in facts_of(event, sent, given)]
    return Read(where=where, observations=tuple(facts))


def unwrapped(where: str, posted: Record) -> Record | Parked:
    """The event without the envelope of SNS, whose message is text, or of EventBridge."""
    if isinstance(posted.get("detail"), dict):
        return dict(posted["detail"])
    message = posted.get("Message")
    if not isinstance(message, str):
        return posted
    held = record_of(message.encode("utf-8", "replace"), where)
    if isinstance(held, Parked):
        return Parked(where=where, reason=f"The message inside the SNS envelope cannot be read. {held.reason}")
    return held


def addresses_of(record: Record, name: str, body: Any) -> list[str]:
    """Whom the event is about. SES lists in a complaint everybody it may have come from; each is taken at the word."""
    if name in RECIPIENTS:
        found = [text(one, "emailAddress") for one in objects(body, RECIPIENTS[name])]
        return list(dict.fromkeys(filter(None, found)))
    own = texts(body, "recipients")
    return list(dict.fromkeys(own or texts(record, "mail", "destination")))


def event_of(record: Record, name: str, body: Any, address: str, occurred: int) -> MailEvent:
    """The event of one recipient. The envelope's id is not the fact's: the same event may be published twice."""
    message = text(record, "mail", "messageId")
    fact = text(body, "feedbackId") or f"{message}:{name}:{occurred}:{text(body, 'link')}".rstrip(":")
    source = text(record, "mail", "source")
    kind, detail = kind_of(name, body)
    kept = {"link": text(body, "link"), "user_agent": text(body, "userAgent"), "ip": text(body, "ipAddress")}
    kept |= {"bounce": text(body, "bounceType"), "bounce_sub_type": text(body, "bounceSubType")}
    kept |= {"reason": text(body, "reason"), "error": text(body, "errorMessage")}
    kept |= {"response": text(body, "smtpResponse"), "feedback": text(body, "complaintFeedbackType")}
    return MailEvent(
        vendor="Amazon SES",
        name=name,
        kind=kind,
        key=f"{fact}:{address}",
        occurred=occurred,
        address=address,
        message=f"{message}:{address}" if message else "",
        contact_point=source.rpartition("<")[2].rstrip("> "),
        subject=text(record, "mail", "commonHeaders", "subject"),
        template=text(body, "templateName"),
        topics=topics_of(body) if name == "subscription" and kind == "withdrawn" else (),
        detail=detail,
        refers={field: value for field, value in kept.items() if value},
    )


def kind_of(name: str, body: Any) -> tuple[str, str]:
    """The kind in the book and the line about how it happened."""
    if name == "bounce":
        if text(body, "bounceSubType").lower() in UNTRIED:
            return "failed", "SES did not send it: the address is on the account's list"
        return "bounced", "hard" if text(body, "bounceType").lower() == "permanent" else "soft"
    if name in ("reject", "rendering failure"):
        return "failed", "SES did not send it"
    if name == "subscription" and not (at(body, "newTopicPreferences", "unsubscribeAll") is True or topics_of(body)):
        return "consented", ""
    return KINDS[name], ""


def topics_of(body: Any) -> tuple[str, ...]:
    """The topics that were left, where not everything was."""
    if at(body, "newTopicPreferences", "unsubscribeAll") is True:
        return ()
    chosen = objects(body, "newTopicPreferences", "topicSubscriptionStatus")
    names = [text(one, "topicName") for one in chosen if text(one, "subscriptionStatus").lower() == "optout"]
    return tuple(filter(None, names))


def facts_of(event: MailEvent, sent: int, given: Given) -> tuple[Observation, ...]:
    """The event, and the sending that every event of a message repeats with its own time (`mail.timestamp`)."""
    fact = observed(event, given)
    if not sent or not event.message or event.kind in ("failed", "withdrawn", "consented", "quarantined"):
        return (fact,)
    before = msgspec.structs.replace(
        fact, kind="sent", key=f"{event.message}:sent", occurred=sent, detail="", refers={}
    )
    return (before,) if event.kind == "sent" else (before, fact)
