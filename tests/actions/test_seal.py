"""The book is sealed over what is settled; a page torn out, added or changed breaks a seal."""

import pytest
from sqlalchemy import text

from onevoice.actions.seal import SETTLED_AFTER, broken_seal, seal_book
from onevoice.ledger.engine import Transaction
from onevoice.ledger.sealing import Seal
from onevoice.ledger.tables import entries, seals
from tests.book import Company, check


def sealed(company: Company) -> Seal | None:
    return company.gate.write(lambda tx: seal_book(tx, company.book))


def broken(company: Company) -> int | None:
    with company.book.engine.reading() as connection:
        return broken_seal(connection, company.book)


def test_what_is_settled_is_sealed_and_the_next_seal_goes_on(company: Company) -> None:
    """An empty book and one sealed already have nothing to seal; entries of the last minute wait for the next seal."""
    assert sealed(company) is None
    first = [company.propose(f"C{number}").touch for number in range(5)]
    assert sealed(company) is None
    company.clock.moment += SETTLED_AFTER
    late = company.propose("C9").touch
    one = sealed(company)
    assert one is not None
    assert (one.first, one.last, one.entries) == (1, first[-1], len(first))
    assert sealed(company) is None
    company.clock.moment += SETTLED_AFTER
    two = sealed(company)
    assert two is not None
    assert (two.first, two.last, two.entries) == (one.last + 1, late, 1)
    assert broken(company) is None
    assert len(company.rows(seals)) == 2


@pytest.mark.parametrize(
    "deed",
    [
        "UPDATE entries SET hash = recorder.hash FROM (SELECT hash FROM entries WHERE number = 1) recorder "
        "WHERE number = 2",
        "DELETE FROM entries WHERE number = 2",
        "UPDATE entries SET number = 99 WHERE number = 2",
    ],
)
def test_whoever_rewrites_the_book_breaks_a_seal(company: Company, deed: str) -> None:
    """With the store's own guard taken away, the seal still tells that an entry was changed, removed or moved."""
    for number in range(4):
        company.propose(f"C{number}")
    company.clock.moment += SETTLED_AFTER
    assert sealed(company) is not None
    before = company.rows(entries)
    unguarded(company, deed)
    assert company.rows(entries) != before
    assert broken(company) == 0
    with pytest.raises(AssertionError):
        check(company)
    put_back(company, before)
    assert broken(company) is None


def test_whoever_forges_a_seal_is_found_out(company: Company) -> None:
    """A seal is signed with a key of the book's: one made by hand, or changed, does not hold."""
    company.propose("C1")
    company.clock.moment += SETTLED_AFTER
    sealed(company)
    unguarded(company, "UPDATE seals SET sealed = sealed + 1")
    assert broken(company) == 0


def unguarded(company: Company, deed: str) -> None:
    """As somebody with the store's own password would: the triggers off, then the deed."""
    sqlite = company.book.engine.name == "sqlite"
    with company.book.engine.writing() as tx:
        as_owner(company, tx)
        for table in ("entries", "seals"):
            if sqlite:
                for doing in ("update", "delete"):
                    tx.connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{doing}"))
            else:
                tx.connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        tx.connection.execute(text(deed))


def as_owner(company: Company, tx: Transaction) -> None:
    """The program's own role on PostgreSQL may not; its login, which owns the tables, may."""
    if company.book.engine.name == "postgres":
        tx.connection.execute(text("SET LOCAL ROLE NONE"))


def put_back(company: Company, rows: list[tuple[object, ...]]) -> None:
    with company.book.engine.writing() as tx:
        as_owner(company, tx)
        tx.connection.execute(entries.delete())
        tx.add(entries, rows)
