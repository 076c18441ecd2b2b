"""The judge and the reference asked the same things, and every answer in which they differ."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from random import Random

import numpy as np

from onevoice.nouns.contact_state import ContactState
from onevoice.nouns.label import columns_of
from onevoice.nouns.moment import NEVER
from onevoice.nouns.policy import Counting
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import EntryKind, Verdict
from onevoice.rules.cases import Cases, cases_of
from onevoice.rules.group import judge_group
from onevoice.rules.judge import Verdicts, judge
from onevoice.rules.policy import compile_policy
from onevoice.rules.reach_back import reads_older
from onevoice.rules.tables import Compiled
from onevoice.rules.zones import Zones
from onevoice.zone_tables import read_zones
from tests.proof import random_world
from tests.proof.history import TouchFact, read
from tests.proof.packing import state_of, without_older
from tests.proof.places import JOURNEYS, ZONES
from tests.proof.random_cases import Batch, batch, sharpened
from tests.proof.reference import Answer, Reference
from tests.proof.wall import wall


@dataclass(slots=True)
class Account:
    """What was compared: decisions, how often each verdict, reason and rule type came, and what differed."""

    decisions: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    stopped_by: Counter[str] = field(default_factory=Counter)
    evidence: int = 0
    together: int = 0
    differences: list[str] = field(default_factory=list)

    def add(self, other: "Account") -> None:
        self.decisions += other.decisions
        self.verdicts += other.verdicts
        self.reasons += other.reasons
        self.stopped_by += other.stopped_by
        self.evidence += other.evidence
        self.together += other.together
        self.differences += other.differences


GROUP = 30
FRESH = 1_000_000
"""Touches of proposals decided together are numbered from here, apart from those of the histories."""


@lru_cache(maxsize=1)
def zone_table() -> Zones:
    return read_zones(ZONES)


def compare_seed(seed: int) -> Account:
    """What came of one seed; where the judge breaks, that is a difference too."""
    account = Account()
    try:
        _compare_seed(seed, account)
    except Exception as fault:
        account.differences.append(f"batch {seed}: broken off by {fault!r}")
    return account


def _compare_seed(seed: int, account: Account) -> None:
    """Compares the batch of this seed; the same with its bounds moved to where the first answers put them; the same
    folios, as they are stored, under the policy's next version; and a larger batch decided as one group."""
    first = batch(seed)
    answers = compare(first, account, str(seed))
    whens = [answer.when if answer.verdict == Verdict.HOLD else 0 for answer in answers[0]]
    if any(whens):
        compare(sharpened(Random(seed), first, whens), account, f"{seed} sharpened")
    if seed % 5 == 0:
        compare(
            replace(first, policy=random_world.policy(Random(-seed), wall("UTC", first.nows[0]))),
            account,
            f"{seed} under the next version",
        )
    if seed % 3 == 0:
        compare_together(batch(seed, proposals=GROUP), account, f"{seed} together", Random(seed))


def first_difference(decisions: int) -> str:
    """The first difference among so many decisions, or nothing."""
    account, seed = Account(), 0
    while account.decisions < decisions and not account.differences:
        account.add(compare_seed(seed))
        seed += 1
    return "".join(account.differences[:1])


def agree(batch: Batch) -> list[Answer]:
    """The answers to all proposals at `nows[0]`; fails where judge and reference differ at any of `nows`."""
    account = Account()
    answers = compare(batch, account, "by hand")
    assert not account.differences, "\n".join(account.differences)
    return answers[0]


def compare(batch: Batch, account: Account, name: str) -> list[list[Answer]]:
    """The reference's answers at each of the batch's seconds; what the judge says otherwise goes to the account."""
    histories = [read(facts) for facts in batch.facts]
    cases = cases_in(batch)
    compiled = compile_policy(batch.policy, columns_of(batch.labels), batch.surroundings, zone_table(), JOURNEYS)
    states = states_of(batch, compiled)
    reference = Reference(batch.policy, batch.labels, batch.surroundings)
    given = []
    for now in batch.nows:
        fast = judge(states, cases, now, compiled)
        slow = [reference.decide(histories, asked, now) for asked in batch.asked]
        given.append(slow)
        for place, answer in enumerate(slow):
            count(account, batch, answer, now)
            said = "; ".join(differences(batch, fast, answer, place, now))
            if said:
                account.differences.append(f"batch {name}, now {now}, proposal {place}: {said}")
    return given


