"""The contact state: what a folio's entries add up to."""

import random
import struct
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onevoice.ledger.states import Fact, Folded, fold, needs_older
from onevoice.ledger.touches import TRIMMED_EVERY, OlderUnread, by_second, reserved
from onevoice.nouns.contact_state import (
    EMPTY,
    FOREVER,
    MARK,
    OLDER_DAYS,
    PERMIT,
    TALLY,
    TOUCH,
    TOUCHES_MAX,
    TOUCHES_MOVED,
    WISH,
    ContactState,
)
from onevoice.nouns.words import Channel, EntryKind, MarkKind, PermitKind, TouchState

K = EntryKind
DAY = 86_400
NOON = 1_790_000_000
SPRING_SALE, BALANCE_ALERT = 7, 8
HEAD = b"h" * 32


def records(column: bytes, dtype: "np.dtype[Any]") -> list[tuple[int, ...]]:
    return [tuple(int(value) for value in row) for row in np.frombuffer(column, dtype).tolist()]


def touch_fact(kind: EntryKind, sequence: int, *, of: int = 0, second: int = 0, counts: bool = True) -> Fact:
    """A fact about the spring sale's message; `of` is the sequence that began its touch (0: this one)."""
    at = second or NOON + sequence
    return Fact(kind, sequence, at, at, label=SPRING_SALE, content=99, touch_sequence=of or sequence, counts=counts)


def states_of(*kinds: EntryKind) -> list[TouchState]:
    """What the touch has become after these entries, all about one message: no item when it does not count."""
    facts = [touch_fact(kind, sequence, of=1) for sequence, kind in enumerate(kinds, 1)]
    return [TouchState(label & 3) for _, label, _, _ in records(fold(EMPTY, facts, HEAD).state.touches, TOUCH)]


# ---- the life of one place -------------------------------------------------------------------------------------------

RESERVED, SENT, DELIVERED = [TouchState.RESERVED], [TouchState.SENT], [TouchState.DELIVERED]
FREE: list[TouchState] = []


@pytest.mark.parametrize(
    ("kinds", "becomes"),
    [
        ([K.DECIDED], RESERVED),
        ([K.DECIDED, K.ATTEMPTED, K.DOUBTED], RESERVED),
        ([K.DECIDED, K.SENT], SENT),
        ([K.DECIDED, K.SENT, K.DELIVERED], DELIVERED),
        ([K.DECIDED, K.DELIVERED], DELIVERED),
        ([K.DECIDED, K.DELIVERED, K.SENT], DELIVERED),
        ([K.DECIDED, K.SENT, K.SENT], SENT),
        ([K.DECIDED, K.RELEASED], FREE),
        ([K.DECIDED, K.LAPSED], FREE),
        ([K.DECIDED, K.FAILED], FREE),
        ([K.DECIDED, K.SENT, K.RELEASED], SENT),
        ([K.DECIDED, K.SENT, K.LAPSED], SENT),
        ([K.DECIDED, K.DELIVERED, K.FAILED], DELIVERED),
        ([K.DECIDED, K.LAPSED, K.SENT], SENT),
        ([K.DECIDED, K.RELEASED, K.DELIVERED, K.SENT], DELIVERED),
        ([K.DECIDED, K.LAPSED, K.DECIDED], RESERVED),
        ([K.DECIDED, K.DECIDED], RESERVED),
        ([K.DECIDED, K.SENT, K.DECIDED], SENT),
        ([K.SENT], SENT),
        ([K.DELIVERED], DELIVERED),
        ([K.SENT, K.BOUNCED, K.COMPLAINED, K.OPENED, K.CLICKED, K.REPLIED], SENT),
        ([K.RECEIVED], FREE),
        ([K.RELEASED, K.LAPSED, K.FAILED], FREE),
    ],
)
def test_what_becomes_of_a_place(kinds: list[EntryKind], becomes: list[TouchState]) -> None:
    """A cleared message reserves; it goes forward to sent and delivered, never back; what is not out can be freed, and
    what did go out counts even when its reservation had lapsed."""
    assert states_of(*kinds) == becomes


