"""Accounts at the company's identity provider: whose each is, and tickets of sign-ins that are under way or done."""

from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from onevoice.ledger.documents import Change, log_changes
from onevoice.ledger.engine import Transaction
from onevoice.ledger.sign_in_tables import sign_in_tickets, staff_accounts
from onevoice.ledger.staff import MEMBER_COLUMNS, Member, member_in
from onevoice.ledger.tables import sessions, staff


class Ticket(NamedTuple):
    """A sign-in that waits for its second step: whose, in which epoch it began, and when it ends (microseconds UTC)."""

    member: Member
    epoch: int
    ends: int


def member_of_account(connection: Connection, issuer: str, subject: str) -> Member | None:
    """The member of staff an account belongs to."""
    query = (
        select(*MEMBER_COLUMNS)
        .join(staff_accounts, staff_accounts.c.staff == staff.c.number)
        .where(staff_accounts.c.issuer == issuer, staff_accounts.c.subject == subject)
    )
    row = connection.execute(query).first()
    return member_in(row) if row else None


def is_linked(connection: Connection, member: int, issuer: str) -> bool:
    """Whether a member of staff has an account at this issuer."""
    query = select(staff_accounts.c.staff).where(staff_accounts.c.staff == member, staff_accounts.c.issuer == issuer)
    return connection.execute(query).first() is not None


def link(tx: Transaction, member: Member, issuer: str, subject: str, *, at: int) -> None:
    """The account is this member's from now on. The log says whose and where, not which. Call lock_documents before."""
    tx.connection.execute(insert(staff_accounts).values(issuer=issuer, subject=subject, staff=member.number, linked=at))
    change = Change("staff", f"staff:{member.number}", None, {"account": issuer})
    log_changes(tx, [change], by="company account", at=at)


def end_sessions_of(tx: Transaction, member: Member) -> None:
    """Every session and every half-finished sign-in of a member ends: their epoch grows."""
    tx.connection.execute(update(staff).where(staff.c.number == member.number).values(epoch=staff.c.epoch + 1))
    tx.connection.execute(delete(sessions).where(sessions.c.staff == member.number))


def use_ticket(tx: Transaction, ticket: bytes, member: Member, *, at: int, ends: int) -> bool:
    """Remember that this ticket (SHA-256) was used, as long as it could be shown again; False where it was before."""
    tx.connection.execute(delete(sign_in_tickets).where(sign_in_tickets.c.ends <= at))
    if tx.connection.execute(select(sign_in_tickets.c.ticket).where(sign_in_tickets.c.ticket == ticket)).first():
        return False
    try:
        _add(tx, ticket, member, used=True, ends=ends)
    except IntegrityError:  # two at once: the other one has it
        return False
    return True


def add_ticket(tx: Transaction, ticket: bytes, member: Member, *, at: int, ends: int) -> None:
    """Keep a ticket (SHA-256) for the second step of this member's sign-in; those that ended are swept away."""
    tx.connection.execute(delete(sign_in_tickets).where(sign_in_tickets.c.ends <= at))
    _add(tx, ticket, member, used=False, ends=ends)


def ticket_of(connection: Connection, ticket: bytes) -> Ticket | None:
    """The waiting sign-in behind the SHA-256 of a ticket."""
    query = (
        select(*MEMBER_COLUMNS, sign_in_tickets.c.epoch.label("ticket_epoch"), sign_in_tickets.c.ends)
        .join(sign_in_tickets, sign_in_tickets.c.staff == staff.c.number)
        .where(sign_in_tickets.c.ticket == ticket, sign_in_tickets.c.used.is_(False))
    )
    row = connection.execute(query).first()
    return Ticket(member_in(row), row.ticket_epoch, row.ends) if row else None


def take_ticket(tx: Transaction, ticket: bytes) -> bool:
    """The ticket opens nothing any more; whether it was there to be taken."""
    gone = tx.connection.execute(
        delete(sign_in_tickets).where(sign_in_tickets.c.ticket == ticket, sign_in_tickets.c.used.is_(False))
    )
    return gone.rowcount == 1


def _add(tx: Transaction, ticket: bytes, member: Member, *, used: bool, ends: int) -> None:
    values = {"ticket": ticket, "staff": member.number, "epoch": member.epoch, "used": used, "ends": ends}
    tx.connection.execute(insert(sign_in_tickets).values(values))
