"""Reads Brevo's webhooks, transactional and marketing, posted or collected, and the lists of its events API."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from onevoice.nouns.moment import SECOND
from onevoice.nouns.observation import Given, Parked, Read
from onevoice.parsing.bounded import file_asked, read_file_in_child
from onevoice.parsing.fields import all_told, body_told, counted, is_json, moment, text
from onevoice.parsing.mail_events import MailEvent, observed
from onevoice.parsing.ndjson import Record

KINDS: Final[dict[str, tuple[str, str]]] = {
    # developers.brevo.com: "Transactional webhooks", "Marketing webhooks", and the events API's spelling of the same;
    # without case, blanks and underscores -> kind in the book, and the word of its detail
    "request": ("sent", ""),
    "requests": ("sent", ""),
    "sent": ("sent", ""),
    "delivered": ("delivered", ""),
    "hardbounce": ("bounced", "hard"),
    "hardbounces": ("bounced", "hard"),
    "softbounce": ("bounced", "soft"),
    "softbounces": ("bounced", "soft"),
    "invalidemail": ("bounced", "hard: not an address"),
    "invalid": ("bounced", "hard: not an address"),
    "blocked": ("failed", "Brevo did not send it"),
    "error": ("failed", "Brevo did not send it"),
    "opened": ("opened", ""),
    "uniqueopened": ("opened", ""),
    "proxyopen": ("opened", "opened by a machine"),
    "uniqueproxyopen": ("opened", "opened by a machine"),
    "loadedbyproxy": ("opened", "opened by a machine"),
    "click": ("clicked", ""),
    "clicks": ("clicked", ""),
    "clicked": ("clicked", ""),
    "spam": ("complained", ""),
    "complaint": ("complained", ""),
    "unsubscribe": ("withdrawn", ""),
    "unsubscribed": ("withdrawn", ""),
}
NOTHING: Final = {
    "deferred": "Brevo was still trying to deliver it; a later event says what came of it.",
    "listaddition": "It is about a list at Brevo, not about a message.",
    "contactupdated": "It is about a contact at Brevo, not about a message.",
    "contactdeleted": "It is about a contact at Brevo, not about a message.",
}
EPOCHS: Final = (("ts_epoch", "epoch_milliseconds"), ("s_epoch", "epoch_milliseconds"), ("ts_event", "epoch"))
"""Fields that are documented as UTC, first the finest. `ts` and `date` follow the account's zone: in a payload of 2018
they are nine hours off."""

NAMES_A_ZONE: Final = re.compile(r"T.{5,20}(Z|[+-]\d\d:?\d\d)$")
"""The events API writes its `date` so."""

MILLISECONDS_FROM: Final = 12
"""Digits from which a `ts_epoch` is in milliseconds; the documentation's own samples have seconds in it too."""

KEPT: Final = ("reason", "link", "tags", "tag", "sending_ip", "X-Mailin-custom", "user_agent", "list_id", "id")


def recognises(_path: Path, head: bytes) -> bool:
    """JSON with an event and Brevo's spelling of the message, or its marketing fields."""
    if not is_json(head) or b'"event"' not in head or b'"email"' not in head or b'"sg_' in head:
        return False
    transactional = b'"message-id"' in head or (b'"messageId"' in head and b'"date"' in head)
    return transactional or (b'"camp_id"' in head and b'"ts_event"' in head)


def read(path: Path, given: Given) -> Iterator[Read | Parked]:
    """Every event of the file once, read in a bounded child. Raises OSError where the file cannot be opened."""
    return read_file_in_child("onevoice.vendors.brevo.read:read_asked", path, given)


def read_asked(raw: bytes) -> Iterator[Read | Parked]:
    """The way into the bounded child."""
    return read_here(*file_asked(raw))


def read_here(path: Path, given: Given) -> Iterator[Read | Parked]:
    """Every event of the file once, in this process."""
    return all_told(path, given, told, "events")


def read_body(body: bytes, given: Given) -> list[Read | Parked]:
    """The events of one posted body (Brevo can post several), which the door has limited in size."""
    return body_told(body, given, told)


def told(where: str, record: Record, given: Given) -> Read | Parked:
    """What one event says for the book, or why nothing."""
    name = text(record, "event").lower().replace("_", "").replace(" ", "")
    if name in NOTHING:
        return Parked(where=where, reason=NOTHING[name])
    if name not in KINDS:
        return Parked(where=where, reason="It is an event that Brevo does not document.")
    address = text(record, "email")
    if not address:
        return Parked(where=where, reason="It names no e-mail address.")
    occurred = moment_of(record)
    if not occurred:
        return Parked(where=where, reason="It has no readable time in UTC.")
    return Read(where=where, observations=(observed(event_of(record, name, address, occurred), given),))


def moment_of(record: Record) -> int:
    """When it happened, by the first field that can be trusted; 0 where there is none."""
    for field, form in EPOCHS:
        written = text(record, field)
        seconds = len(written.split(".")[0]) < MILLISECONDS_FROM
        found = counted(written, "epoch" if seconds else form) if written else 0
        if found:
            return found
    date = text(record, "date")
    return moment(date) if NAMES_A_ZONE.search(date) else 0


def event_of(record: Record, name: str, address: str, occurred: int) -> MailEvent:
    """The event itself. `id` is the webhook's number, not the event's, so message, kind, second and address name it: an
    opening that Brevo posts as `opened` and as `unique_opened` is one."""
    kind, detail = KINDS[name]
    campaign = text(record, "camp_id")
    message = text(record, "message-id") or text(record, "messageId")
    message = message or (f"campaign {campaign}:{address}" if campaign else "")
    link = f":{text(record, 'link') or text(record, 'URL')}" if kind == "clicked" else ""
    return MailEvent(
        vendor="Brevo",
        name=name,
        kind=kind,
        key=f"{message}:{kind}:{occurred // SECOND}:{address}{link}",
        occurred=occurred,
        address=address,
        message=message,
        contact_point=text(record, "sender_email") or text(record, "from"),
        subject=text(record, "subject"),
        campaign=text(record, "campaign name") or campaign,
        template=text(record, "template_id") or text(record, "templateId"),
        detail=detail,
        refers={field: value for field in KEPT if (value := text(record, field)) not in ("", "[]", '""')},
    )
