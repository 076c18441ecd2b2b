"""Second steps of sign-ins: the sealed secret of each member's app, the last code it made, and recovery codes."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from onevoice.ledger.documents import Change, log_changes
from onevoice.ledger.engine import Transaction
from onevoice.ledger.sign_in_tables import recovery_codes, second_steps
from onevoice.ledger.staff import Member


class Step(NamedTuple):
    """The sealed secret; when it was confirmed (microseconds UTC, 0: enrolling); the last step of 30 seconds used."""

    secret: bytes
    confirmed: int
    last_step: int


def step_of(connection: Connection, member: int) -> Step | None:
    """A member's second step, whether confirmed or being enrolled."""
    columns = (second_steps.c.secret, second_steps.c.confirmed, second_steps.c.last_step)
    row = connection.execute(select(*columns).where(second_steps.c.staff == member)).first()
    return Step(bytes(row.secret), row.confirmed, row.last_step) if row else None


def begin(tx: Transaction, member: int, secret: bytes) -> None:
    """Keep a secret that is not confirmed yet, in the place of one that never was."""
    unconfirmed = (second_steps.c.staff == member) & (second_steps.c.confirmed == 0)
    tx.connection.execute(delete(second_steps).where(unconfirmed))
    tx.connection.execute(insert(second_steps).values(staff=member, secret=secret, confirmed=0, last_step=0))


def confirm(tx: Transaction, member: Member, codes: Iterable[bytes], *, at: int) -> None:
    """The second step is asked for from now on; `codes` are the SHA-256 of the recovery codes."""
    tx.connection.execute(update(second_steps).where(second_steps.c.staff == member.number).values(confirmed=at))
    tx.connection.execute(delete(recovery_codes).where(recovery_codes.c.staff == member.number))
    tx.add(recovery_codes, [(member.number, each) for each in codes])
    _log(tx, member, {"second_step": "confirmed"}, by=f"staff:{member.number}", at=at)


def use_step(tx: Transaction, member: int, step: int) -> bool:
    """Note that the code of this step of 30 seconds was used; False where it, or a later one, was before."""
    fresh = (second_steps.c.staff == member) & (second_steps.c.last_step < step)
    return tx.connection.execute(update(second_steps).where(fresh).values(last_step=step)).rowcount == 1


def use_recovery_code(tx: Transaction, member: Member, code: bytes, *, at: int) -> bool:
    """Take away the recovery code with this SHA-256; False where there is none."""
    theirs = (recovery_codes.c.staff == member.number) & (recovery_codes.c.hash == code)
    if tx.connection.execute(delete(recovery_codes).where(theirs)).rowcount != 1:
        return False
    _log(tx, member, {"second_step": "recovery code used"}, by=f"staff:{member.number}", at=at)
    return True


def recovery_codes_left(connection: Connection, member: int) -> int:
    """How many recovery codes a member has."""
    return len(connection.execute(select(recovery_codes.c.hash).where(recovery_codes.c.staff == member)).all())


def reset(tx: Transaction, member: Member, *, by: str, at: int) -> None:
    """Forget a member's second step and recovery codes; the log says who did it."""
    tx.connection.execute(delete(second_steps).where(second_steps.c.staff == member.number))
    tx.connection.execute(delete(recovery_codes).where(recovery_codes.c.staff == member.number))
    _log(tx, member, {"second_step": "reset"}, by=by, at=at)


def _log(tx: Transaction, member: Member, what: dict[str, object], *, by: str, at: int) -> None:
    log_changes(tx, [Change("staff", f"staff:{member.number}", None, what)], by=by, at=at)
