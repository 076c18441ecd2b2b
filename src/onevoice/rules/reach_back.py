"""How far back the rules of a policy look: so that the ledger reads old touches only where a rule would see them."""

import numpy as np

from onevoice.nouns.moment import NEVER
from onevoice.rules.periods import longest
from onevoice.rules.table_lines import DAY
from onevoice.rules.tables import Compiled

WISH_DAYS_MAX = 255


def reads_older(compiled: Compiled, now: int, wish_days: int = WISH_DAYS_MAX) -> int:
    """The second behind which no rule looks: a contact state's `older` matters only where its `reach` is later.

    `wish_days` is the longest period that a person at hand has wished (a personal cap looks so far back).
    """
    furthest = 0
    for table in compiled.counts:
        spans = np.where(table.period > 0, longest(table.period, table.length), table.seconds[:, 0])
        spans[table.ever] = 0  # tallies know how many there were
        furthest = max(furthest, int(spans.max()))
        if len(table.personal):
            furthest = max(furthest, wish_days * DAY)
    for after in compiled.afters:
        recent = after.within[after.within < NEVER]  # tallies know what there ever was
        furthest = max(furthest, int(recent.max(initial=0)))
    return max(now - furthest, 0)


def looks_for_ever(compiled: Compiled) -> bool:
    """Whether some rule asks what there ever was: of states the tallies tell, of a past only all of it."""
    ever = any(len(table.ever) for table in compiled.counts)
    return ever or any(bool((after.within == NEVER).any()) for after in compiled.afters)
