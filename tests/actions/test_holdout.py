"""Who is left out at the gate is left out by every door, every day, with the whole household."""

from onevoice.actions.explain import explain
from onevoice.answers.simulate import simulate
from onevoice.nouns.authority import SYSTEM
from onevoice.rules.files import read_policy
from tests.book import Company

HALF = """\
name = "holdout"

[[rules]]
type = "holdout"
name = "half of all"
share_percent = 50
salt = "spring"
applies = { categories = ["marketing"] }

[[rules]]
type = "consent"
name = "stop means stop"
needs = "no_withdrawal"
applies = { categories = ["marketing"] }
"""
PEOPLE = [f"C{number}" for number in range(40)]


def test_the_same_people_are_left_out_every_day(company: Company) -> None:
    """Half of forty, about; a month later the very same, also after they said stop; service reaches them all."""
    company.policy(HALF)
    first = {one: company.propose(one).reason for one in PEOPLE}
    out = [one for one in PEOPLE if first[one] == "holdout"]
    assert 8 <= len(out) <= 32
    assert {first[one] for one in PEOPLE if one not in out} == {"cleared"}
    company.clock.forward(days=30)
    company.observe("withdrawn", out[0], channel="email")
    assert [one for one in PEOPLE if company.propose(one).reason == "holdout"] == out
    assert {company.propose(one, category="service").verdict for one in out} == {"send"}
    explained = explain(company.gate, SYSTEM, company.proposal(out[1]))
    assert (explained.decision.reason, explained.change, explained.rules) == ("holdout", "without", ("half of all",))


def test_a_simulation_leaves_out_the_same_people(company: Company) -> None:
    """A draft that is what was in force changes nothing; one with another word leaves out others."""
    company.policy(HALF)
    for one in PEOPLE:
        company.propose(one)
    with company.book.reader(SYSTEM) as reader:
        until = company.clock() + 1
        same, other = (
            simulate(reader, read_policy(body), company.gate.bench.compile, 1, until)
            for body in (HALF, HALF.replace("spring", "autumn"))
        )
    assert (same.decisions, same.changed) == (40, 0)
    assert other.changed > 8
    assert {line.reason for line in other.lines} == {"holdout", "cleared"}


def test_a_household_is_left_out_together(company: Company) -> None:
    """Two people of one home always hear the same."""
    company.policy(HALF)
    seen = set()
    for home in range(12):
        reasons = {company.propose(f"H{home}-{one}", household=f"H{home}").reason for one in range(3)}
        assert len(reasons) == 1, home
        seen |= reasons
    assert seen == {"holdout", "cleared"}
