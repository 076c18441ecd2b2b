"""Answers: which customer has this reference of the company's own?"""

from sqlalchemy import select

from onevoice.answers.seen import require_customer
from onevoice.ledger.book import Reader
from onevoice.ledger.tables import vault_lookups
from onevoice.nouns.words import FolioKind

NOBODY = -1
"""A folio that never was, so that a reference nobody has costs the same work as one that is not the asker's."""


def referred(reader: Reader, reference: str) -> int:
    """The customer's folio. Raises NotFound where there is none, or none the asker may see: the same answer."""
    number, rest = reader.book.lookups.of(FolioKind.CUSTOMER, reference)
    table = vault_lookups
    row = reader.connection.execute(select(table.c.rest, table.c.folio).where(table.c.hash == number)).first()
    folio = row.folio if row is not None and row.rest == rest else NOBODY
    require_customer(reader, folio)
    return folio
