"""The figures of the overview, and the rows they lead to."""

import msgspec
import pytest

from onevoice.answers.customers import customers
from onevoice.answers.decisions import Filters, decisions
from onevoice.answers.overview import overview
from onevoice.answers.pressure import people_pressed
from onevoice.nouns.moment import DAY, HOUR
from onevoice.nouns.problem import Refused
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import Channel, Mode, Verdict
from tests.answers.stage import BANK, BOSS, FRANCHISEE, NORTHSIDE, RETAIL, STRANGER, Stage, ana


def crowd(stage: Stage) -> None:
    """Four people with 1, 1, 2 and 5 messages this week; holds and suppressions of three units."""
    now = stage.clock()
    for place, count in enumerate((1, 1, 2, 5)):
        unit = NORTHSIDE if place == 3 else RETAIL
        person = stage.person(f"C-{place}", f"Person {place}", units=(unit,))
        for hours in range(count):
            stage.sent(person, now - (hours * 20 + 1) * HOUR, unit=RETAIL, campaign=1)
        stage.sent(person, now - 9 * DAY, unit=RETAIL, campaign=1)
        stage.decided(person, now - HOUR, Verdict.HOLD, Reason.QUIET_HOURS, until=now + HOUR, unit=RETAIL)
        stage.decided(person, now - 2 * DAY, Verdict.SUPPRESS, Reason.CONSENT_MISSING, unit=BANK)
        stage.decided(person, now - DAY, Verdict.SUPPRESS, Reason.CONSENT_MISSING, mode=Mode.ADVISE, unit=NORTHSIDE)
        stage.decided(person, now - HOUR, Verdict.SEND, unit=RETAIL)


def test_pressure_counts_people_by_messages_of_everybody(stage: Stage) -> None:
    """The last seven days only, each message once, and the bars add up to everybody."""
    crowd(stage)
    with stage.reader() as reader:
        found = overview(reader).pressure
    assert (found.people, found.messages, found.median, found.most) == (4, 9, 1, 5)
    assert [(bar.messages, bar.people) for bar in found.bars] == [(1, 2), (2, 1), (3, 0), (4, 0), (5, 1)]


def test_a_bar_leads_to_its_people(stage: Stage) -> None:
    """The list behind a bar holds exactly as many people as the bar says."""
    crowd(stage)
    with stage.reader() as reader:
        for bar in overview(reader).pressure.bars:
            assert len(people_pressed(reader, least=bar.messages, most=bar.messages)) == bar.people


def test_what_was_kept_back_adds_up_by_reason_by_unit_and_by_day(stage: Stage) -> None:
    """Three cuts of the same decisions; what was only advised is counted apart."""
    crowd(stage)
    with stage.reader() as reader:
        found = overview(reader)
    assert (found.reached, found.cleared) == (16, 4)
    assert (found.total.held, found.total.suppressed, found.total.advised) == (4, 4, 4)
    for cut in (found.reasons, found.units, found.by_day):
        assert sum(one.held for one in cut) == 4
        assert sum(one.suppressed for one in cut) == 4
        assert sum(one.advised for one in cut) == 4


def test_every_figure_leads_to_as_many_rows(stage: Stage) -> None:
    """Reason and unit figures equal the lists behind them, rows and total alike."""
    crowd(stage)
    with stage.reader() as reader:
        found = overview(reader)
        for field, cut in (("reason", found.reasons), ("unit", found.units)):
            for one in cut:
                for verdict, binding, count in (
                    ("hold", "yes", one.held),
                    ("suppress", "yes", one.suppressed),
                    ("kept_back", "no", one.advised),
                ):
                    filters = msgspec.structs.replace(Filters(verdict=verdict, binding=binding), **{field: one.key})
                    answer = decisions(reader, filters)
                    assert answer.total == len(answer.rows) == count, filters


def test_pages_of_decisions_hold_each_once(stage: Stage) -> None:
    """Turning pages goes through all, newest first, also among decisions of one moment."""
    crowd(stage)
    seen: list[int] = []
    before = ""
    with stage.reader() as reader:
        while True:
            page = decisions(reader, Filters(), before=before, limit=3)
            seen += [row.happened.entry for row in page.rows]
            before = page.next
            if not before:
                break
    assert len(seen) == len(set(seen)) == 16


def test_a_unit_counts_its_own_decisions_and_its_own_people(stage: Stage) -> None:
    """Figures go through the same scope as rows: a franchisee sees neither more decisions nor more people."""
    crowd(stage)
    with stage.reader(FRANCHISEE) as reader:
        found = overview(reader)
        rows = decisions(reader, Filters())
    assert (found.pressure.people, found.pressure.messages) == (1, 5), "its customer's messages of all units count"
    assert (found.reached, found.total.advised) == (4, 4)
    assert rows.total == 4 and {row.happened.seen.unit_name for row in rows.rows} == {"Northside Dental"}
    assert [bool(row.person) for row in rows.rows].count(True) == 1, "people of other units stay unnamed"


def test_filters_nobody_understands_are_all_named(stage: Stage) -> None:
    """Every wrong filter is told at once."""
    with stage.reader() as reader, pytest.raises(Refused) as refused:
        decisions(reader, Filters(verdict="maybe", reason="mood", unit="moon"))
    assert {fault.where for fault in refused.value.faults} == {"verdict", "reason", "unit"}


@pytest.mark.parametrize(
    "words",
    ["ana", "Ferreira", "fer an", "FERREIRA ANA", "C-1001", "c-10", "ana@example.com", "+351 912 345 678"],
)
def test_a_customer_is_found_by_name_reference_or_address(stage: Stage, words: str) -> None:
    """Names and references from their beginning, addresses whole, however they are written."""
    customer, _ = ana(stage)
    stage.person("C-2", "Anton Meyer", (Channel.EMAIL, "anton@example.com"), units=(BANK,))
    with stage.reader(BOSS) as reader:
        found = customers(reader, words).found
    assert found[0].customer == customer and (words == "ana" or len(found) == 1)


@pytest.mark.parametrize("words", ["ana", "C-1001", "ana@example.com", "+351912345678", ""])
def test_search_finds_nobody_of_other_units(stage: Stage, words: str) -> None:
    """Search goes through the same scope as everything else, also for exact addresses."""
    ana(stage)
    with stage.reader(STRANGER) as reader:
        assert customers(reader, words).found == ()
