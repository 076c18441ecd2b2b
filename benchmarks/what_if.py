"""What if: a million recorded decisions of 100,000 people, gone through again under a stricter draft."""

import argparse
import time
from typing import Any

from benchmarks.company import HISTORY_DAYS, company, peak_megabytes, people, starter_policy
from onevoice.actions.bench import Bench
from onevoice.answers.simulate import simulate
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.moment import DAY
from onevoice.rules.files import read_policy
from onevoice.zone_tables import read_zones

MESSAGES = 1_000_000
EACH = 10
STRICTER = """
[[rules]]
type = "rolling_cap"
name = "one in four days"
at_most = 1
seconds = 345600
applies = { categories = ["marketing"] }
"""


def run(chosen: argparse.Namespace) -> dict[str, Any]:
    """Seconds from asking to the answer, and how many messages a second that is."""
    count = chosen.rows or MESSAGES
    with company(chosen.engine) as house:
        people(house, count // EACH, EACH)
        policy = read_policy(starter_policy() + STRICTER)
        with house.book.reader(SYSTEM) as reader:
            began = time.perf_counter()
            now = house.book.clock()
            compile_policy = Bench(reader.known, read_zones).compile
            found = simulate(reader, policy, compile_policy, now - (HISTORY_DAYS + 1) * DAY, now + 1)
            took = time.perf_counter() - began
    assert found.decisions == count
    return {
        "messages": count,
        "people": count // EACH,
        "rules": len(policy.rules),
        "seconds": round(took, 1),
        "messages per second": round(count / took),
        "other verdicts": found.changed,
        "peak MB": round(peak_megabytes()),
    }
