"""Rules as a company meets them: a policy in force, one proposal after the other, every answer from the book."""

from typing import Any

import pytest

from onevoice.actions.explain import explain
from onevoice.answers.rule_words import rule_words
from onevoice.answers.why import why
from onevoice.ledger.documents import lock_documents, store_documents
from onevoice.ledger.engine import Transaction
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.surroundings import Campaign
from tests.book import SHOP, Company, company, settings  # noqa: F401  # fixtures

DAY = 86_400_000_000
SHOES: dict[str, Any] = {"topics": ("shoes",)}
OFFERS: dict[str, Any] = {"topics": ("offers",)}
TEXT, CALL = {"channel": "sms"}, {"channel": "voice"}
A = {"package": "a"}
SPRING, AUTUMN = {"campaign": "spring"}, {"campaign": "autumn"}
Story = list[tuple[dict[str, Any], str]]
STORIES: list[tuple[str, str, Story, tuple[int, ...]]] = [
    (
        "rolling_cap",
        'at_most = 2\nseconds = 86400\nunit_of_count = "package"',
        [(A, "send"), (A, "send"), ({"package": "b"}, "send"), ({"package": "c"}, "hold")],
        (1, 2),
    ),
    (
        "calendar_cap",
        'at_most = 1\nperiod = "day"\nzone = "UTC"\nunit_of_count = "campaign"',
        [(SPRING, "send"), (SPRING, "send"), (AUTUMN, "hold")],
        (1,),
    ),
    ("lifetime_cap", "at_most = 2", [({}, "send"), ({}, "send"), ({}, "suppress")], (0, 1)),
    (
        "ordered_gap",
        'applies = { channels = ["email"] }\nafter = { channels = ["sms"] }\nseconds = 60',
        [({}, "send"), (TEXT, "send"), (TEXT, "send"), ({}, "hold")],
        (2,),
    ),
    (
        "never_together",
        'first = { channels = ["email"] }\nsecond = { channels = ["sms"] }\nseconds = 60',
        [(TEXT, "send"), (TEXT, "send"), ({}, "suppress"), (CALL, "send")],
        (1,),
    ),
    ("never_after", 'after = { topics = ["shoes"] }', [({}, "send"), (SHOES, "send"), ({}, "suppress")], (1,)),
    (
        "exclusive_campaigns",
        'campaigns = ["spring", "autumn"]\nseconds = 60\nat_limit = "hold"',
        [(SPRING, "send"), (SPRING, "send"), (AUTUMN, "hold"), ({}, "send")],
        (1,),
    ),
    (
        "journey_cap",
        "at_most = 1\nseconds = 86400",
        [({"journey": "a"}, "send"), ({}, "send"), ({"journey": "a"}, "send"), ({"journey": "b"}, "hold")],
        (2,),
    ),
    (
        "pressure_points",
        "budget = 5\nseconds = 86400\nweights = { sms = 3 }",
        [(TEXT, "send"), ({}, "send"), (TEXT, "hold"), ({}, "send"), ({}, "hold")],
        (0, 1, 3),
    ),
    (
        "pressure_points",
        'budget = 4\nseconds = 86400\nweights = { sms = 3 }\ndecay = "linear"',
        [(TEXT, "send"), ({}, "send"), ({}, "hold")],
        (0, 1),
    ),
]


TITLES = [f"{kind}-{len(asked)}" for kind, _, asked, _ in STORIES]


@pytest.fixture
def two_campaigns(company: Company) -> Company:  # noqa: F811
    """The company with a second campaign."""

    def run(tx: Transaction) -> None:
        lock_documents(tx)
        autumn = Campaign(number=2, key="autumn", name="Autumn", unit=SHOP)
        store_documents(tx, [autumn], by="test", at=company.clock())

    company.gate.write(run)
    return company


@pytest.mark.parametrize(
    ("kind", "fields", "asked", "counted"), STORIES, ids=[f"{one[0]}-{len(one[2])}" for one in STORIES]
)
def test_the_book_and_a_batch_answer_alike(
    two_campaigns: Company, kind: str, fields: str, asked: Story, counted: tuple[int, ...]
) -> None:
    """To one person one by one, and to another in one batch: the same verdicts, for the reason of that rule; the
    book shows the messages that counted, and what would be enough has been tried."""
    company = two_campaigns  # noqa: F811
    company.policy(f'name = "one rule"\n[[rules]]\ntype = "{kind}"\nname = "the rule"\n{fields}\n')
    one_by_one = []
    for more, _ in asked:
        company.clock.forward(seconds=1)
        one_by_one.append(company.propose("C1", **more))
    batch = list(company.gate.propose_many(SYSTEM, [company.proposal("C2", **more) for more, _ in asked]))
    for answers in (one_by_one, batch):
        assert [getattr(one, "verdict", one) for one in answers] == [verdict for _, verdict in asked]
    stopped = [one for one in one_by_one if one.verdict != "send"]
    assert {one.reason for one in stopped} == {kind}
    assert all(one.findings[0].rule == "the rule" and one.findings[0].sentence for one in stopped)
    with company.book.reader(SYSTEM) as reader:
        (ruled,) = why(reader, stopped[-1].touch).ruled
    assert tuple(one.touch for one in ruled.counted) == tuple(one_by_one[place].touch for place in counted)
    assert rule_words(ruled.rule)
    last = explain(company.gate, SYSTEM, company.proposal("C1", **asked[-1][0]))
    assert last.change == {"send": "", "hold": "wait", "suppress": "without"}[asked[-1][1]]


def test_a_lifetime_is_longer_than_what_is_remembered(two_campaigns: Company) -> None:
    """Forty messages in three years: the first have left the newest and are older than 400 days, and still count."""
    company = two_campaigns  # noqa: F811
    company.policy('name = "p"\n[[rules]]\ntype = "lifetime_cap"\nname = "forty"\nat_most = 40\n')
    for _ in range(40):
        one = company.propose("C1")
        assert one.verdict == "send"
        company.gate.confirm(SYSTEM, one.touch, company.key(), company.clock())
        company.clock.forward(days=27)
    assert company.propose("C1").reason == "lifetime_cap"
    assert company.propose("C2").verdict == "send"


def test_a_place_given_back_is_no_touch(two_campaigns: Company) -> None:
    """What never went bars nothing, even a message that would be barred for ever."""
    company = two_campaigns  # noqa: F811
    company.policy(
        'name = "p"\n[[rules]]\ntype = "never_after"\nname = "n"\nafter = { topics = ["shoes"] }\n'
        'applies = { topics = ["offers"] }\n'
    )
    first = company.propose("C1", **SHOES)
    assert company.propose("C1", **SHOES).reason == "never_after", "shoes are below offers"
    company.gate.release(SYSTEM, first.touch, "back")
    assert company.propose("C1", **OFFERS).verdict == "send"
