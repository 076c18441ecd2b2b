"""Observe: somebody says that something happened; it is written down once, tied to its thread and its people."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from onevoice.actions.bounds import AHEAD_MAX, observation_faults, text_of
from onevoice.actions.judging import LAPSE, SETTLE
from onevoice.actions.naming import Naming
from onevoice.actions.people import Person, Sought, checked, folios_of, sought
from onevoice.actions.propose import CHANNELS, KEY_MAX
from onevoice.actions.repeats import reused, sorted_out
from onevoice.actions.testimony import KINDS, Meaning, meaning_of, stop_key, stops, what_follows
from onevoice.actions.threads import OUTCOMES, Thread, threads_of
from onevoice.actions.vault import Said, Sealed, keep, sealed
from onevoice.ledger.book import Book
from onevoice.ledger.engine import Transaction
from onevoice.ledger.entries import NO_FOLIOS, NOTHING_OLDER, Draft, Folios, post
from onevoice.ledger.tables import due, entries, sources, templates
from onevoice.ledger.writer import POSTPONED, Postponed
from onevoice.nouns.authority import Authority
from onevoice.nouns.label import Label
from onevoice.nouns.moment import SECOND
from onevoice.nouns.observation import Observation
from onevoice.nouns.problem import Fault, NotFound, Refused
from onevoice.nouns.words import Direction, EntryKind
from onevoice.parsing.addresses import as_told, normalised

EARLIEST: Final = 631_152_000 * SECOND
"""1990-01-01: what is older was told by a clock that is wrong."""


class Observed(msgspec.Struct, frozen=True):
    """What became of an observation: its entry and thread in the book, and whether it was known already."""

    entry: int
    touch: int
    repeated: bool = False


class Told(NamedTuple):
    """One observation on its way to the writer. `strict`: the same key with another body is an error (a caller's
    mistake), not a repeat (a log told twice)."""

    authority: Authority
    observation: Observation
    sought: Sought
    key: bytes
    body: bytes
    strict: bool = True


Answer = Observed | Exception | Postponed


def told(book: Book, authority: Authority, observation: Observation, *, strict: bool = True) -> Told:
    """An observation ready for the writer. Raises Refused with everything that can be seen wrong without the store."""
    body, faults = text_of(observation)
    faults += _faults(observation, book.clock())
    kind = KINDS.get(observation.kind)
    person = Person(
        observation.customer,
        observation.address,
        CHANNELS.get(observation.channel, 0),
        observation.household,
        observation.client,
        completed=kind is not None and kind < EntryKind.CONSENTED,
    )
    if not observation.touch and not (observation.message and not person.customer and not person.address):
        spelled = checked(person, book.region, normalised if strict else as_told)
        if isinstance(spelled, list):
            faults.extend(spelled)
        else:
            person = spelled
    if faults:
        raise Refused(faults)
    key = book.heard_key(observation.key)
    return Told(authority, observation, sought(book, person), key, book.body_hash(body), strict)


def _faults(observation: Observation, now: int) -> list[Fault]:
    faults = observation_faults(observation)
    if observation.kind not in KINDS:
        faults.append(Fault("kind", f"'{observation.kind[:40]}' is not one of: {', '.join(KINDS)}."))
    if not 0 < len(observation.key) <= 2 * KEY_MAX:
        faults.append(Fault("key", "Give the source's own id of this fact, at most 400 characters."))
    if not EARLIEST <= observation.occurred <= now + AHEAD_MAX:
        faults.append(Fault("occurred", "This is before 1990 or more than a day ahead of the clock here."))
    if observation.channel and observation.channel not in CHANNELS:
        faults.append(Fault("channel", f"'{observation.channel[:40]}' is not one of: {', '.join(CHANNELS)}."))
    if observation.address and not observation.channel and not observation.touch:
        faults.append(Fault("channel", "Say of which channel the address is: a STOP must bind the right one."))
    wish = (observation.at_most, observation.days, observation.quiet_begin, observation.quiet_length)
    if min(wish) < 0 or max(wish[:2]) > 255 or max(wish[2:]) > 1440:
        faults.append(Fault("at_most", "A wish is at most 255 messages in 255 days, and minutes of one day."))
    return faults


class Observing:
    """Writes groups of observations inside the writer's transaction."""

    def __init__(self, book: Book, naming: Naming) -> None:
        self._book = book
        self._naming = naming

    def group(self, tx: Transaction, items: Sequence[Told]) -> list[Answer]:
        """Write these observations in order; what follows from one (a bounce stops an address) is written with it."""
        answers: list[Answer] = [POSTPONED] * len(items)
        fresh = self._fresh(tx, items, answers)
        threads = self._threads(tx, items, fresh, answers)
        drafts: list[Draft] = []
        places: list[int] = []
        words: dict[int, Sealed] = {}
        meant = self._meant(tx, items, self._first_of_each(items, fresh, threads), answers)
        people = [place for place in meant if place not in threads]
        found = dict(zip(people, folios_of(tx, self._book, [items[place].sought for place in people]), strict=True))
        for place, meaning in meant.items():
            folios = found.get(place, NO_FOLIOS)
            if isinstance(folios, Fault):
                answers[place] = Refused([folios])
                continue
            made = self._drafts(tx, items[place], meaning, threads.get(place), folios, words, place)
            places.extend([place] * len(made))
            drafts.extend(made)
        self._write(tx, items, places, drafts, words, answers)
        return answers

    def _fresh(self, tx: Transaction, items: Sequence[Told], answers: list[Answer]) -> list[int]:
        """The places of new observations; repeats are answered here."""
        keyed = [(item.authority.who, item.key, item.body) for item in items]
        fresh, repeats = sorted_out(tx, self._book.known, keyed)
        touches = {row[0]: row[2] for row in tx.rows(entries, "number", [one.entry for one in repeats.values()])}
        for place, before in repeats.items():
            item = items[place]
            if item.strict and before.body and before.body != item.body:  # no body: the book's own conclusion
                answers[place] = reused(item.observation.key)
            else:
                answers[place] = Observed(before.entry, touches.get(before.entry, 0), repeated=True)
        return fresh

    def _first_of_each(self, items: Sequence[Told], fresh: list[int], threads: dict[int, Thread]) -> list[int]:
        """Without those that speak of a message, or a stop, which is first told of in this very group: they wait for
        its thread, or are repeats of it."""
        told_of: set[tuple[str, str]] = set()
        follows: set[tuple[str, bytes]] = set()
        kept: list[int] = []
        for place in fresh:
            item = items[place]
            if (item.authority.who, item.key) in follows:
                continue
            if stops(item.observation):
                follows.add((item.authority.who, self._book.heard_key(stop_key(item.observation))))
            message = (items[place].authority.who, items[place].observation.message)
            if place in threads or not message[1] or message not in told_of:
                kept.append(place)
                told_of.add(message)
        return kept

    def _threads(
        self, tx: Transaction, items: Sequence[Told], fresh: list[int], answers: list[Answer]
    ) -> dict[int, Thread]:
        touches = {place: items[place].observation.touch for place in fresh if items[place].observation.touch}
        touches |= self._by_message(tx, items, fresh)
        if not touches:
            return {}
        known = threads_of(tx, list(touches.values()))
        threads: dict[int, Thread] = {}
        for place, touch in touches.items():
            thread = known.get(touch)
            if thread is None or not items[place].authority.sees(self._book.known.labels[thread.label].unit):
                answers[place] = NotFound("There is no such message here for you to see.")
            else:
                threads[place] = thread
        return threads

    def _by_message(self, tx: Transaction, items: Sequence[Told], fresh: list[int]) -> dict[int, int]:
        """The threads of messages known by the source's id, whether told before or proposed under that key."""
        known, book = self._book.known, self._book
        by_teller: dict[str, dict[int, tuple[bytes, bytes]]] = {}
        for place in fresh:
            item = items[place]
            message = item.observation.message
            if message and not item.observation.touch:
                keys = (book.heard_key("message:" + message), book.heard_key(message))
                by_teller.setdefault(item.authority.who, {})[place] = keys
        touches: dict[int, int] = {}
        for who, pairs in by_teller.items():
            heard = tx.heard(known.name(tx, sources, who), [key for pair in pairs.values() for key in pair])
            for place, pair in pairs.items():
                entry = next((heard[key].entry for key in pair if key in heard), 0)
                if entry:
                    touches[place] = entry
        return touches

    def _meant(
        self, tx: Transaction, items: Sequence[Told], fresh: Sequence[int], answers: list[Answer]
    ) -> dict[int, Meaning]:
        """What the observations at these places mean in numbers; what is wrong is answered before anybody is opened."""
        meant: dict[int, Meaning] = {}
        for place in fresh:
            if answers[place] is POSTPONED:
                try:
                    meant[place] = meaning_of(
                        tx, self._book, self._naming, items[place].authority, items[place].observation
                    )
                except Refused as refusal:
                    answers[place] = refusal
        return meant

    def _drafts(
        self,
        tx: Transaction,
        item: Told,
        meaning: Meaning,
        thread: Thread | None,
        folios: Folios,
        words: dict[int, Sealed],
        place: int,
    ) -> list[Draft]:
        observation, known = item.observation, self._book.known
        said = sealed(self._book, Said(observation.subject, observation.words, meaning.refers or None))
        if said is not None:
            words[place] = said
        platform = known.surroundings.platforms.get(meaning.label.platform)
        draft = Draft(
            kind=int(meaning.kind),
            folios=thread.folios if thread else folios,
            label=thread.label if thread else known.label(tx, meaning.label),
            occurred=observation.occurred,
            said_by=known.name(tx, sources, item.authority.who),
            touch=thread.touch if thread else 0,
            firsts=thread.firsts if thread else NO_FOLIOS,
            direction=int(Direction.INBOUND if observation.direction == "inbound" else Direction.OUTBOUND),
            content=thread.content if thread else self._book.fingerprint(observation.content or observation.words),
            template=known.name(tx, templates, observation.template),
            mode=int(platform.mode) if platform else None,
            until=observation.until or None,
            commitment=said.commitment if said else None,
        )._replace(**meaning.columns)
        channel = known.label(tx, Label(channel=meaning.label.channel)) if stops(observation) else 0
        return [draft, *what_follows(draft, observation, channel)]

    def _write(
        self,
        tx: Transaction,
        items: Sequence[Told],
        places: Sequence[int],
        drafts: Sequence[Draft],
        words: dict[int, Sealed],
        answers: list[Answer],
    ) -> None:
        if not drafts:
            return
        book = self._book
        folios = sorted({folio for draft in drafts for folio in draft.folios if folio})
        states = tx.states(folios, NOTHING_OLDER)
        posted = post(tx, book.known, states, drafts, book.clock())
        heard: list[tuple[int, bytes, bytes, int]] = []
        kept: list[tuple[int, int, Sealed]] = []
        for place, draft, one in zip(places, drafts, posted, strict=True):
            item = items[place]
            if isinstance(answers[place], Observed):  # what followed from it
                if draft.kind == EntryKind.WITHDRAWN:
                    heard.append((draft.said_by, book.heard_key(stop_key(item.observation)), b"", one.entry))
                continue
            answers[place] = Observed(one.entry, one.touch)
            heard.append((draft.said_by, item.key, item.body, one.entry))
            if item.observation.message and not draft.touch:
                heard.append((draft.said_by, book.heard_key("message:" + item.observation.message), b"", one.touch))
            if place in words:
                kept.append((one.entry, draft.folios[0] or draft.folios[1], words[place]))
        tx.hear(heard)
        keep(tx, kept)
        self.unwatch(tx, [draft.touch for draft in drafts if draft.touch and draft.kind in OUTCOMES])

    def unwatch(self, tx: Transaction, touches: Sequence[int]) -> None:
        """Leases and attempts of these touches need no watching any more: an outcome is known."""
        if touches:
            rows = tx.rows(due, "touch", touches)
            tx.remove(due, [(at, touch, kind) for at, touch, kind, _, _ in rows if kind in (LAPSE, SETTLE)])
