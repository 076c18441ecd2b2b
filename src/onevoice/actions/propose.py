"""Propose: may these messages go out? One transaction reads the folios, judges, and books every decision."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from onevoice.actions.bench import Bench
from onevoice.actions.bounds import proposal_faults, text_of
from onevoice.actions.judging import Candidate, decide
from onevoice.actions.naming import Naming
from onevoice.actions.people import Person, Sought, checked, folios_of, sought
from onevoice.actions.repeats import reused, sorted_out
from onevoice.actions.retell import decision_at, told
from onevoice.actions.vault import Said, Sealed, keep, sealed
from onevoice.ledger.book import Book
from onevoice.ledger.engine import Transaction
from onevoice.ledger.known import Known
from onevoice.ledger.tables import sources, templates
from onevoice.ledger.writer import POSTPONED, Postponed
from onevoice.nouns.authority import Authority
from onevoice.nouns.decision import Decision
from onevoice.nouns.problem import Fault, Refused
from onevoice.nouns.proposal import Proposal
from onevoice.nouns.words import Channel, Mode

KEY_MAX: Final = 200
CHANNELS: Final = {channel.spoken: int(channel) for channel in Channel if channel}

Answer = Decision | Exception | Postponed


class Asked(NamedTuple):
    """One proposal on its way to the writer: who asks, whom it is for, and its content, key and body as hashes."""

    authority: Authority
    proposal: Proposal
    sought: Sought
    content: int
    key: bytes
    body: bytes


class Ready(NamedTuple):
    """A proposal with its numbers and its sealed words; `place` is where it stands in its group."""

    place: int
    candidate: Candidate
    words: Sealed | None


def asked(book: Book, authority: Authority, proposal: Proposal, key: bytes | None = None) -> Asked:
    """A proposal ready for the writer; `key` stands in for the hash of its own key (rows of a batch).

    Raises Refused with everything that can be seen wrong without the store."""
    person = Person(
        proposal.customer, proposal.address, CHANNELS.get(proposal.channel, 0), proposal.household, proposal.client
    )
    spelled = checked(person, book.region)
    body, faults = text_of(proposal)
    faults += proposal_faults(proposal, book.clock()) + (spelled if isinstance(spelled, list) else [])
    if not 0 < len(proposal.key) <= KEY_MAX:
        faults.append(Fault("key", f"Give an idempotency key of 1 to {KEY_MAX} characters, new for each message."))
    if faults or isinstance(spelled, list):
        raise Refused(faults)
    content = book.fingerprint(proposal.content or proposal.words)
    key = key or book.heard_key(proposal.key)
    return Asked(authority, proposal, sought(book, spelled), content, key, book.body_hash(body))


class Proposing:
    """Decides groups of proposals inside the writer's transaction."""

    def __init__(self, book: Book, bench: Bench, naming: Naming) -> None:
        self._book = book
        self._bench = bench
        self._naming = naming

    def group(self, tx: Transaction, items: Sequence[Asked]) -> list[Answer]:
        """Decide these proposals in one go: repeats are answered as before, the rest are judged in total order."""
        answers: list[Answer] = [POSTPONED] * len(items)
        keyed = [(item.authority.who, item.key, item.body) for item in items]
        fresh, repeats = sorted_out(tx, self._book.known, keyed)
        for place, before in repeats.items():
            again = before.body == items[place].body
            key = items[place].proposal.key
            answers[place] = decision_at(tx, self._bench, key, before.entry) if again else reused(key)
        now = self._book.clock()
        ready = self._ready(tx, items, fresh, answers, now)
        if not ready:
            return answers
        decided = decide(tx, self._book, self._bench, [one.candidate for one in ready], now)
        policy = self._bench.policy(tx)
        heard: list[tuple[int, bytes, bytes, int]] = []
        words: list[tuple[int, int, Sealed]] = []
        for one, outcome in zip(ready, decided, strict=True):
            if outcome is None:
                continue
            item, number = items[one.place], outcome.posted.entry
            heard.append((one.candidate.said_by, item.key, item.body, number))
            if one.words is not None:
                words.append((number, one.candidate.folios[0] or one.candidate.folios[1], one.words))
            answers[one.place] = told(item.proposal.key, outcome, policy)
        tx.hear(heard)
        keep(tx, words)
        return answers

    def dry_run(self, tx: Transaction, item: Asked) -> Decision:
        """What would be decided now; the caller undoes the transaction. Raises Refused."""
        answers: list[Answer] = [POSTPONED]
        now = self._book.clock()
        ready = self._ready(tx, [item], [0], answers, now)
        if not ready:
            assert isinstance(answers[0], Exception)
            raise answers[0]
        (decided,) = decide(tx, self._book, self._bench, [ready[0].candidate], now)
        assert decided is not None
        decision = told(item.proposal.key, decided, self._bench.policy(tx))
        return msgspec.structs.replace(decision, touch=0, lease_until=0, dry_run=True)

    def _ready(
        self, tx: Transaction, items: Sequence[Asked], fresh: Sequence[int], answers: list[Answer], now: int
    ) -> list[Ready]:
        """The proposals whose names and people are known; the others are answered with what is wrong."""
        labels: dict[int, int] = {}
        for place in fresh:
            try:
                labels[place] = self._naming.label_of(tx, items[place].proposal, items[place].authority)
            except Refused as refusal:
                answers[place] = refusal
        found = folios_of(tx, self._book, [items[place].sought for place in labels])
        known = self._book.known
        modes = {label: _mode(known, label) for label in set(labels.values())}
        said_by = {who: known.name(tx, sources, who) for who in {items[place].authority.who for place in labels}}
        ready: list[Ready] = []
        for (place, label), folios in zip(labels.items(), found, strict=True):
            if isinstance(folios, Fault):
                answers[place] = Refused([folios])
            else:
                item, proposal = items[place], items[place].proposal
                words = _sealed(self._book, proposal)
                candidate = Candidate(
                    label=label,
                    category=known.labels[label].category,
                    content=item.content,
                    folios=folios,
                    created=proposal.created or now,
                    send_by=proposal.send_by,
                    mode=modes[label],
                    said_by=said_by[item.authority.who],
                    score=proposal.score,
                    dispatch=proposal.dispatch,
                    template=known.name(tx, templates, proposal.template) if proposal.template else 0,
                    commitment=words.commitment if words else None,
                )
                ready.append(Ready(place, candidate, words))
        return ready


def _mode(known: Known, label: int) -> Mode:
    platform = known.surroundings.platforms.get(known.labels[label].platform)
    return platform.mode if platform else Mode.ENFORCE


def _sealed(book: Book, proposal: Proposal) -> Sealed | None:
    return sealed(book, Said(proposal.subject, proposal.words)) if proposal.subject or proposal.words else None
