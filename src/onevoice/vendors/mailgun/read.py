"""Reads Mailgun's events: webhooks of both generations, posted or collected, and pages of the events API."""

from collections.abc import Iterator
from email.utils import parseaddr
from pathlib import Path
from typing import Final

from onevoice.nouns.moment import SECOND
from onevoice.nouns.observation import Given, Observation, Parked, Read
from onevoice.parsing.bounded import file_asked, read_file_in_child
from onevoice.parsing.fields import all_told, at, body_told, counted, is_json, text
from onevoice.parsing.mail_events import MailEvent, follows, observed, speaks_of_a_dead_address
from onevoice.parsing.ndjson import Record

KINDS: Final = {
    # documentation.mailgun.com, "Events", event types (2025); `dropped` and `bounced` are of webhooks before 2018
    "accepted": "sent",
    "delivered": "delivered",
    "failed": "bounced",
    "bounced": "bounced",
    "dropped": "failed",
    "rejected": "failed",
    "opened": "opened",
    "clicked": "clicked",
    "complained": "complained",
    "unsubscribed": "withdrawn",
}
NOTHING: Final = {
    "stored": "It is a message that came in and that Mailgun keeps, without its words; import the mail itself.",
    "list_member_uploaded": "It is about a list at Mailgun, not about a message.",
    "list_member_upload_error": "It is about a list at Mailgun, not about a message.",
    "list_uploaded": "It is about a list at Mailgun, not about a message.",
}
SUPPRESSED: Final = {
    # reason of `failed`, or code of the older `dropped` -> what it says about the address
    "suppress-bounce": ("marked", "hard_bounce"),
    "suppress-complaint": ("marked", "complaint"),
    "suppress-unsubscribe": ("withdrawn", ""),
    "605": ("marked", "hard_bounce"),
    "606": ("withdrawn", ""),
    "607": ("marked", "complaint"),
}
KEPT: Final = ("reason", "severity", "url", "ip", "code", "error", "description", "user-variables", "tags", "domain")
INSIDE: Final = "items"
"""The field of the events API's page that holds its events."""


def recognises(_path: Path, head: bytes) -> bool:
    """JSON with Mailgun's envelope, or with fields that only its events have."""
    if not is_json(head):
        return False
    names = (b'"event-data"', b'"delivery-status"', b'"recipient-domain"', b'"X-Mailgun-Sid"', b'"user-variables"')
    return b'"event' in head and any(name in head for name in names)


def read(path: Path, given: Given) -> Iterator[Read | Parked]:
    """Every event of the file once, read in a bounded child. Raises OSError where the file cannot be opened."""
    return read_file_in_child("onevoice.vendors.mailgun.read:read_asked", path, given)


def read_asked(raw: bytes) -> Iterator[Read | Parked]:
    """The way into the bounded child."""
    return read_here(*file_asked(raw))


def read_here(path: Path, given: Given) -> Iterator[Read | Parked]:
    """Every event of the file once, in this process."""
    return all_told(path, given, told, INSIDE)


def read_body(body: bytes, given: Given) -> list[Read | Parked]:
    """The event of one posted body, whose size and signature the door has checked."""
    return body_told(body, given, told)


def told(where: str, posted: Record, given: Given) -> Read | Parked:
    """What one event says for the book, or why nothing."""
    held = posted.get("event-data")
    record: Record = held if isinstance(held, dict) else posted
    name = text(record, "event").lower()
    if name in NOTHING:
        return Parked(where=where, reason=NOTHING[name])
    if name not in KINDS:
        return Parked(where=where, reason="It is an event that Mailgun does not document.")
    if name == "failed" and text(record, "severity").lower() == "temporary":
        return Parked(where=where, reason="Mailgun was still trying to deliver it; a later event says what came of it.")
    address = text(record, "recipient") or parseaddr(text(record, "message", "headers", "to"))[1]
    if not address:
        return Parked(where=where, reason="It names no e-mail address.")
    occurred = counted(text(record, "timestamp"))
    if not occurred:
        return Parked(where=where, reason="It has no readable time.")
    event = event_of(record, name, address, occurred, text(posted, "token"))
    return Read(where=where, observations=(observed(event, given), *what_follows(record, event)))


def event_of(record: Record, name: str, address: str, occurred: int, token: str) -> MailEvent:
    """The event itself. Mailgun's id is unique within a day only, so the second is part of the key; it is the same in
    webhooks and in the events API, which the token of the signature is not: that serves where there is no id."""
    message = text(record, "message", "headers", "message-id") or text(record, "Message-Id")
    message = f"<{message.strip('<>')}>" if message else ""
    identity = text(record, "id")
    key = f"{identity}:{occurred // SECOND}" if identity else token
    campaigns = at(record, "campaigns")
    first = campaigns[0] if isinstance(campaigns, list) and campaigns else None
    return MailEvent(
        vendor="Mailgun",
        name=name,
        kind="failed" if why_suppressed(record) else KINDS[name],
        key=key or f"{message}:{name}:{occurred // SECOND}:{address}",
        occurred=occurred,
        address=address,
        message=message,
        contact_point=parseaddr(text(record, "message", "headers", "from"))[1] or text(record, "envelope", "sender"),
        subject=text(record, "message", "headers", "subject"),
        campaign=text(first, "name"),
        template=text(record, "template", "name"),
        detail=detail_of(record, name),
        refers={field: value for field in KEPT if (value := text(record, field)) not in ("", "[]", "{}")},
    )


def why_suppressed(record: Record) -> tuple[str, str] | None:
    """What it says about the address that Mailgun did not even try; None where it tried."""
    reason = text(record, "reason").lower()
    if reason in SUPPRESSED:
        return SUPPRESSED[reason]
    return SUPPRESSED.get(text(record, "code")) if text(record, "event").lower() == "dropped" else None


def detail_of(record: Record, name: str) -> str:
    """One line about how it happened, in the words of neither the mail servers nor the customer."""
    if name == "rejected" or KINDS[name] == "failed" or why_suppressed(record):
        return "Mailgun did not send it"
    if KINDS[name] == "bounced":
        return "hard" if is_hard(record) else "soft"
    if text(record, "client-info", "bot"):
        return "opened by a machine" if name == "opened" else "clicked by a machine"
    return ""


def is_hard(record: Record) -> bool:
    """Whether a final failure is about the address: by Mailgun's own word (`bounce-type`, since 2023), else by the
    enhanced code in the server's reply. Mailgun calls a mail that was refused as spam `permanent` too."""
    word = text(record, "delivery-status", "bounce-type").lower()
    if word in ("hard", "soft"):
        return word == "hard"
    status = at(record, "delivery-status") or {}
    replies = [text(status, name) for name in ("enhanced-code", "message", "description")]
    return any(map(speaks_of_a_dead_address, [*replies, text(record, "error"), text(record, "code")]))


def what_follows(record: Record, event: MailEvent) -> tuple[Observation, ...]:
    """What a message that Mailgun did not try says about its address."""
    known = why_suppressed(record)
    return (follows(event, known[0], known[1]),) if known else ()
