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


class Parked(msgspec.Struct, frozen=True, kw_only=True):
    """What could not be read: where it stands in the source, the reason as a sentence, and the raw bytes (bounded)."""

    where: str
    reason: str
    raw: bytes = b""
