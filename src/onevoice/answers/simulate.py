"""What would this draft policy have decided? The recorded past, gone through again as it would have gone."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import msgspec
import numpy as np

from onevoice.ledger.book import Reader
from onevoice.ledger.period import Messages, Standing, marks_until, messages_since, permits_until, zones_and_wishes
from onevoice.nouns.label import Ints, columns_of
from onevoice.nouns.moment import NEVER, SECOND
from onevoice.nouns.policy import Policy
from onevoice.nouns.problem import Fault, Refused
from onevoice.nouns.reason import Reason
from onevoice.nouns.surroundings import Surroundings
from onevoice.nouns.words import Verdict
from onevoice.rules.opened import Folded
from onevoice.rules.ragged import bounds_of
from onevoice.rules.reach_back import looks_for_ever, reads_older
from onevoice.rules.tables import Compiled
from onevoice.rules.what_if import LAST_KEY, RANK_BITS, Outcome, People, Told, keys_of, what_if

MESSAGES_MAX: Final = 5_000_000
"""Messages of a period and of the time its rules look back; more do not fit in memory beside everything else."""

Compile = Callable[[Policy, Surroundings], Compiled]
Progress = Callable[[int, int], None]


class Each(NamedTuple):
    """Every judged message, a column each: its entry, unit, person (their folio), verdict then and under the draft, and
    the draft's reason."""

    entry: Ints
    unit: Ints
    person: Ints
    before: Ints
    after: Ints
    reason: Ints


Watch = Callable[[Each], None]
VERDICTS: Final = {int(one): one.spoken for one in Verdict}


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """How many messages of a unit would have got another verdict, and for which reason; a SEND is `cleared`."""

    unit: str
    before: str
    after: str
    reason: str
    count: int


class Simulated(msgspec.Struct, frozen=True, kw_only=True):
    """Messages judged again, how many with another first verdict, and where.

    `went` and `would_go` are the messages that went out and that would have; `reached` and `would_reach` the people
    they went to; `fewer` the people who would have got fewer, `more` those who would have got more."""

    decisions: int
    changed: int
    went: int
    would_go: int
    reached: int
    would_reach: int
    fewer: int
    more: int
    lines: tuple[Shift, ...]


def simulate(
    reader: Reader,
    policy: Policy,
    compile_policy: Compile,
    since: int,
    until: int,
    *,
    told_too: bool = False,
    progress: Progress = lambda done, of: None,
    watch: Watch = lambda each: None,
) -> Simulated:
    """Go through the period (microseconds UTC, `until` not included) under a draft.

    What the draft stops makes room for what comes after; what it holds is asked again when its time comes. Each message
    meets what the book knew when it was decided. With `told_too` messages that were only told of are judged as well, in
    the order in which they went. Documents, labels, zones and wishes are today's. A send-by is not in the book, so it
    is not looked at. Raises Refused."""
    compiled = compile_policy(policy, reader.surroundings)
    period = recorded(reader, (compiled,), since, until, told_too=told_too)
    return under(period, reader, compiled, progress=progress, watch=watch)


class Period(NamedTuple):
    """A recorded period, ready to be gone through: its messages, those of them that are judged, and the people; `ends`
    in seconds."""

    messages: Messages
    rows: Ints
    past: Told
    people: People
    ends: int


def under(
    period: Period,
    reader: Reader,
    compiled: Compiled,
    *,
    progress: Progress = lambda done, of: None,
    watch: Watch = lambda each: None,
) -> Simulated:
    """What would have come of a period under one policy."""
    past = period.past
    outcome = what_if(past, period.people, compiled, period.ends, lambda done: progress(done, len(past)))
    watch(_each(compiled, period.messages, period.rows, past, outcome))
    return _summed(reader.surroundings, compiled, period.messages, period.rows, past, outcome)


