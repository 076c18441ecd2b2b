"""Drafts of the policy as rows: read, stored, logged in the chain of changes; and the replays made under them."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection, Row, func, insert, select, update

from onevoice.ledger.documents import Change, log_changes
from onevoice.ledger.draft_tables import policy_drafts, policy_keys, policy_trials
from onevoice.ledger.engine import Transaction
from onevoice.ledger.tables import changes
from onevoice.nouns.draft import Draft, DraftState, Trial
from onevoice.nouns.problem import NotFound

DOCUMENT: Final = "policy_drafts"
LISTED_MAX: Final = 100
HISTORY_MAX: Final = 200


class Happening(NamedTuple):
    """A line of the change log about a policy: `step` is what was done, `says` the words given with it."""

    number: int
    key: str
    step: str
    says: str
    at: int
    by: str


class _Logged(msgspec.Struct, frozen=True):
    step: str = ""
    says: str = ""


def draft_of(connection: Connection, number: int) -> Draft:
    """The draft of this number. Raises NotFound."""
    row = connection.execute(select(policy_drafts).where(policy_drafts.c.number == number)).first()
    if row is None:
        raise NotFound(f"There is no draft {number} of the policy.")
    return _draft(row)


def all_drafts(connection: Connection) -> list[Draft]:
    """The newest drafts, newest first."""
    query = select(policy_drafts).order_by(policy_drafts.c.number.desc()).limit(LISTED_MAX)
    return [_draft(row) for row in connection.execute(query)]


def drafts_due(connection: Connection, now: int) -> list[Draft]:
    """Approved drafts whose planned moment has come."""
    table = policy_drafts
    query = select(table).where(table.c.state == int(DraftState.APPROVED), table.c.planned > 0, table.c.planned <= now)
    return [_draft(row) for row in connection.execute(query.order_by(table.c.planned, table.c.number))]


def store_draft(tx: Transaction, before: Draft | None, draft: Draft, *, step: str, says: str = "") -> None:
    """Insert or change a draft, and log the step. The log keeps the text whenever it is another.

    Call documents.lock_documents before."""
    row = _row(draft)
    if before is None:
        tx.connection.execute(insert(policy_drafts).values(row))
    else:
        tx.connection.execute(update(policy_drafts).where(policy_drafts.c.number == draft.number).values(row))
    log_changes(
        tx,
        [Change(DOCUMENT, str(draft.number), before and _logged(before), _logged(draft, before, step, says))],
        by=draft.changed_by,
        at=draft.changed,
    )


def log_activation(tx: Transaction, version: int, *, step: str, says: str, by: str, at: int) -> None:
    """Log that a version came in force, from which draft or in whose stead. Call documents.lock_documents before."""
    log_changes(tx, [Change("policies", str(version), None, {"step": step, "says": says})], by=by, at=at)


def history_of(connection: Connection, document: str, key: str = "") -> list[Happening]:
    """What was done with a draft (or with all versions), newest first."""
    query = select(changes).where(changes.c.document == document)
    if key:
        query = query.where(changes.c.key == key)
    rows = connection.execute(query.order_by(changes.c.number.desc()).limit(HISTORY_MAX))
    return [_happening(row) for row in rows]


def maker_of_key(connection: Connection, who: str) -> str:
    """Who made this API key (`key:3`), '' where nobody knows."""
    query = select(changes.c.changed_by).where(changes.c.document == "api_keys", changes.c.key == who)
    return connection.execute(query.order_by(changes.c.number).limit(1)).scalar() or ""


def taken(connection: Connection, key: bytes) -> tuple[bytes, int] | None:
    """(hash of what it said, what came of it) of a form that was taken before."""
    row = connection.execute(select(policy_keys).where(policy_keys.c.key == key)).first()
    return (bytes(row.body), row.number) if row else None


def take(tx: Transaction, key: bytes, body: bytes, number: int, *, at: int) -> None:
    """Remember that a form was taken."""
    tx.connection.execute(insert(policy_keys).values(key=key, body=body, number=number, taken=at))


def begin_trial(tx: Transaction, trial: Trial) -> None:
    """Keep a replay that begins."""
    tx.connection.execute(insert(policy_trials).values(msgspec.structs.asdict(trial)))


def tell_trial(tx: Transaction, number: int, *, done: int, at: int, found: str = "") -> None:
    """Keep how far a replay is, and what it found when it is done."""
    table = policy_trials
    tx.connection.execute(update(table).where(table.c.number == number).values(done=done, alive=at, found=found))


def last_trial(connection: Connection, draft: int) -> Trial | None:
    """The newest replay under a draft."""
    table = policy_trials
    query = select(table).where(table.c.draft == draft).order_by(table.c.number.desc()).limit(1)
    row = connection.execute(query).mappings().first()
    return Trial(**row) if row else None


def running_trials(connection: Connection, since: int) -> int:
    """How many replays have told of themselves since this moment and are not done."""
    table = policy_trials
    query = select(func.count()).select_from(table).where(table.c.found == "", table.c.alive >= since)
    return connection.execute(query).scalar() or 0


def _draft(row: Row[Any]) -> Draft:
    values = dict(row._mapping)
    writers = tuple(one for one in values.pop("writers").split(",") if one)
    return Draft(**{**values, "state": DraftState(row.state), "writers": writers})


def _row(draft: Draft) -> dict[str, Any]:
    values = msgspec.structs.asdict(draft)
    return {**values, "state": int(draft.state), "writers": ",".join(draft.writers)}


def _logged(draft: Draft, before: Draft | None = None, step: str = "", says: str = "") -> dict[str, object]:
    shown: dict[str, object] = {"state": draft.state.spoken, "revision": draft.revision, "base": draft.base}
    if step:
        shown |= {"step": step, "says": says}
        if before is None or before.body != draft.body:
            shown["body"] = draft.body
    shown |= {name: getattr(draft, name) for name in ("planned", "version") if getattr(draft, name)}
    return shown


def _happening(row: Row[Any]) -> Happening:
    told = msgspec.json.decode(row.after, type=_Logged) if row.after else _Logged()
    return Happening(row.number, row.key, told.step, told.says, row.changed, row.changed_by)


def listed_names(drafts: Sequence[Draft]) -> set[str]:
    """Everybody who has a part in these drafts."""
    return {
        who
        for draft in drafts
        for who in (*draft.writers, draft.changed_by, draft.asked_by, draft.approved_by, draft.planned_by)
        if who
    }
