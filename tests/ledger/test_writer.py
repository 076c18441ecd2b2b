"""Group commit: who shares a transaction with whom, who is served first, and what is told to whom when it fails."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager
from typing import Any

import pytest

from onevoice.ledger.writer import POSTPONED, QUEUE_MAX, Postponed, Writer
from onevoice.nouns.problem import Fault, KeyReused, NotFound, Refused, Unavailable

Answers = Sequence[str | Exception | Postponed]
PATIENCE = 20


class Store:
    """A store whose commits are counted, held back, or made to fail. What was written is kept when it is committed."""

    name = "pretended"
    several_writers = False

    def __init__(self) -> None:
        self.written: list[list[str]] = []
        self.open_gate = threading.Event()
        self.open_gate.set()
        self.began = threading.Semaphore(0)
        self.failures: list[Exception] = []
        self.commits_fail: list[Exception] = []

    @contextmanager
    def writing(self) -> Iterator[Any]:
        self.began.release()
        assert self.open_gate.wait(PATIENCE)
        if self.failures:
            raise self.failures.pop(0)
        page: list[str] = []
        yield page
        if self.commits_fail:
            raise self.commits_fail.pop(0)
        self.written.append(page)

    @property
    def entries(self) -> list[str]:
        return [item for page in self.written for item in page]


def upper(tx: Any, items: Sequence[str]) -> Answers:
    """Writes every item down; `bad` is refused without a trace, `poison` breaks the transaction."""
    answers: list[str | Exception | Postponed] = []
    for item in items:
        if item.startswith("bad"):
            answers.append(Refused([Fault("item", "It is bad.")]))
        elif item.startswith("poison"):
            raise ZeroDivisionError(item)
        else:
            tx.append(item)
            answers.append(item.upper())
    return answers


@contextmanager
def writer(
    store: Store, group: Callable[[Any, Sequence[str]], Answers] = upper, failed: Callable[[], None] = lambda: None
) -> Iterator[Writer[str, str]]:
    made: Writer[str, str] = Writer(store, group, failed)  # type: ignore[arg-type]  # only `writing` is asked of it
    try:
        yield made
    finally:
        store.open_gate.set()
        made.close()


def held_back(store: Store, made: Writer[str, str]) -> "Future[str]":
    """A first item whose transaction has begun and waits, so that what comes next must queue."""
    store.open_gate.clear()
    first = made.submit("first")
    assert store.began.acquire(timeout=PATIENCE)
    return first


def test_whoever_waits_shares_one_commit() -> None:
    """Fifty proposals that came in during one commit are written by the next one together."""
    store = Store()
    with writer(store) as made:
        first = held_back(store, made)
        rest = [made.submit(f"item{number}") for number in range(50)]
        store.open_gate.set()
        assert [one.result(PATIENCE) for one in [first, *rest]] == ["FIRST", *[f"ITEM{n}" for n in range(50)]]
    assert [len(page) for page in store.written] == [1, 50]


def test_nothing_is_acknowledged_before_the_commit() -> None:
    """While the transaction is open the asker waits: an answer means it is durable."""
    store = Store()
    with writer(store) as made:
        first = held_back(store, made)
        assert not wait([first], timeout=0.05).done
        assert store.written == []
        store.open_gate.set()
        assert first.result(PATIENCE) == "FIRST"
        assert store.written == [["first"]]


def test_a_single_message_goes_between_two_parts_of_a_big_batch() -> None:
    """A one-time code does not wait for the newsletter: between two bulk groups all waiting singles are served."""
    store = Store()
    with writer(store) as made:
        held_back(store, made)
        bulk = [made.submit_many([f"bulk{number}"]) for number in range(3)]
        single = made.submit("code")
        store.open_gate.set()
        every: list[Future[Any]] = [single, *bulk]
        wait(every, timeout=PATIENCE)
    assert store.entries[:3] == ["first", "code", "bulk0"]


def test_big_batches_go_on_while_singles_never_stop() -> None:
    """One bulk group is written after each group of singles, so that neither starves."""
    store = Store()
    with writer(store) as made:
        held_back(store, made)
        bulk = made.submit_many(["bulk"])
        singles = [made.submit(f"s{number}") for number in range(1_000)]
        store.open_gate.set()
        every: list[Future[Any]] = [bulk, *singles]
        wait(every, timeout=PATIENCE)
    assert store.entries.index("bulk") < 300


def test_one_bad_message_spoils_nobody_elses() -> None:
    """What breaks the transaction is refused alone; the others are written all the same, each once."""
    store = Store()
    failures: list[int] = []
    with writer(store, failed=lambda: failures.append(1)) as made:
        held_back(store, made)
        asked = [made.submit(item) for item in ("one", "bad", "poison", "two")]
        store.open_gate.set()
        one, bad, poison, two = asked
        assert (one.result(PATIENCE), two.result(PATIENCE)) == ("ONE", "TWO")
        assert isinstance(bad.exception(PATIENCE), Refused)
        assert isinstance(poison.exception(PATIENCE), Unavailable)
    assert store.entries == ["first", "one", "two"]
    assert failures, "whoever gave numbers in the broken transaction must be told"


def test_a_bad_message_in_a_batch_is_answered_in_its_place() -> None:
    """The answers of a batch stand in the order of its rows, refusals among them."""
    store = Store()
    with writer(store) as made:
        answers = made.submit_many(["one", "poison", "bad", "two"]).result(PATIENCE)
    assert [str(answer) if isinstance(answer, str) else type(answer).__name__ for answer in answers] == [
        "ONE",
        "Unavailable",
        "Refused",
        "TWO",
    ]


@pytest.mark.parametrize(
    "refusal", [Refused([Fault("it", "No.")]), KeyReused("Used."), NotFound("Nobody."), Unavailable("Later.")]
)
def test_a_refusal_reaches_the_asker_as_it_is(refusal: Exception) -> None:
    """Not found stays not found: only what nobody expected becomes “try again in a moment”."""

    def refusing(tx: Any, items: Sequence[str]) -> Answers:
        raise refusal

    with writer(Store(), refusing) as made:
        assert made.submit("it").exception(PATIENCE) is refusal


def test_a_store_that_is_down_refuses_and_works_again() -> None:
    """Fail closed: nobody is told yes, and the next one is served."""
    store = Store()
    store.failures = [OSError("disk full")]
    with writer(store) as made:
        assert isinstance(made.submit("one").exception(PATIENCE), Unavailable)
        assert made.submit("two").result(PATIENCE) == "TWO"
    assert store.entries == ["two"]


def test_a_commit_that_fails_is_no_yes() -> None:
    """The group was fine, the commit was not: the asker hears no."""
    store = Store()
    store.commits_fail = [OSError("disk full")]
    with writer(store) as made:
        assert isinstance(made.submit("one").exception(PATIENCE), Unavailable)
    assert store.entries == []


class Faster(Exception):
    """As a driver says that another process was faster."""

    sqlstate = "23505"


class Broken(Exception):
    """As a driver says that the connection broke during the commit."""

    connection_invalidated = True


@pytest.mark.parametrize("error", [Faster(), Broken()])
def test_what_may_pass_is_tried_again(error: Exception) -> None:
    """Another process was faster, or the line broke: the same transaction is tried anew, with fresh eyes."""
    store = Store()
    store.commits_fail = [error]
    with writer(store) as made:
        assert made.submit("one").result(PATIENCE) == "ONE"


def test_what_never_passes_is_not_tried_for_ever() -> None:
    """After three turns the asker is told to come back."""
    store = Store()
    store.commits_fail = [Faster() for _ in range(9)]
    with writer(store) as made:
        assert isinstance(made.submit("one").exception(PATIENCE), Unavailable)
    assert len(store.commits_fail) == 6


def test_a_full_queue_refuses() -> None:
    """A slow store never means an endless wait: what does not fit is refused at once, and can be asked again."""
    store = Store()
    with writer(store) as made:
        held_back(store, made)
        queued = [made.submit(f"i{number}") for number in range(QUEUE_MAX)]
        with pytest.raises(Unavailable):
            made.submit("one too many")
        for _ in range(QUEUE_MAX // 100):
            made.submit_many([])
        with pytest.raises(Unavailable):
            made.submit_many(["one too many"])
        store.open_gate.set()
        wait(queued, timeout=PATIENCE)
    assert len(store.entries) == QUEUE_MAX + 1


def test_what_is_postponed_keeps_its_place() -> None:
    """A message that depends on one in its own group comes next, still in order."""
    turns: list[list[str]] = []

    def two_at_a_time(tx: Any, items: Sequence[str]) -> Answers:
        turns.append(list(items))
        tx.extend(items[:2])
        return [item.upper() if place < 2 else POSTPONED for place, item in enumerate(items)]

    store = Store()
    with writer(store, two_at_a_time) as made:
        answers = made.submit_many(["a", "b", "c", "d", "e"]).result(PATIENCE)
    assert answers == ["A", "B", "C", "D", "E"]
    assert turns == [["a", "b", "c", "d", "e"], ["c", "d", "e"], ["e"]]


def test_a_group_that_answers_nobody_is_an_error_not_an_endless_turn() -> None:
    """The writer's thread serves everybody: it may not hang on one group."""
    with writer(Store(), lambda tx, items: [POSTPONED] * len(items)) as made:
        assert isinstance(made.submit("it").exception(PATIENCE), Unavailable)


