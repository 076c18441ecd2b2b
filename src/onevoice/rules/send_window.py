"""A send window protects people from messages outside the hours that were meant for them."""

from collections.abc import Iterable, Iterator

from onevoice.nouns.policy import SendWindow, Window
from onevoice.nouns.reason import Reason
from onevoice.rules.table_lines import DAY, ClockLine, QuietWindow
from onevoice.rules.wall_times import shut_in

WEEK = 7 * DAY
MONDAY = -3 * DAY
"""1970-01-01 was a Thursday."""


def line(rule: SendWindow) -> ClockLine:
    """Waits for the next opening: what no window opens in the week of the wall clock is shut."""
    named = dict.fromkeys(zone for window in rule.windows for zone in window.zones)
    shut = list(_shut((window for window in rule.windows if not window.zones), ()))
    for zone in named:
        shut += _shut((window for window in rule.windows if zone in window.zones), (zone,))
    return ClockLine(
        reason=Reason.SEND_WINDOW,
        windows=tuple(shut),
        zone=rule.zone,
        default_zone=rule.default_zone if rule.unknown_zone == "default" else "",
    )


def _shut(windows: Iterable[Window], zones: tuple[str, ...]) -> Iterator[QuietWindow]:
    """The gaps between these windows, week after week; one of no length where there is none, so that a zone whose
    windows never close is still one that has windows of its own."""
    opened = [(day * DAY + open.begin, open.length) for open in map(shut_in, windows) for day in open.days]
    # What passes the end of the week is open at its beginning.
    ends = sorted((begin - back, begin - back + length) for begin, length in opened for back in (0, WEEK))
    until, gaps = 0, [(0, 0)]
    for begin, end in ends:
        if begin > until:
            gaps.append((until, begin - until))
        until = max(until, end)
    if until < WEEK:
        gaps.append((until, WEEK - until))
    for begin, length in gaps:
        yield QuietWindow(begin=MONDAY + begin, length=length, zones=zones, period=WEEK)