def recorded(
    reader: Reader, policies: Sequence[Compiled], since: int, until: int, *, told_too: bool, most: int = MESSAGES_MAX
) -> Period:
    """The period with all that these policies look back at, as `simulate` says. Raises Refused, also where more than
    `most` messages would have to be read."""
    if until <= since:
        raise Refused([Fault("until", "The period must end after it begins.")])
    earliest = min(0 if looks_for_ever(one) else reads_older(one, since // SECOND) for one in policies) * SECOND
    messages = messages_since(reader.connection, earliest, until)
    if len(messages) > most:
        raise Refused([Fault("since", f"The period holds {len(messages):,} messages. Choose a shorter one.")])
    asked = np.where(told_too & (messages.decided < 0), messages.went, messages.decided)
    judged = asked >= since // SECOND
    kept = np.flatnonzero(judged | (messages.went >= 0))
    judged, second = judged[kept], np.where(judged, asked, messages.went)[kept]
    told = second if told_too else np.maximum(np.maximum.accumulate(messages.known[kept]), np.where(judged, 0, second))
    order = np.lexsort((messages.number[kept], told))
    kept, judged, second, told = kept[order], judged[order], second[order], told[order]
    numbers = np.unique(messages.folios[:, kept])
    numbers = numbers[numbers > 0]
    folios = np.where(messages.folios[:, kept] > 0, np.searchsorted(numbers, messages.folios[:, kept]), -1)
    past = Told(told, second, messages.label[kept], messages.content[kept], folios, judged, messages.state[kept])
    keys = None if told_too else (messages.number[kept][judged], keys_of(told)[judged])
    return Period(messages, kept[judged], past, _people(reader, numbers, keys, until), until // SECOND)


def _people(reader: Reader, numbers: Ints, keys: tuple[Ints, Ints] | None, until: int) -> People:
    """What was known of the folios with these numbers; `keys` are the numbers of the judged entries, rising, and their
    keys (None: everything is known from the second at which it was so)."""
    labels = columns_of(reader.known.labels)
    permits = _known(permits_until(reader.connection, labels, until), numbers, keys)
    marks = _known(marks_until(reader.connection, labels, until), numbers, keys)
    zoned, zones, wishing, wish = zones_and_wishes(reader.connection)
    zone = np.zeros(len(numbers) + 1, np.int64)
    place, here = _places(zoned, numbers)
    zone[place] = zones[here]
    wishes = None
    place, here = _places(wishing, numbers)
    if len(place):
        wishes = np.zeros((4, len(numbers) + 1), np.int64)
        for line, (name, unit) in enumerate((("at_most", 1), ("days", 1), ("quiet_begin", 60), ("quiet_length", 60))):
            wishes[line, place] = wish[name].astype(np.int64)[here] * unit
    return People(permits, marks, zone, wishes, np.append(numbers, 0))


def _known(standing: Standing, numbers: Ints, keys: tuple[Ints, Ints] | None) -> Folded:
    place, here = _places(standing.folio, numbers)
    record = standing.record[here]
    records = np.zeros(len(record), np.dtype([*record.dtype.descr, ("told", "<i8"), ("gone", "<i8")]))
    for name in record.dtype.names or ():
        records[name] = record[name]
    told, gone = standing.second[here] << RANK_BITS, standing.ended_second[here] << RANK_BITS
    if keys is not None:
        told, gone = _key_after(standing.number[here], *keys), _key_after(standing.ended[here], *keys)
    records["told"], records["gone"] = told, np.where(standing.ended[here] > 0, gone, LAST_KEY)
    length = np.bincount(place, minlength=len(numbers) + 1)
    return Folded(bounds_of(length)[:-1], length, records)


def _key_after(number: Ints, numbers: Ints, keys: Ints) -> Ints:
    """The key of the first judged entry behind each number, LAST_KEY behind the last."""
    return np.append(keys, LAST_KEY)[np.searchsorted(numbers, number, side="right")]


def _places(folio: Ints, numbers: Ints) -> tuple[Ints, Ints]:
    """For those folios that are among `numbers`: their place there, and which they are."""
    place = np.searchsorted(numbers, folio)
    here = np.flatnonzero(np.append(numbers, -1)[place] == folio)
    return place[here], here


def _each(compiled: Compiled, messages: Messages, rows: Ints, past: Told, outcome: Outcome) -> Each:
    judged = past.judged
    return Each(
        entry=messages.number[rows],
        unit=compiled.reading.labels.unit[past.label[judged]],
        person=np.where(messages.folios[0, rows] > 0, messages.folios[0, rows], messages.folios[1, rows]),
        before=np.where(messages.decided[rows] >= 0, messages.verdict[rows], int(Verdict.SEND)),
        after=outcome.verdict[judged],
        reason=outcome.reason[judged],
    )


def _summed(
    surroundings: Surroundings, compiled: Compiled, messages: Messages, rows: Ints, past: Told, outcome: Outcome
) -> Simulated:
    judged = past.judged
    before = np.where(messages.decided[rows] >= 0, messages.verdict[rows], int(Verdict.SEND))
    after, reason = outcome.verdict[judged], outcome.reason[judged]
    unit = compiled.reading.labels.unit[past.label[judged]]
    went, would_go = messages.went[rows] >= 0, outcome.went[judged] < NEVER
    person = np.where(past.folios[0] >= 0, past.folios[0], past.folios[1])[judged]
    got, would_get = np.bincount(person, went, len(person) + 1), np.bincount(person, would_go, len(person) + 1)
    changed = np.stack([unit, before, after, reason])[:, before != after]
    shifts, counts = np.unique(changed, axis=1, return_counts=True)
    return Simulated(
        decisions=len(rows),
        changed=changed.shape[1],
        went=int(went.sum()),
        would_go=int(would_go.sum()),
        reached=int((got > 0).sum()),
        would_reach=int((would_get > 0).sum()),
        fewer=int((would_get < got).sum()),
        more=int((would_get > got).sum()),
        lines=tuple(_lines(shifts.T.tolist(), counts.tolist(), surroundings)),
    )


def _lines(shifts: list[list[int]], counts: list[int], now: Surroundings) -> list[Shift]:
    lines = [
        Shift(
            unit=now.units[unit].key if unit in now.units else "",
            before=VERDICTS[before],
            after=VERDICTS[after],
            reason=Reason(reason).spoken,
            count=count,
        )
        for (unit, before, after, reason), count in zip(shifts, counts, strict=True)
    ]
    return sorted(lines, key=lambda line: (-line.count, line.unit, line.before, line.after, line.reason))
