"""The enumerations of the book: each number is stored for ever and never changes meaning."""

from enum import IntEnum


class Word(IntEnum):
    """A stored number with a spoken form: `Channel.IN_APP.spoken == "in_app"`."""

    @property
    def spoken(self) -> str:
        """The lower-case word used in files, the API and tables."""
        return self.name.lower()

    @classmethod
    def of(cls, spoken: str) -> "Word":
        """The member with this spoken form. Raises KeyError with the word when there is none."""
        return cls[spoken.upper()]


class Channel(Word):
    """How a message travels. 0 in a scope means any channel."""

    ANY = 0
    EMAIL = 1
    SMS = 2
    PUSH = 3
    WHATSAPP = 4
    VOICE = 5
    POST = 6
    IN_APP = 7
    CHAT = 8
    SOCIAL = 9


class Category(Word):
    """What a message is to the person; the number is the order of arbitration."""

    SAFETY = 1
    LEGAL = 2
    SERVICE = 3
    MARKETING = 4


class Direction(Word):
    OUTBOUND = 1
    INBOUND = 2


class Verdict(Word):
    """Ordered by strictness."""

    SEND = 1
    HOLD = 2
    REROUTE = 3
    SUPPRESS = 4


class Mode(Word):
    """How much a platform lets the gate do."""

    MONITOR = 1
    ADVISE = 2
    ENFORCE = 3


class FolioKind(Word):
    CUSTOMER = 0
    ADDRESS = 1
    HOUSEHOLD = 2
    CLIENT = 3


class EntryKind(Word):
    """What one entry says happened: past participles. 1-29 belong to a touch, 30-59 to a permission or a state."""

    DECIDED = 1
    ATTEMPTED = 2
    SENT = 3
    DELIVERED = 4
    OPENED = 5
    CLICKED = 6
    REPLIED = 7
    BOUNCED = 8
    COMPLAINED = 9
    FAILED = 10
    RELEASED = 11
    LAPSED = 12
    DOUBTED = 13
    RECEIVED = 14
    CONSENTED = 30
    WITHDRAWN = 31
    QUARANTINED = 32
    MARKED = 33
    UNMARKED = 34
    WISHED = 35
    LOCATED = 36
    ERASED = 40


class TouchState(Word):
    """The two low bits of a packed label: how far a counted touch has come (docs/reference/contact-states.md)."""

    RESERVED = 0
    SENT = 1
    DELIVERED = 2


class PermitKind(Word):
    """Kinds of permission in a contact state; a withdrawal sorts last within its second, so that it wins ties."""

    EXPRESS = 1
    IMPLIED_PURCHASE = 2
    IMPLIED_INQUIRY = 3
    WITHDRAWAL = 9


class MarkKind(Word):
    """States of a customer or an address that stop or narrow contact until they end."""

    LEGAL_HOLD = 1
    DECEASED = 2
    MINOR = 3
    FRAUD_CASE = 4
    HARD_BOUNCE = 10
    COMPLAINT = 11
    DEAD_TOKEN = 12
    PAUSED = 20
    TOPIC_REFUSED = 21
    CHANNEL_REFUSED = 22
    OPEN_COMPLAINT = 30
    OUTAGE = 31
    UNDELIVERED_ORDER = 32
    BEREAVEMENT = 33
    HOLDS_PRODUCT = 34
    BOUGHT_RECENTLY = 35
    OWNED = 40


class Role(Word):
    """What a member of staff may do, each including the ones before."""

    VIEWER = 1
    SENDER = 2
    AGENT = 3
    UNIT_ADMIN = 4
    ADMIN = 5


class ContactPointStatus(Word):
    PLANNED = 1
    ANNOUNCED = 2
    ACTIVE = 3
    RETIRING = 4
    RETIRED = 5
