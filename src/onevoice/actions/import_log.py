"""Import: a vendor's log becomes observations, each record once; what cannot be read waits for a person."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from itertools import islice
from typing import Final

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
REASON_MAX: Final = 4_000
REASONS_MAX: Final = 1_000
"""Different reasons that an account keeps apart; the rest are counted together."""


@dataclass(slots=True)
class Account:
    """What became of every record of a source: read = recorded + repeated + parked."""

    read: int = 0
    recorded: int = 0
    repeated: int = 0
    parked: int = 0
    quarantined: int = 0
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
    ordered = _in_time(records) if replay else iter(records)
    taking = Replay(gate, teller) if replay else None
    while chunk := list(islice(ordered, RECORDS_AT_ONCE)):
        account.read += len(chunk)
        read = [record for record in chunk if isinstance(record, Read)]
        refused = [record for record in chunk if isinstance(record, Parked)]
        told = [observation for record in read for observation in record.observations]
        if taking is not None:
            answers: Iterator[Observed | Exception] = iter(taking.take(told, account.verdicts))
        else:
            answers = gate.observe_many(teller, told)
        refused += _counted(account, read, answers)
        for record in refused:
            account.park(record.reason)
        if refused:
            gate.write(lambda tx, rows=refused: park(tx, gate, teller.who, rows))  # type: ignore[misc]
        progress(len(chunk))
    return account


def _counted(account: Account, read: Sequence[Read], answers: Iterator[Observed | Exception]) -> list[Parked]:
    """Add these records to the account; those of which nothing could be taken come back to be parked."""
    refused: list[Parked] = []
    for record in read:
        told = [next(answers) for _ in record.observations]
        taken = [answer for answer in told if isinstance(answer, Observed)]
        account.quarantined += any(_quarantined(*pair) for pair in zip(record.observations, told, strict=True))
        if not taken:
            refused.append(Parked(where=record.where, reason=_reason(told[0])))
        elif all(answer.repeated for answer in taken):
            account.repeated += 1
        else:
            account.recorded += 1
    return refused


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
    there = {bytes(row[2]) for row in tx.rows(parked, "source", [source])}
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
