"""Ask for an exception: that one held message may pass one rule; the rule's owner grants it once, or refuses."""

from typing import Final

from onevoice.actions.gate import Gate
from onevoice.actions.judging import LOOK_AGAIN
from onevoice.actions.look_again import Due, look_again
from onevoice.answers.exceptions import may_answer
from onevoice.answers.why import Why, why
from onevoice.ledger import staff
from onevoice.ledger.documents import lock_documents
from onevoice.ledger.engine import Transaction
from onevoice.ledger.exception_tables import exceptions
from onevoice.ledger.exceptions import (
    Answer,
    Request,
    answer_of,
    next_exception,
    request_of,
    store_answer,
    store_request,
)
from onevoice.ledger.tables import due, entries
from onevoice.nouns.authority import Authority, Verb
from onevoice.nouns.moment import DAY
from onevoice.nouns.problem import Fault, NotFound, Refused

WORDS_MIN: Final = 10
WORDS_MAX: Final = 500
DAYS_MAX: Final = 14
NOT_HERE: Final = "There is no request of that number here for you to answer."


def ask_exception(gate: Gate, authority: Authority, entry: int, *, rule: str, because: str) -> int:
    """Ask that the message of this decision may pass this rule; the number of the request.

    Only while the message waits, for a rule whose owner may let it pass, and once for each decision and rule. Raises
    Refused with all that is wrong, NotFound for a decision that is not the asker's to see or to send."""
    with gate.book.reader(authority) as reader:
        told = why(reader, entry)
        decided = told.decided
        if decided.hidden or not authority.may(Verb.PROPOSE):
            raise NotFound("There is no decision of that number here for you to ask about.")
        faults = [*_words_faults(because, "because"), *_still_waits(told)]

    def write(tx: Transaction) -> int:
        lock_documents(tx)
        found = [*faults, *_waits_in(tx, decided.touch)]
        if rule not in told.exceptable:
            found.append(Fault("rule", "No one can let this message pass that rule; choose one that stood in the way."))
        if found:
            raise Refused(found, "This exception cannot be asked for.")
        owner_unit, owner_staff = _owner_of(tx, gate, rule)
        row = tx.rows(entries, "number", [decided.entry])[0]
        person = dict(zip(entries.columns.keys(), row, strict=True))
        request = Request(
            number=next_exception(tx),
            entry=decided.entry,
            touch=decided.touch,
            rule=rule,
            owner_unit=owner_unit,
            owner_staff=owner_staff,
            asked_by=authority.who,
            asked=gate.book.clock(),
        )
        _refuse_repeat(tx, request)
        folio = person["customer"] or person["address"] or 0
        store_request(tx, request, folio, because.strip(), gate.book.salt())
        return request.number

    return gate.write(write)


def answer_exception(
    gate: Gate, authority: Authority, number: int, *, granted: bool, until: int = 0, words: str = ""
) -> None:
    """Answer a request: grant it until a moment (microseconds UTC), and judge the message at once as if that rule were
    not there for it, or refuse it with a sentence. Every other rule is judged as ever, so no grant lifts an opt-out.

    Raises Refused with all that is wrong, NotFound for a request that is not the asker's to answer."""
    now = gate.book.clock()
    faults = [] if granted and not words.strip() else list(_words_faults(words, "words"))
    if granted and not now < until <= now + DAYS_MAX * DAY:
        faults.append(Fault("until", f"Let the exception end within {DAYS_MAX} days from now."))

    def write(tx: Transaction) -> None:
        lock_documents(tx)
        request = request_of(tx.connection, number)
        if request is None or not may_answer(
            authority, owner_unit=request.owner_unit, owner_staff=request.owner_staff, asked_by=request.asked_by
        ):
            raise NotFound(NOT_HERE)
        found = list(faults)
        if answer_of(tx.connection, number) is not None:
            found.append(Fault("exception", "This request was answered already."))
        if found:
            raise Refused(found, "This request cannot be answered so.")
        answer = Answer(number, granted, until if granted else 0, authority.who, now)
        store_answer(tx, request, answer, words.strip(), gate.book.salt())
        if granted:
            held = [row for row in tx.rows(due, "touch", [request.touch]) if row[2] == LOOK_AGAIN]
            look_again(tx, gate.book, gate.bench, [Due(row[0], row[1], row[2]) for row in held])

    gate.write(write)


def _words_faults(words: str, where: str) -> list[Fault]:
    said = words.strip()
    if WORDS_MIN <= len(said) <= WORDS_MAX and said.replace("\n", " ").replace("\r", " ").isprintable():
        return []
    return [Fault(where, f"Say why in {WORDS_MIN} to {WORDS_MAX} characters.")]


def _still_waits(told: Why) -> list[Fault]:
    if told.decided.verdict == "hold" and told.decided.binding:
        return []
    return [Fault("decision", "Only a message that is held can be let through.")]


def _waits_in(tx: Transaction, touch: int) -> list[Fault]:
    if any(row[2] == LOOK_AGAIN for row in tx.rows(due, "touch", [touch])):
        return []
    return [Fault("decision", "This message does not wait any more.")]


def _owner_of(tx: Transaction, gate: Gate, rule: str) -> tuple[int, int]:
    """(unit, member) who answer for this rule in the policy in force; (0, 0): the company's administrators. An owner
    who is gone leaves it to them too."""
    owner = next((one.owner for one in gate.bench.policy(tx).rules if one.name == rule), "")
    if "@" in owner:
        member = staff.member_of(tx.connection, owner.lower())
        return (member.unit, member.number) if member is not None and member.active else (0, 0)
    units = {unit.key: unit.number for unit in gate.book.known.surroundings.units.values()}
    return units.get(owner, 0), 0


def _refuse_repeat(tx: Transaction, request: Request) -> None:
    there = [row for row in tx.rows(exceptions, "touch", [request.touch]) if row[1] == request.entry]
    if any(row[3] == request.rule for row in there):
        raise Refused([Fault("rule", "This was asked for already; see the answer on the decision's page.")])
