"""Reads archives of mail: each message becomes one record, with an observation for every customer it concerns."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from onevoice.nouns.observation import Given, Observation, Parked, Read
from onevoice.parsing.bounded import Bounded, Stopped, streamed
from onevoice.parsing.limits import LIMITS
from onevoice.parsing.mail import Mail, Unreadable
from onevoice.parsing.mailbox import FROM_LINE, Held, is_tar

FIELD: Final = re.compile(rb"([!-9;-~]{1,60})[ \t]?:")
TELLING: Final = frozenset({b"from", b"received", b"date", b"message-id", b"return-path", b"delivered-to", b"subject"})
TAR_BLOCK: Final = 512


def recognises(path: Path, head: bytes) -> bool:
    """A folder, an mbox, a message that begins with header fields, or a tar archive that begins so."""
    if path.is_dir():
        return True
    if is_tar(head):
        head = head[TAR_BLOCK:]
    if FROM_LINE.match(head[:300]):
        return True
    fields = [found[1].lower() for line in head[:32_768].splitlines() if (found := FIELD.match(line))]
    return len(TELLING.intersection(fields)) >= 2


def read(path: Path, given: Given) -> Iterator[Read | Parked]:
    """Every message once. Two bounded children share the work: one splits the archive, one parses each message."""
    asked = os.fsencode(path.absolute())
    where = "its beginning"
    with Bounded[Mail | Unreadable]("onevoice.parsing.mail:parsed", Mail | Unreadable) as child:
        for item in streamed("onevoice.parsing.mailbox:split_asked", asked, Held | Parked):
            if isinstance(item, Stopped):
                yield Parked(where=f"after {where}", reason=f"The rest was not read. {item.reason}")
                return
            where = item.where
            yield item if isinstance(item, Parked) else told(item, child.ask(item.raw), given)


def told(held: Held, mail: Mail | Unreadable | Stopped, given: Given) -> Read | Parked:
    """What a message says for the book, or why nothing."""
    if not isinstance(mail, Mail):
        return Parked(where=held.where, reason=mail.reason, raw=held.raw[: LIMITS.raw_kept])
    reason = missing(mail, given)
    if reason:
        return Parked(where=held.where, reason=reason, raw=held.raw[: LIMITS.raw_kept])
    if given.inbox == "customer":
        return Read(where=held.where, observations=(found_at(mail, given),))
    if is_ours(mail.sender, given.ours):
        several = len(mail.to) > 1
        numbered = [(f"#{number}" if several else "", address) for number, address in enumerate(mail.to, 1)]
        numbered = [(mark, address) for mark, address in numbered if not is_ours(address, given.ours)]
        return Read(where=held.where, observations=tuple(sent(mail, to, given, mark) for mark, to in numbered))
    return Read(where=held.where, observations=(received(mail, given),))


def missing(mail: Mail, given: Given) -> str:
    """What a message lacks to be a fact about a customer."""
    if not mail.sender:
        return "It has no readable sender."
    if not (mail.dated or mail.arrived):
        return "It has no readable date, neither its own nor one of a server that passed it on."
    if given.inbox == "customer":
        return "" if mail.to or mail.delivered_to else "It names no recipient."
    if not is_ours(mail.sender, given.ours):
        return ""
    if mail.to and all(is_ours(address, given.ours) for address in mail.to):
        return "It is between the company's own addresses, or only says so."
    return "" if mail.to else "It names no recipient."


def is_ours(address: str, ours: tuple[str, ...]) -> bool:
    """Whether an address is one of ours, or its domain or a domain above it is."""
    address = address.lower()
    domain = address.rpartition("@")[2]
    return any(address == own or domain == own or domain.endswith("." + own) for own in ours)


def found_at(mail: Mail, given: Given) -> Observation:
    """A mail in a customer's mailbox: sent there by whoever it says. It was not ours to name: anybody may have written
    it, so its Message-ID ties it to nothing."""
    return msgspec.structs.replace(
        sent(mail, mail.delivered_to or mail.to[0], given, ""), message=f"mail:{mail.sha256}"
    )


def sent(mail: Mail, address: str, given: Given, mark: str) -> Observation:
    """A mail the company sent to this address. Its own Date counts; it knows its thread by its Message-ID."""
    return Observation(
        kind="sent",
        # The raw bytes name the mail: a Message-ID can be repeated or forged, and the same mail exported twice is one.
        key=f"mail:{mail.sha256}{mark}",
        occurred=mail.dated or mail.arrived,
        channel="email",
        message=f"{mail.message_id}{mark}" if mail.message_id else "",
        address=address,
        contact_point=mail.sender,
        subject=mail.subject,
        words=mail.words,
        unit=given.unit,
        platform=given.platform,
        category=given.category,
        purpose=given.purpose,
        campaign=given.campaign,
        refers=refers(mail),
    )


def received(mail: Mail, given: Given) -> Observation:
    """A mail that came to the company. Its own server's time counts; its Message-ID is its sender's word and ties it to
    nothing."""
    to = (mail.delivered_to, *mail.to)
    point = next((address for address in to if address and is_ours(address, given.ours)), "") or next(
        filter(None, to), ""
    )
    return Observation(
        kind="received",
        key=f"mail:{mail.sha256}",
        occurred=mail.arrived or mail.dated,
        channel="email",
        direction="inbound",
        message=f"mail:{mail.sha256}",
        address=mail.sender,
        contact_point=point,
        subject=mail.subject,
        words=mail.words,
        unit=given.unit,
        platform=given.platform,
        refers=refers(mail),
    )


def refers(mail: Mail) -> dict[str, str]:
    """What else a mail says, for the vault."""
    said = {
        "message_id": mail.message_id,
        "in_reply_to": mail.in_reply_to,
        "sender_name": mail.sender_name,
        "return_path": mail.return_path,
        "list_id": mail.list_id,
        "list_unsubscribe": mail.list_unsubscribe,
        "list_unsubscribe_post": mail.list_unsubscribe_post,
        "auto_submitted": mail.auto_submitted,
        "precedence": mail.precedence,
    }
    return {name: text for name, text in said.items() if text}
