"""Import: a vendor's log becomes observations, each record once; what cannot be read waits for a person."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from itertools import islice
from typing import Final

import msgspec
from sqlalchemy import select

from onevoice.actions.bounds import storable
from onevoice.actions.gate import Gate
from onevoice.actions.observe import Observed
from onevoice.actions.replay import Replay
from onevoice.actions.testimony import unproven
from onevoice.ledger.engine import Transaction
from onevoice.ledger.tables import parked, sources
from onevoice.nouns.authority import Authority, Verb
from onevoice.nouns.observation import Observation, Parked, Read
from onevoice.nouns.problem import Refused

RECORDS_AT_ONCE: Final = 1_000
RAW_MAX: Final = 20_000
PLACE_MAX: Final = 300
PART_AT: Final = 220
"""Characters of a record's place that are kept before the words that say which part of it was refused."""

REASON_MAX: Final = 4_000
REASONS_MAX: Final = 1_000
"""Different reasons that an account keeps apart; the rest are counted together."""

PARTS_MAX: Final = 1_000
"""Refused parts that an account lists; all of them are kept with what is parked."""


@dataclass(slots=True)
class Account:
    """What became of every record of a source: read = recorded + repeated + parked.

    A record of which something was taken is recorded (or repeated), even where a part of it was refused: `partly`
    counts those records, and `refused` lists their refused parts, which wait with what is parked."""

    read: int = 0
    recorded: int = 0
    repeated: int = 0
    parked: int = 0
    quarantined: int = 0
    partly: int = 0
    refused: list[Parked] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)

    @property
    def balances(self) -> bool:
        """Whether every record read is accounted for."""
        return self.read == self.recorded + self.repeated + self.parked

    def park(self, reason: str) -> None:
        """Count one record that waits for a person, and why."""
        self.parked += 1
        known = reason in self.reasons or len(self.reasons) < REASONS_MAX
        self.reasons[reason if known else "other reasons"] += 1


def import_log(
    gate: Gate,
    authority: Authority,
    source: str,
    records: Iterable[Read | Parked],
    *,
    replay: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> Account:
    """Take in all records of a source, in bulk. The same source again changes nothing: its records are repeats.

    With `replay`, messages of platforms in advise or enforce mode are decided as of their own time (`actions.replay`);
    records are then taken in the order of time. `progress` is called with the number of records of each step."""
    teller = replace(authority, who=f"import:{source}", verbs=authority.verbs & {Verb.OBSERVE, Verb.PROPOSE})
    account = Account()
    if replay:
        replaying = Replay(gate, teller)
        answered = _answered(_in_time(records), lambda told: replaying.take_all(told, account.verdicts))
    else:
        answered = _answered(records, lambda told: gate.observe_many(teller, told))
    while chunk := list(islice(answered, RECORDS_AT_ONCE)):
        refused = [row for pair in chunk for row in _counted(account, *pair)]
        if refused:
            gate.write(lambda tx, rows=refused: park(tx, gate, teller.who, rows))  # type: ignore[misc]
        progress(len(chunk))
    return account


Answers = Iterator[Observed | Exception]


def _answered(
    records: Iterable[Read | Parked], take: Callable[[Iterator[Observation]], Answers]
) -> Iterator[tuple[Read | Parked, list[Observed | Exception]]]:
    """Every record with the answers to its observations, in order, while the next ones are read and written already."""
    waiting: deque[Read | Parked] = deque()

    def told() -> Iterator[Observation]:
        for record in records:
            waiting.append(record)
            if isinstance(record, Read):
                yield from record.observations

    answers: list[Observed | Exception] = []
    for answer in take(told()):
        while isinstance(waiting[0], Parked):
            yield waiting.popleft(), []
        answers.append(answer)
        if len(answers) == len(waiting[0].observations):
            yield waiting.popleft(), answers
            answers = []
    while waiting:
        yield waiting.popleft(), []


def _counted(account: Account, record: Read | Parked, told: Sequence[Observed | Exception]) -> list[Parked]:
    """Add a record to the account; what could not be taken of it comes back to be parked, the whole or its parts."""
    account.read += 1
    if isinstance(record, Parked):
        account.park(record.reason)
        return [record]
    taken = [answer for answer in told if isinstance(answer, Observed)]
    account.quarantined += any(_quarantined(*pair) for pair in zip(record.observations, told, strict=True))
    if not taken:
        reason = _reason(told[0])
        account.park(reason)
        return [Parked(where=record.where, reason=reason, raw=_written(record.observations))]
    if all(answer.repeated for answer in taken):
        account.repeated += 1
    else:
        account.recorded += 1
    parts = _refused_parts(record, told)
    account.partly += bool(parts)
    account.refused += parts[: PARTS_MAX - len(account.refused)]
    return parts


def _refused_parts(record: Read, told: Sequence[Observed | Exception]) -> list[Parked]:
    """What a record said and the book refused, while it took the rest: each part by itself, at the record's place."""
    of_all = len(record.observations)
    return [
        Parked(
            where=f"{record.where[:PART_AT]}, part {number} of {of_all} ({observation.kind[:40]})",
            reason=_reason(answer),
            raw=_written((observation,)),
        )
        for number, (observation, answer) in enumerate(zip(record.observations, told, strict=True), start=1)
        if not isinstance(answer, Observed)
    ]


def _written(observations: Sequence[Observation]) -> bytes:
    """What was read of a record, to be looked at: JSON, or Python's own notation for what JSON cannot say."""
    try:
        return msgspec.json.encode(observations)
    except (UnicodeEncodeError, OverflowError):
        return repr(observations).encode("utf-8", "backslashreplace")


def _quarantined(observation: Observation, answer: Observed | Exception) -> bool:
    """Whether this was written down as a consent that binds nobody yet."""
    consent = observation.kind == "quarantined" or (observation.kind == "consented" and bool(unproven(observation)))
    return consent and isinstance(answer, Observed)


def _reason(answer: Observed | Exception) -> str:
    if isinstance(answer, Refused):
        return " ".join(f"{fault.where}: {fault.says}" for fault in answer.faults)
    return str(answer)


def park(tx: Transaction, gate: Gate, who: str, rows: Sequence[Parked]) -> None:
    """Keep what could not be read, once, with its place and reason, until a person looks at it."""
    source = gate.book.known.name(tx, sources, who)
    keyed = {gate.book.heard_key(f"{storable(row.where)}\0{_digest(row.raw)}"): row for row in rows}
    known = select(parked.c.key).where(parked.c.source == source, parked.c.key.in_(list(keyed)))
    there = {bytes(key) for key in tx.connection.execute(known).scalars()}
    new = [(key, row) for key, row in keyed.items() if key not in there]
    now = gate.book.clock()
    tx.add(
        parked,
        [
            (
                number,
                source,
                key,
                storable(row.where[:PLACE_MAX]),
                storable(row.reason[:REASON_MAX]),
                row.raw[:RAW_MAX],
                now,
            )
            for number, (key, row) in zip(tx.numbers(parked, len(new)), new, strict=True)
        ],
    )


def _digest(raw: bytes) -> str:
    return blake2b(raw, digest_size=16).hexdigest()


def _in_time(records: Iterable[Read | Parked]) -> Iterator[Read | Parked]:
    """Records by the time they tell of; what cannot be read comes first."""

    def moment(record: Read | Parked) -> int:
        return record.observations[0].occurred if isinstance(record, Read) else 0

    return iter(sorted(records, key=moment))
