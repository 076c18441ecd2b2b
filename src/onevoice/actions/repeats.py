"""Repeats: what was heard before under a key is answered as before, and changes nothing."""

from collections.abc import Sequence

from onevoice.ledger.engine import Heard, Transaction
from onevoice.ledger.known import Known
from onevoice.ledger.tables import sources
from onevoice.nouns.problem import KeyReused

Keyed = tuple[str, bytes, bytes]
"""(who says so, hash of the key, hash of the body)."""


def sorted_out(tx: Transaction, known: Known, items: Sequence[Keyed]) -> tuple[list[int], dict[int, Heard]]:
    """The places of what is new, and what was heard before, by place. A key that stands twice in one group is in
    neither the second time: it waits for the next group, where it is a repeat."""
    by_teller: dict[str, list[int]] = {}
    for place, (who, _, _) in enumerate(items):
        by_teller.setdefault(who, []).append(place)
    fresh: list[int] = []
    repeats: dict[int, Heard] = {}
    for who, places in by_teller.items():
        heard = tx.heard(known.name(tx, sources, who), [items[place][1] for place in places])
        taken: set[bytes] = set()
        for place in places:
            key = items[place][1]
            if key in heard:
                repeats[place] = heard[key]
            elif key not in taken:
                taken.add(key)
                fresh.append(place)
    return sorted(fresh), repeats


def reused(key: str) -> KeyReused:
    """The refusal of a key that stood for another body."""
    return KeyReused(f"The key '{key[:60]}' was used before with another body. Use a new key for a new message.")
