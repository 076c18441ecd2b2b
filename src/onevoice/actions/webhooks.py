"""Webhooks: name an address that is told what became of what waited, change its secret, stop it, tell it once more."""

import base64
from hashlib import blake2b
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import Row, func, select, update

from onevoice.actions.gate import Gate
from onevoice.ledger.book import Book, Reader
from onevoice.ledger.documents import Change, lock_documents, log_changes
from onevoice.ledger.engine import Transaction
from onevoice.ledger.tables import units
from onevoice.ledger.webhook_tables import webhook_endpoints as endpoints
from onevoice.ledger.webhook_tables import webhook_messages as messages
from onevoice.nouns.authority import Authority, Verb
from onevoice.nouns.moment import DAY
from onevoice.nouns.problem import Fault, NotFound, Refused

URL_MAX: Final = 2_000
ENDPOINTS_MAX: Final = 50
OLDER_LASTS: Final = DAY
"""For so long after a change the secret before it signs too."""

WAITING, TAKEN, GIVEN_UP = 0, 1, 2
NOT_HERE: Final = "There is no webhook of that number here for you to change."


def secret_of(book: Book, endpoint: int, version: int) -> bytes:
    """One secret of one endpoint: 32 bytes derived from the installation's master secret, stored nowhere."""
    key = book.keys.of("webhooks")
    return blake2b(f"{endpoint}:{version}".encode(), key=key, digest_size=32).digest()


def secret_shown(secret: bytes) -> str:
    """A secret as Standard Webhooks writes it: `whsec_` and base64."""
    return "whsec_" + base64.b64encode(secret).decode()


def newest_secret(reader: Reader, endpoint: int) -> str:
    """The newest secret of an endpoint, as a receiver takes it. Raises NotFound for one that is not the asker's."""
    _require(reader.authority)
    row = reader.connection.execute(select(endpoints).where(endpoints.c.number == endpoint)).first()
    if row is None or not reader.authority.sees(row.unit):
        raise NotFound(NOT_HERE)
    return secret_shown(secret_of(reader.book, endpoint, row.secret))


def name_endpoint(gate: Gate, authority: Authority, *, unit: str, url: str, private_hosts: frozenset[str]) -> int:
    """Have this address told of messages of a unit and those below it; its number. The address is https, or a host the
    settings name as private. Raises Refused, NotFound for a unit the asker does not see."""
    _require(authority)
    faults = _url_faults(url, private_hosts)
    now = gate.book.clock()

    def write(tx: Transaction) -> int:
        lock_documents(tx)
        found = tx.connection.execute(select(units.c.number).where(units.c.key == unit)).scalar()
        if found is None or not authority.sees(found):
            raise NotFound("There is no unit of that key here for you to see.")
        count, last = tx.connection.execute(select(func.count(), func.max(endpoints.c.number))).one()
        if count >= ENDPOINTS_MAX:
            faults.append(Fault("url", f"There are {ENDPOINTS_MAX} webhooks already."))
        if faults:
            raise Refused(faults)
        number = (last or 0) + 1
        tx.add(endpoints, [(number, found, url, 1, 0, True, now)])
        _log(tx, number, None, {"unit": unit, "url": url, "secret": 1, "active": True}, authority, now)
        return number

    return gate.write(write)


def change_secret(gate: Gate, authority: Authority, number: int) -> None:
    """Give an endpoint a new secret; the one before signs beside it for OLDER_LASTS. Raises NotFound."""
    now = gate.book.clock()

    def write(tx: Transaction) -> None:
        row = _own(tx, authority, number)
        values = {"secret": row.secret + 1, "older_until": now + OLDER_LASTS}
        tx.connection.execute(update(endpoints).where(endpoints.c.number == number).values(values))
        _log(tx, number, {"secret": row.secret}, {"secret": row.secret + 1}, authority, now)

    gate.write(write)


def stop_endpoint(gate: Gate, authority: Authority, number: int, *, active: bool = False) -> None:
    """Tell this address nothing more (or, with `active`, again). What waits for it waits on. Raises NotFound."""
    now = gate.book.clock()

    def write(tx: Transaction) -> None:
        row = _own(tx, authority, number)
        tx.connection.execute(update(endpoints).where(endpoints.c.number == number).values(active=active))
        _log(tx, number, {"active": row.active}, {"active": active}, authority, now)

    gate.write(write)


def tell_again(gate: Gate, authority: Authority, number: int) -> None:
    """Begin anew with a message that was given up. Raises NotFound for any other."""
    now = gate.book.clock()

    def write(tx: Transaction) -> None:
        row = tx.connection.execute(select(messages.c.endpoint).where(messages.c.number == number)).first()
        _own(tx, authority, row.endpoint if row else 0)
        fresh = {"state": WAITING, "tries": 0, "at": now}
        given_up = (messages.c.number == number) & (messages.c.state == GIVEN_UP)
        if not tx.connection.execute(update(messages).where(given_up).values(fresh)).rowcount:
            raise NotFound(NOT_HERE)

    gate.write(write)


def _require(authority: Authority) -> None:
    if not authority.may(Verb.SETUP):
        raise NotFound(NOT_HERE)


def _own(tx: Transaction, authority: Authority, number: int) -> Row[Any]:
    """The endpoint's row, where it is the asker's to change."""
    _require(authority)
    lock_documents(tx)
    row = tx.connection.execute(select(endpoints).where(endpoints.c.number == number)).first()
    if row is None or not authority.sees(row.unit):
        raise NotFound(NOT_HERE)
    return row


def _url_faults(url: str, private_hosts: frozenset[str]) -> list[Fault]:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return [Fault("url", "This is no address.")]
    plain = 0 < len(url) <= URL_MAX and url.isascii() and url.isprintable() and " " not in url
    if not plain or not host or parts.username is not None or parts.password is not None or parts.fragment:
        return [Fault("url", f"Give the whole address, at most {URL_MAX} characters, without a password in it.")]
    if parts.scheme != "https" and not (parts.scheme == "http" and host in private_hosts):
        return [Fault("url", "The address must begin with https://.")]
    return []


def _log(
    tx: Transaction, number: int, before: object, after: dict[str, object], authority: Authority, now: int
) -> None:
    log_changes(tx, [Change("webhook_endpoints", f"webhook:{number}", before, after)], by=authority.who, at=now)
