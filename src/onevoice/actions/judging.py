"""Judging: candidates with their folios' states become rulings, and rulings become entries of the book."""

from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from msgspec.structs import replace

from onevoice.actions.bench import Bench
from onevoice.ledger.book import Book
from onevoice.ledger.engine import Transaction
from onevoice.ledger.entries import NO_FOLIOS, Draft, Folios, Posted, post
from onevoice.ledger.tables import due, waiting
from onevoice.ledger.touches import by_second
from onevoice.nouns.contact_state import FOREVER, ContactState
from onevoice.nouns.decision import FINDING
from onevoice.nouns.moment import NEVER, SECOND
from onevoice.nouns.policy import Policy
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import EntryKind, Mode, Verdict
from onevoice.rules.cases import Cases, cases_of
from onevoice.rules.exception import can_be_excepted
from onevoice.rules.explain import without
from onevoice.rules.group import judge_group
from onevoice.rules.judge import Verdicts
from onevoice.rules.reach_back import reads_older
from onevoice.rules.tables import Compiled
from onevoice.rules.total_order import total_order

Findings = np.ndarray[Any, np.dtype[Any]]
LOOK_AGAIN: Final = 1
LAPSE: Final = 2
DISPATCH: Final = 3
SETTLE: Final = 4
"""Kinds of `due` rows: a hold ends, a lease lapses, a message is ours to send, an attempt had no outcome."""

NO_FINDINGS: Final = np.zeros(0, FINDING)


class Candidate(NamedTuple):
    """A message to be judged, in numbers. Moments are microseconds UTC (`send_by` 0: none).

    One that was judged before carries its `touch` and the sequence numbers (`firsts`) of that thread's first entry.
    """

    label: int
    category: int
    content: int
    folios: Folios
    created: int
    send_by: int
    mode: Mode
    said_by: int
    score: float = 0.0
    dispatch: bool = False
    template: int = 0
    touch: int = 0
    firsts: Folios = NO_FOLIOS
    commitment: bytes | None = None
    occurred: int = 0


class Ruling(NamedTuple):
    """What the judge said of one candidate; `when` and `latest` are whole seconds, NEVER for a suppression."""

    verdict: Verdict
    reason: int
    when: int
    latest: int
    findings: Findings


def folios_in(candidates: Sequence[Candidate]) -> list[int]:
    """Every folio of these candidates once, sorted: the order in which they are locked."""
    return sorted({folio for candidate in candidates for folio in candidate.folios if folio})