def compare_together(batch: Batch, account: Account, name: str, rng: Random) -> None:
    """The proposals decided as one group and, by the reference, one after the other: each that goes takes its place."""
    now = batch.nows[0]
    facts = [list(line) for line in batch.facts]
    compiled = compile_policy(batch.policy, columns_of(batch.labels), batch.surroundings, zone_table(), JOURNEYS)
    states = states_of(batch, compiled)
    anyway = np.array([rng.random() < 0.05 for _ in batch.asked])
    fast, postponed = judge_group(states, cases_in(batch), now, compiled, anyway)
    reference = Reference(batch.policy, batch.labels, batch.surroundings)
    histories = [read(line) for line in facts]
    for place, asked in enumerate(batch.asked):
        if postponed[place]:
            account.differences.append(
                f"batch {name}, now {now}, proposal {place}: postponed, although the group is small"
            )
            return
        answer = reference.decide(histories, asked, now)
        count(account, batch, answer, now)
        account.together += 1
        said = "; ".join(differences(batch, fast, answer, place, now))
        if said:
            account.differences.append(f"batch {name}, now {now}, proposal {place}: {said}")
        goes = answer.verdict == Verdict.SEND or anyway[place]
        kind = EntryKind.DECIDED if goes else EntryKind.RELEASED
        for folio in asked.folios:
            if folio >= 0:
                facts[folio].append(TouchFact(kind, FRESH + place, now, asked.label, asked.content))
                histories[folio] = read(facts[folio])


def states_of(batch: Batch, compiled: Compiled) -> list[ContactState]:
    """The stored folios; `older` is read only where the compiled policy says that a rule may look so far back."""
    states = [state_of(facts, batch.surroundings.zones) for facts in batch.facts]
    behind = reads_older(compiled, min(batch.nows))
    return [state if state.reach > behind else without_older(state) for state in states]


def cases_in(batch: Batch) -> Cases:
    return cases_of([(a.label, a.content, a.created, a.send_by or NEVER, a.folios) for a in batch.asked])


def count(account: Account, batch: Batch, answer: Answer, now: int) -> None:
    account.decisions += 1
    account.verdicts[answer.verdict.spoken] += 1
    account.reasons[answer.reason.spoken] += 1
    for rule, said in zip(batch.policy.rules, answer.says, strict=True):
        if said.second > now:
            account.stopped_by[type(rule).__name__] += 1
            account.evidence += bool(said.counted)


def differences(batch: Batch, fast: Verdicts, slow: Answer, place: int, now: int) -> Iterator[str]:
    """Each thing in which the two answers to one proposal differ, in words."""

    def unequal(what: str, judged: object, read: object) -> Iterator[str]:
        if judged != read:
            yield f"{what}: judge {judged}, reference {read}"

    yield from unequal("when", int(fast.when[place]), slow.when)
    if not slow.hopeless:
        yield from unequal("reason", Reason(int(fast.reason[place])).name, slow.reason.name)
    if slow.verdict == Verdict.HOLD:
        yield from unequal("latest", int(fast.latest[place]), slow.latest)
    for line, (rule, said) in enumerate(zip(batch.policy.rules, slow.says, strict=True)):
        second = int(fast.says[line, place])
        if slow.hopeless:
            continue
        yield from unequal(f"{rule.name} says", second, said.second)
        if said.second > now:
            yield from unequal(f"{rule.name} reason", Reason(int(fast.reasons[line, place])).name, said.reason.name)
        if isinstance(rule, Counting) and said.second > now and said.waits_for is not None:
            yield from unequal(f"{rule.name} waits for entry", int(fast.waits[line, place]), said.waits_for)
