"""Subject access: everything the book and the vault hold about one person, as they have the right to be told."""

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
from sqlalchemy import select

from onevoice.answers.customer import Customer, customer
from onevoice.answers.sentences import sentence_of
from onevoice.answers.timeline import PAGE_MAX, Happened, timeline
from onevoice.ledger.book import Reader
from onevoice.ledger.tables import vault_lookups, vault_words
from onevoice.nouns.moment import SECOND
from onevoice.nouns.problem import NotFound
from onevoice.nouns.words import FolioKind


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One entry: when, as a sentence, and what was said in it. Moments are RFC 3339, UTC."""

    entry: int
    occurred: str
    recorded: str
    sentence: str
    told_by: str
    subject: str = ""
    words: str = ""
    refers: dict[str, str] = {}


def subject_access(reader: Reader, reference: str) -> "tuple[Customer, Iterator[Told]]":
    """Who the person is here, and every entry about them, newest first, read page by page.

    Raises NotFound. The asker must see all units: a part would not be the answer the law asks for."""
    number, rest = reader.book.lookups.of(FolioKind.CUSTOMER, reference)
    row = reader.connection.execute(select(vault_lookups).where(vault_lookups.c.hash == number)).first()
    if row is None or row.rest != rest or not reader.authority.all_units:
        raise NotFound("There is nobody of that reference here for you to see.")
    return customer(reader, row.folio), _entries(reader, row.folio)


def _entries(reader: Reader, folio: int) -> Iterator[Told]:
    before, more = "", True
    while more:
        page = timeline(reader, folio, before=before, limit=PAGE_MAX)
        words = _words(reader, [one.entry for one in page.happened])
        for one in page.happened:
            yield _told(one, words.get(one.entry, ("", "", {})), reader.now)
        before, more = page.next, bool(page.next)


def _words(reader: Reader, numbers: list[int]) -> dict[int, tuple[str, str, dict[str, str]]]:
    rows = reader.connection.execute(select(vault_words).where(vault_words.c.entry.in_(numbers)))
    return {row.entry: (row.subject, row.words, msgspec.json.decode(row.refers) if row.refers else {}) for row in rows}


def _told(one: Happened, said: tuple[str, str, dict[str, str]], now: int) -> Told:
    subject, words, refers = said
    return Told(
        entry=one.entry,
        occurred=_written(one.occurred),
        recorded=_written(one.recorded),
        sentence=sentence_of(one, "UTC", now),
        told_by=one.told_by,
        subject=subject,
        words=words,
        refers=refers,
    )


def _written(moment: int) -> str:
    return datetime.fromtimestamp(moment / SECOND, UTC).isoformat(timespec="seconds")
