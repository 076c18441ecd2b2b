"""Nested documents as intervals, so that `is below` is two comparisons for any number of rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from onevoice.nouns.label import Ints
from onevoice.nouns.surroundings import Topic, Unit
from onevoice.rules.ragged import Bools

NOWHERE: Final = 2**60


@dataclass(frozen=True, slots=True)
class Tree:
    """By document number: its place in a walk through the tree, and the place after its last descendant.

    Scope 0 holds everything, even what is nowhere; an unknown scope holds nothing and an unknown document is nowhere.
    """

    first: Ints
    after: Ints
    place: Ints

    def holds(self, scope: Ints, document: Ints) -> Bools:
        """Whether each document is the scope or below it (shapes broadcast)."""
        last = len(self.first) - 1
        scope, place = np.minimum(scope, last), self.place[np.minimum(document, last)]
        return (self.first[scope] <= place) & (place < self.after[scope])


def tree_of(documents: Mapping[int, Unit] | Mapping[int, Topic]) -> Tree:
    """The tree of these documents by their `parent`; a document whose parent is unknown is a root."""
    size = max(documents, default=0) + 2
    first, after, place = np.full(size, NOWHERE), np.full(size, -2), np.full(size, -1)
    children: dict[int, list[int]] = {}
    for number, document in documents.items():
        parent = document.parent if document.parent in documents else 0
        children.setdefault(parent, []).append(number)
    walk = [*reversed(children.get(0, []))]
    steps = 0
    while walk:
        number = walk.pop()
        if number < 0:
            after[-number] = steps
            continue
        first[number] = place[number] = steps
        steps += 1
        walk.append(-number)
        walk.extend(reversed(children.get(number, [])))
    first[0], after[0] = -2, NOWHERE
    return Tree(first, after, place)
