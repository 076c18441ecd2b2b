"""The touches of a contact state: 32 at hand, the older ones apart, all of them counted."""

import pytest
from hypothesis import given
from msgspec.structs import replace

from onevoice.ledger.states import Fact, before_touch, fold, needs_older
from onevoice.ledger.touches import TRIMMED_EVERY, OlderUnread, appended
from onevoice.nouns.contact_state import (
    EMPTY,
    OLDER_DAYS,
    TALLY,
    TOUCH,
    TOUCHES_MAX,
    TOUCHES_MOVED,
)
from onevoice.nouns.words import TouchState
from tests.ledger.histories import DAY, HEAD, HISTORIES, NOON, SPRING_SALE, K, Stored, history, records, touch_fact


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


def test_a_place_that_left_for_the_older_ones_can_be_thought_away() -> None:
    """Forty messages were reserved; the first stands among the older ones and in the tallies, and is judged anew as if
    it had no place. One that is known to be out stays."""
    full = fold(EMPTY, many(40), HEAD)
    state = replace(full.state, older=full.moved)
    without = before_touch(state, 1)
    assert without.older == full.moved[16:]
    assert records(without.tallies, TALLY) == [(SPRING_SALE * 4, TOUCHES_MOVED - 1)]
    assert (without.touches, without.sequence) == (state.touches, state.sequence)
    assert len(before_touch(state, 40).touches) == len(state.touches) - 16
    sent = fold(state, [touch_fact(K.SENT, 41)._replace(touch_sequence=1)], HEAD).state
    assert before_touch(sent, 1).tallies == sent.tallies


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
    assert stored.readings <= 2 * (3_650 // TRIMMED_EVERY + 1)
    assert not needs_older(stored.state, [touch_fact(K.DECIDED, 7_301, of=1, counts=False)]), "still held: no place"
    assert not needs_older(stored.state, [touch_fact(K.BOUNCED, 7_301, of=1), touch_fact(K.COMPLAINED, 7_302, of=1)])


def test_a_place_given_anew_in_the_past_asks_for_the_older_ones() -> None:
    """A clock set back can decide a message again at a second that has left already; just before a cut of the older
    ones that needs them, and says so beforehand."""
    stored = Stored()
    for at in range(1, TRIMMED_EVERY + 1 + TOUCHES_MOVED):
        stored.take([touch_fact(K.DECIDED, at)])
    last = stored.state.sequence
    for late in range(last + 1, last + TRIMMED_EVERY - sum(n for _, n in records(stored.state.tallies, TALLY))):
        stored.take([touch_fact(K.DECIDED, late, second=NOON)])
    again = [touch_fact(K.DECIDED, stored.state.sequence + 1, of=last, second=NOON)]
    with pytest.raises(OlderUnread):
        fold(stored.state, again, HEAD)
    assert needs_older(stored.state, again)


@given(**HISTORIES)
def test_the_short_way_and_the_fold_agree(seed: int, count: int, spread: int) -> None:
    """Where a reservation, or a message told of as sent, is only appended, the long way would have written the same
    bytes and changed nothing else."""
    stored, taken = Stored(), 0
    for fact in history(seed, count, spread):
        before = stored.state
        sent = fact.kind == K.SENT and fact.touch_sequence == fact.sequence
        touches = appended(
            before.touches,
            reach=before.reach,
            second=fact.second,
            packed=fact.label << 2 | (TouchState.SENT if sent else TouchState.RESERVED),
            content=fact.content,
            sequence=fact.sequence,
            first=fact.touch_sequence,
        )
        stored.take([fact])
        if ((fact.kind == K.DECIDED and fact.counts) or sent) and touches is not None:
            taken += 1
            assert stored.state == replace(before, sequence=fact.sequence, head=stored.state.head, touches=touches)
    assert taken or count < 20