def test_whoever_gives_up_waiting_harms_nobody() -> None:
    """A caller who hung up before their turn is left out, and the writer goes on."""
    store = Store()
    with writer(store) as made:
        held_back(store, made)
        gone, stays = made.submit("gone"), made.submit("stays")
        given_up = made.submit_many(["bulk"])
        assert gone.cancel()
        assert given_up.cancel()
        store.open_gate.set()
        assert stays.result(PATIENCE) == "STAYS"
        assert made.submit("later").result(PATIENCE) == "LATER"
    assert store.entries == ["first", "stays", "later"]


def test_whoever_gives_up_during_the_commit_harms_nobody() -> None:
    """Once being written, it is written: hanging up comes too late."""
    store = Store()
    with writer(store) as made:
        first = held_back(store, made)
        assert not first.cancel()
        store.open_gate.set()
        assert first.result(PATIENCE) == "FIRST"


def test_closing_writes_what_is_waiting() -> None:
    """Stopping loses nothing that was accepted, and accepts nothing more."""
    store = Store()
    with writer(store) as made:
        held_back(store, made)
        waiting = [made.submit("a"), made.submit("b")]
        store.open_gate.set()
        made.close()
        assert [one.result(0) for one in waiting] == ["A", "B"]
        with pytest.raises(Unavailable):
            made.submit("late")
