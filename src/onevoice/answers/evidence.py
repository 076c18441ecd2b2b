"""Answers: which touches did a counting rule count, and which permission or state did another rule rest on?"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from sqlalchemy import Row, select

from onevoice.answers.seen import ENTRY_COLUMNS
from onevoice.answers.timeline import Happened, happened
from onevoice.ledger.book import Reader
from onevoice.ledger.tables import entries
from onevoice.nouns.label import columns_of
from onevoice.nouns.policy import AnyRule, Counting, SameContent
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import EntryKind, Mode, Verdict
from onevoice.rules.scopes import Reading, matches, reading_of

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
    wanted = _matching(reader, rule, laid_out)
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
    newest = sorted(taken.values(), key=lambda row: (row.occurred, row.number))[-SHOWN_MAX:]
    return happened(reader, newest)


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


def _matching(reader: Reader, rule: Counting, laid_out: Reading) -> np.ndarray[Any, np.dtype[np.bool_]]:
    found = matches(rule.counts or rule.applies, laid_out, topics_now=rule.labels == "now")
    free = [int(bits.category) for bits in reader.surroundings.categories if not bits.counts_towards_caps]
    return found & ~np.isin(laid_out.labels.category, free)


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
