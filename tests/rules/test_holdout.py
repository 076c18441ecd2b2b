"""A holdout protects people from messages that do nothing: some never get them, and are compared with those who do."""

from dataclasses import replace
from hashlib import blake2b
from typing import Any

import numpy as np
import pytest

from onevoice.nouns.contact_state import ContactState
from onevoice.nouns.moment import NEVER
from onevoice.nouns.policy import Consent, Holdout, Pause, Policy, RollingCap, Scope
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import Category, MarkKind
from onevoice.rules.cases import cases_of
from onevoice.rules.explain import Change, counterfactual, evidence
from onevoice.rules.group import judge_group
from onevoice.rules.judge import judge
from onevoice.rules.policy import compile_policy
from tests.rules.world import NOW, SURROUNDINGS, Ask, Book, Folio, Mark, mail, prepare, told, zone_table

SELLING = Scope(categories=("marketing",))
Numbers = tuple[int, int, int, int]


def share(salt: str, number: int) -> int:
    """As the page says it."""
    digest = blake2b(f"{salt}:{number}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % 10_000


def left_out(salt: str, number: int, percent: int) -> bool:
    return share(salt, number) < 100 * percent


OUT = next(number for number in range(1, 999) if left_out("spring", number, 5))
IN = next(number for number in range(1, 999) if not left_out("spring", number, 50))
AT_TEN = next(
    number for number in range(1, 999) if left_out("spring", number, 10) and not left_out("spring", number, 9)
)
EDGE = next(number for number in range(1, 10**6) if share("spring", number) == 500)


def rule(percent: int = 5, **fields: Any) -> Holdout:
    return Holdout(**{"name": "left out", "share_percent": percent, "salt": "spring", "applies": SELLING, **fields})


CASES: list[tuple[str, Holdout, Ask, Numbers, str]] = [
    ("left out", rule(), Ask(), (OUT, 0, 0, 0), "suppress"),
    ("not left out", rule(), Ask(), (IN, 0, 0, 0), "send"),
    ("by the household", rule(), Ask(household=Folio()), (IN, 0, OUT, 0), "suppress"),
    ("the household is in", rule(), Ask(household=Folio()), (OUT, 0, IN, 0), "send"),
    ("each for themselves", rule(household=False), Ask(household=Folio()), (IN, 0, OUT, 0), "send"),
    ("the person before the address", rule(), Ask(address=Folio()), (IN, OUT, 0, 0), "send"),
    ("a larger share keeps those of a smaller", rule(50), Ask(), (OUT, 0, 0, 0), "suppress"),
    ("the tenth of a hundred", rule(10), Ask(), (AT_TEN, 0, 0, 0), "suppress"),
    ("of nine it is not", rule(9), Ask(), (AT_TEN, 0, 0, 0), "send"),
    ("the first of the sixth hundred", rule(5), Ask(), (EDGE, 0, 0, 0), "send"),
    ("of six it is", rule(6), Ask(), (EDGE, 0, 0, 0), "suppress"),
    ("of none nobody", rule(0), Ask(), (OUT, 0, 0, 0), "send"),
    ("service goes to all", rule(50), Ask(message=mail(category=Category.SERVICE)), (OUT, 0, 0, 0), "send"),
]


@pytest.mark.parametrize(("title", "holdout", "ask", "numbers", "verdict"), CASES, ids=[case[0] for case in CASES])
def test_who_is_left_out_stays_left_out(title: str, holdout: Holdout, ask: Ask, numbers: Numbers, verdict: str) -> None:
    """Each line: whose numbers they are, and what becomes of the message."""
    states, case, compiled = prepare(ask, holdout)
    numbered = replace(case, numbers=np.array(numbers).reshape(4, 1))
    for moment in (NOW, NOW + 10**7):
        found = judge(states, numbered, moment, compiled)
        assert int(found.when[0]) == (moment if verdict == "send" else NEVER)
        assert int(found.reason[0]) == (Reason.CLEARED if verdict == "send" else Reason.HOLDOUT)


def test_an_address_alone_and_nobody_at_all() -> None:
    """Who is known by an address only is judged by it; a message to nobody goes."""
    compiled = prepare(Ask(), rule())[2]
    rows = [(1, 0, NOW, NEVER, (-1, 0, -1, -1)), (1, 0, NOW, NEVER, (-1, -1, -1, -1))]
    found = judge([ContactState()], cases_of(rows, [(0, OUT, 0, 0), (OUT, OUT, OUT, 0)]), NOW, compiled)
    assert (found.when == NOW).tolist() == [False, True]


def test_it_is_named_before_every_other_reason() -> None:
    """Left out, in a pause, without consent: the holdout is what is told, so that those left out can be counted."""
    ask = Ask(customer=Folio(marks=[Mark(MarkKind.DECEASED)]))
    everyone = next(str(salt) for salt in range(999) if left_out(str(salt), 0, 50))
    found = rule(50, salt=everyone)
    assert told(ask, Consent(name="consent"), Pause(name="pause"), found) == ("suppress", "holdout")


def test_the_share_is_the_share() -> None:
    """Of twenty thousand people one in twenty is left out, and another salt leaves out others."""
    compiled = [prepare(Ask(), rule(salt=salt))[2] for salt in ("spring", "autumn")]
    size = 20_000
    rows = [(1, 0, NOW, NEVER, (0, -1, -1, -1))] * size
    cases = cases_of(rows, [(number, 0, 0, 0) for number in range(1, size + 1)])
    spring, autumn = (judge([ContactState()], cases, NOW, one).when == NEVER for one in compiled)
    assert 900 < spring.sum() < 1100
    assert 900 < autumn.sum() < 1100
    assert (spring & autumn).sum() < 100


def test_nothing_is_shown_as_evidence_and_only_the_rule_itself_would_have_to_go() -> None:
    """It rests on nothing in the book; no waiting and no consent helps."""
    states, case, compiled = prepare(Ask(), rule())
    out = replace(case, numbers=np.full((4, 1), OUT))
    assert evidence(states, out, NOW, compiled, 0) is None
    assert counterfactual(states, out, NOW, compiled) == Change("without", rules=(0,))


def test_who_is_left_out_takes_nobodys_place_in_a_group() -> None:
    """A cap of one for the household: the first member is left out, the second gets it, and the first stays left out
    behind them. Judged together as in turn."""
    book = Book()
    label = book.number(mail())
    rules = (rule(household=False), RollingCap(name="one", at_most=1, seconds=60, per="household"))
    compiled = compile_policy(Policy(name="p", rules=rules), book.columns(), SURROUNDINGS, zone_table())
    rows = [(label, 0, NOW, NEVER, (person, -1, 2, -1)) for person in (0, 1, 1, 0)]
    cases = cases_of(rows, [(OUT, 0, 7, 0), (IN, 0, 7, 0), (IN, 0, 7, 0), (OUT, 0, 7, 0)])
    found, postponed = judge_group([ContactState()] * 3, cases, NOW, compiled)
    assert not postponed.any()
    assert [Reason(reason).spoken for reason in found.reason.tolist()] == [
        "holdout",
        "cleared",
        "rolling_cap",
        "holdout",
    ]
