"""Answers: which exceptions were asked for, from whom, what was answered, and did the message go?"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true

from onevoice.answers.seen import ENTRY_COLUMNS
from onevoice.answers.timeline import Happened, happened
from onevoice.ledger.book import Reader
from onevoice.ledger.exception_tables import exception_answers, exceptions
from onevoice.ledger.exceptions import ANSWERED, ASKED, words_of
from onevoice.ledger.tables import entries, labels, staff
from onevoice.nouns.authority import Authority, Verb
from onevoice.nouns.moment import DAY
from onevoice.nouns.policy import Policy
from onevoice.nouns.words import EntryKind
from onevoice.rules.exception import can_be_excepted

SHOWN_MAX: Final = 200
COUNTED_DAYS: Final = 30
OF_DECISION_MAX: Final = 20


class ExceptionTold(msgspec.Struct, frozen=True, kw_only=True):
    """One request and what became of it. `state` is `waiting`, `granted`, `refused` or `ended` (the grant ran out
    before the message went); `went` says that the message was sent on under it. `decided` shows the message as far as
    the asker sees it. Moments are microseconds UTC, 0: none."""

    number: int
    rule: str
    state: str
    asked: int
    asked_by: str
    because: str
    decided: Happened
    owner: str = ""
    until: int = 0
    answered: int = 0
    answered_by: str = ""
    answer: str = ""
    went: bool = False
    answerable: bool = False


class Exceptions(msgspec.Struct, frozen=True, kw_only=True):
    """The newest requests that concern the asker, and how many there were in the last COUNTED_DAYS days."""

    told: tuple[ExceptionTold, ...] = ()
    asked: int = 0
    granted: int = 0
    refused: int = 0
    waiting: int = 0
    went: int = 0


def exceptions_for(reader: Reader) -> Exceptions:
    """Requests the asker made, owns, or may see as the message's unit; those that wait first, then the newest."""
    table = exceptions.outerjoin(exception_answers, exception_answers.c.exception == exceptions.c.number)
    answered = exception_answers.c.exception.is_not(None)
    query = (
        _columns()
        .select_from(table)
        .where(_concerning(reader))
        .order_by(answered, exceptions.c.number.desc())
        .limit(SHOWN_MAX)
    )
    told = _told(reader, reader.connection.execute(query).all())
    since = reader.now - COUNTED_DAYS * DAY
    counted = (
        select(func.count(), func.count(exception_answers.c.exception), exception_answers.c.granted)
        .select_from(table)
        .where(_concerning(reader), exceptions.c.asked >= since)
        .group_by(exception_answers.c.granted)
    )
    by_answer = {row.granted: row[0] for row in reader.connection.execute(counted)}
    granted, refused, waiting = (by_answer.get(one, 0) for one in (True, False, None))
    went = sum(one.went for one in told if one.asked >= since)
    return Exceptions(
        told=told, asked=granted + refused + waiting, granted=granted, refused=refused, waiting=waiting, went=went
    )


def exceptions_of(reader: Reader, touch: int) -> tuple[ExceptionTold, ...]:
    """All that was asked for one message, oldest first. The message must be the asker's to see."""
    table = exceptions.outerjoin(exception_answers, exception_answers.c.exception == exceptions.c.number)
    query = _columns().select_from(table).where(exceptions.c.touch == touch).order_by(exceptions.c.number)
    return _told(reader, reader.connection.execute(query.limit(OF_DECISION_MAX)).all())


def may_answer(authority: Authority, *, owner_unit: int, owner_staff: int, asked_by: str) -> bool:
    """Whether somebody answers this request: its owner or an administrator of the company, never who asked."""
    if not authority.staff or authority.who == asked_by:
        return False
    everywhere = authority.all_units and authority.may(Verb.SETUP)
    if owner_staff:
        return everywhere or authority.staff == owner_staff
    return everywhere or bool(owner_unit and owner_unit in authority.units and authority.may(Verb.SETUP))


