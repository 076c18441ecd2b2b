"""Note a look: whoever opens a person's messages is written down, before they are shown."""

from onevoice.ledger.book import Book
from onevoice.ledger.tables import access_log
from onevoice.nouns.authority import Authority


def note_look(book: Book, authority: Authority, folio: int, what: str = "opened") -> None:
    """Write down that the asker opened this customer or address. Raises Unavailable: then nothing is shown."""
    with book.engine.writing() as tx:
        (number,) = tx.numbers(access_log, 1)
        tx.add(access_log, [(number, authority.who, what, folio, book.clock())])
