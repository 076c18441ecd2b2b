"""The judge against the reference interpreter on random cases: every answer of every rule, to the second."""

import ast
from pathlib import Path

import pytest

from onevoice.nouns.words import Verdict
from tests.proof import random_world
from tests.proof.comparison import Account, compare_seed
from tests.proof.floors import too_little
from tests.proof.history import TouchFact, read
from tests.proof.mutants import MUTANTS, RULES, Mutant
from tests.proof.random_cases import batch
from tests.proof.reference import Reference

DECISIONS = 30_000
SHOWN_MAX = 10
THE_REFERENCE = ("counted", "history", "places", "reference", "row", "shutters", "standing", "wall")


@pytest.mark.timeout(240)
def test_the_fast_judge_and_the_slow_one_agree_on_thirty_thousand_decisions() -> None:
    """Verdict, moment, latest second, primary reason, each rule's own answer and the touch it waits for are equal,
    one by one, in groups, with bounds at the very second, and under the next version of the policy."""
    account = Account()
    seed = 0
    while account.decisions < DECISIONS:
        account.add(compare_seed(seed))
        seed += 1
    assert not account.differences, "\n".join(account.differences[:SHOWN_MAX])
    assert too_little(account, DECISIONS) == []


def test_an_empty_run_proves_nothing() -> None:
    """A run that compared nothing fails, and says what is missing."""
    assert "0 decisions were compared, not 30000" in too_little(Account(), DECISIONS)


def test_a_run_in_which_everything_is_sent_proves_nothing() -> None:
    """Thirty thousand equal answers are no proof when no rule ever stopped a message."""
    account = Account(decisions=DECISIONS)
    account.verdicts[Verdict.SEND.spoken] = DECISIONS
    missing = too_little(account, DECISIONS)
    assert "too few hold: 0" in missing and "RollingCap stopped too few: 0" in missing


def test_the_reference_shares_nothing_with_the_judge_but_the_nouns() -> None:
    """An error in a rule's arithmetic cannot be in both: the reference imports no room but the nouns."""
    allowed = {f"tests.proof.{name}" for name in THE_REFERENCE}
    for name in THE_REFERENCE:
        for module in _imports(Path(__file__).with_name(f"{name}.py")):
            ours = module.startswith(("onevoice", "tests"))
            assert not ours or module in allowed or module.startswith("onevoice.nouns."), f"{name} imports {module}"
            assert module.split(".")[0] != "numpy", f"{name} imports {module}"


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.file}: {mutant.old.strip()}")
def test_every_planted_fault_still_has_its_place(mutant: Mutant) -> None:
    """`python -m tests.proof --mutants` breaks exactly this one place of the judge."""
    assert (RULES / mutant.file).read_text().count(mutant.old) == 1


def _imports(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            found.append(node.module or "")
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
    return found


def test_what_is_told_twice_changes_nothing() -> None:
    """Every fact about a message repeated at the end of its folio's history leaves all answers as they were."""
    for seed in range(40):
        once = batch(seed)
        reports = [
            [fact for fact in facts if isinstance(fact, TouchFact) and fact.kind.spoken in ("sent", "delivered")]
            for facts in once.facts
        ]
        twice = [(*facts, *again) for facts, again in zip(once.facts, reports, strict=True)]
        assert [read(facts) for facts in twice] == [read(facts) for facts in once.facts]


def test_the_order_of_the_rules_in_a_policy_cannot_matter() -> None:
    """Turning the list of rules round changes no verdict, no moment and no primary reason."""
    for seed in range(40):
        one = batch(seed)
        histories = [read(facts) for facts in one.facts]
        turned = random_world.turned(one.policy)
        for asked in one.asked:
            for now in one.nows:
                first = Reference(one.policy, one.labels, one.surroundings).decide(histories, asked, now)
                second = Reference(turned, one.labels, one.surroundings).decide(histories, asked, now)
                assert first.says == second.says[::-1]
                assert (first.when, first.reason, first.latest) == (second.when, second.reason, second.latest)
