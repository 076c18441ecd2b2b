"""Staff: invite somebody, give a password, change what they may; every change of rights ends their sessions."""

from typing import Final

from msgspec.structs import replace
from sqlalchemy import Connection

from onevoice.actions.entrance import unit_for
from onevoice.actions.passwords import hashed, matches, password_faults
from onevoice.ledger import staff
from onevoice.ledger.documents import lock_documents, read_surroundings
from onevoice.ledger.engine import Engine, Transaction
from onevoice.nouns.authority import ROLE_VERBS, Authority, Verb
from onevoice.nouns.problem import Fault, NotFound, Refused
from onevoice.nouns.words import Channel, Role
from onevoice.parsing.addresses import normalised

NAME_MAX: Final = 300


def staff_address(written: str, where: str = "email") -> str | Fault:
    """The address a member of staff signs in with, wholly lower case."""
    address = normalised(Channel.EMAIL, written, where=where)
    return address if isinstance(address, Fault) else address.lower()


def invite(
    engine: Engine, authority: Authority, *, email: str, name: str, unit: str, role: Role, at: int
) -> staff.Member:
    """Add a member of staff, who cannot sign in before a password is set.

    Raises Refused with every fault, NotFound for a unit the asker does not see."""
    address = staff_address(email)
    faults = [address] if isinstance(address, Fault) else []
    if not 0 < len(name.strip()) <= NAME_MAX:
        faults.append(Fault("name", f"Give a name of at most {NAME_MAX} characters."))
    with engine.writing() as tx:
        lock_documents(tx)
        number = unit_for(authority, read_surroundings(tx.connection), unit)
        faults += _rights_faults(authority, role)
        if isinstance(address, str) and staff.member_of(tx.connection, address) is not None:
            faults.append(Fault("email", "Somebody with this address is a member already."))
        if faults:
            raise Refused(faults)
        member = staff.Member(
            number=staff.next_member(tx), email=str(address), name=name.strip(), unit=number, role=role
        )
        staff.store_members(tx, [member], by=authority.who, at=at)
    return member


def change_member(
    engine: Engine,
    authority: Authority,
    email: str,
    *,
    at: int,
    name: str | None = None,
    unit: str | None = None,
    role: Role | None = None,
    active: bool | None = None,
) -> staff.Member:
    """Change what is given of a member of staff; a change of unit, role or standing ends their sessions at once.

    Raises NotFound where the asker sees no such member, Refused where they may not give or take these rights."""
    with engine.writing() as tx:
        lock_documents(tx)
        member = _member(tx, authority, email)
        faults = _rights_faults(authority, member.role) + (_rights_faults(authority, role) if role else [])
        if authority.staff == member.number and any(one is not None for one in (unit, role, active)):
            faults.append(Fault("role", "Nobody changes their own rights; ask another administrator."))
        if name is not None and not 0 < len(name.strip()) <= NAME_MAX:
            faults.append(Fault("name", f"Give a name of at most {NAME_MAX} characters."))
        if faults:
            raise Refused(list(dict.fromkeys(faults)))
        changed = replace(
            member,
            name=member.name if name is None else name.strip(),
            unit=member.unit if unit is None else unit_for(authority, read_surroundings(tx.connection), unit),
            role=role or member.role,
            active=member.active if active is None else active,
        )
        staff.store_members(tx, [changed], by=authority.who, at=at)
        return _member(tx, authority, email)


def set_password(engine: Engine, authority: Authority, email: str, password: str, *, at: int) -> staff.Member:
    """Give a member of staff a (new) password; every session of theirs ends.

    Raises NotFound where the asker sees no such member, Refused with what is wrong with the password."""
    with engine.reading() as connection:
        _allowed(authority, staff.member_of(connection, _lowered(email)), email)
    if faults := password_faults(password, email):
        raise Refused(faults)
    kept = hashed(password)  # slow by design, so before the transaction
    with engine.writing() as tx:
        lock_documents(tx)
        member = _member(tx, authority, email)
        if faults := _rights_faults(authority, member.role):
            raise Refused(faults)
        return staff.store_password(tx, member, kept, by=authority.who, at=at)


def change_own_password(engine: Engine, authority: Authority, *, old: str, new: str, at: int) -> staff.Member:
    """A member of staff changes their own password, knowing the old one; every session of theirs ends.

    Raises Refused, NotFound when the asker is no member of staff."""
    with engine.reading() as connection:
        mine = [one for one in staff.all_members(connection) if f"staff:{one.number}" == authority.who]
        stored = staff.password_of(connection, mine[0].number) if mine else ""
    if not mine:
        raise NotFound("Only a member of staff has a password.")
    faults = password_faults(new, mine[0].email)
    if not matches(old, stored):
        faults.append(Fault("old", "This is not your password."))
    if faults:
        raise Refused(faults)
    kept = hashed(new)
    with engine.writing() as tx:
        lock_documents(tx)
        member = staff.member_of(tx.connection, mine[0].email)
        assert member is not None
        return staff.store_password(tx, member, kept, by=authority.who, at=at)


def require_manageable(connection: Connection, authority: Authority, email: str) -> staff.Member:
    """The member of staff with this address. Raises NotFound where the asker sees none, Refused where theirs are more
    rights than the asker's."""
    member = _allowed(authority, staff.member_of(connection, _lowered(email)), email)
    if faults := _rights_faults(authority, member.role):
        raise Refused(faults)
    return member


def manages(authority: Authority, member: staff.Member) -> bool:
    """Whether the asker may change this member of staff, make links for them and end their sessions."""
    return authority.sees(member.unit) and not _rights_faults(authority, member.role)


def sessions_seen(engine: Engine, authority: Authority, *, at: int) -> list[staff.OpenSession]:
    """The open sessions the asker may end: their own, and those of members they manage."""
    with engine.reading() as connection:
        return [one for one in staff.open_sessions(connection, at) if _ends(authority, one.member)]


def end_sessions(engine: Engine, authority: Authority, *, at: int, handle: str = "", member: int = 0) -> int:
    """End one session (by its handle), or all of a member of staff, at once; how many ended.

    Raises NotFound where there is none for the asker to end."""
    with engine.writing() as tx:
        lock_documents(tx)
        ended = [
            one
            for one in staff.open_sessions(tx.connection, at)
            if _ends(authority, one.member) and (one.handle == handle or (member and one.member.number == member))
        ]
        if not ended:
            raise NotFound("There is no such session here for you to end.")
        staff.end_sessions(tx, ended, by=authority.who, at=at)
    return len(ended)


def _ends(authority: Authority, member: staff.Member) -> bool:
    return authority.staff == member.number or manages(authority, member)


def _member(tx: Transaction, authority: Authority, email: str) -> staff.Member:
    return _allowed(authority, staff.member_of(tx.connection, _lowered(email)), email)


def _allowed(authority: Authority, member: staff.Member | None, email: str) -> staff.Member:
    if member is None or not authority.sees(member.unit):
        raise NotFound(f"There is no member of staff “{email[:60]}” here for you to see.")
    return member


def _rights_faults(authority: Authority, role: Role) -> list[Fault]:
    """Nobody gives, or changes, more than they have themselves."""
    if authority.may(Verb.SETUP) and ROLE_VERBS[role] <= authority.verbs:
        return []
    return [Fault("role", f"You may not do this for the role {role.spoken}.")]


def _lowered(email: str) -> str:
    address = staff_address(email)
    return "" if isinstance(address, Fault) else address
