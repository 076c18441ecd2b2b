"""Before a platform obeys: what enforcing would change for whom; and whether each platform is still heard."""

# ruff: noqa: F811 - fixtures are asked for by the name they are imported under

import pytest

from onevoice.actions.note_look import note_look
from onevoice.answers.activity import activity
from onevoice.answers.connections import connections
from onevoice.answers.readiness import readiness
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.moment import DAY
from onevoice.nouns.problem import NotFound
from tests.book import BANK_AGENT, SHOP_AGENT, Company, company, settings  # noqa: F401  # fixtures
from tests.clock import HandMovedClock


def advised(company: Company, *customers: str) -> None:
    """Three messages a day to each by a platform that is only advised; two a day are allowed."""
    for customer in customers:
        for _ in range(3):
            company.propose(customer, platform="adviser")


def test_an_advised_platform_says_for_whom_enforcing_would_change_something(
    company: Company,
    clock: HandMovedClock,
) -> None:
    """Three messages each to two people: one of each would have been held, for the cap, in the shop."""
    advised(company, "C1", "C2")
    company.propose("C3", platform="adviser")
    with company.book.reader(SHOP_AGENT) as reader:
        answer = readiness(reader, "adviser")
    assert (answer.judged, answer.changed, answer.people, answer.looked_at) == (7, 2, 2, 0)
    assert [(one.key, one.held, one.suppressed) for one in answer.reasons] == [("calendar_cap", 2, 0)]
    assert [(one.key, one.all) for one in answer.units] == [("shop", 2)]
    clock.forward(seconds=31 * 86_400)
    with company.book.reader(SHOP_AGENT) as reader:
        assert readiness(reader, "adviser").judged == 0


def test_a_platform_that_obeys_has_nothing_left_to_change(company: Company) -> None:
    """What was held by an obeying platform is no advice."""
    for _ in range(3):
        company.propose("C1", platform="crm")
    with company.book.reader(SYSTEM) as reader:
        assert readiness(reader, "crm").changed == 0
        assert readiness(reader, "crm").points == 1


def test_another_units_platform_is_not_there(company: Company) -> None:
    """As one that never was."""
    with company.book.reader(BANK_AGENT) as reader:
        for key in ("adviser", "nothing"):
            with pytest.raises(NotFound):
                readiness(reader, key)
        assert connections(reader).platforms == ()


def test_a_platform_that_fell_silent_is_told(company: Company, clock: HandMovedClock) -> None:
    """Its last message, its counts of today and the day before; silent after two days; never heard is not silent."""
    advised(company, "C1")
    at = clock()
    with company.book.reader(SYSTEM) as reader:
        heard = {one.key: one for one in connections(reader).platforms}
    assert (heard["adviser"].last, heard["adviser"].asked, heard["adviser"].quiet) == (at, (0, 3), False)
    assert (heard["crm"].last, heard["crm"].quiet) == (0, False)
    clock.forward(seconds=2 * DAY // 1_000_000 + 1)
    with company.book.reader(SYSTEM) as reader:
        assert [one.key for one in connections(reader).platforms if one.quiet] == ["adviser"]


def test_whoever_opens_a_customer_is_written_down(company: Company) -> None:
    """Who, whom and when; another unit's staff is not told of it."""
    advised(company, "C1")
    note_look(company.book, SHOP_AGENT, 1)
    with company.book.reader(SYSTEM) as reader:
        (look,) = activity(reader, kind="looks").looks
    assert (look.who, look.customer, look.at) == ("staff:7", 1, company.clock())
    with company.book.reader(BANK_AGENT) as reader:
        assert activity(reader, kind="looks").looks == ()
