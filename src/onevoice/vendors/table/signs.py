"""What the words and shapes of a table give away: what an event's name means, and whether rows are messages at all."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from onevoice.vendors.table.names import KIND_WORDS

CHANNELS: Final = {
    "email": "email",
    "mail": "email",
    "sms": "sms",
    "text": "sms",
    "push": "push",
    "whatsapp": "whatsapp",
    "voice": "voice",
    "call": "voice",
    "chat": "chat",
    "messaging": "chat",
    "inapp": "in_app",
    "post": "post",
}
"""Words for a way to reach somebody, and ours."""

WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
PREFIXES: Final = ("property_", "properties_", "properties.")
ASKERS: Final = frozenset({"requester_id", "requester", "requester_email", "submitter_id"})
"""Columns of who asked: such a row came in, and its recipient is the company."""

CALLS: Final = frozenset({"call_sid", "call_duration", "answered_by", "caller_name", "parent_call_id"})
SIGNS: Final = frozenset(
    {"kind", "direction", "contact_point", "subject", "words", "campaign", "message", "template", "channel", "evidence"}
)
SENDING: Final = re.compile(r"sen[dt]|deliver|received|opened|clicked|consent|opt_?in|opt_?out|occurred|event")
RECIPIENTS: Final = frozenset(
    {"to", "to_address", "to_email", "to_number", "to_phone", "recipient", "recipient_email", "rcpt", "destination"}
)


def words_of(cell: str) -> list[str]:
    """The words of a name as platforms write it: `users.messages.email.Open`, `emailUnsubscribe`, `Opened Email`."""
    found = [word.lower() for word in WORD.findall(cell[-80:])]
    return found[-4:]


def kind_of(cell: str) -> str:
    """What an event's name means in the book, or nothing: the name itself, or what is left of it without the words for
    a channel. `Received Email` was delivered: it is said of the customer."""
    known = KIND_WORDS.get(cell.strip().lower())
    if known:
        return known
    words = words_of(cell)
    left = [word for word in words if word not in CHANNELS and word not in ("users", "messages", "message", "event")]
    if len(left) < len(words) and left == ["received"]:
        return "delivered"
    return KIND_WORDS.get("_".join(left), "") if left else ""


def channel_of(cell: str) -> str:
    """The channel that a cell names by one of its words, or nothing."""
    return next((CHANNELS[word] for word in words_of(cell) if word in CHANNELS), "")


def kind_of_name(name: str) -> str:
    """What a file's name says of all its rows (`unsubscribes.csv`, `email_bounces.csv`), or nothing."""
    for word in words_of(name):
        for form in (word, word.removesuffix("s"), word.removesuffix("es"), re.sub("ies$", "y", word)):
            if KIND_WORDS.get(form):
                return KIND_WORDS[form]
    return ""


def plain_name(name: str) -> str:
    """A column's name without the prefix that warehouses give to an event's own fields."""
    return next((name.removeprefix(prefix) for prefix in PREFIXES if name.startswith(prefix)), name)


def are_events(found: Iterable[str], time_name: str, address_name: str) -> bool:
    """Whether rows happened to somebody, by the fields that were found, or by the names of the time and the address: a
    list of people or of settings has a time too, of when it was made."""
    return bool(SIGNS & set(found)) or bool(SENDING.search(time_name)) or address_name in RECIPIENTS


def tells_people_apart(cells: Sequence[str]) -> bool:
    """Whether a column of numbers can be of customers: one value in many rows is the account of the company itself."""
    return len(set(cells)) > 1 or len(cells) < 2
