"""Answers: why was this message cleared, held or suppressed, and what would have let it pass?"""

from typing import Any, Final

import msgspec
import numpy as np
from sqlalchemy import Row, select

from onevoice.answers.counterfactual import Compile, Enough, enough
from onevoice.answers.customer import people_named
from onevoice.answers.evidence import counted_touches, reading, relied_upon
from onevoice.answers.exceptions import ExceptionTold, exceptions_of, rules_to_ask_about
from onevoice.answers.seen import sees_label, visible_customers
from onevoice.answers.spoken import sentence_case
from onevoice.answers.timeline import Happened, happened, zone_name
from onevoice.ledger.book import Reader
from onevoice.ledger.policies import PolicyFile, policy_at
from onevoice.ledger.tables import contact_states, due, entries
from onevoice.nouns.contact_state import FOREVER
from onevoice.nouns.decision import FINDING
from onevoice.nouns.moment import SECOND
from onevoice.nouns.policy import AnyRule
from onevoice.nouns.problem import NotFound
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import EntryKind
from onevoice.rules.files import read_policy
from onevoice.rules.sentences import FOUND

LATER_MAX: Final = 20
HELD: Final = 1
"""Of `due` rows: a hold that ends."""


class Ruled(msgspec.Struct, frozen=True, kw_only=True):
    """What one rule said: `until` is when it alone would have let the message go (microseconds UTC, 0: never).

    `counted` are the touches it counted, oldest first; `relied` the permission or state it rests on. `rule` is the rule
    as the policy has it, by which its numbers are shown. `primary` marks the finding the verdict is named after."""

    name: str
    type: str
    reason: str
    says: str
    until: int
    primary: bool
    rule: AnyRule
    counted: tuple[Happened, ...] = ()
    relied: Happened | None = None


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """One decision with everything it rests on; for a message nobody asked about (`asked` is false), the entry that
    told of it. `customer` is 0 and `person` empty where the asker may not see them; `ruled` is empty where the message
    is another unit's. `now` is the moment of asking. `exceptions` were asked for this message; `exceptable` names the
    rules that may let it pass, while it is held."""

    decided: Happened
    now: int
    customer: int = 0
    person: str = ""
    zone: str = ""
    ruled: tuple[Ruled, ...] = ()
    later: tuple[Happened, ...] = ()
    policy: int = 0
    policy_name: str = ""
    policy_since: int = 0
    surroundings: int = 0
    enough: Enough | None = None
    exceptions: tuple[ExceptionTold, ...] = ()
    exceptable: tuple[str, ...] = ()

    @property
    def asked(self) -> bool:
        """Whether the gate was asked; what came in, or was only told of, was not."""
        return bool(self.decided.verdict)

    @property
    def next_possible(self) -> int:
        """When it may go at the earliest (microseconds UTC), 0: not by waiting."""
        return self.decided.until if self.decided.verdict == "hold" else 0


def why(reader: Reader, entry: int, compile_policy: Compile | None = None) -> Why:
    """Why the decision of this entry was made (another entry of a touch is answered by its last decision before it).

    With `compile_policy`, `enough` says which one change would have let it go, tried by judging again.

    Raises NotFound for what is not there, belongs to no message, or is not the asker's to see: the same answer."""
    row = _decided(reader, entry)
    person = (row.customer or row.address or 0) if row is not None else 0
    allowed = visible_customers(reader, [person])
    if row is None or not (person in allowed or sees_label(reader, row.label)):
        raise NotFound("There is no decision of that number here for you to see.")
    told = happened(reader, [row])[0]
    file = policy_at(reader.connection, row.policy) if row.policy else None
    stopped = file is not None and not told.hidden and told.verdict in ("hold", "suppress")
    return Why(
        decided=told,
        now=reader.now,
        customer=person if person in allowed else 0,
        person=people_named(reader, allowed).get(person, ""),
        zone=_zone(reader, [folio for folio in (row.customer, row.address) if folio]) if person in allowed else "",
        ruled=() if told.hidden else _ruled(reader, row, file),
        later=() if told.hidden else _later(reader, row),
        policy=row.policy or 0,
        policy_name=file.name if file else "",
        policy_since=file.activated if file else 0,
        surroundings=row.surroundings or 0,
        exceptions=() if told.hidden else exceptions_of(reader, row.touch),
        exceptable=_exceptable(reader, row, file) if told.verdict == "hold" and told.binding and stopped else (),
        enough=enough(reader, row, file, compile_policy) if stopped and file and compile_policy else None,
    )


def _decided(reader: Reader, entry: int) -> Row[Any] | None:
    """The entry if it is a decision, else the last decision of its touch before it, else the entry itself."""
    row = reader.connection.execute(select(entries).where(entries.c.number == entry)).first()
    if row is None or row.kind >= EntryKind.CONSENTED:
        return None
    if row.kind == EntryKind.DECIDED:
        return row
    thread = (entries.c.number == row.touch) | ((entries.c.touch == row.touch) & (entries.c.touch != entries.c.number))
    query = (
        select(entries)
        .where(thread, entries.c.number < row.number, entries.c.kind == int(EntryKind.DECIDED))
        .order_by(entries.c.number.desc())
    )
    return reader.connection.execute(query.limit(1)).first() or row


def _ruled(reader: Reader, row: Row[Any], file: PolicyFile | None) -> tuple[Ruled, ...]:
    """One for each finding; the ones the verdict is named after first, then as the policy orders its rules."""
    if not row.findings or file is None:
        return ()
    policy = read_policy(file.body)
    laid_out = reading(reader)
    found = []
    for number, reason, until, waited in np.frombuffer(row.findings, FINDING).tolist():
        rule = policy.rules[number]
        found.append(
            Ruled(
                name=rule.name,
                type=str(rule.__struct_config__.tag),
                reason=Reason(reason).spoken,
                says=rule.says or sentence_case(FOUND[Reason(reason)][1]) + ".",
                until=0 if until == FOREVER else until * SECOND,
                primary=reason == row.reason,
                rule=rule,
                counted=counted_touches(reader, row, rule, waited, laid_out),
                relied=relied_upon(reader, row, Reason(reason), waited),
            )
        )
    return tuple(sorted(found, key=lambda one: not one.primary))


def _later(reader: Reader, row: Row[Any]) -> tuple[Happened, ...]:
    """What became of the message after this decision, oldest first."""
    query = (
        select(entries)
        .where(entries.c.touch == row.touch, entries.c.touch != entries.c.number, entries.c.number > row.number)
        .order_by(entries.c.number)
        .limit(LATER_MAX)
    )
    return happened(reader, reader.connection.execute(query).all())


def _exceptable(reader: Reader, row: Row[Any], file: PolicyFile | None) -> tuple[str, ...]:
    """The rules that stopped this held message and may let it pass, while it still waits for them."""
    waits = select(due.c.at).where(due.c.touch == row.touch, due.c.kind == HELD, due.c.at == (row.until or 0))
    if file is None or not row.findings or reader.connection.execute(waits).first() is None:
        return ()
    policy = read_policy(file.body)
    places = np.frombuffer(row.findings, FINDING)["rule"].tolist()
    return rules_to_ask_about(policy, [policy.rules[place].name for place in places])


def _zone(reader: Reader, folios: list[int]) -> str:
    """The zone the book knows of this person, '' for none."""
    query = select(contact_states.c.folio, contact_states.c.zone).where(contact_states.c.folio.in_(folios))
    known = {row.folio: row.zone for row in reader.connection.execute(query)}
    number = next((known[folio] for folio in folios if known.get(folio)), 0)
    return zone_name(reader, number)
