"""Deliver webhooks: each thing to tell is claimed, signed as Standard Webhooks 1.0 says, told, and its end written."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, Protocol

from sqlalchemy import Row, delete, select, update
from standardwebhooks import Webhook

from onevoice.actions.gate import Gate
from onevoice.actions.webhooks import GIVEN_UP, TAKEN, WAITING, secret_of
from onevoice.ledger.engine import Transaction
from onevoice.ledger.tables import entries
from onevoice.ledger.webhook_tables import webhook_endpoints as endpoints
from onevoice.ledger.webhook_tables import webhook_messages as messages
from onevoice.nouns.moment import DAY, MINUTE, SECOND
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import Verdict

PAUSES: Final = tuple(seconds * SECOND for seconds in (10, 60, 300, 1_800, 7_200, 21_600, 43_200, 86_400, 98_400))
"""Between ten tries, three days in all."""

AT_ONCE: Final = 16
CLAIMED_FOR: Final = 2 * MINUTE
"""A claim nobody settled (the process died) ends by itself, and it is told again; receivers know it by its id."""

TAKEN_KEPT: Final = 30 * DAY
"""What was taken is forgotten after so long."""

GONE: Final = 410
FAULT_MAX: Final = 300


class Answered(Protocol):
    """What came back: an HTTP status (0: nothing) and why not, in a sentence."""

    @property
    def status(self) -> int: ...

    @property
    def fault(self) -> str: ...


class Line(Protocol):
    """The one checked way to other web servers."""

    def fetch(self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Answered:
        """One request, no redirect followed; never raises for what a network does."""


class Claimed(NamedTuple):
    """One thing to tell: where, in which words, with which signature."""

    number: int
    endpoint: int
    tries: int
    url: str
    headers: dict[str, str]
    body: bytes


def deliver_due(gate: Gate, line: Line) -> int:
    """Tell what is due now, AT_ONCE at a time and side by side; how many were told or tried."""
    told = 0
    if not _is_due(gate):  # the writer is not asked every second
        return told
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="onevoice-webhook") as pool:
        while claimed := gate.write(lambda tx: _claim(tx, gate)):
            answers = pool.map(lambda one: line.fetch("POST", one.url, headers=one.headers, body=one.body), claimed)
            for one, answer in zip(claimed, answers, strict=True):
                gate.write(lambda tx, one=one, answer=answer: _settle(tx, gate, one, answer))  # type: ignore[misc]
            told += len(claimed)
    if told:
        gate.write(lambda tx: _forget_taken(tx, gate.book.clock() - TAKEN_KEPT))
    return told


def _is_due(gate: Gate) -> bool:
    due = select(messages.c.number).where(messages.c.state == WAITING, messages.c.at <= gate.book.clock()).limit(1)
    with gate.book.engine.reading() as connection:
        return connection.execute(due).first() is not None


def _claim(tx: Transaction, gate: Gate) -> list[Claimed]:
    """The oldest that are due, each claimed by moving its next try ahead; what another process moved is left to it."""
    now = gate.book.clock()
    due = (
        select(messages, endpoints.c.url, endpoints.c.secret, endpoints.c.older_until)
        .join(endpoints, endpoints.c.number == messages.c.endpoint)
        .where(messages.c.state == WAITING, messages.c.at <= now, endpoints.c.active)
        .order_by(messages.c.at, messages.c.number)
        .limit(AT_ONCE)
    )
    claimed = []
    for row in tx.connection.execute(due).all():
        as_read = (messages.c.number == row.number) & (messages.c.at == row.at) & (messages.c.state == WAITING)
        moved = {"at": now + CLAIMED_FOR, "tries": row.tries + 1}
        if tx.connection.execute(update(messages).where(as_read).values(moved)).rowcount:
            claimed.append(_signed(tx, gate, row, now))
    return claimed


def _signed(tx: Transaction, gate: Gate, row: Row[Any], now: int) -> Claimed:
    body = json.dumps(_told(tx, gate, row), separators=(",", ":"), ensure_ascii=False)
    name, when = f"msg_{row.number}", datetime.fromtimestamp(now // SECOND, UTC)
    versions = [row.secret, *([row.secret - 1] if now < row.older_until else [])]
    signatures = [Webhook(secret_of(gate.book, row.endpoint, version)).sign(name, when, body) for version in versions]
    headers = {
        "content-type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(now // SECOND),
        "webhook-signature": " ".join(signatures),
    }
    return Claimed(row.number, row.endpoint, row.tries + 1, row.url, headers, body.encode())


def _told(tx: Transaction, gate: Gate, row: Row[Any]) -> dict[str, Any]:
    """What is told: numbers the sender was given, verdict and reason; nothing about the person."""
    (entry,) = tx.connection.execute(select(entries).where(entries.c.number == row.entry)).all()
    book = gate.book.known
    label = book.labels[entry.label]
    unit, platform = book.surroundings.units.get(label.unit), book.surroundings.platforms.get(label.platform)
    verdict = Verdict(entry.verdict)
    released = verdict is Verdict.SEND
    return {
        "type": "message.released" if released else "message.given_up",
        "timestamp": _moment(entry.occurred),
        "data": {
            "touch": entry.touch,
            "decision": entry.number,
            "verdict": verdict.spoken,
            "reason": Reason(entry.reason).spoken,
            "unit": unit.key if unit else "",
            "platform": platform.key if platform else "",
            "lease_until": _moment(entry.until) if released and entry.until else None,
        },
    }


def _settle(tx: Transaction, gate: Gate, one: Claimed, answer: Answered) -> None:
    """Taken, tried again after a growing pause, or given up after the last try; who answers 410 is told no more."""
    now = gate.book.clock()
    fault = answer.fault or f"The server answered {answer.status}."
    if 200 <= answer.status < 300:
        values: dict[str, Any] = {"state": TAKEN, "at": now, "fault": ""}
    elif answer.status == GONE or one.tries > len(PAUSES):
        values = {"state": GIVEN_UP, "at": now, "fault": fault[:FAULT_MAX]}
    else:
        values = {"at": now + PAUSES[one.tries - 1], "fault": fault[:FAULT_MAX]}
    own = (messages.c.number == one.number) & (messages.c.tries == one.tries) & (messages.c.state == WAITING)
    tx.connection.execute(update(messages).where(own).values(values))
    if answer.status == GONE:
        tx.connection.execute(update(endpoints).where(endpoints.c.number == one.endpoint).values(active=False))


def _forget_taken(tx: Transaction, before: int) -> None:
    tx.connection.execute(delete(messages).where(messages.c.state == TAKEN, messages.c.at < before))


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
