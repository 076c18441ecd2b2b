"""Reads SendGrid's event webhook: a posted array, or the events collected as one object a line."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from onevoice.nouns.moment import SECOND
from onevoice.nouns.observation import Given, Observation, Parked, Read
from onevoice.parsing.bounded import file_asked, read_file_in_child
from onevoice.parsing.consent import proven
from onevoice.parsing.moments import within
from onevoice.parsing.ndjson import Record, records_of
from onevoice.parsing.source import head_of, opened

KINDS: Final = {
    "processed": "sent",
    "delivered": "delivered",
    "bounce": "bounced",
    "blocked": "bounced",
    "dropped": "failed",
    "open": "opened",
    "click": "clicked",
    "spamreport": "complained",
    "unsubscribe": "withdrawn",
    "group_unsubscribe": "withdrawn",
    "group_resubscribe": "consented",
}
NOTHING: Final = {
    "deferred": "SendGrid was still trying to deliver it; a later event says what came of it.",
    "account_status_change": "It is about the account at SendGrid, not about a message.",
}
DROPS: Final = {
    # reason, lower case -> what it says about the address (docs.sendgrid.com, event webhook, dropped)
    "bounced address": ("marked", "hard_bounce"),
    "invalid": ("marked", "hard_bounce"),
    "spam reporting address": ("marked", "complaint"),
    "unsubscribed address": ("withdrawn", ""),
}
HARD: Final = frozenset({"", "invalid address"})
"""Classifications of a `bounce` that are final; SendGrid sends the others as bounces too (2023 and later)."""
KEPT: Final = ("sg_message_id", "smtp-id", "reason", "status", "response", "url", "useragent", "ip", "category")
KEPT_MAX: Final = 500


def recognises(_path: Path, head: bytes) -> bool:
    """JSON with SendGrid's own event id, or its message id beside an event."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return start[:1] in (b"{", b"[") and (b'"sg_event_id"' in start or b'"sg_message_id"' in start)


def read(path: Path, given: Given) -> Iterator[Read | Parked]:
    """Every event of the file once, read in a bounded child. Raises OSError where the file cannot be opened."""
    return read_file_in_child("onevoice.vendors.sendgrid.read:read_asked", path, given)


def read_asked(raw: bytes) -> Iterator[Read | Parked]:
    """The way into the bounded child."""
    return read_here(*file_asked(raw))


def read_here(path: Path, given: Given) -> Iterator[Read | Parked]:
    """Every event of the file once, in this process."""
    head = head_of(path)
    with opened(path) as stream:
        for item in records_of(stream, head):
            yield item if isinstance(item, Parked) else told(item[0], item[1], given)


def read_body(body: bytes, given: Given) -> list[Read | Parked]:
    """Every event of one posted body, which the door has already limited in size and whose signature it has checked."""
    items = records_of(io.BytesIO(body), body[:65536])
    return [item if isinstance(item, Parked) else told(item[0], item[1], given) for item in items]


def told(where: str, event: Record, given: Given) -> Read | Parked:
    """What one event says for the book, or why nothing."""
    name, address = text(event, "event").lower(), text(event, "email")
    if name in NOTHING:
        return Parked(where=where, reason=NOTHING[name])
    if name not in KINDS:
        return Parked(where=where, reason="It is an event that SendGrid does not document.")
    if not address:
        return Parked(where=where, reason="It names no e-mail address.")
    try:
        occurred = within(int(float(text(event, "timestamp") or 0) * SECOND))
    except (ValueError, OverflowError):
        return Parked(where=where, reason="It has no readable time.")
    fact = fact_of(event, KINDS[name], address, occurred, given)
    return Read(where=where, observations=(fact, *follows(event, name, fact)))


def fact_of(event: Record, kind: str, address: str, occurred: int, given: Given) -> Observation:
    """The event itself."""
    name = text(event, "event").lower()
    message = text(event, "sg_message_id") or text(event, "smtp-id")
    permission = kind in ("withdrawn", "consented")
    key = text(event, "sg_event_id") or f"{message}:{name}:{occurred // SECOND}:{address}"
    fact = Observation(
        kind=kind,
        key=key,
        occurred=occurred,
        channel="email",
        direction="inbound" if permission else "outbound",
        message="" if permission else message,
        address=address,
        # A withdrawal is read as wide as it can be meant: by no unit, so by all.
        unit="" if kind == "withdrawn" else given.unit,
        platform=given.platform,
        category="" if permission else given.category,
        purpose=given.purpose,
        campaign="" if permission else given.campaign,
        template=text(event, "sg_template_id"),
        permit="express" if kind == "consented" else "",
        source=f"SendGrid event {name}" if permission else "",
        evidence=f"SendGrid event {key}" if permission else "",
        detail=detail_of(event, name),
        refers={field: text(event, field) for field in KEPT if text(event, field)},
    )
    return proven(fact)


def detail_of(event: Record, name: str) -> str:
    """One line about how it happened, in the words of neither the vendor's servers nor the customer."""
    if name in ("bounce", "blocked"):
        return "hard" if is_hard(event) else "soft"
    if name == "dropped":
        return "SendGrid did not send it"
    if name == "open" and event.get("sg_machine_open") is True:
        return "opened by a machine"
    if name.startswith("group_"):
        return f"unsubscribe group {text(event, 'asm_group_id')[:20]}"
    return ""


def is_hard(event: Record) -> bool:
    """Whether a bounce is final: of type bounce, and not classified as something that may pass."""
    kind = (text(event, "type") or text(event, "event")).lower()
    return kind == "bounce" and text(event, "bounce_classification").lower() in HARD


def follows(event: Record, name: str, fact: Observation) -> tuple[Observation, ...]:
    """What a message dropped by SendGrid says about its address. That a bounce whose detail begins with `hard`, and a
    complaint, stop their address is the book's own conclusion."""
    kind, mark = DROPS.get(text(event, "reason").strip().lower(), ("", "")) if name == "dropped" else ("", "")
    if not kind:
        return ()
    meant = Observation(
        kind=kind,
        key=f"{fact.key}:{kind}",
        occurred=fact.occurred,
        channel="email",
        direction="inbound",
        address=fact.address,
        platform=fact.platform,
        mark=mark,
        source=f"SendGrid event {name}",
        evidence=f"SendGrid event {fact.key}",
    )
    return (meant,)


def text(event: Record, field: str) -> str:
    """A field as bounded text; lists and objects as JSON, absent and null as nothing."""
    value: Any = event.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        value = msgspec.json.encode(value).decode()
    return str(value)[:KEPT_MAX]