def test_a_held_message_takes_no_place_but_is_in_the_book() -> None:
    """A hold or suppression moves the sequence and the head, nothing else."""
    before = fold(EMPTY, [touch_fact(K.DECIDED, 1)], HEAD).state
    after = fold(before, [touch_fact(K.DECIDED, 2, counts=False)], b"other").state
    assert after == replace(before, sequence=2, head=b"other")


def test_a_message_cleared_after_a_hold_counts_from_its_second_decision() -> None:
    """The place of a touch that was held first bears the number of its first entry and the time of its clearing."""
    facts = [touch_fact(K.DECIDED, 1, counts=False), touch_fact(K.DECIDED, 2, of=1, second=NOON + 500)]
    assert records(fold(EMPTY, facts, HEAD).state.touches, TOUCH) == [(NOON + 500, SPRING_SALE * 4, 99, 1)]


def test_a_late_report_stands_where_it_belongs_in_time() -> None:
    """Touches are sorted by second, whatever the order in which they became known; equal seconds by entry."""
    facts = [
        touch_fact(K.SENT, 1, second=NOON + 20),
        touch_fact(K.SENT, 2, second=NOON + 10),
        touch_fact(K.SENT, 3, second=NOON + 20),
        touch_fact(K.SENT, 4, second=NOON + 10),
    ]
    assert [row[3] for row in records(fold(EMPTY, facts, HEAD).state.touches, TOUCH)] == [2, 4, 1, 3]


def test_a_number_that_also_occurs_as_content_is_not_mistaken_for_an_entry() -> None:
    """A touch is found by its entry alone, even when another touch has that number in another field, or across two."""
    facts = [
        Fact(K.DECIDED, 1, 2, 2, label=0, content=2, touch_sequence=1, counts=True),
        Fact(K.DECIDED, 2, 2, 2, label=0, content=2 << 16, touch_sequence=2, counts=True),
        Fact(K.SENT, 3, 9, 9, touch_sequence=2),
    ]
    assert records(fold(EMPTY, facts, HEAD).state.touches, TOUCH) == [(2, 0, 2, 1), (2, 1, 2 << 16, 2)]


def test_an_entry_left_out_is_noticed() -> None:
    """A folio's numbers have no gap; folding one twice or leaving one out stops at once."""
    for sequence in (0, 2):
        for kind in (K.DECIDED, K.SENT, K.OPENED):
            with pytest.raises(AssertionError, match="in their order"):
                fold(EMPTY, [touch_fact(kind, sequence, of=9)], HEAD)


# ---- the 33rd touch --------------------------------------------------------------------------------------------------


def many(count: int, *, second: int | None = None, start: int = 1) -> list[Fact]:
    return [touch_fact(K.DECIDED, start + at, second=second or 0) for at in range(count)]


