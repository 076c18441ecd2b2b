"""Proposals of one group are judged in an order that is the same on every machine."""

import random

import numpy as np

from onevoice.nouns.moment import NEVER
from onevoice.nouns.words import Category
from onevoice.rules.total_order import total_order

SAFETY, LEGAL, MARKETING = int(Category.SAFETY), int(Category.LEGAL), int(Category.MARKETING)
IN_ORDER = [
    (SAFETY, 0.0, NEVER, 9, 9),
    (LEGAL, -5.0, NEVER, 9, 9),
    (MARKETING, 7.5, NEVER, 9, 9),
    (MARKETING, 1.0, 100, 9, 9),
    (MARKETING, 1.0, 200, 9, 9),
    (MARKETING, 1.0, NEVER, 1, 9),
    (MARKETING, 1.0, NEVER, 2, 1),
    (MARKETING, 1.0, NEVER, 2, 2),
    (MARKETING, -3.0, 100, 1, 1),
    (MARKETING, float("nan"), 100, 1, 1),
]


def test_category_then_score_then_deadline_then_age_then_number() -> None:
    """Safety first; then the higher score, the earlier deadline, the older proposal, the lower number."""
    for seed in range(20):
        rows = random.Random(seed).sample(IN_ORDER, len(IN_ORDER))
        category, score, deadline, created, tiebreak = (np.array(column) for column in zip(*rows, strict=True))
        order = total_order(category, score, deadline, created, tiebreak)
        assert repr([rows[place] for place in order.tolist()]) == repr(IN_ORDER)
