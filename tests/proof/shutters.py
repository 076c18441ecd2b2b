"""When a wall clock keeps a message in: in quiet hours, outside a send window, while a blackout lasts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from onevoice.nouns.policy import Window
from tests.proof.wall import DAY, FAR, instants, next_change, wall

Times = tuple[int, int, frozenset[int]]
"""A window: the minute of the day it begins, its length in minutes, the days (0 is Monday) on which it begins."""
WEEK = 7


@dataclass(frozen=True, slots=True)
class Shutter:
    """Something that is open or shut by the wall clock of `zone`."""

    zone: str

    def shut(self, shown: datetime) -> bool:
        """Whether it is shut while the clock shows this."""
        raise AssertionError(self)

    def turns(self, shown: datetime) -> list[datetime]:
        """What the clock may next show when it opens; shut from `shown` until the first of them or a change of clocks,
        for all of the coming week where there is none."""
        raise AssertionError(self)

    @property
    def for_ever(self) -> bool:
        """Whether one need not even look."""
        return False


@dataclass(frozen=True, slots=True)
class Quiet(Shutter):
    """Shut inside its windows; a window belongs to the day it began."""

    windows: tuple[Times, ...]

    def shut(self, shown: datetime) -> bool:
        return bool(self.turns(shown))

    def turns(self, shown: datetime) -> list[datetime]:
        return [closes for opens, closes in spans(self.windows, shown, 0) if opens <= shown < closes]

    @property
    def for_ever(self) -> bool:
        return any(length >= 1_440 and len(days) == WEEK for _, length, days in self.windows)


@dataclass(frozen=True, slots=True)
class Openings(Shutter):
    """Shut outside its windows."""

    windows: tuple[Times, ...]

    def shut(self, shown: datetime) -> bool:
        return not any(opens <= shown < closes for opens, closes in spans(self.windows, shown, 0))

    def turns(self, shown: datetime) -> list[datetime]:
        return [opens for opens, _ in spans(self.windows, shown, WEEK) if opens > shown]

    @property
    def for_ever(self) -> bool:
        return not any(days for _, _, days in self.windows)


@dataclass(frozen=True, slots=True)
class Once(Shutter):
    """Shut while the clock shows a time from `begin` up to, not including, `end`."""

    begin: datetime
    end: datetime

    def shut(self, shown: datetime) -> bool:
        return self.begin <= shown < self.end

    def turns(self, shown: datetime) -> list[datetime]:
        return [self.end]


def spans(windows: Sequence[Times], shown: datetime, ahead: int) -> list[tuple[datetime, datetime]]:
    """Begin and end of every window that begins on the day before `shown`, on its day, or up to `ahead` days later."""
    today = datetime(shown.year, shown.month, shown.day)
    found = []
    for begin, length, days in windows:
        for later in range(-1, ahead + 1):
            day = today + timedelta(days=later)
            if day.weekday() in days:
                opens = day + timedelta(minutes=begin)
                found.append((opens, opens + timedelta(minutes=length)))
    return found


def windows_of(windows: tuple[Window, ...], zone: str) -> tuple[Times, ...]:
    """The windows that count in this zone: those that name it, else those that name none."""
    named = [window for window in windows if zone in window.zones]
    return tuple(_minutes(window) for window in named or [w for w in windows if not w.zones])


def _minutes(window: Window) -> Times:
    begin, end = (int(text[:2]) * 60 + int(text[3:]) for text in (window.begin, window.end))
    return begin, end - begin if end > begin else end - begin + 1_440, frozenset(window.days)


def first_open(shutters: Sequence[Shutter], at: int, give_up: int) -> int:
    """The first second from `at` on at which none of them is shut; FAR beyond `give_up`.

    Walks from edge to edge: what is shut can open only where the wall shows one of its turns, or the clocks change.
    """
    if any(one.for_ever for one in shutters):
        return FAR
    while at <= give_up:
        edges = [_edge(one, at) for one in shutters if one.shut(wall(one.zone, at))]
        if not edges:
            return at
        # Each stays shut until its own edge, so nothing can go before the last of these.
        at = max(edges)
    return FAR


def _edge(shutter: Shutter, at: int) -> int:
    turns = shutter.turns(wall(shutter.zone, at))
    later = [second for shown in turns for second in instants(shutter.zone, shown) if second > at]
    edge = min(later, default=at + 3 * DAY)
    return min(edge, next_change(shutter.zone, at, edge))
