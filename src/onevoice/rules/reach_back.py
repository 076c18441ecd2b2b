"""How far back the rules of a policy look: so that the ledger reads old touches only where a rule would see them."""

import numpy as np

from onevoice.rules.periods import MONTHS
from onevoice.rules.table_lines import DAY
from onevoice.rules.tables import Compiled

WISH_DAYS_MAX = 255


def reads_older(compiled: Compiled, now: int, wish_days: int = WISH_DAYS_MAX) -> int:
    """The second behind which no rule looks: a contact state's `older` matters only where its `reach` is later.

    `wish_days` is the longest period that a person at hand has wished (a personal cap looks so far back).
    """
    longest = 0
    for table in compiled.counts:
        # A calendar period may be longer than its sum of days by a change of clocks and the distance between zones.
        months = table.period == MONTHS
        period = np.where(months, table.length * 31 * DAY, table.length) + 2 * DAY
        longest = max(longest, int(np.where(table.period > 0, period, table.seconds[:, 0]).max()))
        if len(table.personal):
            longest = max(longest, wish_days * DAY)
    return max(now - longest, 0)
