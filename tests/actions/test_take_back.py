"""One document edited by a form, and a change of it taken back."""

from typing import Any

import pytest
from sqlalchemy import func, select

from onevoice.actions.take_back import document_row, edit_category, edit_one, stamp, take_back
from onevoice.ledger.documents import verify_changes
from onevoice.ledger.tables import changes
from onevoice.nouns.authority import ROLE_VERBS, SYSTEM, Authority
from onevoice.nouns.problem import NotFound, Refused
from onevoice.nouns.surroundings import CategoryBits
from onevoice.nouns.words import Category, Mode, Role
from tests.book import SHOP, Company

SHOP_ADMIN = Authority(who="staff:9", unit=SHOP, units=frozenset({SHOP}), verbs=ROLE_VERBS[Role.UNIT_ADMIN])


def row(company: Company, kind: str, key: str) -> dict[str, str]:
    with company.book.reader(SYSTEM) as reader:
        found = document_row(reader, kind, key)
    assert found is not None
    return found


def edited(company: Company, kind: str, key: str, by: Authority = SYSTEM, **cells: str) -> bool:
    there = row(company, kind, key)
    return edit_one(company.gate, by, kind, {**there, **cells}, seen=stamp(there))


def last_change(company: Company) -> int:
    with company.book.engine.reading() as connection:
        return connection.execute(select(func.max(changes.c.number))).scalar() or 0


def test_a_change_is_taken_back_and_that_too(company: Company) -> None:
    """The earlier values are written again; the log keeps all three changes and its chain."""
    assert edited(company, "platforms", "crm", mode="advise")
    first = last_change(company)
    assert take_back(company.gate, SYSTEM, first)
    assert row(company, "platforms", "crm")["mode"] == "enforce"
    assert not take_back(company.gate, SYSTEM, first), "a form sent twice changes nothing the second time"
    assert take_back(company.gate, SYSTEM, last_change(company))
    assert row(company, "platforms", "crm")["mode"] == "advise"
    assert last_change(company) == first + 2
    with company.book.engine.reading() as connection:
        assert verify_changes(connection) == 0


def test_an_earlier_change_waits_for_the_later_one(company: Company) -> None:
    """Taking back a change under another would undo that one unseen."""
    edited(company, "platforms", "crm", mode="advise")
    first = last_change(company)
    edited(company, "platforms", "crm", mode="monitor")
    with pytest.raises(Refused, match="later change"):
        take_back(company.gate, SYSTEM, first)


def test_what_was_never_otherwise_cannot_be_taken_back(company: Company) -> None:
    """The change that made a document has nothing before it."""
    edit_one(company.gate, SYSTEM, "purposes", {"key": "billing", "name": "Billing"}, seen="")
    with pytest.raises(Refused, match="nothing earlier"):
        take_back(company.gate, SYSTEM, last_change(company))
    with pytest.raises(NotFound):
        take_back(company.gate, SYSTEM, 999)


def test_nobody_overwrites_what_they_have_not_seen(company: Company) -> None:
    """Two people open one form; the second to save is told, and nothing is lost. The same form twice is one change."""
    there = row(company, "contact_points", "news")
    first, second = {**there, "purpose": "Offers"}, {**there, "purpose": "Everything"}
    assert edit_one(company.gate, SYSTEM, "contact_points", first, seen=stamp(there))
    assert not edit_one(company.gate, SYSTEM, "contact_points", first, seen=stamp(there))
    with pytest.raises(Refused, match="after the page was made"):
        edit_one(company.gate, SYSTEM, "contact_points", second, seen=stamp(there))
    with pytest.raises(Refused, match="taken"):
        edit_one(company.gate, SYSTEM, "contact_points", second, seen="")


def test_the_company_itself_is_renamed_and_moved_to_another_zone(company: Company) -> None:
    """The root of the units keeps its place."""
    assert edited(company, "units", "alder", name="Alder Holding", zone="Europe/Lisbon")
    assert row(company, "units", "alder")["zone"] == "Europe/Lisbon"
    with pytest.raises(Refused, match="above all units"):
        edited(company, "units", "alder", parent="shop")
    with pytest.raises(Refused, match="below itself"):
        edited(company, "units", "shop", parent="shop")
    assert take_back(company.gate, SYSTEM, last_change(company))
    assert row(company, "units", "alder")["name"] == "Alder Group"


def test_the_bits_of_a_category_need_a_reason_and_are_taken_back(company: Company) -> None:
    """Service may only be freed of the caps by somebody who says why."""
    free = CategoryBits(category=Category.LEGAL, obeys_caps=True, counts_towards_caps=False, reason="")
    with pytest.raises(Refused, match="needs a reason"):
        edit_category(company.gate, SYSTEM, free)
    assert edit_category(company.gate, SYSTEM, CategoryBits(category=Category.LEGAL))
    assert take_back(company.gate, SYSTEM, last_change(company))
    with company.book.reader(SYSTEM) as reader:
        legal = reader.surroundings.categories[Category.LEGAL - 1]
    assert legal.category == Category.LEGAL and not legal.obeys_caps


def test_a_unit_admin_changes_their_own_documents_only(company: Company) -> None:
    """Not the company's, not another unit's, and taking back knows the same bounds."""
    assert edited(company, "platforms", "crm", by=SHOP_ADMIN, mode="advise")
    mine = last_change(company)
    deeds: list[Any] = [
        lambda: edited(company, "topics", "shoes", by=SHOP_ADMIN, name="Boots"),
        lambda: edited(company, "units", "shop", by=SHOP_ADMIN, name="Mine"),
        lambda: edit_category(company.gate, SHOP_ADMIN, CategoryBits(category=Category.LEGAL)),
        lambda: edited(company, "platforms", "crm", by=SHOP_ADMIN, unit="bank"),
    ]
    for deed in deeds:
        with pytest.raises(Refused):
            deed()
    edited(company, "units", "bank", name="Alder Bank AG")
    with pytest.raises(NotFound):
        take_back(company.gate, SHOP_ADMIN, last_change(company))
    assert take_back(company.gate, SHOP_ADMIN, mine)
    assert row(company, "platforms", "crm")["mode"] == Mode.ENFORCE.spoken
