"""Policy files say what the policy means, and say everything that is wrong with them at once."""

from importlib import resources

import pytest

from onevoice.nouns.policy import Policy, RollingCap, Scope
from onevoice.nouns.problem import Refused
from onevoice.rules.check import check_policy
from onevoice.rules.files import read_policy, write_policy
from tests.rules.random_worlds import random_world
from tests.rules.world import SURROUNDINGS

STARTER = (resources.files("onevoice.rules") / "starter.toml").read_text(encoding="utf-8")


def test_the_starter_policy_is_read_and_without_fault() -> None:
    """What everybody begins with passes its own check, uses every part of the day and names each rule."""
    policy = read_policy(STARTER)
    assert check_policy(policy, SURROUNDINGS) == []
    assert len(policy.rules) == 19
    assert all(rule.says for rule in policy.rules)


def test_a_policy_written_is_the_policy_read() -> None:
    """For any policy, and for words with quotes, line ends and umlauts."""
    for seed in range(60):
        policy = random_world(seed, cases=1, people=1).compiled.policy
        assert read_policy(write_policy(policy)) == policy
    odd = RollingCap(name='say "no"\\\n\x07 für Anja', at_most=1, seconds=5, exempts=(Scope(channels=("sms",)),))
    policy = Policy(name="odd", rules=(odd,), version=3)
    assert read_policy(write_policy(policy)) == policy
    assert read_policy(write_policy(Policy(name="empty"))) == Policy(name="empty")


RULE = '\n[[rules]]\ntype = "{}"\nname = "x"\nseconds = 1\n'
AT_MOST_AND_TYPE = ("rules[0].at_most", "rules[1].type")
CASES = [
    ("name = ", ["file"]),
    ("longest_hold = 5", ["file"]),
    ('name = "a"\nlonget_hold = 5', ["file"]),
    ('name = "a"\nrules = 5', ["rules"]),
    ('name = "a"\nlease = "long"', ["lease"]),
    ('name = "a"' + RULE.format("rolling_cap") + 'at_most = "2"' + RULE.format("w"), [*AT_MOST_AND_TYPE]),
    ('name = "a"' + RULE.format("rolling_cap") + RULE.format("pause"), ["rules[0]", "rules[1]"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "where"), CASES)
def test_a_file_that_cannot_be_read_says_where(text: str, where: list[str]) -> None:
    """One fault per rule that is wrong, and one for the head."""
    with pytest.raises(Refused) as refused:
        read_policy(text)
    assert [fault.where for fault in refused.value.faults] == where
