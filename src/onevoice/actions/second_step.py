"""The second step of a sign-in: a code of an app after the password, or one of ten recovery codes."""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection

from onevoice.actions.one_time_codes import (
    NONCE_BYTES,
    RECOVERY_BYTES,
    RECOVERY_CODES,
    SECRET_BYTES,
    recovery_code,
    recovery_hash,
    sealed,
    step_of_code,
    unsealed,
)
from onevoice.ledger import accounts, second_steps, staff
from onevoice.ledger.documents import lock_documents
from onevoice.ledger.engine import Engine, Transaction
from onevoice.nouns.authority import ROLE_VERBS, Authority, Verb
from onevoice.nouns.moment import MINUTE, SECOND
from onevoice.nouns.problem import Fault, NotFound, Refused
from onevoice.nouns.words import Role

TICKET_LASTS: Final = 10 * MINUTE
TICKET_BYTES_MAX: Final = 100


class SecondStepFirst(Exception):
    """The password is right, and a second step is due: show `ticket` (once) with a code. There is no session yet."""

    def __init__(self, ticket: str) -> None:
        super().__init__("A second step is due.")
        self.ticket = ticket


@dataclass(frozen=True, slots=True)
class Waiting:
    """A sign-in that waits for a code; `secret` only while the member is enrolling, else empty."""

    member: staff.Member
    secret: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class SecondStep:
    """What second steps need: chance, a key that seals secrets, and the roles that must have one."""

    random_bytes: Callable[[int], bytes]
    key: bytes = field(repr=False)
    required: frozenset[Role] = frozenset({Role.ADMIN})

    def begin(self, tx: Transaction, member: staff.Member, *, at: int) -> str:
        """A ticket for the second step of this member, whose password was right; '' where none is due. Whoever must
        have one and has none gets a new secret to enrol with."""
        step = second_steps.step_of(tx.connection, member.number)
        confirmed = step is not None and step.confirmed > 0
        if not confirmed and member.role not in self.required:
            return ""
        if not confirmed:
            secret, nonce = self.random_bytes(SECRET_BYTES), self.random_bytes(NONCE_BYTES)
            second_steps.begin(tx, member.number, sealed(secret, self.key, member.number, nonce))
        ticket = urlsafe_b64encode(self.random_bytes(32)).decode().rstrip("=")
        accounts.add_ticket(tx, digest(ticket), member, at=at, ends=at + TICKET_LASTS)
        return ticket

    def waiting(self, connection: Connection, ticket: str, *, at: int) -> Waiting | None:
        """Whose sign-in waits behind this ticket; None when none does (any more)."""
        if not 0 < len(ticket) <= TICKET_BYTES_MAX:
            return None
        found = accounts.ticket_of(connection, digest(ticket))
        if found is None or found.ends <= at or not found.member.active or found.epoch != found.member.epoch:
            return None
        step = second_steps.step_of(connection, found.member.number)
        if step is None:
            return None
        secret = b"" if step.confirmed else unsealed(step.secret, self.key, found.member.number)
        return None if secret is None else Waiting(found.member, secret)

    def take(self, tx: Transaction, ticket: str, said: str, *, at: int) -> tuple[staff.Member, tuple[str, ...]] | None:
        """The member whose code this is, and their recovery codes if they enrolled with it (told this once); the ticket
        is used up then. None where the code is wrong, old or used, or nothing waits behind the ticket."""
        waiting = self.waiting(tx.connection, ticket, at=at)
        if waiting is None or not self._fits(tx, waiting.member, said, enrolling=bool(waiting.secret), at=at):
            return None
        if not accounts.take_ticket(tx, digest(ticket)):
            return None
        codes: tuple[str, ...] = ()
        if waiting.secret:
            codes = tuple(recovery_code(self.random_bytes(RECOVERY_BYTES)) for _ in range(RECOVERY_CODES))
            second_steps.confirm(tx, waiting.member, map(recovery_hash, codes), at=at)
        return waiting.member, codes

    def _fits(self, tx: Transaction, member: staff.Member, said: str, *, enrolling: bool, at: int) -> bool:
        step = second_steps.step_of(tx.connection, member.number)
        secret = unsealed(step.secret, self.key, member.number) if step else None
        used = step_of_code(secret, said, at // SECOND) if secret is not None else None
        if used is not None:
            return second_steps.use_step(tx, member.number, used)
        return not enrolling and second_steps.use_recovery_code(tx, member, recovery_hash(said), at=at)


def reset_second_step(engine: Engine, authority: Authority, email: str, *, at: int) -> staff.Member:
    """Forget the second step of somebody who lost their phone and their codes; every session of theirs ends, and they
    enrol anew at their next sign-in. Nobody does it for themselves.

    Raises NotFound where the asker sees no such member, Refused where they may not."""
    with engine.writing() as tx:
        lock_documents(tx)
        member = staff.member_of(tx.connection, email.strip().lower())
        if member is None or not authority.sees(member.unit):
            raise NotFound(f"There is no member of staff “{email[:60]}” here for you to see.")
        if not authority.may(Verb.SETUP) or not ROLE_VERBS[member.role] <= authority.verbs:
            raise Refused([Fault("second_step", f"You may not do this for the role {member.role.spoken}.")])
        if authority.who == f"staff:{member.number}":
            raise Refused([Fault("second_step", "Ask another administrator; nobody resets their own second step.")])
        second_steps.reset(tx, member, by=authority.who, at=at)
        accounts.end_sessions_of(tx, member)
    return member


def digest(secret: str) -> bytes:
    """What is kept of a ticket or a token: SHA-256."""
    return sha256(secret.encode(errors="replace")).digest()
