"""Ledger: how a contact state follows from a folio's entries, as one pure fold (docs/reference/contact-states.md)."""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from msgspec.structs import replace

from onevoice.ledger.touches import Touches, appended, may_reach_older
from onevoice.nouns.contact_state import ContactState
from onevoice.nouns.words import EntryKind, PermitKind, TouchState

_PERMIT: Final = struct.Struct("<2IH4BH")
_MARK: Final = struct.Struct("<2I2BH")
_WISH: Final = struct.Struct("<2B3H")
_DECIDED: Final = int(EntryKind.DECIDED)
_SENT: Final = int(EntryKind.SENT)
_RESERVED: Final = int(TouchState.RESERVED)
_OUT: Final = int(TouchState.SENT)

OUT_OF_ORDER: Final = "A folio's facts are folded in their order, each once."


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
    records, often none) is appended to it. `state.older` is None if it was not read and is not rewritten."""

    state: ContactState
    moved: bytes = b""
    rewritten: bool = False


def fold(state: ContactState, facts: Sequence[Fact], head: bytes) -> Folded:
    """The state after these facts, in sequence order; `head` is the hash of the last one's entry.

    `state.older` may be None unless `needs_older(state, facts)`; its records may stand in any order. Folding one by one
    gives the same bytes as folding all at once. Raises OlderUnread; AssertionError when a sequence number is skipped or
    repeated.
    """
    if len(facts) == 1:
        appended = _appended(state, facts[0], head)
        if appended is not None:
            return appended
    draft = _Draft(Touches.of(state), state.sequence, state.zone, state.permits, state.marks, state.wishes)
    for fact in facts:
        assert fact.sequence == draft.sequence + 1, OUT_OF_ORDER
        draft.sequence = fact.sequence
        step = _STEPS.get(fact.kind)
        if step is not None:
            step(draft, fact)
    return _folded(state, draft, head if facts else state.head)


def before_touch(state: ContactState, entry: int) -> ContactState:
    """The state as it would be had the reserved touch that this entry began no place, wherever it stands by now; for
    judging it anew. `state.older` must have been read. Raises OlderUnread."""
    released = Fact(int(EntryKind.RELEASED), state.sequence + 1, 0, 0, touch_sequence=entry)
    return replace(fold(state, [released], state.head).state, sequence=state.sequence)


def needs_older(state: ContactState, facts: Sequence[Fact]) -> bool:
    """Whether folding may have to look into `older`. False is a promise; true may be one reading too many."""
    if state.older is not None or not state.tallies:
        return False
    moving = [fact for fact in facts if fact.kind in _MOVES and (fact.kind != _DECIDED or fact.counts)]
    if len(moving) != 1:
        # One may push out, or take away, the touch that the next is about.
        return bool(moving)
    fact = moving[0]
    return may_reach_older(
        state,
        second=fact.second,
        entry=fact.touch_sequence,
        first=fact.touch_sequence == fact.sequence,
        decided=fact.kind == _DECIDED,
    )


def _appended(state: ContactState, fact: Fact, head: bytes) -> Folded | None:
    """The state after one fact that adds a touch at the end of `touches`, or changes no column; None for any other."""
    kind, sequence, second, _, label, content, first, counts = fact[:8]
    touches: bytes | None = state.touches
    if (kind == _DECIDED and counts) or (kind == _SENT and first == sequence):
        touches = appended(
            state.touches,
            reach=state.reach,
            second=second,
            packed=label << 2 | (_RESERVED if kind == _DECIDED else _OUT),
            content=content,
            sequence=sequence,
            first=first,
        )
    elif kind != _DECIDED and kind in _STEPS:
        return None
    if touches is None:
        return None
    assert sequence == state.sequence + 1, OUT_OF_ORDER
    new = ContactState(
        sequence,
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
    return Folded(new)


@dataclass(slots=True)
class _Draft:
    """A contact state while facts are folded into it."""

    touches: Touches
    sequence: int
    zone: int
    permits: bytes
    marks: bytes
    wishes: bytes


def _folded(state: ContactState, draft: _Draft, head: bytes) -> Folded:
    columns = draft.touches
    new = ContactState(
        sequence=draft.sequence,
        head=head,
        zone=draft.zone,
        segments=state.segments,
        reach=columns.reach,
        touches=columns.touches,
        tallies=columns.tallies,
        permits=draft.permits,
        marks=draft.marks,
        wishes=draft.wishes,
        older=columns.older if columns.rewritten or state.older is not None else None,
        format=state.format,
    )
    return Folded(new, b"" if columns.rewritten else columns.moved, columns.rewritten)


def _decide(draft: _Draft, fact: Fact) -> None:
    """A cleared message takes a place; one decided again takes its new place, unless it is known to be out."""
    if not fact.counts:
        return
    if fact.touch_sequence != fact.sequence:
        found = draft.touches.find(fact.touch_sequence)
        if found is not None:
            if found[1] & 3 != TouchState.RESERVED:
                return
            draft.touches.remove(found)
    touch = (fact.second, fact.label << 2 | TouchState.RESERVED, fact.content, fact.touch_sequence)
    draft.touches.add(touch, fact.recorded)


def _advance(draft: _Draft, fact: Fact) -> None:
    """Sent or delivered: a touch goes forward only. One that has no record (never decided, lapsed, released) gets one
    at the second of this report: it did go out. So does one reported again after 400 days, when nobody knows it."""
    reached = TouchState.SENT if fact.kind == EntryKind.SENT else TouchState.DELIVERED
    found = draft.touches.find(fact.touch_sequence) if fact.touch_sequence != fact.sequence else None
    if found is None:
        touch = (fact.second, fact.label << 2 | reached, fact.content, fact.touch_sequence)
        draft.touches.add(touch, fact.recorded)
    elif found[1] & 3 < reached:
        draft.touches.advance(found, reached)


def _end(draft: _Draft, fact: Fact) -> None:
    """Released, lapsed or failed: the place is free again, unless the message is known to be out."""
    found = draft.touches.find(fact.touch_sequence) if fact.touch_sequence != fact.sequence else None
    if found is not None and found[1] & 3 == TouchState.RESERVED:
        draft.touches.remove(found)


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
"""What changes a state. Every other kind of entry only moves `sequence` and `head`."""

_MOVES: Final = frozenset(kind for kind, step in _STEPS.items() if step in (_decide, _advance, _end))
