"""Reads Twilio's message logs: the console's CSV, warehouse exports of it, and the API's lists of messages in JSON."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from onevoice.nouns.observation import Given, Observation, Parked, Read
from onevoice.parsing.bounded import file_asked, read_file_in_child
from onevoice.parsing.consent import proven
from onevoice.parsing.csv import name_of, table_of
from onevoice.parsing.keywords import STOPS, keyword_of
from onevoice.parsing.moments import when_of
from onevoice.parsing.ndjson import records_of
from onevoice.parsing.source import head_of, opened

NAMES: Final[dict[str, tuple[str, ...]]] = {
    "sid": ("sid", "messagesid", "smssid", "id"),
    "direction": ("direction",),
    "status": ("status", "messagestatus", "smsstatus"),
    "from": ("from",),
    "to": ("to",),
    "body": ("body",),
    "sent": ("datesent", "sentdate"),
    "created": ("datecreated", "createdat"),
    "updated": ("dateupdated", "updatedat"),
    "error": ("errorcode",),
    "service": ("messagingservicesid",),
    "account": ("accountsid", "accountid"),
}
"""Our name of a field, and theirs without case and underscores: the API, the console and the warehouses differ."""

STATUSES: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    # status -> (kind in the book, their word in the key)
    "sent": (("sent", "sent"),),
    "delivered": (("sent", "sent"), ("delivered", "delivered")),
    "partially_delivered": (("sent", "sent"), ("delivered", "delivered")),
    "read": (("sent", "sent"), ("delivered", "delivered"), ("opened", "read")),
    "undelivered": (("sent", "sent"), ("bounced", "undelivered")),
    "failed": (("failed", "failed"),),
    "canceled": (("failed", "canceled"),),
    "received": (("received", "received"),),
    "receiving": (("received", "received"),),
}
E164_DIGITS_MIN: Final = 8
WAITING: Final = frozenset({"accepted", "scheduled", "queued", "sending"})
OPTED_OUT: Final = "21610"
"""Attempt to send to an unsubscribed recipient (twilio.com/docs/api/errors/21610)."""
DEAD: Final = frozenset({"21211", "21614", "30005", "30006"})
"""No such number, not a mobile number, unknown handset, landline: sending again cannot succeed."""
PREFIXES: Final = {"whatsapp": "whatsapp", "messenger": "social", "rcs": "sms"}
_iso, _mail = when_of("iso"), when_of("mail")


class Row(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """One message of the log, each field as text."""

    sid: str = ""
    direction: str = ""
    status: str = ""
    from_: str = ""
    to: str = ""
    body: str = ""
    sent: str = ""
    created: str = ""
    updated: str = ""
    error: str = ""
    service: str = ""
    account: str = ""


def plain(name: str) -> str:
    return name_of(name).lower().replace("_", "").replace(" ", "")


def recognises(_path: Path, head: bytes) -> bool:
    """A header or a first record with Twilio's own fields."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:1] in (b"{", b"["):
        return b'"num_segments"' in start and b'"direction"' in start and b'"sid"' in start
    names = {plain(cell) for cell in start.split(b"\n", 1)[0].decode("utf-8", "replace").split(",")}
    return {"direction", "status", "from", "to", "numsegments"} <= names and bool(names & {"sid", "id"})


def read(path: Path, given: Given) -> Iterator[Read | Parked]:
    """Every message of the log once, read in a bounded child. Raises OSError where the file cannot be opened."""
    return read_file_in_child("onevoice.vendors.twilio.read:read_asked", path, given)


def read_asked(raw: bytes) -> Iterator[Read | Parked]:
    """The way into the bounded child."""
    return read_here(*file_asked(raw))


def read_here(path: Path, given: Given) -> Iterator[Read | Parked]:
    """Every message of the log once, in this process."""
    for item in rows_of(path):
        yield item if isinstance(item, Parked) else told(item[0], item[1], given)


def rows_of(path: Path) -> Iterator[tuple[str, Row] | Parked]:
    """The log as rows, whatever its format."""
    head = head_of(path)
    ours_of = {theirs: ours for ours, names in NAMES.items() for theirs in names}
    with opened(path) as stream:
        if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"["):
            for item in records_of(stream, head, "messages"):
                yield item if isinstance(item, Parked) else (item[0], _row_of(item[1], ours_of))
            return
        table = table_of(stream, head)
        if isinstance(table, Parked):
            yield table
            return
        columns = [(index, ours_of[plain(name)]) for index, name in enumerate(table.header) if plain(name) in ours_of]
        for row in table.rows:
            if isinstance(row, Parked):
                yield row
            else:
                yield f"line {row[0]}", msgspec.convert({ours: row[1][index] for index, ours in columns}, Row)


