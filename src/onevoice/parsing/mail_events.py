"""What an e-mail platform says happened to a mail, as every such platform's reader writes it down."""

import re
from typing import Final

import msgspec

from onevoice.nouns.observation import Given, Observation
from onevoice.parsing.consent import proven

DEAD: Final = re.compile(r"(?<![\d.])5\.(?:1\.(?:1|2|3|6|10)|2\.1)(?![\d.])")
"""Enhanced codes that speak of the address itself: no such mailbox, no such system, wrong syntax, moved, null MX,
disabled (RFC 3463 section 3, RFC 7505). Other 5.x.x codes are about this mail, this sender or this day."""

PERMISSIONS: Final = ("withdrawn", "consented")


class MailEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event: `kind` of the book, the platform's `name` of it and its own key, and what it is about."""

    vendor: str
    name: str
    kind: str
    key: str
    occurred: int
    address: str
    message: str = ""
    contact_point: str = ""
    subject: str = ""
    campaign: str = ""
    template: str = ""
    topics: tuple[str, ...] = ()
    detail: str = ""
    refers: dict[str, str] = {}


def speaks_of_a_dead_address(reply: str) -> bool:
    """Whether a mail server's reply says that the address itself cannot be written to."""
    return DEAD.search(reply[:2_000]) is not None


def observed(event: MailEvent, given: Given) -> Observation:
    """The event for the book. A withdrawal is read as wide as it can be meant (no unit, so all of them), a consent as
    narrow (the unit given), and a consent that is not proven is quarantined."""
    permission = event.kind in PERMISSIONS
    said = f"{event.vendor} event {event.name}"
    return proven(
        Observation(
            kind=event.kind,
            key=event.key,
            occurred=event.occurred,
            channel="email",
            direction="inbound" if permission else "outbound",
            message="" if permission else event.message,
            address=event.address,
            contact_point=event.contact_point,
            unit="" if event.kind == "withdrawn" else given.unit,
            platform=given.platform,
            category="" if permission else given.category,
            purpose=given.purpose,
            topics=event.topics,
            campaign="" if permission else event.campaign or given.campaign,
            template="" if permission else event.template,
            subject="" if permission else event.subject,
            permit="express" if event.kind == "consented" else "",
            source=said if permission else "",
            evidence=f"{said}, {event.key}" if permission else "",
            detail=event.detail,
            refers=event.refers,
        )
    )


def follows(event: MailEvent, kind: str, mark: str = "") -> Observation:
    """What an event says about its address beside the fact itself: `marked` with this mark, or `withdrawn`. That a
    bounce whose detail begins with `hard`, and a complaint, stop their address is the book's own conclusion."""
    said = f"{event.vendor} event {event.name}"
    return Observation(
        kind=kind,
        key=f"{event.key}:{kind}",
        occurred=event.occurred,
        channel="email",
        direction="inbound",
        address=event.address,
        mark=mark,
        source=said,
        evidence=f"{said}, {event.key}",
    )
