"""Exceptions: requests and answers as they are stored, each with its line in the chained log; neither ever changes."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Final, NamedTuple

from sqlalchemy import Connection, func, select

from onevoice.ledger.documents import Change, log_changes
from onevoice.ledger.engine import Transaction
from onevoice.ledger.exception_tables import exception_answers, exceptions, vault_exception_words

ASKED: Final = 1
ANSWERED: Final = 2


class Request(NamedTuple):
    """What was asked for: that the message of `entry` may pass `rule`. `owner_unit` and `owner_staff` say who answers
    (both 0: the company's administrators)."""

    number: int
    entry: int
    touch: int
    rule: str
    owner_unit: int
    owner_staff: int
    asked_by: str
    asked: int


class Answer(NamedTuple):
    """What was answered; `until` (microseconds UTC) ends a grant, 0 for a refusal."""

    exception: int
    granted: bool
    until: int
    answered_by: str
    answered: int


def next_exception(tx: Transaction) -> int:
    """The number the next request gets. Call documents.lock_documents before."""
    return (tx.connection.execute(select(func.max(exceptions.c.number))).scalar() or 0) + 1


def request_of(connection: Connection, number: int) -> Request | None:
    """A request by its number."""
    row = connection.execute(select(exceptions).where(exceptions.c.number == number)).first()
    return Request(*row) if row else None


def answer_of(connection: Connection, number: int) -> Answer | None:
    """What was answered to it, None while it waits."""
    table = exception_answers
    row = connection.execute(select(table).where(table.c.exception == number)).first()
    return Answer(*row) if row else None


def store_request(tx: Transaction, request: Request, folio: int, words: str, salt: bytes) -> None:
    """Write a request and its words. The log holds a commitment to the words, which may be forgotten."""
    tx.add(exceptions, [tuple(request)])
    _store_words(tx, request, ASKED, folio, words, salt)
    shown = {"entry": request.entry, "rule": request.rule, "words": _commitment(salt, words)}
    change = Change("exceptions", f"exception:{request.number}", None, shown)
    log_changes(tx, [change], by=request.asked_by, at=request.asked)


def store_answer(tx: Transaction, request: Request, answer: Answer, words: str, salt: bytes) -> None:
    """Write the one answer to a request, and its words. Raises IntegrityError where there is one already."""
    tx.add(exception_answers, [tuple(answer)])
    folio = select(vault_exception_words.c.folio).where(vault_exception_words.c.exception == request.number).limit(1)
    person = tx.connection.execute(folio).scalar()
    if person is not None:  # where the person was forgotten meanwhile, words about them are not begun anew
        _store_words(tx, request, ANSWERED, person, words, salt)
    before = {"entry": request.entry, "rule": request.rule}
    shown = {"granted": answer.granted, "until": answer.until, "words": _commitment(salt, words)}
    change = Change("exceptions", f"exception:{request.number}", before, shown)
    log_changes(tx, [change], by=answer.answered_by, at=answer.answered)


def granted_rules(connection: Connection, touches: Sequence[int], now: int) -> dict[int, frozenset[str]]:
    """The rules that each of these messages may pass at this moment, by name; messages without any are left out."""
    query = (
        select(exceptions.c.touch, exceptions.c.rule)
        .join(exception_answers, exception_answers.c.exception == exceptions.c.number)
        .where(exceptions.c.touch.in_(list(touches)), exception_answers.c.granted, exception_answers.c.until > now)
    )
    found: dict[int, frozenset[str]] = {}
    for row in connection.execute(query) if touches else ():
        found[row.touch] = found.get(row.touch, frozenset()) | {row.rule}
    return found


def words_of(connection: Connection, numbers: Iterable[int]) -> dict[tuple[int, int], str]:
    """What was said, by request and part (ASKED, ANSWERED), as far as this reading shows it."""
    table = vault_exception_words
    query = select(table.c.exception, table.c.part, table.c.words).where(table.c.exception.in_(list(numbers)))
    return {(row.exception, row.part): row.words for row in connection.execute(query)}


def _store_words(tx: Transaction, request: Request, part: int, folio: int, words: str, salt: bytes) -> None:
    row = (request.number, part, folio, request.entry, request.owner_unit, salt, words)
    tx.add(vault_exception_words, [row])


def _commitment(salt: bytes, words: str) -> str:
    return blake2b(salt + words.encode(), digest_size=16).hexdigest()
