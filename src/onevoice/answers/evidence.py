"""Answers: which touches did a counting rule count, and which permission or state did another rule rest on?"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, select

from onevoice.answers.seen import ENTRY_COLUMNS
from onevoice.answers.timeline import Happened, happened
from onevoice.ledger.book import Reader
from onevoice.ledger.tables import entries
from onevoice.nouns.label import Ints, columns_of
from onevoice.nouns.policy import AnyRule, Counting, SameContent
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import EntryKind, Mode, Verdict
from onevoice.rules.counted_labels import counted_labels, keys_counted
from onevoice.rules.scopes import Reading, reading_of

PERMISSIONS: Final = (int(EntryKind.CONSENTED), int(EntryKind.WITHDRAWN))
MARKS: Final = (int(EntryKind.MARKED), int(EntryKind.BOUNCED), int(EntryKind.COMPLAINED))
ABOUT_PERMISSIONS: Final = (
    Reason.CONSENT_WITHDRAWN,
    Reason.CONSENT_MISSING,
    Reason.CONSENT_EXPIRED,
    Reason.CONSENT_UNPROVEN,
)
LOOKED_AT_MAX: Final = 500
"""Entries of the folio before a decision that are looked at."""
SHOWN_MAX: Final = 20
TAKES: Final = (int(EntryKind.DECIDED), int(EntryKind.SENT), int(EntryKind.DELIVERED))
GIVES_BACK: Final = (int(EntryKind.RELEASED), int(EntryKind.LAPSED), int(EntryKind.FAILED))


def reading(reader: Reader) -> Reading:
    """Labels and documents laid out for matching scopes; made once for all findings of a decision."""
    return reading_of(columns_of(reader.known.labels), reader.surroundings, reader.known.journeys())


def counted_touches(
    reader: Reader, decided: Row[Any], rule: AnyRule, waited: int, laid_out: Reading
) -> tuple[Happened, ...]:
    """The touches a counting rule counted from the one it waited for on, oldest first, at most SHOWN_MAX (the newest).

    They are those of the rule's folio that reserved or went out before this decision, and match what the rule counts;
    a place given back before it counts no more."""
    if not isinstance(rule, Counting):
        return ()
    place, sequence = _columns(rule.per)
    folio, own = decided._mapping[place], decided._mapping[sequence]
    if not folio or not waited:
        return ()
    columns = entries.c
    query = (
        select(*ENTRY_COLUMNS, columns.household, columns.client)
        .where(columns[place] == folio, columns[sequence] < own, columns[sequence] >= waited - LOOKED_AT_MAX)
        .order_by(columns[sequence].desc())
        .limit(LOOKED_AT_MAX)
    )
    rows: Sequence[Any] = reader.connection.execute(query).all()
    first = next((row for row in rows if row._mapping[sequence] == waited), None)
    if first is None:
        return ()
    wanted = counted_labels(rule, laid_out, reader.surroundings, decided.label)
    gone: set[int] = set()
    taken: dict[int, Row[Any]] = {}
    for row in rows:
        if row.touch == decided.touch or row.label >= len(wanted) or not wanted[row.label]:
            continue
        if row.kind in GIVES_BACK:
            gone.add(row.touch)
        elif row.occurred < first.occurred or not _takes(row) or _other_content(reader, rule, row, decided):
            continue
        elif row.kind != EntryKind.DECIDED or row.touch not in gone:
            taken[row.touch] = row
    in_order = sorted(taken.values(), key=lambda row: (row.occurred, row.number))
    return happened(reader, _newest_of_each(in_order, keys_counted(rule, laid_out))[-SHOWN_MAX:])


def relied_upon(reader: Reader, decided: Row[Any], reason: Reason, waited: int) -> Happened | None:
    """The permission or state a finding rests on: an entry of the customer's folio or, failing that, the address's."""
    states = PERMISSIONS if reason in ABOUT_PERMISSIONS else MARKS
    for folio, place, sequence in (
        (decided.customer, entries.c.customer, entries.c.customer_sequence),
        (decided.address, entries.c.address, entries.c.address_sequence),
    ):
        if folio and waited:
            query = select(*ENTRY_COLUMNS).where(place == folio, sequence == waited, entries.c.kind.in_(states))
            row = reader.connection.execute(query).first()
            if row is not None:
                return happened(reader, [row])[0]
    return None


def _columns(per: str) -> tuple[str, str]:
    return per, f"{per}_sequence"


def _newest_of_each(rows: list[Row[Any]], key: Ints | None) -> list[Row[Any]]:
    """Where campaigns, packages or journeys are counted, the newest of each; what names none is one of its own."""
    if key is None:
        return rows
    last = {int(key[row.label]) or -row.number: row for row in rows}
    return [row for row in rows if last[int(key[row.label]) or -row.number] is row]


def _takes(row: Row[Any]) -> bool:
    if row.kind not in TAKES:
        return False
    return bool(row.kind != EntryKind.DECIDED or row.verdict == Verdict.SEND or row.mode != Mode.ENFORCE)


def _other_content(reader: Reader, rule: Counting, row: Row[Any], decided: Row[Any]) -> bool:
    if not isinstance(rule, SameContent):
        return False
    labels = reader.known.labels
    if rule.of == "offer":
        return bool(labels[row.label].offer != labels[decided.label].offer)
    return bool(row.content != decided.content)