def rules_to_ask_about(policy: Policy, names: Iterable[str]) -> tuple[str, ...]:
    """Those of these rules whose owner may let one message through."""
    wanted = list(names)
    return tuple(rule.name for rule in policy.rules if rule.name in wanted and can_be_excepted(rule))


def _columns() -> Select[Any]:
    answer = exception_answers.c
    return select(exceptions, answer.granted, answer.until, answer.answered_by, answer.answered)


def _concerning(reader: Reader) -> ColumnElement[bool]:
    authority = reader.authority
    if authority.all_units:
        return true()
    units = sorted(authority.units)
    own = select(entries.c.number).join(labels, labels.c.number == entries.c.label).where(labels.c.unit.in_(units))
    owned = exceptions.c.owner_unit.in_(units) if authority.may(Verb.SETUP) else false()
    mine = and_(exceptions.c.owner_staff == authority.staff, exceptions.c.owner_staff != 0)
    return or_(exceptions.c.asked_by == authority.who, owned, mine, exceptions.c.entry.in_(own))


def _told(reader: Reader, rows: Sequence[Any]) -> tuple[ExceptionTold, ...]:
    if not rows:
        return ()
    query = select(*ENTRY_COLUMNS).where(entries.c.number.in_([row.entry for row in rows]))
    decided = {one.entry: one for one in happened(reader, reader.connection.execute(query).all())}
    words = words_of(reader.connection, [row.number for row in rows])
    names = _names(reader, rows)
    gone = _went(reader, [row.touch for row in rows if row.granted])
    return tuple(
        ExceptionTold(
            number=row.number,
            rule=row.rule,
            state=_state(reader, row, row.touch in gone),
            asked=row.asked,
            asked_by=names.get(row.asked_by, row.asked_by),
            because=words.get((row.number, ASKED), ""),
            decided=decided[row.entry],
            owner=_owner(reader, row, names),
            until=row.until or 0,
            answered=row.answered or 0,
            answered_by=names.get(row.answered_by, row.answered_by or ""),
            answer=words.get((row.number, ANSWERED), ""),
            went=row.touch in gone and gone[row.touch] >= row.answered,
            answerable=row.granted is None and _answers(reader.authority, row),
        )
        for row in rows
    )


def _answers(authority: Authority, row: Any) -> bool:
    return may_answer(authority, owner_unit=row.owner_unit, owner_staff=row.owner_staff, asked_by=row.asked_by)


def _state(reader: Reader, row: Any, went: bool) -> str:
    if row.granted is None:
        return "waiting"
    if not row.granted:
        return "refused"
    return "ended" if row.until <= reader.now and not went else "granted"


def _went(reader: Reader, touches: Sequence[int]) -> dict[int, int]:
    """When these messages went out (or were told to have), microseconds UTC; those that did not are left out."""
    out = (int(EntryKind.SENT), int(EntryKind.DELIVERED))
    query = (
        select(entries.c.touch, func.max(entries.c.occurred))
        .where(entries.c.touch.in_(list(touches)), entries.c.touch != entries.c.number, entries.c.kind.in_(out))
        .group_by(entries.c.touch)
    )
    return {row[0]: row[1] for row in reader.connection.execute(query)} if touches else {}


def _names(reader: Reader, rows: Sequence[Any]) -> dict[str, str]:
    """Names of the members of staff in these rows, by how the book calls them."""
    said = {name for row in rows for name in (row.asked_by, row.answered_by) if name}
    numbers = {int(name.removeprefix("staff:")) for name in said if name.startswith("staff:")}
    numbers |= {row.owner_staff for row in rows if row.owner_staff}
    query = select(staff.c.number, staff.c.name).where(staff.c.number.in_(sorted(numbers)))
    return {f"staff:{row.number}": row.name for row in reader.connection.execute(query)} if numbers else {}


def _owner(reader: Reader, row: Any, names: dict[str, str]) -> str:
    if row.owner_staff:
        return names.get(f"staff:{row.owner_staff}", "a member of staff")
    unit = reader.surroundings.units.get(row.owner_unit)
    return unit.name if unit else "the administrators"
