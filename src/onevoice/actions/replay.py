"""Replay: a log's messages decided as if the gate had stood there, each at its own time.

What comes of it is the platform's mode. Monitor: the message is written down as sent and nobody judges it. Advise: the
verdict is written beside it, and it counts as sent all the same. Enforce: only what the verdict lets go is sent; what
is held is judged again when its time comes within the log.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

import msgspec

from onevoice.actions.gate import Gate
from onevoice.actions.judging import LOOK_AGAIN, Candidate, Decided, decide
from onevoice.actions.look_again import due_now, look_again
from onevoice.actions.observe import Observed, Told, told
from onevoice.actions.people import folios_of
from onevoice.actions.repeats import sorted_out
from onevoice.actions.testimony import label_and_refers
from onevoice.actions.threads import threads_of
from onevoice.actions.vault import Said, keep, sealed
from onevoice.ledger.engine import Transaction
from onevoice.ledger.entries import NOTHING_OLDER, Draft, Posted, post
from onevoice.ledger.tables import entries, sources
from onevoice.ledger.writer import Postponed
from onevoice.nouns.authority import Authority
from onevoice.nouns.observation import Observation
from onevoice.nouns.problem import Fault, Refused
from onevoice.nouns.words import Category, EntryKind, Mode, Verdict

MESSAGES_AT_ONCE: Final = 100
DUE_AT_ONCE: Final = 500


class Replay:
    """Takes observations in the order of time; messages of judged platforms are decided, the rest written down."""

    def __init__(self, gate: Gate, teller: Authority) -> None:
        self._gate = gate
        self._book = gate.book
        self._teller = teller

    def take_all(self, observations: Iterator[Observation], verdicts: Counter[str]) -> Iterator[Observed | Exception]:
        """As `take`, a hundred at a time."""
        while part := list(islice(observations, MESSAGES_AT_ONCE)):
            yield from self.take(part, verdicts)

    def take(self, observations: Sequence[Observation], verdicts: Counter[str]) -> list[Observed | Exception]:
        """An answer for each observation, in order; `verdicts` counts what was decided."""
        answers: list[Observed | Exception] = []
        for start in range(0, len(observations), MESSAGES_AT_ONCE):
            part = observations[start : start + MESSAGES_AT_ONCE]
            answers += self._gate.write(lambda tx, part=part: self._take(tx, part, verdicts))  # type: ignore[misc]
        return answers

    def _take(self, tx: Transaction, part: Sequence[Observation], verdicts: Counter[str]) -> list[Observed | Exception]:
        answers: list[Observed | Exception] = []
        for observation in part:
            try:
                item = told(self._book, self._teller, _named(observation), strict=False)
                answers.append(self._one(tx, item, verdicts))
            except Refused as refusal:
                answers.append(refusal)
        return answers

    def _one(self, tx: Transaction, item: Told, verdicts: Counter[str]) -> Observed | Exception:
        observation = item.observation
        mode = self._mode(observation)
        if mode is Mode.MONITOR or observation.kind != "sent" or observation.direction != "outbound":
            (answer,) = self._gate.observing.group(tx, [item])
            assert not isinstance(answer, Postponed), "one observation alone is never postponed"
            return answer
        _, repeats = sorted_out(tx, self._book.known, [(item.authority.who, item.key, item.body)])
        if repeats:
            (number,) = (before.entry for before in repeats.values())
            rows = tx.rows(entries, "number", [number])
            return Observed(number, rows[0][2] if rows else number, repeated=True)
        self._catch_up(tx, observation.occurred)
        decided = self._decided(tx, item, mode)
        verdicts[f"{mode.spoken} {decided.ruling.verdict.spoken}"] += 1
        goes = mode is Mode.ADVISE or decided.ruling.verdict is Verdict.SEND
        if goes:
            self._sent(tx, decided, observation.occurred)
        return Observed(decided.posted.entry, decided.posted.touch)

    def _mode(self, observation: Observation) -> Mode:
        surroundings = self._book.known.surroundings
        platform = next((one for one in surroundings.platforms.values() if one.key == observation.platform), None)
        return platform.mode if platform else Mode.MONITOR

    def _catch_up(self, tx: Transaction, now: int) -> None:
        """Holds whose time came before this message are judged first, each at its own time."""
        while rows := due_now(tx.connection, now, (LOOK_AGAIN,), DUE_AT_ONCE):
            for row in rows:
                look_again(tx, self._book, self._gate.bench, [row], now=row.at, recorded=self._book.clock())
                thread = threads_of(tx, [row.touch])[row.touch]
                if thread.verdict == Verdict.SEND and not thread.settled:
                    said_by = self._book.known.name(tx, sources, self._teller.who)
                    self._continue(tx, thread.going_on(EntryKind.SENT, row.at, said_by))

    def _decided(self, tx: Transaction, item: Told, mode: Mode) -> Decided:
        book, observation = self._book, item.observation
        (folios,) = folios_of(tx, book, [item.sought])
        if isinstance(folios, Fault):
            raise Refused([folios])
        label, refers = label_and_refers(book, self._gate.naming, item.authority, observation)
        words = sealed(book, Said(observation.subject, observation.words, refers or None))
        said_by = book.known.name(tx, sources, item.authority.who)
        candidate = Candidate(
            label=book.known.label(tx, label),
            category=label.category or int(Category.MARKETING),
            content=book.fingerprint(observation.content or observation.words),
            folios=folios,
            created=observation.occurred,
            send_by=0,
            mode=mode,
            said_by=said_by,
            commitment=words.commitment if words else None,
        )
        (decided,) = decide(tx, book, self._gate.bench, [candidate], observation.occurred, book.clock())
        assert decided is not None, "one message alone is never postponed"
        heard = [(said_by, item.key, item.body, decided.posted.entry)]
        if observation.message:
            heard.append((said_by, book.heard_key("message:" + observation.message), b"", decided.posted.touch))
        tx.hear(heard)
        if words:
            keep(tx, [(decided.posted.entry, folios[0] or folios[1], words)])
        return decided

    def _sent(self, tx: Transaction, decided: Decided, occurred: int) -> None:
        candidate = decided.candidate
        self._continue(
            tx,
            decided.draft._replace(
                kind=int(EntryKind.SENT),
                touch=decided.posted.touch,
                firsts=decided.posted.sequences,
                occurred=occurred,
                counts=False,
                verdict=None,
                reason=None,
                until=None,
                latest=None,
                findings=None,
                policy=None,
                surroundings=None,
                commitment=None,
                mode=int(candidate.mode),
            ),
        )

    def _continue(self, tx: Transaction, draft: Draft) -> Posted:
        """Book the next entry of a thread; its lease or hold is watched no longer."""
        states = tx.states(sorted(folio for folio in draft.folios if folio), NOTHING_OLDER)
        (posted,) = post(tx, self._book.known, states, [draft], self._book.clock())
        self._gate.observing.unwatch(tx, [draft.touch])
        return posted


def _named(observation: Observation) -> Observation:
    """A message of a log is marketing where the log does not say what it is: the strictest reading."""
    if observation.kind == "sent" and not observation.category:
        return msgspec.structs.replace(observation, category=Category.MARKETING.spoken)
    return observation
