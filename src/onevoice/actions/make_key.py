"""Make a key: an API key from a form that may come twice; the second time no second key is made."""

from collections.abc import Sequence

import msgspec

from onevoice.actions.entrance import Entrance
from onevoice.ledger import drafts
from onevoice.ledger.book import Book
from onevoice.ledger.documents import lock_documents
from onevoice.ledger.staff import ApiKey
from onevoice.nouns.authority import Authority, Verb
from onevoice.nouns.problem import Fault, Refused

TWICE = (
    "This form was sent before, and its key was made and shown then. If nobody noted it, revoke it and make another."
)


def make_key_once(
    book: Book, entrance: Entrance, authority: Authority, *, once: str, name: str, unit: str, verbs: Sequence[Verb]
) -> tuple[ApiKey, str]:
    """A new key and its secret, as `Entrance.make_key`; `once` is the form's own token.

    Raises Refused, also for a token that was used before; NotFound for a unit the asker does not see."""
    if not once.isalnum() or len(once) != 32:
        raise Refused([Fault("form", "Load the page again and fill the form there.")])
    hashed = book.heard_key(f"keys\0{authority.who}\0{once}")
    told = book.body_hash(msgspec.json.encode([name, unit, sorted(verbs)]))
    with entrance.engine.writing() as tx:  # the token first: whatever happens next, the form is not taken again
        lock_documents(tx)
        if drafts.taken(tx.connection, hashed) is not None:
            raise Refused([Fault("form", TWICE)])
        drafts.take(tx, hashed, told, 0, at=book.clock())
    return entrance.make_key(authority, name=name, unit=unit, verbs=verbs)
