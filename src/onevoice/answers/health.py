"""Doctor: is the book whole? States made anew from entries, chains and seals checked, sums recounted."""

from collections.abc import Callable

import msgspec
from sqlalchemy import func, select

from onevoice.ledger.book import Reader
from onevoice.ledger.documents import verify_changes
from onevoice.ledger.rebuild import differences
from onevoice.ledger.tables import entries, folios, tallies_by_day
from onevoice.nouns.moment import DAY

LISTED_MAX = 100


class RebuildCheck(msgspec.Struct, frozen=True):
    """How many folios were made anew and how many differ, with the first hundred differences; whether the sums by day
    equal a recount, and the document log's first broken line (0: sound)."""

    folios: int
    different: int
    differences: tuple[str, ...]
    sums_equal: bool
    broken_change: int

    @property
    def sound(self) -> bool:
        """Whether all is as it should be."""
        return not self.different and self.sums_equal and not self.broken_change


def rebuild_check(reader: Reader, progress: Callable[[int, int], None] = lambda done, of: None) -> RebuildCheck:
    """Make every contact state anew from its entries and compare, to the byte."""
    of = reader.connection.execute(select(func.count()).select_from(folios)).scalar_one()
    done, different, listed = 0, 0, list[str]()
    for folio, wrong in differences(reader.connection, reader.known.labels):
        done += 1
        different += bool(wrong)
        listed += [f"folio {folio}: {one.says}" for one in wrong][: LISTED_MAX - len(listed)]
        progress(done, of)
    return RebuildCheck(done, different, tuple(listed), sums_equal(reader), verify_changes(reader.connection))


def sums_equal(reader: Reader) -> bool:
    """Whether the sums by day are what a recount of the entries gives."""
    of = entries.c
    keys = (
        (of.occurred // DAY).label("day"),
        of.label,
        of.kind,
        func.coalesce(of.verdict, 0).label("verdict"),
        func.coalesce(of.reason, 0).label("reason"),
        func.coalesce(of.mode, 0).label("mode"),
    )
    counted = reader.connection.execute(select(*keys, func.count()).group_by(*keys))
    recount = {tuple(int(part) for part in row[:6]): row[6] for row in counted}
    kept = {tuple(row[:6]): row[6] for row in reader.connection.execute(select(tallies_by_day))}
    return recount == kept
