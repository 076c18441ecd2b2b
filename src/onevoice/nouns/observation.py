"""An observation: somebody says that something happened."""

import msgspec


class Observation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """Testimony, as a vendor's `read` or a caller gives it; moments are microseconds UTC.

    `kind` is an EntryKind as spoken (`sent`, `delivered`, `received`, `consented`, `withdrawn`, `marked` ...).
    `key` is the teller's own id of the fact; (said_by, key) makes repeats harmless. `touch` (a book number) or
    `message` (the sender's id of the message, equal over its facts) ties it to a thread. `address` is the customer's
    address, `contact_point` the company's, as written in the source. Consents carry `permit` (express,
    implied_purchase, implied_inquiry), `source`, `wording` and `evidence`; states carry `mark` and `until`.
    `refers` maps what else the source said and the book has no column for, kept in the vault.
    """

    kind: str
    key: str
    occurred: int
    channel: str = ""
    direction: str = "outbound"
    touch: int = 0
    message: str = ""
    customer: str = ""
    address: str = ""
    household: str = ""
    client: str = ""
    unit: str = ""
    platform: str = ""
    contact_point: str = ""
    category: str = ""
    purpose: str = ""
    topics: tuple[str, ...] = ()
    campaign: str = ""
    offer: str = ""
    template: str = ""
    content: str = ""
    subject: str = ""
    words: str = ""
    permit: str = ""
    source: str = ""
    wording: str = ""
    evidence: str = ""
    mark: str = ""
    until: int = 0
    zone: str = ""
    at_most: int = 0
    days: int = 0
    quiet_begin: int = 0
    quiet_length: int = 0
    detail: str = ""
    refers: dict[str, str] = {}


class Parked(msgspec.Struct, frozen=True, kw_only=True, tag="parked"):
    """What could not be read: where it stands in the source, the reason as a sentence, and the raw bytes (bounded)."""

    where: str
    reason: str
    raw: bytes = b""


class Read(msgspec.Struct, frozen=True, kw_only=True, tag="read"):
    """One record of a source (a row, a message, an event) as it was read: where it stands, and all it says happened.

    A source's account is kept by record: read = recorded + repeated + parked, and a `Read` is one record however many
    observations it gives. `observations` is never empty: a record that says nothing is `Parked` with the reason.
    """

    where: str
    observations: tuple[Observation, ...]


class Given(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """What a person says about a source because the source does not say it; a record's own word comes first.

    `ours` are the company's own addresses and domains (lower case), by which a mail's direction is known; `inbox` says
    whose mailbox a mail archive is: the `company`'s (what is not from `ours` came in) or a `customer`'s (all of it was
    sent to the customer).
    """

    unit: str = ""
    platform: str = ""
    category: str = ""
    purpose: str = ""
    campaign: str = ""
    ours: tuple[str, ...] = ()
    inbox: str = "company"
