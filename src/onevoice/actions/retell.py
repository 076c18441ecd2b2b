"""Retelling: a decided entry as the answer its asker got, and gets again under the same key."""

from typing import Final

import msgspec
import numpy as np
from sqlalchemy import select

from onevoice.actions.bench import Bench, policy_of
from onevoice.actions.judging import Decided
from onevoice.ledger.engine import Transaction
from onevoice.ledger.entries import Draft
from onevoice.ledger.tables import entries
from onevoice.nouns.contact_state import FOREVER
from onevoice.nouns.decision import FINDING, Decision, Finding
from onevoice.nouns.moment import SECOND
from onevoice.nouns.policy import Policy
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import Mode, Verdict
from onevoice.rules.sentences import sentence

REASONS: Final = {int(reason): (reason.spoken, sentence(reason)) for reason in Reason}
VERDICTS: Final = {int(verdict): verdict.spoken for verdict in Verdict}
MODES: Final = {int(mode): mode.spoken for mode in Mode}
"""The spoken forms by number, made once: a decision is told in about a microsecond."""


def told(key: str, decided: Decided, policy: Policy) -> Decision:
    """What the asker is told of a fresh decision."""
    return decision_of(key, decided.posted.touch, decided.draft, policy)


def decision_at(tx: Transaction, bench: Bench, key: str, number: int) -> Decision:
    """The decision of entry `number`, as it was told, marked as repeated."""
    row = tx.connection.execute(select(entries).where(entries.c.number == number)).one()
    policy = bench.policy(tx)
    if row.policy != policy.version:
        policy = policy_of(tx.connection, row.policy) if row.policy else Policy(name="none")
    draft = Draft(
        kind=row.kind,
        folios=(0, 0, 0, 0),
        label=row.label,
        occurred=row.occurred,
        said_by=row.said_by,
        verdict=row.verdict,
        reason=row.reason,
        mode=row.mode,
        until=row.until,
        latest=row.latest,
        findings=row.findings,
        policy=row.policy,
        surroundings=row.surroundings,
    )
    return msgspec.structs.replace(decision_of(key, row.touch, draft, policy), repeated=True)


def decision_of(key: str, touch: int, draft: Draft, policy: Policy) -> Decision:
    """A decided entry in words; names and local times are added where a page shows it to a person."""
    assert draft.verdict is not None
    assert draft.reason is not None
    assert draft.mode is not None
    held = draft.verdict == Verdict.HOLD
    reason, words = REASONS[draft.reason]
    return Decision(
        key=key,
        touch=touch,
        verdict=VERDICTS[draft.verdict],
        reason=reason,
        sentence=words,
        until=(draft.until or 0) if held else 0,
        latest=(draft.latest or 0) if held else 0,
        lease_until=0 if held else draft.until or 0,
        mode=MODES[draft.mode],
        binding=draft.mode == Mode.ENFORCE,
        policy=policy.version,
        surroundings=draft.surroundings or 0,
        decided=draft.occurred,
        findings=findings_of(draft.findings, policy),
    )


def findings_of(packed: bytes | None, policy: Policy) -> tuple[Finding, ...]:
    """Findings as kept in the book, in words; `policy` is the version they were made under."""
    if not packed:
        return ()
    return tuple(_finding(record, policy) for record in np.frombuffer(packed, FINDING).tolist())


def _finding(record: tuple[int, int, int, int], policy: Policy) -> Finding:
    number, reason, until, waited = record
    rule = policy.rules[number]
    never = until == FOREVER
    return Finding(
        rule=rule.name,
        type=str(rule.__struct_config__.tag),
        reason=REASONS[reason][0],
        verdict=VERDICTS[Verdict.SUPPRESS if never else Verdict.HOLD],
        until=0 if never else until * SECOND,
        sentence=rule.says or REASONS[reason][1],
        facts={"waited_for": waited} if waited else {},
    )
