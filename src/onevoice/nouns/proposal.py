"""A proposal: somebody asks whether one message may go out to one person."""

import msgspec


class Proposal(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """Names are the keys people write in the setup folder; moments are microseconds UTC.

    `key` is the sender's idempotency key. At least one of `customer` (the company's own id) and `address` is given.
    `content` is the text, or anything that is equal when the message is equal; `subject` and `words` are kept in the
    vault and are shown to whoever may see the unit's content. `send_by` is the last moment at which it makes sense.
    `score` orders proposals of one category, higher first. With `dispatch` Onevoice sends it; otherwise the sender
    does, and confirms.
    """

    key: str
    unit: str
    channel: str
    category: str
    customer: str = ""
    address: str = ""
    household: str = ""
    client: str = ""
    purpose: str = ""
    platform: str = ""
    contact_point: str = ""
    topics: tuple[str, ...] = ()
    campaign: str = ""
    journey: str = ""
    package: str = ""
    offer: str = ""
    template: str = ""
    content: str = ""
    subject: str = ""
    words: str = ""
    score: float = 0.0
    created: int = 0
    send_by: int = 0
    dispatch: bool = False
