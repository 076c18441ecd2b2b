"""The lines a rule may become: what the four tables of the judge are made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from onevoice.nouns.policy import Event, Scope, UnitOfCount
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import MarkKind

DAY: Final = 86_400
EVERY_DAY: Final = (0, 1, 2, 3, 4, 5, 6)
Period = Literal["", "hour", "day", "week", "month"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountLine:
    """Waits until the `at_most`-th newest counted touch has expired: `seconds` later, or at the end of its `period`.

    `same` counts only touches of the same content or offer; `personal` takes both numbers from the person's wish.
    `unit` is what is counted; `named` leaves out messages and touches that name none of it. `ever` never expires, and
    counts touches that only tallies remember; `pair` are two scopes, each of which counts for messages of the other;
    `only` narrows the messages it stops.
    With `weights` (by channel, else `default_weight`) at most `at_most` points are counted instead of touches.
    """

    reason: Reason
    at_most: int = 0
    seconds: int = 0
    period: Period = ""
    every: int = 1
    week_start: int = 0
    zone: str = "customer"
    same: Literal["", "content", "offer"] = ""
    personal: bool = False
    unit: UnitOfCount = "message"
    named: bool = False
    ever: bool = False
    pair: tuple[Scope, Scope] | None = None
    only: Scope | None = None
    weights: Mapping[str, int] | None = None
    default_weight: int = 1
    decays: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitLine:
    """Needs a live grant: `express_days` 0 is for ever, implied days 0 is not accepted."""

    needs_grant: bool
    proven: bool
    express_days: int
    purchase_days: int
    inquiry_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkLine:
    """A live mark of one of these kinds stops, with its reason; `holds` waits for its end."""

    reasons: Mapping[MarkKind, Reason]
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietWindow:
    """Shut for `length` seconds from `begin` on, and again every `period` seconds of the wall clock, counted from
    1970-01-01. One that comes every day may name the `days` on which it begins; one with period NEVER comes once."""

    begin: int
    length: int
    days: tuple[int, ...] = EVERY_DAY
    zones: tuple[str, ...] = ()
    period: int = DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockLine:
    """Quiet windows on one wall clock. `personal` takes the one window from the person's wish; `default_zone` is what
    stands in for an unknown zone ("": every plausible one); `suppresses` refuses what comes now, and does not wait."""

    reason: Reason
    windows: tuple[QuietWindow, ...] = ()
    personal: bool = False
    zone: str = "customer"
    default_zone: str = ""
    suppresses: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundLine:
    """A last second: the case's send-by, or `seconds` after it was created."""

    reason: Reason
    seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderLine:
    """Looks only at the contact point the message leaves from."""

    named: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterLine:
    """Needs a touch in `after` that came as far as `event`, not older than `within` seconds (NEVER: however old)."""

    after: Scope
    event: Event
    within: int
    labels_now: bool
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldoutLine:
    """Leaves out `share` of 10,000 people, always the same ones for the same salt."""

    salt: str
    share: int
    household: bool


Line = CountLine | PermitLine | MarkLine | ClockLine | BoundLine | SenderLine | AfterLine | HoldoutLine
