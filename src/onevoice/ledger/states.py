"""Ledger: how a contact state follows from a folio's entries, as one pure fold (JUDGE section 4).

`touches` holds the newest touches, `tallies` counts all that have left it, `older` keeps those that left within
400 days. `older` is a log in the order of leaving: most facts only append to it (`Folded.moved`) without reading it.
It is rewritten whole only when a fact changes a record inside it, and once in TRIMMED_EVERY leavers, when it is cut and
sorted. When that happens depends on the entries alone, so that a rebuild gives identical bytes in every column.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from onevoice.nouns.contact_state import OLDER_DAYS, TOUCHES_MAX, TOUCHES_MOVED, ContactState
from onevoice.nouns.words import EntryKind, PermitKind, TouchState

_TOUCH: Final = struct.Struct("<4I")
_TALLY: Final = struct.Struct("<2I")
_PERMIT: Final = struct.Struct("<2IH4BH")
_MARK: Final = struct.Struct("<2I2BH")
_WISH: Final = struct.Struct("<2B3H")
_ONE: Final = struct.Struct("<I")
_DECIDED: Final = int(EntryKind.DECIDED)
_FULL: Final = TOUCHES_MAX * _TOUCH.size
_OLDER_SECONDS: Final = OLDER_DAYS * 86_400

TRIMMED_EVERY: Final = 256
"""`older` is cut to 400 days, and sorted, when the count of touches that have left passes a multiple of this."""

Touch = tuple[int, int, int, int]
"""(second, packed label, content, entry), as in the dtype TOUCH."""


class Fact(NamedTuple):
    """What one entry means to one folio; moments in whole seconds since 1970 UTC, below 2**32.

    `sequence` is the entry's number in this folio, `touch_sequence` that of the entry that began its touch (a first
    entry: `sequence`). `recorded` is when the book wrote it, `second` when it happened. `counts` is read for a decided
    entry: whether its verdict reserves. `label` and `content` describe the message of a touch. The other fields belong
    to permissions, marks, wishes and zones: `until` may be FOREVER, `wish` is (at_most, days, quiet_begin,
    quiet_length), all zero when the wish is taken back.
    """

    kind: int
    sequence: int
    second: int
    recorded: int
    label: int = 0
    content: int = 0
    touch_sequence: int = 0
    counts: bool = False
    channel: int = 0
    purpose: int = 0
    unit: int = 0
    permit: int = 0
    proof: int = 0
    mark: int = 0
    scope: int = 0
    until: int = 0
    zone: int = 0
    wish: tuple[int, int, int, int] = (0, 0, 0, 0)


class Folded(NamedTuple):
    """A new state and what becomes of its `older` log: replaced by `state.older` where `rewritten`, else `moved` (whole
    records, often none) is appended to it."""

    state: ContactState
    moved: bytes = b""
    rewritten: bool = False


class OlderUnread(Exception):
    """This contact state was opened without its older touches, and they are needed. Read them and fold again."""


def fold(state: ContactState, facts: Sequence[Fact], head: bytes) -> Folded:
    """The state after these facts, in sequence order; `head` is the hash of the last one's entry.

    `state.older` may be None unless `needs_older(state, facts)`. Folding one by one gives the same bytes as folding all
    at once. Raises OlderUnread; AssertionError when a sequence number is skipped or repeated.
    """
    if len(facts) == 1:
        appended = _appended(state, facts[0], head)
        if appended is not None:
            return appended
    draft = _opened(state)
    for fact in facts:
        assert fact.sequence == draft.sequence + 1, "a folio's facts are folded in order, none left out"
        draft.sequence = fact.sequence
        step = _STEPS.get(fact.kind)
        if step is not None:
            step(draft, fact)
    return _closed(state, draft, head if facts else state.head)


def needs_older(state: ContactState, facts: Sequence[Fact]) -> bool:
    """Whether folding may have to look into `older`. False is a promise; true may be one reading too many."""
    if state.older is not None or not state.tallies:
        return False
    about_touches = [fact for fact in facts if fact.kind in _MOVES and (fact.kind != _DECIDED or fact.counts)]
    if len(about_touches) != 1:
        # One may push out, or take away, the touch that the next is about.
        return bool(about_touches)
    fact = about_touches[0]
    if fact.touch_sequence != fact.sequence and _at(state.touches, fact.touch_sequence) < 0:
        return True
    if len(state.touches) < _FULL and fact.second > state.reach:
        return False
    left = sum(_tallies(state.tallies).values())
    return _passes(left, left + TOUCHES_MAX + 1)


def by_second(older: bytes) -> bytes:
    """The records of an `older` log sorted by (second, entry), as `touches` are."""
    return _packed(sorted(_TOUCH.iter_unpack(older), key=_order))


# --- the common case: one decided entry, in order of time, with room -------------------------------------------------


def _appended(state: ContactState, fact: Fact, head: bytes) -> Folded | None:
    """The state after one fact that adds a touch at the end, or none at all; None for any other fact."""
    touches = state.touches
    if fact.kind != _DECIDED:
        if fact.kind in _STEPS:
            return None
    elif fact.counts:
        second, sequence = fact.second, fact.sequence
        if sequence != fact.touch_sequence or second <= state.reach or len(touches) >= _FULL:
            return None
        if touches and _ONE.unpack_from(touches, len(touches) - 16)[0] > second:
            return None
        touches += _TOUCH.pack(second, fact.label << 2, fact.content, sequence)
    assert fact.sequence == state.sequence + 1, "a folio's facts are folded in order, none left out"
    return Folded(
        ContactState(
            fact.sequence,
            head,
            state.zone,
            state.segments,
            state.reach,
            touches,
            state.tallies,
            state.permits,
            state.marks,
            state.wishes,
            state.older,
            state.format,
        )
    )


# --- a state taken apart, and put together again ---------------------------------------------------------------------


@dataclass(slots=True)
class _Draft:
    """A contact state while facts are folded into it; `older` is None where it was not read."""

    sequence: int
    zone: int
    reach: int
    touches: bytes
    tallies: bytes
    permits: bytes
    marks: bytes
    wishes: bytes
    older: bytes | None
    moved: bytes = b""
    rewritten: bool = False


def _opened(state: ContactState) -> _Draft:
    # Where nothing is tallied nothing has left, or all of it was released: the log is known to be empty.
    older = state.older if state.older is not None or state.tallies else b""
    return _Draft(
        sequence=state.sequence,
        zone=state.zone,
        reach=state.reach,
        touches=state.touches,
        tallies=state.tallies,
        permits=state.permits,
        marks=state.marks,
        wishes=state.wishes,
        older=older,
    )


def _closed(state: ContactState, draft: _Draft, head: bytes) -> Folded:
    new = ContactState(
        sequence=draft.sequence,
        head=head,
        zone=draft.zone,
        segments=state.segments,
        reach=draft.reach,
        touches=draft.touches,
        tallies=draft.tallies,
        permits=draft.permits,
        marks=draft.marks,
        wishes=draft.wishes,
        older=draft.older if draft.rewritten or state.older is not None else None,
        format=state.format,
    )
    return Folded(new, b"" if draft.rewritten else draft.moved, draft.rewritten)


# --- touches ---------------------------------------------------------------------------------------------------------


def _decide(draft: _Draft, fact: Fact) -> None:
    """A cleared message takes a place; one decided again takes its new place, unless it is known to be out."""
    if not fact.counts:
        return
    if fact.touch_sequence != fact.sequence:
        found = _find(draft, fact.touch_sequence)
        if found is not None:
            if found[1] & 3 != TouchState.RESERVED:
                return
            _replace(draft, found, None)
    _add(draft, (fact.second, fact.label << 2 | TouchState.RESERVED, fact.content, fact.touch_sequence), fact.recorded)


def _advance(draft: _Draft, fact: Fact) -> None:
    """Sent or delivered: a touch goes forward only. One that has no record (never decided, lapsed, released) gets one
    at the second of this report: it did go out."""
    reached = TouchState.SENT if fact.kind == EntryKind.SENT else TouchState.DELIVERED
    found = _find(draft, fact.touch_sequence) if fact.touch_sequence != fact.sequence else None
    if found is None:
        _add(draft, (fact.second, fact.label << 2 | reached, fact.content, fact.touch_sequence), fact.recorded)
    elif found[1] & 3 < reached:
        _replace(draft, found, (found[0], found[1] & ~3 | reached, found[2], found[3]))


def _end(draft: _Draft, fact: Fact) -> None:
    """Released, lapsed or failed: the place is free again, unless the message is known to be out."""
    found = _find(draft, fact.touch_sequence) if fact.touch_sequence != fact.sequence else None
    if found is not None and found[1] & 3 == TouchState.RESERVED:
        _replace(draft, found, None)


def _add(draft: _Draft, touch: Touch, recorded: int) -> None:
    """Insert by (second, entry). What is not later than `reach` leaves at once; the 33rd makes the oldest 16 leave.

    Whole seconds leave together, so at least 16 and at most 33 leave: were all of one second, all would. A second is
    therefore never divided, and every touch later than `reach` is in `touches`.
    """
    if touch[0] <= draft.reach:
        _leave(draft, [touch], recorded)
        return
    if len(draft.touches) < _FULL and _TOUCH.unpack(draft.touches[-16:] or bytes(16))[0] < touch[0]:
        draft.touches += _TOUCH.pack(*touch)
        return
    records = sorted([*_TOUCH.iter_unpack(draft.touches), touch], key=_order)
    if len(records) > TOUCHES_MAX:
        draft.reach = records[TOUCHES_MOVED - 1][0]
        leavers = [record for record in records if record[0] <= draft.reach]
        records = records[len(leavers) :]
        _leave(draft, leavers, recorded)
    draft.touches = _packed(records)


def _leave(draft: _Draft, leavers: list[Touch], recorded: int) -> None:
    """Tally the leavers and log them; once in TRIMMED_EVERY, cut the log by the entry's recorded time and sort it."""
    tallies = _tallies(draft.tallies)
    before = sum(tallies.values())
    for _, label, _, _ in leavers:
        tallies[label] = tallies.get(label, 0) + 1
    draft.tallies = _tallies_packed(tallies)
    packed = _packed(leavers)
    draft.moved += packed
    if draft.older is not None:
        draft.older += packed
    if _passes(before, before + len(leavers)):
        _rewrite(draft, [touch for touch in _TOUCH.iter_unpack(_log(draft)) if touch[0] > recorded - _OLDER_SECONDS])


