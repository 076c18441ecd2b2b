"""Invitations: links by which a member of staff sets a password once, and the uses of API keys."""

from typing import Final, NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from onevoice.ledger.documents import Change, log_changes
from onevoice.ledger.door_tables import invitations, key_uses
from onevoice.ledger.engine import Transaction
from onevoice.ledger.staff import MEMBER_COLUMNS, Member, member_in
from onevoice.ledger.tables import staff
from onevoice.nouns.moment import MINUTE

TO_A_MINUTE: Final = MINUTE


class Invitation(NamedTuple):
    """A link that waits: for whom, in which epoch it was made, when it ends (microseconds UTC)."""

    member: Member
    epoch: int
    ends: int


class KeyUse(NamedTuple):
    """Who made a key (`staff:3`, `system`), and when it was last used (microseconds UTC, 0: never)."""

    made_by: str
    used: int


def add_invitation(tx: Transaction, token: bytes, member: Member, *, ends: int, by: str, at: int) -> None:
    """Keep a link under the SHA-256 of its token; earlier links of the member are void. Call lock_documents before."""
    tx.connection.execute(delete(invitations).where((invitations.c.staff == member.number) | (invitations.c.ends < at)))
    tx.add(invitations, [(token, member.number, member.epoch, ends)])
    after = {"unit": member.unit, "ends": ends}
    log_changes(tx, [Change("invitations", f"staff:{member.number}", None, after)], by=by, at=at)


def invitation_of(connection: Connection, token: bytes) -> Invitation | None:
    """The link kept under the SHA-256 of its token."""
    query = (
        select(*MEMBER_COLUMNS, invitations.c.epoch.label("made_in"), invitations.c.ends)
        .join(invitations, invitations.c.staff == staff.c.number)
        .where(invitations.c.token == token)
    )
    row = connection.execute(query).first()
    return Invitation(member_in(row), row.made_in, row.ends) if row else None


def use_invitation(tx: Transaction, member: Member) -> None:
    """No link of this member opens anything any more."""
    tx.connection.execute(delete(invitations).where(invitations.c.staff == member.number))


def invited_until(connection: Connection) -> dict[int, int]:
    """Until when the link of each member of staff is good."""
    rows = connection.execute(select(invitations.c.staff, invitations.c.ends))
    return {row.staff: row.ends for row in rows}


def note_maker(tx: Transaction, key: int, made_by: str) -> None:
    """Remember who made an API key."""
    tx.connection.execute(insert(key_uses).values(key=key, made_by=made_by, used=0))


def uses_of_keys(connection: Connection) -> dict[int, KeyUse]:
    """Maker and last use, by the number of the key; keys made before this was kept have none."""
    return {row.key: KeyUse(row.made_by, row.used) for row in connection.execute(select(key_uses))}


def use_of_key(connection: Connection, key: int) -> KeyUse:
    """Maker and last use of one key; nobody and never where it was not kept."""
    row = connection.execute(select(key_uses).where(key_uses.c.key == key)).first()
    return KeyUse(row.made_by, row.used) if row else KeyUse("", 0)


def note_use(tx: Transaction, key: int, *, at: int) -> None:
    """The key was used now; only a moment that is a minute later than the last is written."""
    changed = (key_uses.c.key == key) & (key_uses.c.used <= at - TO_A_MINUTE)
    tx.connection.execute(update(key_uses).where(changed).values(used=at))
