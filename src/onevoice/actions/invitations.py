"""Invitations: a link, shown once, by which somebody sets a password; single use, over with a change of rights."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Final, NamedTuple

from onevoice.actions.entrance import Entrance
from onevoice.actions.passwords import hashed, password_faults
from onevoice.actions.staff import invite, require_manageable
from onevoice.ledger import invitations, staff
from onevoice.ledger.documents import lock_documents
from onevoice.nouns.authority import Authority
from onevoice.nouns.moment import DAY
from onevoice.nouns.problem import NotFound, Refused
from onevoice.nouns.words import Role

GOOD_FOR: Final = 7 * DAY


class Link(NamedTuple):
    """A fresh link: for whom, the secret it carries, and when it ends (microseconds UTC)."""

    member: staff.Member
    secret: str
    ends: int


def invite_by_link(entrance: Entrance, authority: Authority, *, email: str, name: str, unit: str, role: Role) -> Link:
    """Add a member of staff and make the link by which they come in. Raises Refused, NotFound, as `staff.invite`."""
    invite(entrance.engine, authority, email=email, name=name, unit=unit, role=role, at=entrance.clock())
    return make_link(entrance, authority, email)


def make_link(entrance: Entrance, authority: Authority, email: str) -> Link:
    """A new link for a member of staff, to set a (new) password; earlier ones open nothing any more.

    Raises NotFound where the asker sees no such member, Refused where they may not give these rights."""
    secret = urlsafe_b64encode(entrance.random_bytes(32)).decode().rstrip("=")
    now = entrance.clock()
    with entrance.engine.writing() as tx:
        lock_documents(tx)
        member = require_manageable(tx.connection, authority, email)
        ends = now + GOOD_FOR
        invitations.add_invitation(tx, _digest(secret), member, ends=ends, by=authority.who, at=now)
    return Link(member, secret, ends)


def invited(entrance: Entrance, secret: str) -> staff.Member:
    """For whom this link is. Raises NotFound for every link that opens nothing, whatever the reason."""
    with entrance.engine.reading() as connection:
        return _good(invitations.invitation_of(connection, _digest(secret)), secret, entrance.clock())


def accept(entrance: Entrance, secret: str, password: str) -> staff.Member:
    """Set the password of the member this link is for; the link opens nothing any more, and no session goes on.

    Raises NotFound as `invited`, Refused with what is wrong with the password."""
    member = invited(entrance, secret)
    if faults := password_faults(password, member.email):
        raise Refused(faults)
    kept = hashed(password)  # slow by design, so before the transaction
    now = entrance.clock()
    with entrance.engine.writing() as tx:
        lock_documents(tx)
        member = _good(invitations.invitation_of(tx.connection, _digest(secret)), secret, now)
        changed = staff.store_password(tx, member, kept, by=f"staff:{member.number}", at=now)
        invitations.use_invitation(tx, member)
        return changed


def _good(found: invitations.Invitation | None, secret: str, now: int) -> staff.Member:
    if not secret or found is None or found.ends <= now or found.epoch != found.member.epoch or not found.member.active:
        raise NotFound("This link opens nothing any more. Ask whoever invited you for a new one.")
    return found.member


def _digest(secret: str) -> bytes:
    return sha256(secret.encode(errors="replace")).digest()