def _find(draft: _Draft, entry: int) -> Touch | None:
    """The record of the touch that this entry began, in `touches` or among those that have left."""
    place = _at(draft.touches, entry)
    if place >= 0:
        return _TOUCH.unpack_from(draft.touches, place)
    if not draft.tallies:
        return None
    log = _log(draft)
    place = _at(log, entry)
    return None if place < 0 else _TOUCH.unpack_from(log, place)


def _replace(draft: _Draft, old: Touch, new: Touch | None) -> None:
    """Put `new` (same second and entry) where `old` is; None takes it away."""
    place = _at(draft.touches, old[3])
    if place >= 0:
        draft.touches = draft.touches[:place] + (_TOUCH.pack(*new) if new else b"") + draft.touches[place + 16 :]
        return
    tallies = _tallies(draft.tallies)
    tallies[old[1]] -= 1
    if new:
        tallies[new[1]] = tallies.get(new[1], 0) + 1
    draft.tallies = _tallies_packed(tallies)
    kept = [touch for touch in _TOUCH.iter_unpack(_log(draft)) if touch[3] != old[3]]
    _rewrite(draft, [*kept, new] if new else kept)


def _rewrite(draft: _Draft, touches: list[Touch]) -> None:
    draft.older = _packed(sorted(touches, key=_order))
    draft.rewritten = True


