"""Demo, the script: everything that will be written into files and proposed, gathered before anything is written."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from onevoice.nouns.proposal import Proposal


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """One person of the cast; `client` is (key, name) of the company they work for."""

    reference: str
    name: str
    zone: str = ""
    language: str = "en"
    units: tuple[str, ...] = ()
    email: str = ""
    phone: str = ""
    shared: bool = False
    household: str = ""
    client: tuple[str, str] = ("", "")
    holds: tuple[tuple[str, datetime], ...] = ()


class Text(NamedTuple):
    """A row of a Twilio log; `log` names its file. `ours` is the company's number."""

    log: str
    at: datetime
    ours: str
    theirs: str
    body: str
    inbound: bool = False
    status: str = "delivered"
    error: str = ""


class Mailing(NamedTuple):
    """One mail of a campaign and the events SendGrid tells of it, each with its minutes after the sending."""

    campaign: str
    at: datetime
    email: str
    events: tuple[tuple[str, int], ...] = (("processed", 0), ("delivered", 1))


class Letter(NamedTuple):
    """A mail in the company's mailboxes."""

    at: datetime
    sender: str
    name: str
    to: str
    subject: str
    words: str


class Message(NamedTuple):
    """A row of the table in which tills and the CRM say what they had to send."""

    at: datetime
    customer: str
    platform: str
    unit: str
    channel: str
    address: str
    point: str
    category: str
    campaign: str
    offer: str
    subject: str
    words: str


class Permission(NamedTuple):
    """A row of the table of consents, withdrawals, wishes and states."""

    at: datetime
    kind: str
    customer: str = ""
    channel: str = ""
    address: str = ""
    unit: str = ""
    permit: str = ""
    source: str = ""
    wording: str = ""
    evidence: str = ""
    mark: str = ""
    topic: str = ""
    until: str = ""
    at_most: str = ""
    days: str = ""


class Story(NamedTuple):
    """One story of a real failure: who it happens to, and what it shows in a sentence."""

    title: str
    customer: str
    shows: str


@dataclass(slots=True)
class Script:
    """Everything that is to be told, in the order of the cast."""

    customers: list[Customer] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    mailings: list[Mailing] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    permissions: list[Permission] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)
    stories: list[Story] = field(default_factory=list)

    def agrees(self, customer: Customer, at: datetime, units: Sequence[str] = ("",), *, channel: str = "email") -> None:
        """A proven consent to marketing, for these units (`''`: the whole company)."""
        for unit in units:
            self.permissions.append(
                Permission(
                    at=at,
                    kind="consented",
                    customer=customer.reference,
                    channel=channel,
                    unit=unit,
                    permit="express",
                    source="Sign-up form",
                    wording="Yes, send me news and offers. I can stop them at any time.",
                    evidence=f"Form {customer.reference}-{channel}",
                )
            )
