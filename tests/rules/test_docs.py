"""The example on every rule's page is a policy without fault."""

import re
from pathlib import Path

import pytest

from onevoice.nouns.policy import AnyRule
from onevoice.rules.check import check_policy
from onevoice.rules.files import read_policy
from onevoice.rules.policy import LINES
from tests.rules.world import SURROUNDINGS

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("rule", LINES, ids=lambda rule: rule.__struct_config__.tag)
def test_the_example_on_a_rules_page_is_without_fault(rule: type[AnyRule]) -> None:
    """What people copy is read, is of that type, and passes the check."""
    page = DOCS / "rules" / f"{str(rule.__struct_config__.tag).replace('_', '-')}.md"
    example = re.search(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    policy = read_policy('name = "example"\nplausible_zones = ["Europe/Berlin"]\n' + example[1])
    assert [type(one) for one in policy.rules] == [rule]
    assert check_policy(policy, SURROUNDINGS) == []
