"""A stricter cap comes in force by two people, at the moment they chose, and goes again."""

from dataclasses import replace

import pytest

from onevoice.actions.activate_policy import activate_policy
from onevoice.actions.draft_policy import (
    APPROVED_FOR,
    begin_draft,
    findings_of,
    put_planned_in_force,
    roll_back,
    save_draft,
    take_step,
)
from onevoice.ledger.documents import verify_changes
from onevoice.ledger.drafts import draft_of, history_of
from onevoice.ledger.policies import current_policy
from onevoice.nouns.authority import ROLE_VERBS, Authority, Verb
from onevoice.nouns.draft import Draft, DraftState, Step
from onevoice.nouns.moment import DAY, HOUR
from onevoice.nouns.problem import KeyReused, NotFound, Refused
from onevoice.nouns.words import Role
from tests.book import GROUP, POLICY, SHOP_AGENT, Company

MARA = Authority(who="staff:1", unit=GROUP, units=frozenset(), verbs=ROLE_VERBS[Role.ADMIN], all_units=True)
TOM = replace(MARA, who="staff:2")
STRICTER = POLICY.replace("at_most = 2", "at_most = 1")
BROKEN = POLICY.replace("at_most = 2", "at_most = 0")


def drafted(company: Company, body: str = STRICTER, by: Authority = MARA) -> Draft:
    """A draft with this text in it, of which nobody was asked anything."""
    draft = begin_draft(company.book, by, key=company.key(), why="People complain.")
    return save_draft(company.book, by, draft.number, key=company.key(), revision=draft.revision, body=body)


def step(company: Company, draft: Draft, one: Step, by: Authority, **more: int | str) -> Draft:
    return take_step(
        company.book,
        by,
        draft.number,
        key=company.key(),
        step=one,
        revision=draft.revision,
        at=int(more.get("at", 0)),
        says=str(more.get("says", "")),
    )


def approved(company: Company) -> Draft:
    return step(company, step(company, drafted(company), Step.ASK, MARA), Step.APPROVE, TOM)


def version(company: Company) -> int:
    with company.book.engine.reading() as connection:
        now = current_policy(connection)
    return now.version if now else 0


