"""Who may enter: members of staff, their sessions, API keys, and the tries of whoever knocks."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection, Row, delete, func, insert, select, text, update

from onevoice.ledger.documents import Change, lock_documents, log_changes
from onevoice.ledger.engine import Transaction
from onevoice.ledger.tables import api_keys, sessions, sign_in_tries, staff
from onevoice.nouns.authority import Verb
from onevoice.nouns.words import Role


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A member of staff; `unit` is a unit number, `epoch` grows with every change that must end sessions, `invited` is
    true until a password is set."""

    number: int
    email: str
    name: str
    unit: int
    role: Role
    active: bool = True
    epoch: int = 1
    invited: bool = True


class Session(msgspec.Struct, frozen=True):
    """An open session: whose, in which epoch it began, and when it ends (microseconds UTC)."""

    member: Member
    epoch: int
    ends: int


class OpenSession(NamedTuple):
    """A session that is open: the SHA-256 of its token, whose it is, from when and until when (microseconds UTC)."""

    token: bytes
    member: Member
    started: int
    ends: int

    @property
    def handle(self) -> str:
        """What a form may call it by; nobody comes from it to the token."""
        return self.token.hex()[:24]


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key of a system, scoped to a unit and to verbs; `revoked` is a moment, 0 while it works."""

    number: int
    name: str
    unit: int
    verbs: frozenset[Verb]
    made: int
    revoked: int = 0


MEMBER_COLUMNS: Final = (
    staff.c.number,
    staff.c.email,
    staff.c.name,
    staff.c.unit,
    staff.c.role,
    staff.c.active,
    staff.c.epoch,
    (staff.c.password == "").label("invited"),  # an empty text, not a password
)

FIRST_TRY: Final = text(
    "INSERT INTO sign_in_tries (slot, tries, since) VALUES (:slot, 0, :since) ON CONFLICT DO NOTHING"
)


def all_members(connection: Connection) -> list[Member]:
    """Everybody, in the order they were added."""
    return [member_in(row) for row in connection.execute(select(*MEMBER_COLUMNS).order_by(staff.c.number))]


def member_of(connection: Connection, email: str) -> Member | None:
    """The member with this (normalised) e-mail address."""
    row = connection.execute(select(*MEMBER_COLUMNS).where(staff.c.email == email)).first()
    return member_in(row) if row else None


def member_called(connection: Connection, who: str) -> Member | None:
    """The member the log calls this (`staff:3`); None for systems and for nobody."""
    kind, _, number = who.partition(":")
    if kind != "staff" or not number.isdecimal():
        return None
    row = connection.execute(select(*MEMBER_COLUMNS).where(staff.c.number == int(number))).first()
    return member_in(row) if row else None


def password_of(connection: Connection, member: int) -> str:
    """The argon2id hash of a member's password, '' while invited."""
    return connection.execute(select(staff.c.password).where(staff.c.number == member)).scalar() or ""


def next_member(tx: Transaction) -> int:
    """The number of the next member. Call documents.lock_documents before."""
    return (tx.connection.execute(select(func.max(staff.c.number))).scalar() or 0) + 1


def store_members(tx: Transaction, members: Iterable[Member], *, by: str, at: int) -> int:
    """Insert new members and change known ones (by number); how many changed. A change of unit, role or standing raises
    the epoch, which ends their sessions. The log holds no name and no address. Call documents.lock_documents before."""
    known = {member.number: member for member in all_members(tx.connection)}
    changes = [change for member in members if (change := _store(tx, known.get(member.number), member))]
    log_changes(tx, changes, by=by, at=at)
    return len(changes)


def store_password(tx: Transaction, member: Member, password: str, *, by: str, at: int) -> Member:
    """Keep the hash of a new password and end every session; the member as it is now."""
    now = msgspec.structs.replace(member, epoch=member.epoch + 1, invited=False)
    tx.connection.execute(
        update(staff).where(staff.c.number == member.number).values(password=password, epoch=now.epoch)
    )
    log_changes(tx, [Change("staff", f"staff:{member.number}", _shown(member), _shown(now))], by=by, at=at)
    return now


def add_session(tx: Transaction, token: bytes, member: Member, *, started: int, ends: int) -> None:
    """Keep a session under the SHA-256 of its token, and log it; those that ended are swept away."""
    lock_documents(tx)
    tx.connection.execute(delete(sessions).where(sessions.c.ends <= started))
    tx.add(sessions, [(token, member.number, member.epoch, started, ends)])
    who = f"staff:{member.number}"
    log_changes(tx, [Change("sessions", who, None, {"unit": member.unit, "ends": ends})], by=who, at=started)


def session_of(connection: Connection, token: bytes) -> Session | None:
    """The session kept under the SHA-256 of its token."""
    query = (
        select(*MEMBER_COLUMNS, sessions.c.epoch.label("session_epoch"), sessions.c.ends)
        .join(sessions, sessions.c.staff == staff.c.number)
        .where(sessions.c.token == token)
    )
    row = connection.execute(query).first()
    return Session(member_in(row), row.session_epoch, row.ends) if row else None


def end_session(tx: Transaction, token: bytes) -> None:
    """Forget one session."""
    tx.connection.execute(delete(sessions).where(sessions.c.token == token))


