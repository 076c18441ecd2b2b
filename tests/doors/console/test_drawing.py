"""Where marks and bars stand."""

from onevoice.answers.overview import Kept
from onevoice.answers.pressure import Bar
from onevoice.answers.strip import strip
from onevoice.doors.console.drawing import ROWS_MAX, day_columns, draw_strip, letters_of, pressure_columns
from onevoice.nouns.moment import HOUR, MINUTE
from tests.answers.stage import RETAIL, Stage


def test_marks_of_one_hour_stand_in_rows_and_the_rest_are_counted(stage: Stage) -> None:
    """No mark covers another: rows first, then a number on the last one."""
    customer = stage.person("C-1", units=(RETAIL,))
    for minutes in range(9):
        stage.sent(customer, stage.clock() - 5 * HOUR + minutes * MINUTE, unit=RETAIL, campaign=1)
    with stage.reader() as reader:
        drawn = draw_strip(strip(reader, customer), "Europe/Berlin")
    (lane,) = drawn.lanes
    assert len(lane.marks) == ROWS_MAX == len({one.y for one in lane.marks})
    assert sum(1 + one.more for one in lane.marks) == 9


def test_time_runs_from_left_to_right_in_the_readers_zone(stage: Stage) -> None:
    """28 of 31 days lie before now; ticks are midnights, Mondays have names."""
    customer = stage.person("C-1", units=(RETAIL,))
    with stage.reader() as reader:
        drawn = draw_strip(strip(reader, customer), "Europe/Berlin")
    assert drawn.now_x == 90.323
    assert len(drawn.ticks) == 31
    assert [tick.label for tick in drawn.ticks if tick.label] == ["7 Sep", "14 Sep", "21 Sep", "28 Sep"]


def test_units_get_two_letters_each_of_their_own() -> None:
    """Initials, unless somebody has them already."""
    names = {1: "Alder Bank", 2: "Alder Books", 3: "Retail", 4: "Été"}
    assert letters_of(names) == {1: "AB", 2: "BL", 3: "RE", 4: "ÉT"}


def test_bars_stand_on_zero_and_the_highest_fills_the_plot() -> None:
    """Heights are in proportion to people."""
    columns = pressure_columns((Bar(messages=1, people=8), Bar(messages=2, people=2), Bar(messages=3, people=0)))
    assert [(column.y, column.height) for _, column in columns] == [(0, 100), (75, 25), (100, 0)]


def test_a_days_pieces_are_stacked_without_gaps() -> None:
    """Held below, suppressed on top of it, together as high as their sum."""
    ((_, pieces),) = day_columns((Kept(key="1", name="1", held=1, suppressed=3),))
    assert [(name, column.y, column.height) for name, column in pieces] == [("held", 75, 25), ("suppressed", 0, 75)]