def _log(draft: _Draft) -> bytes:
    if draft.older is None:
        raise OlderUnread(OlderUnread.__doc__)
    return draft.older


def _at(touches: bytes, entry: int) -> int:
    """Byte offset of the record of `entry`, or -1."""
    wanted = _ONE.pack(entry)
    place = touches.find(wanted)
    while place >= 0 and place % 16 != 12:
        place = touches.find(wanted, place + 1)
    return place - 12 if place >= 0 else -1


def _order(touch: Touch) -> tuple[int, int]:
    return touch[0], touch[3]


def _packed(touches: Sequence[Touch]) -> bytes:
    return b"".join([_TOUCH.pack(*touch) for touch in touches])


def _tallies(tallies: bytes) -> dict[int, int]:
    return dict(_TALLY.iter_unpack(tallies))


def _tallies_packed(tallies: dict[int, int]) -> bytes:
    return b"".join([_TALLY.pack(label, tallies[label]) for label in sorted(tallies) if tallies[label]])


def _passes(before: int, after: int) -> bool:
    return before // TRIMMED_EVERY != after // TRIMMED_EVERY


# --- permissions, marks, wishes, zone --------------------------------------------------------------------------------


def _permit(draft: _Draft, fact: Fact) -> None:
    """Keep the newest of its key by (second, entry): an entry that comes late about an earlier day changes nothing."""
    kind = PermitKind.WITHDRAWAL if fact.kind == EntryKind.WITHDRAWN else fact.permit
    new = (fact.second, fact.sequence, fact.unit, fact.channel, fact.purpose, kind, fact.proof, 0)
    newest = {record[2:]: record for record in _PERMIT.iter_unpack(draft.permits)}
    newest[new[2:]] = max(newest.get(new[2:], new), new)
    ordered = sorted(newest.values(), key=lambda record: (record[0], record[5], record[1]))
    draft.permits = b"".join([_PERMIT.pack(*record) for record in ordered])


