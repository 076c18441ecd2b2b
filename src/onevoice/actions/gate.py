"""The gate: the three verbs behind every door, and the one writer through which all of them go."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from typing import Any, Final, NamedTuple, TypeVar

from onevoice.actions.bench import Bench, MakeZones
from onevoice.actions.judging import LAPSE, LOOK_AGAIN, SETTLE
from onevoice.actions.look_again import due_now, look_again
from onevoice.actions.naming import Naming
from onevoice.actions.observe import Observed, Observing, Told, told
from onevoice.actions.propose import Asked, Proposing, asked
from onevoice.ledger.book import Book
from onevoice.ledger.engine import Transaction
from onevoice.ledger.writer import POSTPONED, Postponed, Writer
from onevoice.nouns.authority import Authority, Verb
from onevoice.nouns.decision import Decision
from onevoice.nouns.observation import Observation
from onevoice.nouns.problem import NotFound, Refused
from onevoice.nouns.proposal import Proposal

T = TypeVar("T")

BULK_ROWS: Final = 2000
"""Rows of one bulk commit: small enough that a waiting single is served in between within a quarter of a second."""

BULK_AHEAD: Final = 2
"""Bulk groups that wait while one is written, so that the writer never idles and memory stays bounded."""

DUE_ROWS: Final = 500


class Run(NamedTuple):
    """Any other write: a function of the open transaction."""

    run: Callable[[Transaction], Any]


class Trial(NamedTuple):
    """A write that is undone: its answer is what would be."""

    run: Callable[[Transaction], Any]


KINDS: Final = (Told, Asked, Trial, Run)
"""The order in which what waits together is written."""


class Gate:
    """Propose, observe, and the other writes; made once by wiring. Every call says in whose name it is made."""

    def __init__(self, book: Book, make_zones: MakeZones) -> None:
        self.book = book
        self.bench = Bench(book.known, make_zones)
        self.naming = Naming(book.known)
        self._proposing = Proposing(book, self.bench, self.naming)
        self.observing = Observing(book, self.naming)
        self._writer: Writer[Asked | Told | Run | Trial, Any] = Writer(book.engine, self._group, self._forget)

    # -- propose

    def submit(self, authority: Authority, proposal: Proposal) -> "Future[Decision]":
        """Ask for a decision; the future is done when it is durable. Raises Refused, NotFound, Unavailable."""
        _allowed(authority, Verb.PROPOSE)
        return self._writer.submit(asked(self.book, authority, proposal))

    def propose(self, authority: Authority, proposal: Proposal, dry_run: bool = False) -> Decision:
        """The decision on one proposal. With `dry_run`, what it would be now; nothing is written.

        Raises Refused, KeyReused, NotFound, Unavailable."""
        if not dry_run:
            return self.submit(authority, proposal).result()
        _allowed(authority, Verb.PROPOSE)
        item = asked(self.book, authority, proposal)
        return self.try_out(lambda tx: self._proposing.dry_run(tx, item))

    def propose_many(
        self, authority: Authority, proposals: Iterable[Proposal], batch_key: str = ""
    ) -> Iterator[Decision | Exception]:
        """Decisions in the order of the proposals, read and answered as it goes: memory holds a few thousand rows.

        With `batch_key` rows are told apart by their place in the batch, whatever their own keys."""
        _allowed(authority, Verb.PROPOSE)
        prefix = self.book.heard_key("batch:" + batch_key)[:12] if batch_key else b""

        def item(place: int, proposal: Proposal) -> Asked:
            key = prefix + place.to_bytes(4, "big") if prefix else None
            return asked(self.book, authority, proposal, key)

        return self._many(proposals, item)

    # -- observe

    def submit_observation(
        self, authority: Authority, observation: Observation, strict: bool = True
    ) -> "Future[Observed]":
        """Tell the book one fact; the future is done when it is durable. Unless `strict`, a fact told again in other
        words is a repeat. Who may propose may say what became of the touch."""
        settles = observation.touch and observation.kind in ("sent", "released", "failed")
        _allowed(authority, Verb.PROPOSE if settles and not authority.may(Verb.OBSERVE) else Verb.OBSERVE)
        return self._writer.submit(told(self.book, authority, observation, strict=strict))

    def observe(self, authority: Authority, observation: Observation) -> Observed:
        """Tell the book one fact. Raises Refused, KeyReused, NotFound, Unavailable."""
        return self.submit_observation(authority, observation).result()

    def observe_many(
        self, authority: Authority, observations: Iterable[Observation], strict: bool = False
    ) -> Iterator[Observed | Exception]:
        """Tell the book many facts, in order. Unless `strict`, a fact told again in other words is a repeat."""
        _allowed(authority, Verb.OBSERVE)
        return self._many(observations, lambda _, one: told(self.book, authority, one, strict=strict))

    def confirm(self, authority: Authority, touch: int, key: str, occurred: int) -> Observed:
        """The sender sent it: the reservation is used."""
        sent = Observation(kind="sent", key=key, occurred=occurred, touch=touch)
        return self.submit_observation(authority, sent, strict=False).result()

    def release(self, authority: Authority, touch: int, key: str) -> Observed:
        """The sender did not send it: the place is free again."""
        now = self.book.clock()
        released = Observation(kind="released", key=key, occurred=now, touch=touch)
        return self.submit_observation(authority, released, strict=False).result()

    # -- other writes

    def write(self, run: Callable[[Transaction], T]) -> T:
        """Run a write of an action in one transaction on the writer's thread."""
        answer: T = self._writer.submit(Run(run)).result()
        return answer

    def try_out(self, run: Callable[[Transaction], T]) -> T:
        """Run a write on the writer's thread, undo it, and give its answer: labels, names and folios that it had to
        open are gone again."""
        answer: T = self._writer.submit(Trial(run)).result()
        return answer

    def look_again(self) -> int:
        """Judge anew every hold that is due, and let lapse what nobody confirmed; how many were looked at."""
        looked = 0
        while True:
            with self.book.engine.reading() as connection:
                rows = due_now(connection, self.book.clock(), (LOOK_AGAIN, LAPSE, SETTLE), DUE_ROWS)
            if not rows:
                return looked
            looked += self.write(lambda tx, rows=rows: look_again(tx, self.book, self.bench, rows))  # type: ignore[misc]

    def close(self) -> None:
        """Write what is waiting, then stop."""
        self._writer.close()

    def _group(
        self, tx: Transaction, items: Sequence[Asked | Told | Run | Trial]
    ) -> Sequence[Decision | Observed | Exception | Postponed]:
        """What was told comes first, so that a stop binds the message beside it; then questions; then other writes.

        Where several processes write, one transaction holds one kind only: then it locks its folios once, sorted, and
        two processes never wait for each other in a ring. The other kinds keep their place for the next one."""
        self.book.known.refresh(tx.connection)
        answers: list[Any] = [POSTPONED] * len(items)
        for kind in KINDS:
            places = [place for place, item in enumerate(items) if type(item) is kind]
            if self.book.engine.several_writers and kind in (Trial, Run):
                places = places[:1]
            for place, answer in zip(places, self._written(tx, kind, [items[place] for place in places]), strict=True):
                answers[place] = answer
            if places and self.book.engine.several_writers:
                break
        return answers

    def _written(self, tx: Transaction, kind: type, items: Sequence[Any]) -> Sequence[Any]:
        if not items:
            return []
        if kind is Told:
            return self.observing.group(tx, items)
        if kind is Asked:
            return self._proposing.group(tx, items)
        if kind is Trial:
            return [self._tried(tx, one) for one in items]
        answers = [one.run(tx) for one in items]
        self.book.known.refresh(tx.connection)
        return answers

    def _tried(self, tx: Transaction, trial: Trial) -> Any:
        """The answer of a write that is undone; a refusal is an answer too."""
        undone = tx.connection.begin_nested()
        try:
            return trial.run(tx)
        except (Refused, NotFound) as refusal:
            return refusal
        finally:
            _ = tx.connection  # writes that were kept back are sent, so that they are undone too
            undone.rollback()
            self._forget()
            self.book.known.refresh(tx.connection)

    def _forget(self) -> None:
        """A write failed: numbers given in it never came to be."""
        self.book.known.forget()
        self.naming.forget()
        self.bench.forget()

    def _many(self, values: Iterable[Any], item: Callable[[int, Any], Asked | Told]) -> Iterator[Any]:
        """Answers in order; what is refused before the store is answered in its place."""
        waiting: list[tuple[list[Exception | None], Future[Any]]] = []
        for early, items in _chunks(values, item):
            waiting.append((early, self._writer.submit_many(items)))
            if len(waiting) > BULK_AHEAD:
                yield from _merged(*waiting.pop(0))
        for one in waiting:
            yield from _merged(*one)


def _chunks(
    values: Iterable[Any], item: Callable[[int, Any], Asked | Told]
) -> Iterator[tuple[list[Exception | None], list[Asked | Told]]]:
    early: list[Exception | None] = []
    items: list[Asked | Told] = []
    for place, value in enumerate(values):
        try:
            items.append(item(place, value))
            early.append(None)
        except Refused as refusal:
            early.append(refusal)
        if len(early) == BULK_ROWS:
            yield early, items
            early, items = [], []
    if early:
        yield early, items


def _merged(early: list[Exception | None], future: "Future[Any]") -> Iterator[Any]:
    answers = iter(future.result())
    for refusal in early:
        yield refusal if refusal is not None else next(answers)


def _allowed(authority: Authority, verb: Verb) -> None:
    if not authority.may(verb):
        raise NotFound("Your key or role may not do this. Ask an administrator for the right to " + verb + ".")