def test_the_33rd_touch_makes_the_oldest_16_leave() -> None:
    """At most 32 stay; those that leave are tallied under their label, and `reach` is the newest of them."""
    full = fold(EMPTY, many(TOUCHES_MAX), HEAD)
    assert (len(full.state.touches) // 16, full.state.reach, full.moved) == (TOUCHES_MAX, 0, b"")
    more = fold(full.state, many(1, start=33), HEAD)
    assert [row[3] for row in records(more.moved, TOUCH)] == list(range(1, TOUCHES_MOVED + 1))
    assert [row[3] for row in records(more.state.touches, TOUCH)] == list(range(TOUCHES_MOVED + 1, TOUCHES_MAX + 2))
    assert more.state.reach == NOON + TOUCHES_MOVED
    assert records(more.state.tallies, TALLY) == [(SPRING_SALE * 4, TOUCHES_MOVED)]
    assert (more.state.older, more.rewritten) == (None, False)


def test_touches_of_one_second_leave_together() -> None:
    """A second is never divided between `touches` and `older`: the leavers are more than 16 when they must be."""
    facts = [*many(10), *many(15, second=NOON + 100, start=11), *many(8, second=NOON + 200, start=26)]
    state = fold(EMPTY, facts, HEAD).state
    assert [row[3] for row in records(state.touches, TOUCH)] == list(range(26, 34))
    assert state.reach == NOON + 100


def test_33_touches_in_one_second_all_leave() -> None:
    """Then nothing stays, and what still comes for that second follows at once; `touches` stays bounded."""
    folded = fold(EMPTY, many(TOUCHES_MAX + 1, second=NOON), HEAD)
    assert (folded.state.touches, len(folded.moved) // 16, folded.state.reach) == (b"", 33, NOON)
    again = fold(folded.state, many(1, second=NOON, start=34), HEAD)
    assert (again.state.touches, len(again.moved) // 16, again.state.reach) == (b"", 1, NOON)
    assert records(again.state.tallies, TALLY) == [(SPRING_SALE * 4, 34)]


def test_a_report_older_than_reach_goes_straight_to_the_older_ones() -> None:
    """A touch at or before `reach` never enters `touches`, so that all later ones are known to be there."""
    state = fold(EMPTY, many(33), HEAD).state
    late = fold(state, [touch_fact(K.SENT, 34, second=state.reach)], HEAD)
    assert late.state.touches == state.touches
    assert records(late.moved, TOUCH) == [(state.reach, SPRING_SALE * 4 + 1, 99, 34)]
    assert records(late.state.tallies, TALLY) == [(SPRING_SALE * 4, 16), (SPRING_SALE * 4 + 1, 1)]


def test_an_older_touch_is_confirmed_and_released_where_it_lies() -> None:
    """Confirming moves a tally on, releasing takes it away; for both the older ones must have been read."""
    first = fold(EMPTY, many(33), HEAD)
    facts = [touch_fact(K.SENT, 34, of=3), touch_fact(K.RELEASED, 35, of=4), touch_fact(K.RELEASED, 36, of=3)]
    assert needs_older(first.state, facts[:1])
    with pytest.raises(OlderUnread, match="Read them and fold again"):
        fold(first.state, facts, HEAD)
    folded = fold(replace(first.state, older=first.moved), facts, HEAD)
    assert folded.rewritten
    assert folded.state.older is not None
    assert [row[3] for row in records(folded.state.older, TOUCH)] == [1, 2, 3, *range(5, 17)]
    assert records(folded.state.tallies, TALLY) == [(SPRING_SALE * 4, 14), (SPRING_SALE * 4 + 1, 1)]
    assert folded.state.reach == first.state.reach


def test_older_touches_are_kept_for_400_days_behind_the_newest_entry() -> None:
    """The cut looks at when the newest entry was recorded, never at a clock, and tallies are not cut."""
    facts = [touch_fact(K.DECIDED, at, second=NOON + at * 5 * DAY) for at in range(1, 301)]
    folded = fold(EMPTY, facts, HEAD)
    assert folded.rewritten
    assert folded.state.older is not None
    kept = records(folded.state.older, TOUCH)
    cut_at = 16 * (TRIMMED_EVERY // 16) + 17  # the entry with which the 256th left
    assert kept[0][0] == NOON + (cut_at * 5 - OLDER_DAYS + 5) * DAY
    assert sum(count for _, count in records(folded.state.tallies, TALLY)) == 272
    assert len(kept) < 400 // 5 + TRIMMED_EVERY


# ---- permissions, marks, wishes --------------------------------------------------------------------------------------


def consent(kind: EntryKind, sequence: int, second: int, permit: int = PermitKind.EXPRESS, unit: int = 0) -> Fact:
    return Fact(kind, sequence, second, NOON, channel=Channel.EMAIL, purpose=2, unit=unit, permit=permit, proof=1)


def test_the_newest_permission_of_each_kind_is_kept() -> None:
    """A consent from last week that comes in today does not replace yesterday's; a withdrawal stands beside it, last
    within its second."""
    facts = [
        consent(K.CONSENTED, 1, 50),
        consent(K.WITHDRAWN, 2, 70),
        consent(K.CONSENTED, 3, 70),
        consent(K.CONSENTED, 4, 60),
        consent(K.CONSENTED, 5, 70, PermitKind.IMPLIED_PURCHASE),
        consent(K.CONSENTED, 6, 40, unit=3),
        consent(K.QUARANTINED, 7, 99),
    ]
    kept = [(row[0], row[1], row[2], row[5]) for row in records(fold(EMPTY, facts, HEAD).state.permits, PERMIT)]
    assert kept == [
        (40, 6, 3, PermitKind.EXPRESS),
        (70, 3, 0, PermitKind.EXPRESS),
        (70, 5, 0, PermitKind.IMPLIED_PURCHASE),
        (70, 2, 0, PermitKind.WITHDRAWAL),
    ]


def test_proven_and_unproven_permissions_are_kept_apart() -> None:
    """A newer consent without proof does not hide an older one that has it."""
    facts = [consent(K.CONSENTED, 1, 50), consent(K.CONSENTED, 2, 60)._replace(proof=0)]
    assert [row[6] for row in records(fold(EMPTY, facts, HEAD).state.permits, PERMIT)] == [1, 0]


def test_a_state_ends_when_it_is_taken_back() -> None:
    """One mark of each kind, channel and scope: a later one replaces it whatever its end, `unmarked` removes it."""
    paused = Fact(K.MARKED, 1, 5, 5, mark=MarkKind.PAUSED, until=FOREVER)
    bounced = Fact(K.MARKED, 2, 5, 5, mark=MarkKind.HARD_BOUNCE, channel=Channel.EMAIL, until=900)
    shorter = paused._replace(sequence=3, until=700)
    ended = Fact(K.UNMARKED, 4, 6, 6, mark=MarkKind.PAUSED)
    state = fold(EMPTY, [paused, bounced, shorter], HEAD).state
    assert records(state.marks, MARK) == [
        (900, 2, MarkKind.HARD_BOUNCE, Channel.EMAIL, 0),
        (700, 3, MarkKind.PAUSED, 0, 0),
    ]
    assert [row[2] for row in records(fold(state, [ended], HEAD).state.marks, MARK)] == [MarkKind.HARD_BOUNCE]


def test_the_last_wish_counts_and_can_be_taken_back() -> None:
    """At most one wish is kept; an empty one takes it away."""
    wish = Fact(K.WISHED, 1, 5, 5, wish=(2, 7, 1_260, 660))
    state = fold(EMPTY, [wish], HEAD).state
    assert records(state.wishes, WISH) == [(2, 7, 1_260, 660, 0)]
    assert fold(state, [Fact(K.WISHED, 2, 6, 6)], HEAD).state.wishes == b""


def test_a_person_is_where_they_were_last_seen() -> None:
    """The zone is that of the last entry that says so."""
    facts = [Fact(K.LOCATED, 1, 5, 5, zone=4), Fact(K.LOCATED, 2, 3, 6, zone=9), touch_fact(K.SENT, 3)]
    assert fold(EMPTY, facts, HEAD).state.zone == 9


# ---- any history -----------------------------------------------------------------------------------------------------


class Stored:
    """A contact state in a store: `older` lies in a table of its own and is read only when it is needed."""

    def __init__(self) -> None:
        self.state, self.older, self.readings = EMPTY, b"", 0

    def take(self, facts: Sequence[Fact], *, always: bool = False, in_order: bool = False) -> None:
        read = always or needs_older(self.state, facts)
        self.readings += read
        older = by_second(self.older) if in_order else self.older
        folded = fold(replace(self.state, older=older if read else None), facts, b"%d" % facts[-1].sequence)
        if folded.rewritten:
            assert folded.state.older is not None
            self.older = folded.state.older
        else:
            self.older += folded.moved
        self.state = replace(folded.state, older=None)

    def all(self) -> tuple[ContactState, bytes]:
        return self.state, self.older


class Naive:
    """Every touch ever as a list, and the rule of JUDGE section 4 in the plainest words; nothing is cut."""

    def __init__(self) -> None:
        self.reach = 0
        self.here: list[list[int]] = []
        self.left: list[list[int]] = []

    def take(self, fact: Fact) -> None:
        mine = [touch for touch in self.here + self.left if touch[3] == fact.touch_sequence]
        if fact.kind == K.DECIDED and fact.counts and not (mine and mine[0][1] % 4):
            self.drop(mine)
            self.put([fact.second, fact.label * 4, fact.content, fact.touch_sequence])
        if fact.kind in (K.SENT, K.DELIVERED):
            step = 1 if fact.kind == K.SENT else 2
            if not mine:
                self.put([fact.second, fact.label * 4 + step, fact.content, fact.touch_sequence])
            elif mine[0][1] % 4 < step:
                mine[0][1] = mine[0][1] // 4 * 4 + step
        if fact.kind in (K.RELEASED, K.LAPSED, K.FAILED):
            self.drop([touch for touch in mine if touch[1] % 4 == 0])

    def drop(self, gone: list[list[int]]) -> None:
        self.here = [touch for touch in self.here if touch not in gone]
        self.left = [touch for touch in self.left if touch not in gone]

    def put(self, touch: list[int]) -> None:
        (self.left if touch[0] <= self.reach else self.here).append(touch)
        self.here.sort(key=lambda one: (one[0], one[3]))
        if len(self.here) == 33:
            self.reach = self.here[15][0]
            self.left += [one for one in self.here if one[0] <= self.reach]
            self.here = [one for one in self.here if one[0] > self.reach]


PERSONAL = [K.CONSENTED, K.WITHDRAWN, K.MARKED, K.UNMARKED, K.WISHED, K.LOCATED]
MOVING = [K.DECIDED, K.SENT, K.DELIVERED, K.RELEASED, K.LAPSED, K.FAILED]


def history(seed: int, count: int, spread: int) -> list[Fact]:
    """A repeatable history with late, repeated and contradictory entries; `spread` seconds lie between two of them."""
    dice = random.Random(seed)
    facts: list[Fact] = []
    begun: list[int] = []
    for sequence in range(1, count + 1):
        again = begun and dice.random() < 0.45
        kind = dice.choice(MOVING if again else [K.DECIDED] * 6 + [K.SENT, K.DELIVERED, K.OPENED, *PERSONAL])
        recorded = NOON + sequence * spread
        late = dice.choice([0, 0, 0, 1, 3, 30, 200]) * spread
        of = (dice.choice(begun) if dice.random() < 0.3 else begun[-1]) if again else sequence
        if kind in (K.DECIDED, K.SENT, K.DELIVERED) and not again:
            begun.append(sequence)
        facts.append(
            Fact(
                kind,
                sequence,
                recorded - late,
                recorded,
                label=dice.choice([SPRING_SALE, BALANCE_ALERT]),
                content=dice.choice([0, 1, sequence]),
                touch_sequence=of,
                counts=dice.random() < 0.8,
                channel=dice.choice([0, 1, 2]),
                purpose=dice.choice([0, 1]),
                permit=dice.choice([1, 2, 3]),
                proof=dice.choice([0, 1]),
                mark=dice.choice([MarkKind.PAUSED, MarkKind.OUTAGE]),
                until=dice.choice([recorded + 5, FOREVER]),
                zone=dice.choice([1, 2]),
                wish=dice.choice([(0, 0, 0, 0), (1, 7, 0, 0)]),
            )
        )
    return facts


HISTORIES = {
    "seed": st.integers(0, 2**32),
    "count": st.integers(1, 700),
    "spread": st.sampled_from([0, 1, 3_600, 3 * DAY]),
}


@given(**HISTORIES)
def test_folding_one_by_one_equals_folding_all_at_once(seed: int, count: int, spread: int) -> None:
    """A rebuild gives the bytes of every column that day-to-day work gave, however the entries were grouped, and
    whether or not `older` was read when nobody needed it, as it lies or sorted."""
    facts = history(seed, count, spread)
    whole, singly, eagerly, grouped = Stored(), Stored(), Stored(), Stored()
    whole.take(facts)
    for fact in facts:
        singly.take([fact])
        eagerly.take([fact], always=True, in_order=fact.sequence % 2 == 0)
    size = seed % 40 + 2
    for start in range(0, count, size):
        grouped.take(facts[start : start + size])
    assert whole.all() == singly.all()
    assert eagerly.all() == singly.all()
    assert grouped.all() == singly.all()


@given(**(HISTORIES | {"spread": st.sampled_from([0, 1, 3_600])}))
def test_a_contact_state_says_what_the_whole_history_says(seed: int, count: int, spread: int) -> None:
    """Touches, reach, tallies and older ones equal a model that keeps every touch in plain lists (here no history is
    longer than 400 days, so that nothing is cut)."""
    naive, stored = Naive(), Stored()
    for fact in history(seed, count, spread):
        naive.take(fact)
        stored.take([fact])
    state, older = stored.all()
    assert records(state.touches, TOUCH) == [tuple(touch) for touch in naive.here]
    assert records(by_second(older), TOUCH) == sorted(
        (tuple(touch) for touch in naive.left), key=lambda t: (t[0], t[3])
    )
    labels = [touch[1] for touch in naive.left]
    assert records(state.tallies, TALLY) == [(label, labels.count(label)) for label in sorted(set(labels))]
    assert state.reach == naive.reach


@given(**HISTORIES)
def test_bounds_hold_after_every_entry(seed: int, count: int, spread: int) -> None:
    """At most 32 touches, sorted and later than reach; `older` never holds the same touch twice, nor one of `touches`;
    after a cut nothing is left of before 400 days, and until the next fewer than 256 come in."""
    stored, tallied, size = Stored(), 0, 0
    for fact in history(seed, count, spread):
        stored.take([fact])
        touches = records(stored.state.touches, TOUCH)
        older = records(stored.older, TOUCH)
        assert len(touches) <= TOUCHES_MAX
        assert touches == sorted(touches, key=lambda touch: (touch[0], touch[3]))
        assert all(touch[0] > stored.state.reach for touch in touches)
        assert all(touch[0] <= stored.state.reach for touch in older)
        entries = [touch[3] for touch in touches + older]
        assert len(entries) == len(set(entries))
        before, tallied = tallied, sum(row[1] for row in records(stored.state.tallies, TALLY))
        assert len(older) <= tallied
        if tallied // TRIMMED_EVERY > before // TRIMMED_EVERY:
            assert all(touch[0] > fact.recorded - OLDER_DAYS * DAY for touch in older)
            size = len(older)
        assert len(older) <= size + TRIMMED_EVERY


def test_older_touches_are_seldom_read() -> None:
    """A person who gets ten messages a day for a year, each confirmed, costs a reading of `older` once in 256."""
    stored = Stored()
    for at in range(3_650):
        second = NOON + at * 8_640
        stored.take([touch_fact(K.DECIDED, at * 2 + 1, second=second)])
        stored.take([touch_fact(K.SENT, at * 2 + 2, of=at * 2 + 1, second=second + 1)])
    assert stored.readings <= 3 * (3_650 // TRIMMED_EVERY + 1)


@given(**HISTORIES)
def test_the_short_way_and_the_fold_agree(seed: int, count: int, spread: int) -> None:
    """Where the gate's bulk writes append a reservation by themselves, the fold would have written the same bytes and
    changed nothing else."""
    stored, taken = Stored(), 0
    for fact in history(seed, count, spread):
        before = stored.state
        touches = reserved(
            before.touches,
            reach=before.reach,
            second=fact.second,
            label=fact.label,
            content=fact.content,
            sequence=fact.sequence,
            first=fact.touch_sequence,
        )
        stored.take([fact])
        if fact.kind == K.DECIDED and fact.counts and touches is not None:
            taken += 1
            assert stored.state == replace(before, sequence=fact.sequence, head=stored.state.head, touches=touches)
    assert taken or count < 20


def test_records_are_those_of_the_nouns() -> None:
    """The struct layouts of the fold are the dtypes everybody reads, byte for byte."""
    for dtype, layout in ((TOUCH, "<4I"), (TALLY, "<2I"), (PERMIT, "<2IH4BH"), (MARK, "<2I2BH"), (WISH, "<2B3H")):
        values = [int.from_bytes(bytes([at + 1] * 1), "little") for at in range(len(dtype.names or ()))]
        assert np.array([tuple(values)], dtype).tobytes() == struct.pack(layout, *values)


def test_nothing_of_a_state_is_forgotten_by_the_fold() -> None:
    """A column that no fact is about passes through, on the short way and on the long one."""
    state = ContactState(segments=6, format=3)
    for facts in ([touch_fact(K.DECIDED, 1)], [touch_fact(K.DECIDED, 1), touch_fact(K.OPENED, 2)]):
        folded: Folded = fold(state, facts, HEAD)
        assert (folded.state.segments, folded.state.format, folded.state.head) == (6, 3, HEAD)
    assert fold(state, [], HEAD).state == state