def _mark(draft: _Draft, fact: Fact) -> None:
    """One of each (kind, channel, scope), sorted so; the later entry replaces, and `unmarked` takes away."""
    marks = {record[2:]: record for record in _MARK.iter_unpack(draft.marks)}
    key = (fact.mark, fact.channel, fact.scope)
    marks.pop(key, None)
    if fact.kind == EntryKind.MARKED:
        marks[key] = (fact.until, fact.sequence, *key)
    draft.marks = b"".join([_MARK.pack(*marks[key]) for key in sorted(marks)])


def _wish(draft: _Draft, fact: Fact) -> None:
    draft.wishes = _WISH.pack(*fact.wish, 0) if any(fact.wish) else b""


def _locate(draft: _Draft, fact: Fact) -> None:
    draft.zone = fact.zone


_MOVES: Final = frozenset(
    {
        EntryKind.DECIDED,
        EntryKind.SENT,
        EntryKind.DELIVERED,
        EntryKind.RELEASED,
        EntryKind.LAPSED,
        EntryKind.FAILED,
    }
)
"""Kinds that may change touches."""

_STEPS: Final[dict[int, Callable[[_Draft, Fact], None]]] = {
    EntryKind.DECIDED: _decide,
    EntryKind.SENT: _advance,
    EntryKind.DELIVERED: _advance,
    EntryKind.RELEASED: _end,
    EntryKind.LAPSED: _end,
    EntryKind.FAILED: _end,
    EntryKind.CONSENTED: _permit,
    EntryKind.WITHDRAWN: _permit,
    EntryKind.MARKED: _mark,
    EntryKind.UNMARKED: _mark,
    EntryKind.WISHED: _wish,
    EntryKind.LOCATED: _locate,
}