def open_sessions(connection: Connection, now: int) -> list[OpenSession]:
    """Every session that opens a page at this moment, the newest first."""
    query = (
        select(*MEMBER_COLUMNS, sessions.c.token, sessions.c.started, sessions.c.ends)
        .join(sessions, sessions.c.staff == staff.c.number)
        .where(sessions.c.ends > now, sessions.c.epoch == staff.c.epoch, staff.c.active)
        .order_by(sessions.c.started.desc(), sessions.c.token)
    )
    rows = connection.execute(query)
    return [OpenSession(bytes(row.token), member_in(row), row.started, row.ends) for row in rows]


def end_sessions(tx: Transaction, ended: Sequence[OpenSession], *, by: str, at: int) -> None:
    """Forget these sessions, and log whose they were."""
    lock_documents(tx)
    tx.connection.execute(delete(sessions).where(sessions.c.token.in_([one.token for one in ended])))
    log_changes(
        tx,
        [
            Change("sessions", f"staff:{one.member.number}", {"unit": one.member.unit, "ends": one.ends}, None)
            for one in ended
        ],
        by=by,
        at=at,
    )


def add_key(tx: Transaction, key: ApiKey, secret: bytes, *, by: str) -> None:
    """Keep an API key under the SHA-256 of its secret. Call documents.lock_documents before."""
    verbs = ",".join(sorted(key.verbs))
    tx.add(api_keys, [(key.number, key.name, key.unit, verbs, secret, key.made, None)])
    log_changes(tx, [Change("api_keys", f"key:{key.number}", None, _key_shown(key))], by=by, at=key.made)


def next_key(tx: Transaction) -> int:
    """The number of the next API key. Call documents.lock_documents before."""
    return (tx.connection.execute(select(func.max(api_keys.c.number))).scalar() or 0) + 1


def all_keys(connection: Connection) -> list[ApiKey]:
    """Every key ever made, oldest first."""
    return [_key(row) for row in connection.execute(select(api_keys).order_by(api_keys.c.number))]


def key_of(connection: Connection, secret: bytes) -> ApiKey | None:
    """The API key with this SHA-256."""
    row = connection.execute(select(api_keys).where(api_keys.c.hash == secret)).first()
    return _key(row) if row else None


def revoke_key(tx: Transaction, key: ApiKey, *, by: str, at: int) -> None:
    """The key stops working now. Call documents.lock_documents before."""
    now = msgspec.structs.replace(key, revoked=at)
    tx.connection.execute(update(api_keys).where(api_keys.c.number == key.number).values(revoked=at))
    log_changes(tx, [Change("api_keys", f"key:{key.number}", _key_shown(key), _key_shown(now))], by=by, at=at)


def count_tries(tx: Transaction, slots: Sequence[int], *, at: int, window: int) -> dict[int, int]:
    """Count one try in each slot; its tries since the window (microseconds) began. Slots are locked in order."""
    counts: dict[int, int] = {}
    for slot in sorted(set(slots)):
        tx.connection.execute(FIRST_TRY, {"slot": slot, "since": at})
        row = tx.connection.execute(select(sign_in_tries).where(sign_in_tries.c.slot == slot).with_for_update()).one()
        fresh = at - row.since >= window
        counts[slot] = 1 if fresh else row.tries + 1
        changed = {"tries": counts[slot], "since": at if fresh else row.since}
        tx.connection.execute(update(sign_in_tries).where(sign_in_tries.c.slot == slot).values(changed))
    return counts


def forgive_tries(tx: Transaction, *, whole: int, one: int) -> None:
    """After a right password: all tries of slot `whole` are forgotten, and the last one of slot `one`."""
    tx.connection.execute(update(sign_in_tries).where(sign_in_tries.c.slot == whole).values(tries=0))
    left = sign_in_tries.c.tries - 1
    tx.connection.execute(
        update(sign_in_tries).where(sign_in_tries.c.slot == one, sign_in_tries.c.tries > 0).values(tries=left)
    )


def _store(tx: Transaction, before: Member | None, member: Member) -> Change | None:
    values: dict[str, Any] = {"name": member.name, "unit": member.unit, "role": int(member.role)}
    if before is None:
        values |= {"number": member.number, "email": member.email, "active": member.active, "epoch": 1, "password": ""}
        tx.connection.execute(insert(staff).values(values))
        return Change("staff", f"staff:{member.number}", None, _shown(member))
    rights = (before.unit, before.role, before.active) != (member.unit, member.role, member.active)
    if not rights and before.name == member.name:
        return None
    now = msgspec.structs.replace(member, epoch=before.epoch + rights)
    values |= {"active": member.active, "epoch": now.epoch}
    tx.connection.execute(update(staff).where(staff.c.number == member.number).values(values))
    return Change("staff", f"staff:{member.number}", _shown(before), _shown(now))


def _shown(member: Member) -> dict[str, object]:
    return {"unit": member.unit, "role": member.role, "active": member.active, "epoch": member.epoch}


def _key_shown(key: ApiKey) -> dict[str, object]:
    return {"name": key.name, "unit": key.unit, "verbs": sorted(key.verbs), "revoked": key.revoked}


def member_in(row: Row[Any]) -> Member:
    """The member in a row of MEMBER_COLUMNS."""
    return Member(
        number=row.number,
        email=row.email,
        name=row.name,
        unit=row.unit,
        role=Role(row.role),
        active=row.active,
        epoch=row.epoch,
        invited=bool(row.invited),
    )


def _key(row: Row[Any]) -> ApiKey:
    verbs = frozenset(Verb(verb) for verb in row.verbs.split(",") if verb)
    return ApiKey(number=row.number, name=row.name, unit=row.unit, verbs=verbs, made=row.made, revoked=row.revoked or 0)