def where(refusal: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {fault.where for fault in refusal.value.faults}


def test_a_stricter_cap_is_written_approved_put_in_force_followed_and_rolled_back(company: Company) -> None:
    """The next decision follows the version in force; going back is a new version with the old text."""
    assert [company.propose("C1").verdict for _ in range(2)] == ["send", "send"]
    draft = step(company, approved(company), Step.ACTIVATE, TOM)
    assert (draft.state, draft.version, version(company)) == (DraftState.IN_FORCE, 2, 2)
    first, second = company.propose("C2"), company.propose("C2")
    assert (first.verdict, second.verdict, second.policy) == ("send", "hold", 2)
    back = roll_back(company.book, MARA, 1, key=company.key(), says="Sales fell by half.")
    assert (back.version, back.body) == (3, POLICY)
    assert [company.propose("C3").verdict for _ in range(2)] == ["send", "send"]
    with company.book.engine.reading() as connection:
        steps = [one.step for one in history_of(connection, "policy_drafts", str(draft.number))]
        versions = [(one.key, one.step, one.says) for one in history_of(connection, "policies")]
        assert verify_changes(connection) == 0
    assert steps == ["activate", "approve", "ask", "save", "begin"]
    assert versions == [("3", "roll back to 1", "Sales fell by half."), ("2", "from draft 1", "People complain.")]


def test_nobody_approves_what_they_wrote(company: Company) -> None:
    """Neither its author, nor a second writer, nor whoever asked, nor a key, nor the key's maker."""
    draft = drafted(company)
    draft = save_draft(
        company.book, TOM, draft.number, key=company.key(), revision=draft.revision, body=STRICTER + "# said twice\n"
    )
    ines, key = replace(MARA, who="staff:3"), replace(MARA, who="key:1")
    draft = step(company, draft, Step.ASK, ines)
    for writer in (MARA, TOM, ines, key):
        with pytest.raises(Refused) as refusal:
            step(company, draft, Step.APPROVE, writer)
        assert where(refusal) == {"approver"}
    assert step(company, draft, Step.APPROVE, replace(MARA, who="staff:4")).state is DraftState.APPROVED


def test_behind_a_key_stands_the_person_who_made_it(company: Company) -> None:
    """Mara makes a key, writes with it, and cannot approve as herself."""
    key, _ = company.onevoice.entrance.make_key(MARA, name="scripts", unit="alder", verbs=frozenset(Verb))
    draft = drafted(company, by=replace(MARA, who=f"key:{key.number}"))
    draft = step(company, draft, Step.ASK, TOM)
    with pytest.raises(Refused):
        step(company, draft, Step.APPROVE, MARA)


def test_another_text_needs_another_approval(company: Company) -> None:
    """What was approved cannot be written in; sent back, its approval is gone."""
    draft = approved(company)
    with pytest.raises(Refused) as refusal:
        save_draft(company.book, MARA, draft.number, key=company.key(), revision=draft.revision, body=POLICY + "#\n")
    assert where(refusal) == {"state"}
    draft = step(company, draft, Step.SEND_BACK, MARA)
    assert (draft.state, draft.approved, draft.approved_by) == (DraftState.WRITING, 0, "")
    with pytest.raises(Refused):
        step(company, draft, Step.ACTIVATE, TOM)


def test_what_two_people_write_at_once_is_not_lost(company: Company) -> None:
    """The second to save is told, and nothing is written over."""
    draft = drafted(company)
    save_draft(company.book, TOM, draft.number, key=company.key(), revision=draft.revision, body=STRICTER + "# Tom\n")
    with pytest.raises(Refused) as refusal:
        save_draft(company.book, MARA, draft.number, key=company.key(), revision=draft.revision, body=STRICTER)
    assert where(refusal) == {"revision"} and "staff:2" in str(refusal.value)


def test_a_form_sent_twice_is_taken_once(company: Company) -> None:
    """The same token with the same words changes nothing; with other words it is refused."""
    first = begin_draft(company.book, MARA, key="token", why="A")
    assert begin_draft(company.book, MARA, key="token", why="A") == first
    with pytest.raises(KeyReused):
        begin_draft(company.book, MARA, key="token", why="B")
    assert begin_draft(company.book, TOM, key="token", why="A").number == first.number + 1
    with pytest.raises(Refused):
        begin_draft(company.book, MARA, key="")


def test_it_comes_in_force_at_the_planned_moment(company: Company) -> None:
    """Not before, once, and only while those who decided may still decide."""
    at = company.clock() + 3 * HOUR
    draft = step(company, approved(company), Step.ACTIVATE, TOM, at=at)
    assert draft.planned == at and draft.state is DraftState.APPROVED
    assert put_planned_in_force(company.book, {"staff:1": MARA, "staff:2": TOM}.get) == 0
    company.clock.forward(hours=3)
    assert put_planned_in_force(company.book, {"staff:1": MARA, "staff:2": TOM}.get) == 1
    assert put_planned_in_force(company.book, {"staff:1": MARA, "staff:2": TOM}.get) == 0
    assert version(company) == 2


def test_whoever_lost_the_right_decides_nothing_any_more(company: Company) -> None:
    """The draft waits for approval again, and its history says why."""
    draft = step(company, approved(company), Step.ACTIVATE, TOM, at=company.clock() + HOUR)
    company.clock.forward(hours=1)
    assert put_planned_in_force(company.book, {"staff:1": MARA}.get) == 1
    with company.book.engine.reading() as connection:
        after = draft_of(connection, draft.number)
        newest = history_of(connection, "policy_drafts", str(draft.number))[0]
    assert (after.state, after.approved, version(company)) == (DraftState.ASKED, 0, 1)
    assert newest.step == "not put in force" and "staff:2" in newest.says


def test_approvals_run_out(company: Company) -> None:
    """After thirty days it must be asked for again."""
    draft = approved(company)
    company.clock.forward(days=APPROVED_FOR // DAY + 1)
    with pytest.raises(Refused) as refusal:
        step(company, draft, Step.ACTIVATE, TOM)
    assert where(refusal) == {"approver"}


def test_a_draft_of_an_older_version_undoes_nothing_unseen(company: Company) -> None:
    """When another version came meanwhile, the draft must first be set beside it."""
    draft, other = approved(company), POLICY.replace("lease = 3600", "lease = 60")
    company.policy(other)
    with pytest.raises(Refused) as refusal:
        step(company, draft, Step.ACTIVATE, TOM)
    assert where(refusal) == {"base"}
    draft = step(company, step(company, draft, Step.SEND_BACK, MARA), Step.REBASE, MARA)
    assert draft.base == 2
    draft = step(company, step(company, draft, Step.ASK, MARA), Step.APPROVE, TOM)
    assert step(company, draft, Step.ACTIVATE, TOM).version == 3


def test_what_is_wrong_can_be_kept_but_not_approved(company: Company) -> None:
    """A save tells its findings with their places; asking for approval is refused with the same ones."""
    draft = drafted(company, BROKEN)
    found = findings_of(company.book, draft.body)
    assert [one.where for one in found] == ["rules[2] two a day: at_most"]
    with pytest.raises(Refused) as refusal:
        step(company, draft, Step.ASK, MARA)
    assert refusal.value.faults == found
    with pytest.raises(Refused):
        save_draft(company.book, MARA, draft.number, key="k", revision=draft.revision, body="name = [")


def test_only_those_with_the_right_over_the_whole_company_change_the_policy(company: Company) -> None:
    """A unit's people do not; nor does anybody past two people over the network; a missing draft is missing."""
    for nobody in (SHOP_AGENT, replace(MARA, all_units=False)):
        with pytest.raises(Refused):
            begin_draft(company.book, nobody, key="k")
        with pytest.raises(Refused):
            roll_back(company.book, nobody, 1, key="k", says="why")
    with pytest.raises(Refused) as refusal:
        activate_policy(company.book.engine, MARA, STRICTER, at=company.clock())
    assert where(refusal) == {"policy"} and version(company) == 1
    with pytest.raises(NotFound):
        save_draft(company.book, MARA, 99, key="k", revision=1, body=STRICTER)


def test_a_roll_back_says_why_and_changes_something(company: Company) -> None:
    """Without a reason, to what is in force, or to what never was, it is refused."""
    for number, says in ((1, " "), (1, "again")):
        with pytest.raises(Refused):
            roll_back(company.book, MARA, number, key="k", says=says)
    with pytest.raises(NotFound):
        roll_back(company.book, MARA, 9, key="k", says="why")
