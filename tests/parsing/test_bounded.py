"""A hostile message costs itself and nothing else."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from onevoice.nouns.observation import Parked
from onevoice.parsing import bounded
from onevoice.parsing.bounded import Bounded, ChildWillNotStart, Stopped, streamed
from onevoice.parsing.limits import LIMITS

TIGHT = replace(LIMITS, cpu_seconds=1, wall_seconds=25, memory=400 << 20)


@pytest.fixture
def child() -> Iterator[Bounded[str]]:
    with Bounded[str]("tests.parsing.hostile:obey", str, TIGHT) as asked:
        yield asked


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        (b"exit", bounded.DIED),
        (b"loop", bounded.TOO_LONG),
        (b"memory", bounded.TOO_MUCH_MEMORY),
        (b"creep", bounded.TOO_MUCH_MEMORY),
        (b"raise", "It could not be read (ValueError)."),
        (b"large", bounded.TOO_LARGE),
        (b"write", "It could not be read (OSError)."),
    ],
)
def test_a_message_that_misbehaves_is_answered_with_a_reason_and_the_next_is_read(
    child: Bounded[str], deed: bytes, reason: str
) -> None:
    """Whatever one message does to the reader, the one before and the one after it are read."""
    assert child.ask(b"before") == "BEFORE"
    began = time.monotonic()
    assert child.ask(deed) == Stopped(reason)
    assert time.monotonic() - began < TIGHT.wall_seconds, "stopped by the kernel, long before our patience ends"
    assert child.ask(b"after") == "AFTER"


def test_a_reader_that_prints_cannot_forge_an_answer(child: Bounded[str]) -> None:
    """Standard output is not the channel of answers."""
    assert child.ask(b"print") == "PRINT"
    assert child.ask(b"after") == "AFTER"


def test_no_secret_of_the_environment_reaches_the_child(child: Bounded[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The child's environment is made for it; ours is not handed on."""
    monkeypatch.setenv("ONEVOICE_SECRET", "s3cret")
    names = child.ask(b"environment")
    assert isinstance(names, str) and "PYTHONPATH" in names and "ONEVOICE" not in names


def test_one_child_serves_many_messages(child: Bounded[str]) -> None:
    """The cost of starting is paid once: a thousand small messages take well under ten seconds."""
    child.ask(b"warm")
    began = time.monotonic()
    assert all(child.ask(b"a%d" % number) == f"A{number}" for number in range(1000))
    assert time.monotonic() - began < 10


def test_a_large_message_goes_through_the_pipe_whole(child: Bounded[str]) -> None:
    """Five megabytes are far beyond what a pipe holds."""
    assert child.ask(b"z" * (5 << 20)) == "Z" * (5 << 20)


def test_a_reader_that_cannot_be_found_is_our_fault_and_says_so() -> None:
    """Broken machinery is an exception, not a parked message."""
    with pytest.raises(ChildWillNotStart), Bounded[str]("tests.parsing.hostile:nothing", str, TIGHT) as asked:
        asked.ask(b"x")


@pytest.mark.parametrize(
    ("deed", "reason"),
    [(b"exit", bounded.DIED), (b"loop", bounded.TOO_LONG), (b"memory", bounded.TOO_MUCH_MEMORY)],
)
def test_what_a_file_gave_before_it_killed_its_reader_is_kept(deed: bytes, reason: str) -> None:
    """Whole batches that arrived before the end are there, and the end has a reason."""
    items = list(streamed("tests.parsing.hostile:yield_then", b"1000 " + deed, Parked, TIGHT))
    assert len(items) == 1001 and items[-1] == Stopped(reason)


def test_a_stream_that_ends_well_gives_all_and_nothing_more() -> None:
    """1,203 values are two full batches and a rest."""
    items = list(streamed("tests.parsing.hostile:yield_then", b"1203", Parked, TIGHT))
    assert [item.where for item in items] == [f"line {number}" for number in range(1, 1204)]
