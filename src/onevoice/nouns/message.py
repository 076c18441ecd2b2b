"""A message on its way out, and what a vendor made of it."""

from typing import Protocol

import msgspec


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What a vendor needs to send: addresses are already checked and normalised."""

    touch: int
    channel: str
    sender: str
    recipient: str
    subject: str = ""
    words: str = ""
    headers: dict[str, str] = {}


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an attempt: `kind` is `sent`, `failed` (certainly not sent) or `doubted` (nobody can tell)."""

    kind: str
    vendor_id: str = ""
    detail: str = ""


class Sender(Protocol):
    """Hands one message to the outside; never raises for what a vendor is expected to answer."""

    def send(self, message: Message) -> Outcome: ...


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A mail server's last word on one message: `taken`, `refused` (it certainly did not take it) or `unknown`."""

    state: str
    code: int = 0
    detail: str = ""


class MailLine(Protocol):
    """Hands one finished mail to a mail server; never raises for what servers and networks do."""

    def hand_over(self, *, sender: str, recipient: str, raw: bytes) -> Answer: ...
