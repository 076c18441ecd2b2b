"""Reads Postmark's webhooks, posted or collected, and pages of its bounce API."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from onevoice.nouns.observation import Given, Observation, Parked, Read
from onevoice.parsing.bounded import file_asked, read_file_in_child
from onevoice.parsing.fields import all_told, body_told, is_json, moment, text
from onevoice.parsing.mail_events import MailEvent, observed
from onevoice.parsing.ndjson import Record

KINDS: Final = {
    # postmarkapp.com/developer/webhooks/webhooks-overview, RecordType
    "Delivery": "delivered",
    "Bounce": "bounced",
    "SpamComplaint": "complained",
    "Open": "opened",
    "Click": "clicked",
    "SubscriptionChange": "withdrawn",
}
BOUNCES: Final[dict[str, tuple[str, str]]] = {
    # postmarkapp.com/developer/api/bounce-api, bounce types -> kind in the book, and the word of its detail
    "HardBounce": ("bounced", "hard"),
    "BadEmailAddress": ("bounced", "hard: not an address"),
    "SpamComplaint": ("complained", ""),
    "Unsubscribe": ("withdrawn", ""),
    "Subscribe": ("consented", ""),
    "ManuallyDeactivated": ("failed", "deactivated by hand at Postmark"),
    "SMTPApiError": ("failed", "Postmark did not send it"),
    "InboundError": ("failed", "Postmark did not send it"),
    "TemplateRenderingFailed": ("failed", "Postmark did not send it"),
}
"""Any other type is a bounce that may pass (Transient, SoftBounce, DnsError, Blocked, DMARCPolicy ...)."""

NOTHING: Final = {
    "AutoResponder": "It is an automatic answer to a message, not a bounce.",
    "AddressChange": "It is an automatic answer about a changed address, not a bounce.",
    "OpenRelayTest": "It is a test of a mail server, not a bounce.",
    "ChallengeVerification": "A mail server asked the sender to prove that it is human; nobody knows what came of it.",
}
CHANGES: Final = {"ManualSuppression": "withdrawn", "HardBounce": "marked", "SpamComplaint": "complained"}
TIMES: Final = ("BouncedAt", "DeliveredAt", "ChangedAt", "ReceivedAt")
KEPT: Final = ("Type", "Details", "Tag", "MessageStream", "OriginalLink", "UserAgent", "Metadata", "ServerID", "Origin")
INSIDE: Final = "Bounces"


def recognises(_path: Path, head: bytes) -> bool:
    """JSON with Postmark's record type beside a message id in its spelling, or a page of its bounce API."""
    return is_json(head) and b'"MessageID"' in head and (b'"RecordType"' in head or b'"TypeCode"' in head)


def read(path: Path, given: Given) -> Iterator[Read | Parked]:
    """Every record of the file once, read in a bounded child. Raises OSError where the file cannot be opened."""
    return read_file_in_child("onevoice.vendors.postmark.read:read_asked", path, given)


def read_asked(raw: bytes) -> Iterator[Read | Parked]:
    """The way into the bounded child."""
    return read_here(*file_asked(raw))


def read_here(path: Path, given: Given) -> Iterator[Read | Parked]:
    """Every record of the file once, in this process."""
    return all_told(path, given, told, INSIDE)


def read_body(body: bytes, given: Given) -> list[Read | Parked]:
    """The record of one posted body, which the door has limited in size and knows by its address."""
    return body_told(body, given, told)


def told(where: str, record: Record, given: Given) -> Read | Parked:
    """What one record says for the book, or why nothing."""
    kind = text(record, "RecordType") or ("Bounce" if "TypeCode" in record else "")
    bounce = text(record, "Type") if kind == "Bounce" else ""
    if kind not in KINDS:
        return Parked(where=where, reason="It is a kind of record that Postmark does not document, or no event.")
    if bounce in NOTHING:
        return Parked(where=where, reason=NOTHING[bounce])
    address = text(record, "Recipient") or text(record, "Email")
    if not address:
        return Parked(where=where, reason="It names no e-mail address.")
    occurred = next((found for name in TIMES if (found := moment(text(record, name)))), 0)
    if not occurred:
        return Parked(where=where, reason="It has no readable time.")
    event = event_of(record, kind, address, occurred)
    return Read(where=where, observations=facts_of(record, event, given))


def event_of(record: Record, name: str, address: str, occurred: int) -> MailEvent:
    """The record itself, known by Postmark's own number where it has one."""
    kind, detail = KINDS[name], ""
    if name == "Bounce":
        kind, detail = BOUNCES.get(text(record, "Type"), ("bounced", "soft"))
    elif name == "SubscriptionChange":
        stopped = record.get("SuppressSending") is True
        kind = CHANGES.get(text(record, "SuppressionReason"), "withdrawn") if stopped else "consented"
    elif name == "Open" and record.get("FirstOpen") is False:
        detail = "opened again"
    message, number = text(record, "MessageID"), text(record, "ID")
    return MailEvent(
        vendor="Postmark",
        name=name,
        kind=kind,
        key=f"{name}:{number}" if number else f"{message}:{name}:{occurred}:{address}",
        occurred=occurred,
        address=address,
        message=message,
        contact_point=text(record, "From"),
        subject=text(record, "Subject"),
        detail=detail,
        refers={field: value for field in KEPT if (value := text(record, field)) not in ("", "{}")},
    )


def facts_of(record: Record, event: MailEvent, given: Given) -> tuple[Observation, ...]:
    """The record as observations. Postmark tells of no sending, so a delivery says that the message was sent too."""
    become = msgspec.structs.replace
    if event.kind == "marked":
        marked = become(
            observed(become(event, message=""), given), mark="hard_bounce", direction="inbound", category=""
        )
        return (become(marked, source=f"Postmark event {event.name}", evidence=f"Postmark event {event.key}"),)
    fact = observed(event, given)
    if event.name == "Delivery":
        sent = become(fact, kind="sent", key=f"{event.message}:sent:{event.address}")
        return (sent, fact)
    return (fact,)
