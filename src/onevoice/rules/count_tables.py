"""Compiling counting rules: the lines of one kind of folio become a table that the counting kernel reads."""

from typing import Final

import numpy as np

from onevoice.nouns.label import Ints
from onevoice.nouns.moment import NEVER
from onevoice.nouns.policy import Counting
from onevoice.nouns.surroundings import Surroundings
from onevoice.nouns.words import Channel, FolioKind, TouchState
from onevoice.rules.ragged import Bools
from onevoice.rules.scopes import Reading, applies_to, matches
from onevoice.rules.table_columns import Rows, bools, ints, stack
from onevoice.rules.table_lines import DAY, CountLine
from onevoice.rules.tables import CountTable
from onevoice.rules.zone_choice import zone_choice
from onevoice.rules.zones import Zones

SECONDS_OF: Final = {"hour": 3_600, "day": DAY, "week": 7 * DAY}
PERIOD: Final = {"": 0, "hour": 1, "day": 2, "week": 2, "month": 3}


def count_table(kind: FolioKind, rows: Rows, reading: Reading, surroundings: Surroundings, zones: Zones) -> CountTable:
    """The table of these rules, all counted in this kind of folio."""
    category = reading.labels.category
    free = np.isin(category, [bits.category for bits in surroundings.categories if not bits.obeys_caps])
    uncounted = uncounted_labels(reading, surroundings)
    size = len(reading.labels)
    lines: list[CountLine] = [line for _, _, line in rows]
    keyed, paired, weighed = (
        [place for place, line in enumerate(lines) if special(line)] for special in (_is_keyed, _is_paired, _is_weighed)
    )
    pairs = [(line.pair, rule.labels == "now") for _, rule, line in rows if line.pair]
    return CountTable(
        kind=int(kind),
        rules=ints(index for index, _, _ in rows),
        applies=stack((_applies(rule, line, reading) & ~free for _, rule, line in rows), size),
        counts=stack((_counts(rule, line, reading, uncounted) for _, rule, line in rows), 4 * size),
        at_most=ints(max(line.at_most, 1) for line in lines)[:, None],  # none at all is barred, not counted
        seconds=ints(NEVER if line.ever else line.seconds for line in lines)[:, None],
        suppresses=bools(rule.at_limit == "suppress" for _, rule, _ in rows)[:, None],
        reason=ints(line.reason for line in lines),
        same_content=np.flatnonzero([line.same == "content" for line in lines]),
        same_offer=np.flatnonzero([line.same == "offer" for line in lines]),
        personal=np.flatnonzero([line.personal for line in lines]),
        keyed=ints(keyed),
        keys=np.array([keys_by_label(lines[place], reading) for place in keyed], np.int64).reshape(len(keyed), size),
        paired=ints(paired),
        first=stack((matches(pair[0], reading) for pair, _ in pairs), size),
        second=stack((matches(pair[1], reading) for pair, _ in pairs), size),
        had_first=stack((matches(pair[0], reading, topics_now=now) for pair, now in pairs), size),
        had_second=stack((matches(pair[1], reading, topics_now=now) for pair, now in pairs), size),
        ever=np.flatnonzero([line.ever for line in lines]),
        weighed=ints(weighed),
        weights=np.array([_weights(lines[place], reading) for place in weighed], np.int64).reshape(len(weighed), size),
        budget=ints(lines[place].at_most for place in weighed)[:, None],
        decays=bools(lines[place].decays for place in weighed)[:, None],
        bar=bools(line.at_most < 1 and not (line.personal or _is_weighed(line)) for line in lines)[:, None],
        period=ints(PERIOD[line.period] for line in lines),
        length=ints(line.every * SECONDS_OF.get(line.period, 1) for line in lines),
        phase=ints((3 - line.week_start) % 7 * DAY if line.period == "week" else 0 for line in lines),
        zone=zone_choice((line.zone for line in lines), zones),
    )


def _applies(rule: Counting, line: CountLine, reading: Reading) -> Bools:
    found = applies_to(rule, reading)
    if line.named:
        found &= keys_by_label(line, reading) != 0
    if line.pair:
        found &= matches(line.pair[0], reading) | matches(line.pair[1], reading)
    if line.only:
        found &= matches(line.only, reading)
    return found


def uncounted_labels(reading: Reading, surroundings: Surroundings) -> Bools:
    """By label: its category does not count towards caps."""
    free = [bits.category for bits in surroundings.categories if not bits.counts_towards_caps]
    return np.isin(reading.labels.category, free)


def counts_by_label(rule: Counting, line: CountLine, reading: Reading, uncounted: Bools) -> Bools:
    """By label: whether a touch of this label counts, once it has come far enough."""
    scopes = [matches(scope, reading, topics_now=rule.labels == "now") for scope in rule.counted]
    found: Bools = np.logical_or.reduce(scopes) & ~uncounted
    if line.named:
        found &= keys_by_label(line, reading) != 0
    return found


def _counts(rule: Counting, line: CountLine, reading: Reading, uncounted: Bools) -> Bools:
    """By packed label: whether a touch of this label, come this far, counts."""
    reached = np.arange(4) >= TouchState.of(rule.event)
    return np.asarray(counts_by_label(rule, line, reading, uncounted)[:, None] & reached, np.bool_).ravel()


def keys_by_label(line: CountLine, reading: Reading) -> Ints:
    """By label: the number of what a rule counts instead of messages, 0 where there is none."""
    key: Ints = getattr(reading.labels, line.unit)
    return key


def _weights(line: CountLine, reading: Reading) -> Ints:
    """By label: the points of its channel."""
    points = np.full(len(Channel), line.default_weight, np.int64)
    for channel, weight in (line.weights or {}).items():
        points[Channel.of(channel)] = weight
    weights: Ints = points[reading.labels.channel]
    return weights


def _is_keyed(line: CountLine) -> bool:
    return line.unit != "message"


def _is_paired(line: CountLine) -> bool:
    return line.pair is not None


def _is_weighed(line: CountLine) -> bool:
    return line.weights is not None
