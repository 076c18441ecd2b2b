"""A person is forgotten: nothing that names them is left in any byte of the store, and their stop is honoured still."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from onevoice.actions.erase import erase
from onevoice.actions.people import Person, checked, folios_of, sought
from onevoice.ledger.folios import Opened, open_folios
from onevoice.ledger.tables import due, entries, links, stopped_addresses, vault_words, waiting
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.problem import NotFound, Unavailable
from onevoice.nouns.words import Channel, EntryKind, FolioKind
from tests.book import SHOP_AGENT, Company
from tests.postgres_server import find_binaries

CANARY = "Zzcanary"
PHONE = "+4915199887766"
PLANTED = ("zzcanary", "15199887766")


def planted(company: Company) -> int:
    """A customer whose every word is a canary: reference, name, addresses, subject, words, refers. Gives a touch."""
    with company.book.engine.writing() as tx:
        company.book.known.refresh(tx.connection)
        open_folios(
            tx, company.book.lookups, [Opened(FolioKind.CUSTOMER, f"{CANARY}-1", name=f"Ana {CANARY} Ferreira")]
        )
    address = f"{CANARY}.ana@example.com"
    decision = company.propose(f"{CANARY}-1", address=address, subject=f"Dear {CANARY}", words=f"Hello {CANARY}!" * 400)
    company.propose(f"{CANARY}-1", channel="sms", address=PHONE, words=f"{CANARY} by text")
    company.observe(
        "received", f"{CANARY}-1", words=f"{CANARY} complains", evidence=f"{CANARY}.pdf", refers={"f": CANARY}
    )
    company.observe("sent", touch=decision.touch, detail=f"250 ok {CANARY}")
    return decision.touch


def bytes_of(company: Company) -> Iterator[tuple[str, bytes]]:
    """Every byte that the store keeps: files of SQLite with their logs, every table of PostgreSQL as a dump."""
    url = company.onevoice.settings.database_url.reveal()
    if url:
        pg_dump = find_binaries() / "pg_dump"
        yield "dump", subprocess.run([str(pg_dump), url], capture_output=True, check=True).stdout
    for path in sorted(Path(company.onevoice.settings.data_dir).rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes()


def hits(company: Company) -> list[str]:
    """Where a canary still sings, in any case and in either encoding of text."""
    needles = [word.encode(form) for word in PLANTED for form in ("utf-8", "utf-16-le")]
    return [name for name, body in bytes_of(company) if any(needle in body.lower() for needle in needles)]


def test_nothing_that_names_the_person_is_left_in_any_byte(company: Company) -> None:
    """0 hits of the planted canaries in tables, indexes, free pages and logs; the book itself is whole."""
    company.propose("C2", address="other@example.com", words="Somebody else's words")
    planted(company)
    assert hits(company), "without hits before, none afterwards proves nothing"
    before = len(company.rows(entries))
    erased = erase(company.gate, SYSTEM, f"{CANARY}-1")
    assert erased.gone["vault_words"] == 4
    assert hits(company) == []
    assert len(company.rows(entries)) == before + 3, "nothing was taken from the book; three erasures were added"
    assert len(company.rows(vault_words)) == 1


def test_a_reader_who_looks_on_keeps_the_log_from_being_emptied_and_it_is_said(company: Company) -> None:
    """A page is open while somebody is erased: who asked is told to ask again, and then nothing is left."""
    planted(company)
    with company.book.engine.reading() as connection:
        connection.execute(select(entries.c.number)).all()
        if company.book.engine.name == "sqlite":
            with pytest.raises(Unavailable, match="Ask again"):
                erase(company.gate, SYSTEM, f"{CANARY}-1")
            assert hits(company)
        else:
            erase(company.gate, SYSTEM, f"{CANARY}-1")
    with pytest.raises(NotFound):
        erase(company.gate, SYSTEM, f"{CANARY}-1")
    assert hits(company) == []


@pytest.mark.parametrize("stopped_by", ["sms", "whatsapp", "customer"])
def test_a_stop_survives_the_erasure(company: Company, stopped_by: str) -> None:
    """Who said stop and asked to be forgotten is not written to when their number comes back in a list."""
    planted(company)
    company.share(PHONE, Channel.SMS, f"{CANARY}-1")
    if stopped_by == "customer":
        company.observe("withdrawn", f"{CANARY}-1")
    else:
        company.observe("withdrawn", address=PHONE, channel=stopped_by)
    erased = erase(company.gate, SYSTEM, f"{CANARY}-1")
    assert erased.stops_kept == (2 if stopped_by == "customer" else 1)
    assert hits(company) == []
    for channel in ("sms", "whatsapp") if stopped_by != "sms" else ("sms",):
        again = company.propose("C9", channel=channel, address=PHONE)
        assert (channel, again.verdict, again.reason) == (channel, "suppress", "consent_withdrawn")


def test_who_never_stopped_comes_back_as_a_stranger(company: Company) -> None:
    """Forgotten, then a customer again: nothing of before counts, and nothing was kept of the address."""
    for _ in range(3):
        company.propose("C1", address="ana@example.com")
    erase(company.gate, SYSTEM, "C1")
    assert company.rows(stopped_addresses) == []
    assert company.propose("C1", address="ana@example.com").verdict == "send"


def test_a_shared_address_stays_with_who_still_uses_it(company: Company) -> None:
    """A couple's phone: one is forgotten, the other keeps the number and its stop."""
    company.share(PHONE, Channel.SMS, "C1", "C2")
    company.observe("withdrawn", address=PHONE, channel="sms")
    assert erase(company.gate, SYSTEM, "C1").shared_addresses == 1
    assert [row[1] for row in company.rows(links)] == [company.folios(company.propose("C2", channel="sms").touch)[1]]
    assert company.propose("C2", channel="sms", address=PHONE).reason == "consent_withdrawn"


def test_held_and_outgoing_messages_to_who_is_forgotten_never_leave(company: Company) -> None:
    """What waited for them waits no more."""
    for _ in range(3):
        company.propose("C1", address="ana@example.com", dispatch=True)
    assert len(company.rows(waiting)) == 3
    erase(company.gate, SYSTEM, "C1")
    assert (company.rows(due), company.rows(waiting)) == ([], [])


def test_an_erasure_is_a_fact_of_the_book(company: Company) -> None:
    """The book says that, when and by whose word, of the customer and of each address of theirs alone."""
    company.propose("C1", address="ana@example.com")
    erase(company.gate, SYSTEM, "C1")
    assert [row[1] for row in company.rows(entries)].count(EntryKind.ERASED) == 2


def test_only_who_may_erases_and_only_who_is_there(company: Company) -> None:
    """An agent and a wrong reference hear the same: there is nobody."""
    company.propose("C1")
    before = company.counts()
    for authority, reference in ((SHOP_AGENT, "C1"), (SYSTEM, "C7")):
        with pytest.raises(NotFound, match="nobody of that reference"):
            erase(company.gate, authority, reference)
    assert company.counts() | {"sources": 0} == before | {"sources": 0}


def test_an_address_claimed_after_an_erasure_is_free(company: Company) -> None:
    """The address of somebody forgotten belongs to nobody."""
    company.propose("C1", address="ana@example.com")
    erase(company.gate, SYSTEM, "C1")
    person = checked(Person("C2", "ana@example.com", int(Channel.EMAIL)))
    assert isinstance(person, Person)
    (found,) = company.gate.write(lambda tx: folios_of(tx, company.book, [sought(company.book, person)]))
    assert isinstance(found, tuple)
