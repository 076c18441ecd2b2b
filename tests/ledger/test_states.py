"""The contact state: what a folio's entries add up to."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from onevoice.ledger.states import Fact, Folded, fold
from onevoice.ledger.touches import by_second
from onevoice.nouns.contact_state import (
    EMPTY,
    FOREVER,
    MARK,
    PERMIT,
    TALLY,
    TOUCH,
    WISH,
    ContactState,
)
from onevoice.nouns.words import Channel, EntryKind, MarkKind, PermitKind, TouchState
from tests.ledger.histories import HEAD, HISTORIES, NOON, SPRING_SALE, K, Naive, Stored, history, records, touch_fact


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
        consent(K.CONSENTED, 6, 40, PermitKind.IMPLIED_INQUIRY, unit=3),
        consent(K.QUARANTINED, 7, 99),
    ]
    kept = [(row[0], row[1], row[2], row[5]) for row in records(fold(EMPTY, facts, HEAD).state.permits, PERMIT)]
    assert kept == [
        (40, 6, 3, PermitKind.IMPLIED_INQUIRY),
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
