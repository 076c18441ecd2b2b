"""One mail's bytes to a frozen value; called in the bounded child, and never raises."""

from email import policy
from email.message import Message
from email.parser import BytesParser
from hashlib import sha256
from typing import Final

import msgspec

from onevoice.parsing.html_text import visible_text
from onevoice.parsing.limits import LIMITS
from onevoice.parsing.mail_scan import refusal
from onevoice.parsing.mail_words import addresses_in, header_text, text_from
from onevoice.parsing.moments import when_of

WALKED_MAX: Final = 1_000
ID_MAX: Final = 300
_when = when_of("mail")
# compat32 keeps headers as they are: the newer policies parse them with a parser that hostile values make quadratic.
_parser = BytesParser(policy=policy.compat32)


class Mail(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="mail"):
    """What is read of a mail. Moments are microseconds UTC, 0: none. `dated` is the sender's Date, `arrived` the time
    in the topmost Received line. `words` is the visible text, cut at `Limits.words` characters."""

    sha256: str
    size: int
    sender: str = ""
    sender_name: str = ""
    to: tuple[str, ...] = ()
    delivered_to: str = ""
    dated: int = 0
    arrived: int = 0
    message_id: str = ""
    in_reply_to: str = ""
    subject: str = ""
    words: str = ""
    list_id: str = ""
    list_unsubscribe: str = ""
    list_unsubscribe_post: str = ""
    auto_submitted: str = ""
    precedence: str = ""
    return_path: str = ""
    parts: int = 0


class Unreadable(msgspec.Struct, frozen=True, tag="unreadable"):
    """Why a mail was not read, as a sentence."""

    reason: str


class Headers:
    """A message's header fields by lower-case name, each as the parser left it."""

    def __init__(self, message: "Message[str, str]") -> None:
        self._fields: dict[str, list[str]] = {}
        for name, value in message.raw_items():
            self._fields.setdefault(name.lower(), []).append(str(value))

    def __len__(self) -> int:
        return len(self._fields)

    def all(self, *names: str) -> list[str]:
        return [value for name in names for value in self._fields.get(name, [])]

    def text(self, name: str, most: int = 1_000) -> str:
        """The first field of this name as people read it; empty where there is none."""
        return header_text(self._fields.get(name, [""])[0])[:most]


def parsed(raw: bytes) -> Mail | Unreadable:
    """The mail in these bytes (RFC 5322 and MIME, as found in the wild), or why it is not read."""
    reason = refusal(raw)
    if reason:
        return Unreadable(reason)
    try:
        return _parsed(raw)
    except MemoryError:
        raise
    except Exception as error:  # the standard library raises many kinds over real mail; each costs this mail only
        return Unreadable(f"It could not be read ({type(error).__name__}).")


def _parsed(raw: bytes) -> Mail | Unreadable:
    message: Message[str, str] = _parser.parsebytes(raw)
    headers = Headers(message)
    if not len(headers):
        return Unreadable("It has no header fields; this is no mail.")
    parts = _parts_of(message)
    if parts is None:
        return Unreadable(f"It has more than {LIMITS.parts} parts.")
    senders = addresses_in(headers.all("from"), 1) or addresses_in(headers.all("sender", "reply-to"), 1)
    delivered = addresses_in(headers.all("delivered-to", "x-original-to", "envelope-to"), 1)
    recipients = [address for _, address in addresses_in(headers.all("to", "cc", "bcc"), LIMITS.addresses)]
    return_path = addresses_in(headers.all("return-path"), 1)
    return Mail(
        sha256=sha256(raw).hexdigest(),
        size=len(raw),
        sender=senders[0][1] if senders else "",
        sender_name=senders[0][0][:200] if senders else "",
        to=tuple(dict.fromkeys(recipients)),
        delivered_to=delivered[0][1] if delivered else "",
        dated=_moment(headers.text("date")),
        arrived=_moment(header_text((headers.all("received") or [""])[0]).rpartition(";")[2]),
        message_id=headers.text("message-id", ID_MAX),
        in_reply_to=headers.text("in-reply-to", ID_MAX),
        subject=headers.text("subject"),
        words=_words(parts),
        list_id=headers.text("list-id", ID_MAX),
        list_unsubscribe=headers.text("list-unsubscribe"),
        list_unsubscribe_post=headers.text("list-unsubscribe-post", 100),
        auto_submitted=headers.text("auto-submitted", 100),
        precedence=headers.text("precedence", 100),
        return_path=return_path[0][1] if return_path else "",
        parts=len(parts),
    )


def _moment(written: str) -> int:
    try:
        return _when(written) if written.strip() else 0
    except (ValueError, OverflowError):
        return 0


def _parts_of(message: "Message[str, str]") -> "list[Message[str, str]] | None":
    """All leaves in their order, without recursion; None where there are too many."""
    leaves: list[Message[str, str]] = []
    waiting = [message]
    walked = 0
    while waiting:
        part = waiting.pop()
        walked += 1
        if walked > WALKED_MAX or len(leaves) > LIMITS.parts:
            return None
        payload = part.get_payload()
        if isinstance(payload, list):
            waiting += [inner for inner in reversed(payload) if isinstance(inner, Message)]
        else:
            leaves.append(part)
    return leaves


def _words(parts: "list[Message[str, str]]") -> str:
    """The first plain text that is not attached, else the first HTML made text."""
    for wanted in ("text/plain", "text/html"):
        for part in parts:
            if _type_of(part) == wanted and not _attached(part):
                text = _text_of(part)
                text = visible_text(text[: 16 * LIMITS.words]) if wanted == "text/html" else text.strip()
                if text:
                    return text[: LIMITS.words].encode("utf-8", "replace").decode("utf-8").replace("\0", "")
    return ""


def _type_of(part: "Message[str, str]") -> str:
    try:
        return part.get_content_type()
    except (ValueError, LookupError, TypeError):
        return "text/plain"


def _attached(part: "Message[str, str]") -> bool:
    return str(part.get("content-disposition", "")).strip().lower().startswith("attachment")


def _text_of(part: "Message[str, str]") -> str:
    try:
        charset = str(part.get_content_charset() or "")
    except (ValueError, LookupError, TypeError):
        charset = ""
    payload = part.get_payload(decode=True)
    return text_from(payload, charset) if isinstance(payload, bytes) else ""
