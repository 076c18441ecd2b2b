"""Which decisions: those of one rule, about one customer, oldest first, and all of them a part at a time."""

import pytest

from onevoice.actions.keep_view import forget_view, keep_view
from onevoice.answers import decisions as module
from onevoice.answers.decisions import Filters, decisions, every
from onevoice.answers.saved_views import saved_views
from onevoice.nouns.moment import HOUR, SECOND
from onevoice.nouns.problem import NotFound, Refused
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import Verdict
from tests.answers.stage import BOSS, CAP, FRANCHISEE, GAP, RETAIL, STRANGER, Stage, ana


def crowd(stage: Stage, count: int = 7) -> list[int]:
    """Decisions an hour apart, of Retail; every third is held by the cap, and every sixth by the gap beside it."""
    someone = stage.person("C-7", "Somebody", units=(RETAIL,))
    made = []
    for place in range(count):
        at = stage.clock() - (count - place) * HOUR
        until = stage.clock() + HOUR
        findings = [(CAP, Reason.CALENDAR_CAP, until // SECOND, 0)] if place % 3 == 0 else []
        findings += [(GAP, Reason.MINIMUM_GAP, until // SECOND, 0)] if place % 6 == 0 else []
        verdict, reason = (Verdict.HOLD, Reason.CALENDAR_CAP) if findings else (Verdict.SEND, Reason.CLEARED)
        made.append(
            stage.decided(
                someone, at, verdict, reason, *findings, until=until if findings else 0, unit=RETAIL, campaign=1
            )
        )
    return made


def test_decisions_can_be_read_from_the_oldest_on(stage: Stage) -> None:
    """The same decisions, turned round, whatever the size of a page."""
    made = crowd(stage)
    read: list[int] = []
    cursor = ""
    with stage.reader() as reader:
        while True:
            page = decisions(reader, Filters(order="oldest"), before=cursor, limit=2)
            read += [row.happened.entry for row in page.rows]
            assert page.total == len(made)
            cursor = page.next
            if not cursor:
                break
        with pytest.raises(Refused, match="oldest"):
            decisions(reader, Filters(order="sideways"))
    assert read == made


def test_a_rule_finds_the_messages_in_whose_way_it_stood(stage: Stage) -> None:
    """Also where another rule gave the verdict its name; a rule that never was finds none."""
    made = crowd(stage)
    with stage.reader() as reader:
        by_cap = decisions(reader, Filters(rule="two a day"))
        by_gap = decisions(reader, Filters(rule="breathing space"))
        assert decisions(reader, Filters(rule="no such rule")).rows == ()
        assert decisions(reader, Filters(rule="nights")).total == 0
    assert [row.happened.entry for row in by_cap.rows] == [made[6], made[3], made[0]]
    assert [row.happened.entry for row in by_gap.rows] == [made[6], made[0]]
    assert (by_cap.total, by_cap.looked_at, by_cap.next) == (3, 0, "")


def test_looking_for_a_rule_is_bounded_and_goes_on_where_it_stopped(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page looks through so many decisions, says how many, and the next goes on behind them."""
    made = crowd(stage, 13)
    monkeypatch.setattr(module, "LOOKED_AT_MAX", 2)
    monkeypatch.setattr(module, "LOOKED_AT_ONCE", 2)
    read: list[int] = []
    cursor = ""
    with stage.reader() as reader:
        for _ in range(10):
            page = decisions(reader, Filters(rule="breathing space"), before=cursor)
            read += [row.happened.entry for row in page.rows]
            cursor = page.next
            if not cursor:
                break
            assert page.looked_at == 2
    assert read == [made[12], made[6], made[0]]


def test_decisions_about_one_customer_are_theirs_alone(stage: Stage) -> None:
    """With whoever else was written to that day; and a person one may not see is nobody."""
    crowd(stage)
    customer, hold = ana(stage)
    with stage.reader() as reader:
        page = decisions(reader, Filters(customer=customer))
        assert ([row.happened.entry for row in page.rows], page.total) == ([hold], 1)
        assert decisions(reader, Filters(customer=customer, verdict="send")).total == 0
    with stage.reader(FRANCHISEE) as reader:
        assert decisions(reader, Filters(customer=customer)).rows == ()  # hers to see, the message is not
    for authority, number in ((STRANGER, customer), (BOSS, 10**6)):
        with stage.reader(authority) as reader, pytest.raises(NotFound):
            decisions(reader, Filters(customer=number))


def test_all_decisions_come_a_part_at_a_time_and_never_more_than_asked_for(stage: Stage) -> None:
    """Each part in a reading of its own, in which rights may have ended."""
    made = crowd(stage)
    assert [len(part) for part in every(stage.reader, Filters(), most=5, at_once=2)] == [2, 2, 1]
    told = [row.happened.entry for part in every(stage.reader, Filters(), most=100, at_once=3) for row in part]
    assert told == made[::-1]
    assert list(every(lambda: stage.reader(STRANGER), Filters(), most=9, at_once=3)) == []


def test_a_view_is_kept_for_its_owner_alone(stage: Stage) -> None:
    """Kept again under the same name it is replaced; nobody else sees it or can forget it."""
    keep_view(stage.engine, BOSS, page="decisions", name="Held by us", query="verdict=hold")
    keep_view(stage.engine, BOSS, page="decisions", name=" Held by us ", query="verdict=hold&unit=retail")
    with stage.reader() as reader:
        (kept,) = saved_views(reader, "decisions")
        assert (kept.name, kept.query) == ("Held by us", "verdict=hold&unit=retail")
        assert saved_views(reader, "customers") == ()
    with stage.reader(FRANCHISEE) as reader:
        assert saved_views(reader, "decisions") == ()
    with pytest.raises(NotFound):
        forget_view(stage.engine, FRANCHISEE, kept.number)
    with pytest.raises(Refused):
        keep_view(stage.engine, BOSS, page="decisions", name="", query="")
    forget_view(stage.engine, BOSS, kept.number)
    with stage.reader() as reader:
        assert saved_views(reader, "decisions") == ()
