"""A decision can be explained: what was counted, what would have changed it, and in a sentence."""

import string

import numpy as np
import pytest

from onevoice.nouns.moment import NEVER
from onevoice.nouns.policy import AnyRule, Consent, Pause, QuietHours, RollingCap, Scope, SendBy, Window
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import FolioKind, MarkKind, PermitKind
from onevoice.rules.explain import Change, Evidence, counterfactual, evidence, without
from onevoice.rules.judge import judge
from onevoice.rules.sentences import FOUND, sentence
from tests.rules.random_worlds import random_world
from tests.rules.world import NOW, Ask, Folio, Mark, Permit, Touch, prepare, text

HOUR, DAY = 3_600, 86_400
TWO = RollingCap(name="two", at_most=2, seconds=DAY)
CONSENT = Consent(name="consent")
STOPPED = Folio(permits=[Permit(0, PermitKind.WITHDRAWAL)])
NAP = QuietHours(name="nap", windows=(Window(begin="11:00", end="14:00"),))
STRICT = RollingCap(name="strict", at_most=1, seconds=DAY, at_limit="suppress")


def test_the_counted_touches_are_shown_from_the_one_waited_for() -> None:
    """Of four touches the last two fill a cap of two; a text in between does not count for a cap on mail."""
    touches = [Touch(9_000), Touch(7_000), Touch(6_000, text()), Touch(5_000)]
    rule = RollingCap(name="mail", at_most=2, seconds=DAY, counts=Scope(channels=("email",)))
    states, case, compiled = prepare(Ask(customer=Folio(touches)), rule, CONSENT)
    assert evidence(states, case, NOW, compiled, 0) == Evidence(FolioKind.CUSTOMER, (2, 4))
    assert evidence(states, case, NOW, compiled, 1) is None, "a missing consent rests on nothing"


def test_evidence_names_the_folio_it_stands_in() -> None:
    """A STOP of the number, a pause of the person, touches of the household."""
    home = RollingCap(name="home", at_most=1, seconds=DAY, per="household")
    ask = Ask(
        customer=Folio(marks=[Mark(MarkKind.PAUSED, until=NOW + 60)]),
        address=Folio(permits=[Permit(9), Permit(5, PermitKind.WITHDRAWAL)]),
        household=Folio([Touch(5), Touch(3)]),
    )
    states, case, compiled = prepare(ask, home, CONSENT, Pause(name="pause"), NAP, TWO)
    assert evidence(states, case, NOW, compiled, 0) == Evidence(FolioKind.HOUSEHOLD, (2,))
    assert evidence(states, case, NOW, compiled, 1) == Evidence(FolioKind.ADDRESS, (2,))
    assert evidence(states, case, NOW, compiled, 2) == Evidence(FolioKind.CUSTOMER, (1,))
    assert evidence(states, case, NOW, compiled, 3) is None, "a clock rests on nothing in the book"
    assert evidence(states, case, NOW, compiled, 4) is None, "this rule lets it go"


CASES: list[tuple[str, Ask, tuple[AnyRule, ...], Change | None]] = [
    ("it may go", Ask(), (TWO,), None),
    ("waiting is enough", Ask(), (NAP,), Change("wait", until=NOW + 2 * HOUR)),
    ("a grant is enough", Ask(), (CONSENT,), Change("grant")),
    ("a grant after a stop", Ask(customer=STOPPED), (CONSENT,), Change("grant")),
    ("one rule", Ask(customer=Folio([Touch(5)])), (TWO, STRICT), Change("without", rules=(1,))),
    ("two rules", Ask(customer=Folio([Touch(5)])), (STRICT, CONSENT, TWO), Change("without", rules=(1, 0))),
    ("too late", Ask(send_by=NOW - 1), (SendBy(name="s"),), Change("without", rules=(0,))),
]  # fmt: skip


@pytest.mark.parametrize(("title", "ask", "rules", "change"), CASES, ids=[case[0] for case in CASES])
def test_the_smallest_change_is_found(title: str, ask: Ask, rules: tuple[AnyRule, ...], change: Change | None) -> None:
    """Each line: what stops the message, and what would let it go."""
    states, case, compiled = prepare(ask, *rules)
    assert counterfactual(states, case, NOW, compiled) == change


def test_every_change_that_is_told_works() -> None:
    """Judging again with the change lets the message go, in random worlds too; nearly always there is one."""
    told = missing = 0
    for seed in range(80):
        world = random_world(seed, cases=4)
        for row in range(len(world.cases)):
            case = world.cases.take(np.array([row]))
            change = counterfactual(world.states, case, world.now, world.compiled)
            before = judge(world.states, case, world.now, world.compiled)
            if change is None:
                missing += int(before.when[0] != world.now)
                continue
            told += 1
            if change.kind == "wait":
                assert judge(world.states, case, change.until, world.compiled).when[0] == change.until
            if change.kind == "without":
                again = judge(world.states, case, world.now, without(world.compiled, change.rules))
                assert again.when[0] == world.now
                assert before.when[0] == NEVER
    assert told > 100
    assert missing == 0


def test_every_reason_has_its_sentences() -> None:
    """With all facts, with none, held and not: no gaps, no braces, a capital at the beginning and one full stop."""
    assert set(FOUND) == set(Reason)
    for reason in Reason:
        names = [name for _, name, _, _ in string.Formatter().parse(FOUND[reason][0]) if name]
        for facts in ({}, dict.fromkeys(names, "something")):
            for when in ("", "tomorrow 08:00"):
                said = sentence(reason, "a rule", when, facts)
                assert said[0].isupper()
                assert said.endswith("(a rule).")
                assert "{" not in said
                assert ("something" in said) == bool(facts)


def test_a_sentence_is_one_a_person_would_say() -> None:
    """The words are given; the sentence puts them in their places."""
    facts = {"person": "Ana", "count": "2 marketing messages", "period": "today"}
    said = sentence(Reason.CALENDAR_CAP, "two a day", "tomorrow 08:00", facts)
    assert said == "Held until tomorrow 08:00: Ana already had 2 marketing messages today (two a day)."
    assert sentence(Reason.CLEARED) == "Sent: nothing stands against it."
    assert sentence(Reason.CONSENT_MISSING) == "Not sent: there is no consent that covers it."
