"""The past is judged again under a draft: what is little at once, what is much beside everything else."""

import time

import pytest

from onevoice.actions import try_draft as trying
from onevoice.actions.draft_policy import begin_draft
from onevoice.actions.try_draft import outcome_of, try_draft
from onevoice.answers.what_if import Tally, fewer_rows, lost_rows
from onevoice.ledger.drafts import begin_trial, last_trial
from onevoice.nouns.authority import ROLE_VERBS, SYSTEM, Authority
from onevoice.nouns.draft import Trial
from onevoice.nouns.moment import DAY
from onevoice.nouns.problem import Refused
from onevoice.nouns.words import Role
from onevoice.zone_tables import read_zones
from tests.book import BANK_AGENT, GROUP, POLICY, SHOP_AGENT, Company

MARA = Authority(who="staff:1", unit=GROUP, units=frozenset(), verbs=ROLE_VERBS[Role.ADMIN], all_units=True)
STRICTER = POLICY.replace("at_most = 2", "at_most = 1")


def tried(company: Company) -> Trial:
    """Two messages to one person, one to another, tried under one a day."""
    company.clock.forward(days=-2)
    for customer in ("C1", "C1", "C2"):
        company.propose(customer)
    company.clock.forward(days=2)
    draft = begin_draft(company.book, MARA, key="k", body=STRICTER)
    return try_draft(company.book, read_zones, MARA, draft, days=7)


def test_what_a_stricter_cap_would_have_cost(company: Company) -> None:
    """One message fewer for one person, who is still reached; counts are told to all, messages to those who may see."""
    trial = tried(company)
    outcome = outcome_of(trial)
    assert outcome is not None and outcome.found is not None
    found = outcome.found
    assert (trial.total, trial.done, found.decisions) == (3, 3, 3)
    assert (found.lost_all, found.fewer_all, found.gained_all) == (1, 1, 0)
    assert (found.reach_kept, found.reach_lost, found.reach_gained) == (2, 0, 0)
    assert found.verdicts == (Tally(key="send", before=3, after=2), Tally(key="hold", before=0, after=1))
    assert found.reasons == (Tally(key="calendar_cap", before=0, after=1),)
    for asker, seen in ((SYSTEM, 1), (SHOP_AGENT, 1), (BANK_AGENT, 0)):
        with company.book.reader(asker) as reader:
            assert len(lost_rows(reader, found)) == seen
    with company.book.reader(SYSTEM) as reader:
        (row,) = lost_rows(reader, found)
        (person,) = fewer_rows(reader, found)
    assert (row.verdict, row.reason, row.row.person) == ("hold", "calendar_cap", "C1")
    assert (person.person, person.before, person.after) == ("C1", 2, 1)


def test_what_is_much_runs_beside_everything_else(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer comes at once, what was found when it is done."""
    monkeypatch.setattr(trying, "AT_ONCE_MAX", 2)
    trial = tried(company)
    for _ in range(200):
        with company.book.engine.reading() as connection:
            now = last_trial(connection, trial.draft)
        if now is not None and now.found:
            break
        time.sleep(0.05)
    assert now is not None
    outcome = outcome_of(now)
    assert outcome is not None and outcome.found is not None and outcome.found.lost_all == 1


def test_one_replay_runs_at_a_time_and_a_dead_one_stops_nobody(company: Company) -> None:
    """A second is refused while the first tells of itself; after two silent minutes it is not waited for."""
    draft = begin_draft(company.book, MARA, key="k", body=STRICTER)
    now = company.clock()
    with company.book.engine.writing() as tx:
        begin_trial(
            tx,
            Trial(number=1, draft=1, revision=1, since=now - DAY, until=now, asked=now, asked_by="staff:2", alive=now),
        )
    with pytest.raises(Refused):
        try_draft(company.book, read_zones, MARA, draft, days=7)
    company.clock.forward(seconds=121)
    assert try_draft(company.book, read_zones, MARA, draft, days=7).found
    for days, asker in ((8, MARA), (7, SHOP_AGENT)):
        with pytest.raises(Refused):
            try_draft(company.book, read_zones, asker, draft, days=days)