def rulings_of(
    candidates: Sequence[Candidate], states: dict[int, ContactState], compiled: Compiled, now: int
) -> list[Ruling | None]:
    """A ruling for each candidate, as if judged one by one in total order; None keeps its place.

    A platform in monitor mode is not judged: its message goes, and counts."""
    order = _total_order(candidates)
    numbers = folios_in(candidates)
    index = {folio: place for place, folio in enumerate(numbers)} | {0: -1}
    cases = _cases([candidates[place] for place in order], index, numbered=compiled.holdouts is not None)
    anyway = np.array([candidates[place].mode is not Mode.ENFORCE for place in order], np.bool_)
    verdicts, postponed = judge_group(
        [_by_second(states[folio]) for folio in numbers], cases, now // SECOND, compiled, anyway
    )
    rulings: list[Ruling | None] = [None] * len(candidates)
    for row, (place, ruling) in enumerate(zip(order, _rulings(verdicts, now // SECOND), strict=True)):
        if not postponed[row]:
            rulings[place] = _unjudged(now) if candidates[place].mode is Mode.MONITOR else ruling
    return rulings


def _by_second(state: ContactState) -> ContactState:
    """The state as the judge reads it: `older` is kept in the order of leaving, and judged in the order of time."""
    return replace(state, older=by_second(state.older)) if state.older else state


def _total_order(candidates: Sequence[Candidate]) -> list[int]:
    if len(candidates) == 1:
        return [0]
    order = total_order(
        np.array([one.category for one in candidates], np.int64),
        np.array([one.score for one in candidates], np.float64),
        np.array([one.send_by or NEVER * SECOND for one in candidates], np.int64),
        np.array([one.created for one in candidates], np.int64),
        np.arange(len(candidates), dtype=np.int64),
    )
    places: list[int] = order.tolist()
    return places


def _cases(ordered: Sequence[Candidate], index: dict[int, int], *, numbered: bool) -> Cases:
    return cases_of(
        [
            (
                one.label,
                one.content,
                one.created // SECOND,
                one.send_by // SECOND if one.send_by else NEVER,
                (
                    index[one.folios[0]],
                    index[one.folios[1]],
                    index[one.folios[2]],
                    index[one.folios[3]],
                ),
            )
            for one in ordered
        ],
        [one.folios for one in ordered] if numbered else None,
    )


def _rulings(verdicts: Verdicts, now: int) -> list[Ruling]:
    """One ruling per row; the findings of all rows are packed in one go."""
    row, rule = np.nonzero((verdicts.says > now).T)
    packed = np.zeros(len(row), FINDING)
    packed["rule"] = rule
    packed["reason"] = verdicts.reasons[rule, row]
    packed["until"] = np.minimum(verdicts.says[rule, row], FOREVER)
    packed["waited"] = verdicts.waits[rule, row]
    bounds = np.searchsorted(row, np.arange(len(verdicts.when) + 1)).tolist()
    return [
        Ruling(
            Verdict.SEND if when <= now else Verdict.SUPPRESS if when >= NEVER else Verdict.HOLD,
            reason,
            when,
            latest,
            packed[bounds[place] : bounds[place + 1]] if bounds[place] < bounds[place + 1] else NO_FINDINGS,
        )
        for place, (when, latest, reason) in enumerate(
            zip(verdicts.when.tolist(), verdicts.latest.tolist(), verdicts.reason.tolist(), strict=True)
        )
    ]


def _unjudged(now: int) -> Ruling:
    return Ruling(Verdict.SEND, int(Reason.CLEARED), now // SECOND, 0, NO_FINDINGS)


def draft_of(candidate: Candidate, ruling: Ruling, policy: Policy, surroundings: int, now: int) -> Draft:
    """The decided entry of a ruling. A send is reserved until its lease ends; outside enforce mode the message goes
    whatever the verdict, so it takes its place all the same."""
    counts = ruling.verdict is Verdict.SEND or candidate.mode is not Mode.ENFORCE
    held = ruling.verdict is Verdict.HOLD
    return Draft(
        kind=int(EntryKind.DECIDED),
        folios=candidate.folios,
        label=candidate.label,
        occurred=now,
        said_by=candidate.said_by,
        touch=candidate.touch,
        firsts=candidate.firsts,
        content=candidate.content,
        template=candidate.template,
        counts=counts,
        verdict=int(ruling.verdict),
        reason=ruling.reason,
        mode=int(candidate.mode),
        until=ruling.when * SECOND if held else now + policy.lease * SECOND if counts else None,
        latest=ruling.latest * SECOND if held else None,
        findings=ruling.findings.tobytes() if len(ruling.findings) else None,
        policy=policy.version,
        surroundings=surroundings,
        commitment=candidate.commitment,
    )


class Decided(NamedTuple):
    """What became of one candidate in the book."""

    candidate: Candidate
    ruling: Ruling
    draft: Draft
    posted: Posted


def decide(
    tx: Transaction,
    book: Book,
    bench: Bench,
    candidates: Sequence[Candidate],
    now: int,
    recorded: int = 0,
    passing: Collection[str] = (),
) -> list[Decided | None]:
    """Lock the folios, judge, and book every ruling with what is due because of it; None keeps its place.

    `recorded` is the book's own time where a log is replayed and `now` is the log's (0: the same). `passing` names the
    rules that these candidates may pass by an exception."""
    compiled = excepting(bench.compiled(tx), passing)
    states = tx.states(folios_in(candidates), reads_older(compiled, now // SECOND))
    rulings = rulings_of(candidates, states, compiled, now)
    ruled = [place for place, ruling in enumerate(rulings) if ruling is not None]
    booked = book_rulings(
        tx,
        book,
        compiled.policy,
        states,
        [(candidates[place], ruling) for place, ruling in enumerate(rulings) if ruling is not None],
        now,
        recorded,
    )
    decided: list[Decided | None] = [None] * len(candidates)
    for place, one in zip(ruled, booked, strict=True):
        decided[place] = one
    return decided


def excepting(compiled: Compiled, passing: Collection[str]) -> Compiled:
    """The policy for a message that may pass these rules; a rule nobody may be excepted from stays, whatever was
    granted, and all others are judged as ever."""
    rules = compiled.policy.rules
    places = [place for place, rule in enumerate(rules) if rule.name in passing and can_be_excepted(rule)]
    return without(compiled, places) if places else compiled


def book_rulings(
    tx: Transaction,
    book: Book,
    policy: Policy,
    states: dict[int, ContactState],
    ruled: Sequence[tuple[Candidate, Ruling]],
    now: int,
    recorded: int = 0,
) -> list[Decided]:
    """Write the decided entries of these rulings, and what is due because of them."""
    version = book.known.surroundings.version
    drafts = [draft_of(candidate, ruling, policy, version, now) for candidate, ruling in ruled]
    posted = post(tx, book.known, states, drafts, recorded or now)
    decided = [Decided(*pair, draft, one) for pair, draft, one in zip(ruled, drafts, posted, strict=True)]
    _schedule(tx, decided, now)
    return decided


def _schedule(tx: Transaction, decided: Sequence[Decided], now: int) -> None:
    """What must be looked at later: a hold at its end, a lease when it lapses, a message that is ours to send now.

    The proposal of a held or outgoing message waits with its bounds, so that it can be judged anew."""
    rows: list[tuple[int, int, int, int, int]] = []
    kept: list[tuple[int, int, int, int, bool]] = []
    for candidate, ruling, draft, posted in decided:
        held = ruling.verdict is Verdict.HOLD and candidate.mode is Mode.ENFORCE
        if not (held or draft.counts):
            continue
        ours = candidate.dispatch and not held
        at = now if ours else draft.until or now
        rows.append((at, posted.touch, LOOK_AGAIN if held else DISPATCH if ours else LAPSE, 0, 0))
        if held or ours:
            kept.append((posted.touch, draft.latest or 0, candidate.created, candidate.send_by, candidate.dispatch))
    tx.add(due, rows)
    tx.add(waiting, kept)
