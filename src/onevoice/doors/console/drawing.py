"""Console: where the marks of a timeline strip and the bars of a chart stand; numbers in, places out."""

from datetime import timedelta
from typing import Final

import msgspec

from onevoice.answers.overview import Kept
from onevoice.answers.pressure import Bar
from onevoice.answers.spoken import MONTHS, local
from onevoice.answers.strip import Mark, Strip
from onevoice.nouns.moment import SECOND

ROW: Final = 26
"""Height of a row of marks, in pixels; a lane has up to ROWS_MAX of them."""
LANE_PADDING: Final = 9
ROWS_MAX: Final = 6
AXIS: Final = 30
NARROWEST: Final = 760
"""The width below which the strip scrolls instead of shrinking; marks are kept apart for it."""
APART: Final = 100 * 25 / NARROWEST
LANE_ORDER: Final = ("email", "sms", "whatsapp", "push", "in_app", "chat", "social", "voice", "post", "")


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """A mark on the strip: `x` in percent of the width, `y` in pixels; `more` others stand behind it. `wait` is where
    the dotted line of a hold ends, in percent (0: none)."""

    mark: Mark
    x: float
    y: int
    letters: str
    more: int = 0
    wait: float = 0


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    channel: str
    top: int
    height: int
    marks: tuple[Placed, ...]


class Tick(msgspec.Struct, frozen=True, kw_only=True):
    """A midnight of the reader's zone; `label` is empty for days that are only ruled."""

    x: float
    label: str = ""


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """The strip, ready to be written as SVG: heights in pixels, places across in percent."""

    height: int
    now_x: float
    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]
    units: tuple[tuple[str, str], ...]


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A bar of a chart, in percent of the plot; `y` is its top."""

    x: float
    y: float
    width: float
    height: float


def draw_strip(strip: Strip, zone: str) -> Drawn:
    """Lanes by channel, newest day at the right; marks that would cover each other go to rows of their own."""
    span = strip.until - strip.since
    initials = letters_of({mark.seen.unit: mark.seen.unit_name for mark in strip.marks if mark.seen.unit_name})
    channels = [one for one in LANE_ORDER if any(mark.seen.channel == one for mark in strip.marks)] or ["email"]
    lanes: list[Lane] = []
    top = AXIS
    for channel in channels:
        marks = [mark for mark in strip.marks if mark.seen.channel == channel]
        placed, rows = _rows(marks, strip.since, span, top, initials)
        height = rows * ROW + 2 * LANE_PADDING
        lanes.append(Lane(channel=channel, top=top, height=height, marks=tuple(placed)))
        top += height
    return Drawn(
        height=top,
        now_x=_percent(strip.now - strip.since, span),
        lanes=tuple(lanes),
        ticks=tuple(_ticks(strip, zone)),
        units=tuple(
            sorted((initials[number], name) for number, name in _units(strip.marks).items()),
        ),
    )


def letters_of(units: dict[int, str]) -> dict[int, str]:
    """Two letters for each unit, the initials of its name; a pair already taken gives way to other letters of it."""
    given: dict[int, str] = {}
    for number in sorted(units):
        words = units[number].split() or ["?"]
        tries = [(words[0][0] + words[-1][0]) if len(words) > 1 else words[0][:2]]
        tries += [words[-1][0] + letter for letter in "".join(words)[1:]]
        upper = [one.upper() for one in tries]
        given[number] = next((one for one in upper if one not in given.values()), upper[0])
    return given


def _units(marks: tuple[Mark, ...]) -> dict[int, str]:
    return {mark.seen.unit: mark.seen.unit_name for mark in marks if mark.seen.unit_name}


def _rows(marks: list[Mark], since: int, span: int, top: int, letters: dict[int, str]) -> tuple[list[Placed], int]:
    ends: list[float] = []
    placed: list[Placed] = []
    last_in_row: dict[int, int] = {}
    for mark in marks:
        x = min(max(_percent(mark.at - since, span), 0.9), 99.1)
        row = next((number for number, end in enumerate(ends) if end + APART <= x), len(ends))
        if row == ROWS_MAX:
            behind = last_in_row[ROWS_MAX - 1]
            placed[behind] = msgspec.structs.replace(placed[behind], more=placed[behind].more + 1)
            continue
        ends[row : row + 1] = [x]
        last_in_row[row] = len(placed)
        wait = min(_percent(mark.until - since, span), 99.6) if mark.until else 0
        y = top + LANE_PADDING + row * ROW + ROW // 2
        placed.append(
            Placed(mark=mark, x=x, y=y, letters=letters.get(mark.seen.unit, ""), wait=wait if wait > x else 0)
        )
    return placed, max(len(ends), 1)


def _ticks(strip: Strip, zone: str) -> list[Tick]:
    """Every midnight; Mondays are named."""
    ticks = []
    first = local(strip.since, zone)
    day = first.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    while (moment := round(day.timestamp()) * SECOND) < strip.until:
        label = f"{day.day} {MONTHS[day.month - 1][:3]}" if day.weekday() == 0 else ""
        ticks.append(Tick(x=_percent(moment - strip.since, strip.until - strip.since), label=label))
        day += timedelta(days=1)
    return ticks


def _percent(part: float, whole: float) -> float:
    return round(100 * part / whole, 3)


def pressure_columns(bars: tuple[Bar, ...]) -> list[tuple[Bar, Column]]:
    """Zero-based bars, the highest of which fills the plot."""
    most = max((bar.people for bar in bars), default=0) or 1
    step = 100 / max(len(bars), 6)
    columns = []
    for place, bar in enumerate(bars):
        height = round(100 * bar.people / most, 3)
        columns.append(
            (
                bar,
                Column(
                    x=round(place * step + step * 0.12, 3),
                    y=round(100 - height, 3),
                    width=round(step * 0.76, 3),
                    height=height,
                ),
            )
        )
    return columns


def day_columns(days: tuple[Kept, ...]) -> list[tuple[Kept, tuple[tuple[str, Column], ...]]]:
    """For each day its stacked pieces, from below: held, suppressed, only advised."""
    most = max((day.all for day in days), default=0) or 1
    step = 100 / max(len(days), 1)
    found = []
    for place, day in enumerate(days):
        pieces = []
        below = 0.0
        for name, count in (("held", day.held), ("suppressed", day.suppressed), ("advised", day.advised)):
            height = round(100 * count / most, 3)
            below += height
            if count:
                column = Column(
                    x=round(place * step + step * 0.22, 3),
                    y=round(100 - below, 3),
                    width=round(step * 0.56, 3),
                    height=height,
                )
                pieces.append((name, column))
        found.append((day, tuple(pieces)))
    return found