def _row_of(record: dict[str, object], ours_of: dict[str, str]) -> Row:
    fields = {ours_of[plain(name)]: value for name, value in record.items() if plain(name) in ours_of}
    texts = {ours: str(value) for ours, value in fields.items() if isinstance(value, str | int)}
    return msgspec.convert(texts, Row)


def told(where: str, row: Row, given: Given) -> Read | Parked:
    """What one message of the log says for the book, or why nothing."""
    status = row.status.strip().lower()
    inbound = row.direction.strip().lower().startswith("inbound")
    if not row.sid.strip():
        return Parked(where=where, reason="It has no message sid, by which it would be known.")
    if status in WAITING:
        reason = f"Twilio had not sent it yet when the log was written ({status}). Import a later log."
        return Parked(where=where, reason=reason)
    if status not in STATUSES:
        return Parked(where=where, reason="Its status is not one that Twilio documents.")
    if not (row.from_ if inbound else row.to).strip():
        return Parked(where=where, reason="It names no customer's number.")
    happened = _first_moment(row.sent, row.created)
    if not happened:
        return Parked(where=where, reason="It has no readable time.")
    first = message_of(row, inbound, happened, given)
    kinds = (("received", "received"),) if inbound else STATUSES[status]
    later = max(happened, _first_moment(row.updated))
    facts = [
        msgspec.structs.replace(
            first,
            kind=kind,
            key=f"{first.message}:{word}",
            occurred=happened if kind in ("sent", "received") else later,
            detail=detail_of(row, kind),
        )
        for kind, word in kinds
    ]
    return Read(where=where, observations=(*facts, *follows(row, facts[-1], inbound)))


def message_of(row: Row, inbound: bool, happened: int, given: Given) -> Observation:
    """The message itself, as every fact about it repeats it."""
    customer, point = (row.from_, row.to) if inbound else (row.to, row.from_)
    prefix, _, number = customer.strip().rpartition(":")
    if number.isdigit() and len(number) >= E164_DIGITS_MIN:
        number = f"+{number}"  # Twilio always writes E.164; warehouses that take it for a number lose the plus
    said = {"messaging_service": row.service, "account": row.account, "error": row.error}
    return Observation(
        kind="received" if inbound else "sent",
        key="",
        occurred=happened,
        channel=PREFIXES.get(prefix.lower(), "sms"),
        direction="inbound" if inbound else "outbound",
        message=row.sid.strip(),
        address=number,
        contact_point=point.strip().rpartition(":")[2] or row.service,
        words=row.body,
        unit=given.unit,
        platform=given.platform,
        category="" if inbound else given.category,
        purpose="" if inbound else given.purpose,
        campaign="" if inbound else given.campaign,
        refers={name: text for name, text in said.items() if text},
    )


def detail_of(row: Row, kind: str) -> str:
    """Why a text did not arrive. From a bounce that begins with `hard` the book itself concludes that the number is
    dead."""
    if not row.error or kind not in ("failed", "bounced"):
        return ""
    hard = "hard: " if kind == "bounced" and row.error in DEAD else ""
    return f"{hard}Twilio error {row.error}"


def follows(row: Row, fact: Observation, inbound: bool) -> tuple[Observation, ...]:
    """What a message means beyond itself: a stop, a start, a dead number.

    A withdrawal is read as wide as it can be meant (no unit: the whole company), a consent as narrow (this unit).
    """
    word = keyword_of(row.body) if inbound else ""
    base = Observation(
        kind="withdrawn",
        key=f"{fact.message}:withdrawn",
        occurred=fact.occurred,
        channel=fact.channel,
        direction="inbound",
        address=fact.address,
        contact_point=fact.contact_point,
        platform=fact.platform,
        evidence=f"Twilio message {fact.message}",
    )
    become = msgspec.structs.replace
    if word:
        stopped = become(base, source=f"Twilio message log: the customer wrote {word}", wording=word)
        if word in STOPS:
            return (stopped,)
        key = f"{fact.message}:consented"
        return (proven(become(stopped, kind="consented", key=key, permit="express", unit=fact.unit)),)
    if row.error == OPTED_OUT:
        return (become(base, source="Twilio error 21610: the customer had opted out at Twilio"),)
    if row.error in DEAD and fact.kind == "failed":
        detail = f"Twilio error {row.error}"
        return (become(base, kind="marked", key=f"{fact.message}:marked", mark="hard_bounce", detail=detail),)
    return ()


def _first_moment(*texts: str) -> int:
    """The first of these that is a time, ISO or as mail writes it; 0 where none is."""
    for text in texts:
        for when in (_iso, _mail):
            try:
                return when(text)
            except (ValueError, OverflowError):
                continue
    return 0
