"""Counted labels: which touches count for one message under one rule, for whoever shows them from the book."""

from onevoice.nouns.label import Ints
from onevoice.nouns.policy import Counting
from onevoice.nouns.surroundings import Surroundings
from onevoice.rules.count_tables import counts_by_label, keys_by_label, uncounted_labels
from onevoice.rules.policy import LINES
from onevoice.rules.ragged import Bools
from onevoice.rules.scopes import Reading, matches
from onevoice.rules.table_lines import CountLine


def counted_labels(rule: Counting, reading: Reading, surroundings: Surroundings, own: int) -> Bools:
    """By label: whether a touch of it that has come far enough counts for a message of label `own`."""
    line = _line(rule)
    found = counts_by_label(rule, line, reading, uncounted_labels(reading, surroundings))
    if line.pair:
        had_first, had_second = (matches(side, reading, topics_now=rule.labels == "now") for side in line.pair)
        first, second = (bool(matches(side, reading)[own]) for side in line.pair)
        found &= (had_first & second) | (had_second & first)
    if line.unit != "message":
        key = keys_by_label(line, reading)
        found &= (key == 0) | (key != key[own])
    return found


def keys_counted(rule: Counting, reading: Reading) -> Ints | None:
    """By label: the number of the campaign, package or journey of which only the newest touch counts (0: each does);
    None where messages are counted."""
    line = _line(rule)
    return None if line.unit == "message" else keys_by_label(line, reading)


def _line(rule: Counting) -> CountLine:
    line = LINES[type(rule)](rule)
    assert isinstance(line, CountLine)
    return line
