"""A household or client goes with its last member; while others are in it, it stays, but not called after who left."""

import pytest

from onevoice.actions.erase import erase
from onevoice.ledger.tables import entries, vault_customers, vault_names
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.words import EntryKind
from tests.actions.test_erase import CANARY, hits, planted
from tests.book import Company


def called(company: Company) -> set[str]:
    """Every reference that can be read in the vault."""
    return {row[1] for row in company.rows(vault_customers) if row[1]}


@pytest.mark.parametrize("group", ["household", "client"])
def test_the_last_member_takes_the_group_along(company: Company, group: str) -> None:
    """Nothing that reads like them is left in any byte; the book says that the group was forgotten as well."""
    planted(company)
    company.propose(f"{CANARY}-1", SYSTEM, **{group: f"{CANARY}s"})
    before = len(company.rows(entries))
    erased = erase(company.gate, SYSTEM, f"{CANARY}-1")
    assert (erased.groups_gone, erased.groups_kept) == (1, 0)
    assert hits(company) == []
    assert len(company.rows(entries)) == before + 4
    assert [row[1] for row in company.rows(entries)][-4:] == [EntryKind.ERASED] * 4


def test_a_household_stays_for_who_is_still_in_it(company: Company) -> None:
    """A couple: one is forgotten, and the household's cap and history stand for the other. Then the other goes too."""
    company.propose("C1", household="H1")
    company.propose("C2", household="H1")
    erased = erase(company.gate, SYSTEM, "C1")
    assert (erased.groups_gone, erased.groups_kept) == (0, 1)
    assert called(company) == {"C2", "H1"}
    assert erase(company.gate, SYSTEM, "C2").groups_gone == 1
    assert called(company) == set()


def test_an_address_of_nobody_keeps_its_household(company: Company) -> None:
    """Somebody who is known by an address only is a member too."""
    company.propose("C1", household="H1")
    company.propose(address="jo@example.com", household="H1")
    assert erase(company.gate, SYSTEM, "C1").groups_kept == 1
    assert called(company) == {"H1"}


def test_a_household_called_after_the_person_is_found_but_not_called_so_any_more(company: Company) -> None:
    """Reference made of the person's own: its readable form goes, and messages naming it still reach the household."""
    planted(company)
    company.propose(f"{CANARY}-1", household=f"home of {CANARY}-1")
    first = company.propose("C2", household=f"home of {CANARY}-1")
    assert erase(company.gate, SYSTEM, f"{CANARY}-1").groups_kept == 1
    assert hits(company) == []
    again = company.propose("C2", household=f"home of {CANARY}-1")
    assert company.folios(again.touch)[2] == company.folios(first.touch)[2]
    assert called(company) == {"C2"}
    assert {row[0] for row in company.rows(vault_names)} == {"c2"}
