"""Figures about everybody are read from indexes made for them, and equal what counting entry by entry gives."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import pytest
from sqlalchemy import event, select

from onevoice.answers.decisions import Filters, decisions
from onevoice.answers.pressure import people_pressed, pressure
from onevoice.ledger.book import Reader
from onevoice.ledger.tables import IS_DECISION, WENT_OUT, customer_units, entries
from onevoice.nouns.authority import Authority
from onevoice.nouns.moment import DAY, HOUR, MINUTE
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import Direction, EntryKind, Mode, Verdict
from tests.answers.stage import BANK, BOSS, FRANCHISEE, NORTHSIDE, RETAIL, STRANGER, Stage

REASONS = (Reason.QUIET_HOURS, Reason.CALENDAR_CAP)


def fortnight(stage: Stage, people: int = 40, seed: int = 1) -> None:
    """Some hundred messages of three units over fourteen days, some told of twice, and decisions of every kind."""
    rng, now = Random(seed), stage.clock()
    for place in range(people):
        unit = rng.choice((RETAIL, NORTHSIDE, BANK))
        person = stage.person(f"C-{place}", f"Person {place}", units=(unit,))
        for _ in range(rng.randrange(9)):
            at = now - rng.randrange(14 * DAY)
            touch = stage.sent(person, at, unit=rng.choice((RETAIL, NORTHSIDE, BANK)))
            if rng.random() < 0.3:
                stage.write(kind=EntryKind.SENT, customer=person, occurred=at + HOUR, touch=touch)
        for _ in range(rng.randrange(6)):
            verdict = rng.choice((Verdict.SEND, Verdict.HOLD, Verdict.SUPPRESS))
            reason = Reason.CLEARED if verdict is Verdict.SEND else rng.choice(REASONS)
            mode, unit = rng.choice((Mode.ENFORCE, Mode.ADVISE)), rng.choice((RETAIL, NORTHSIDE, BANK))
            at = now - rng.randrange(14) * DAY - rng.randrange(60) * MINUTE  # many share a moment
            stage.decided(person, at, verdict, reason, mode=mode, unit=unit)


def counted(reader: Reader, since: int, until: int) -> dict[int, int]:
    """Messages by person, entry by entry."""
    own = None
    if not reader.authority.all_units:
        rows = reader.connection.execute(select(customer_units)).all()
        own = {row.customer for row in rows if row.unit in reader.authority.units}
    touches: dict[int, set[int]] = {}
    for row in reader.connection.execute(select(entries)):
        person = row.customer or row.address
        out = row.kind == EntryKind.SENT and row.direction == Direction.OUTBOUND
        if out and since <= row.occurred < until and (own is None or person in own):
            touches.setdefault(person, set()).add(row.touch)
    return {person: len(found) for person, found in touches.items()}


@pytest.mark.parametrize("asker", [BOSS, FRANCHISEE, STRANGER], ids=lambda one: one.who)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_pressure_is_what_counting_every_entry_gives(stage: Stage, asker: Authority, seed: int) -> None:
    """Each message once, also when it was told of twice; of the asker's own people only."""
    fortnight(stage, seed=seed)
    with stage.reader(asker) as reader:
        found = pressure(reader)
        expected = counted(reader, found.since, found.until)
        assert (found.people, found.messages) == (len(expected), sum(expected.values()))
        bars = Counter(expected.values())
        assert {bar.messages: bar.people for bar in found.bars if bar.people} == dict(bars)
        for bar in found.bars:
            listed = people_pressed(reader, least=bar.messages, most=bar.messages)
            assert {one.customer for one in listed} == {one for one, many in expected.items() if many == bar.messages}
        ordered = [(-one.messages, one.customer) for one in people_pressed(reader, least=1)]
        assert ordered == sorted((-many, one) for one, many in expected.items())


@pytest.mark.parametrize("asker", [BOSS, FRANCHISEE], ids=lambda one: one.who)
def test_every_page_of_every_filter_is_what_looking_at_every_decision_gives(stage: Stage, asker: Authority) -> None:
    """All pages together hold what matches, newest first, each once, and as many as the total says."""
    fortnight(stage)
    with stage.reader(asker) as reader:
        labels, units = reader.known.labels, reader.surroundings.units
        decided = [row for row in reader.connection.execute(select(entries)) if row.kind == EntryKind.DECIDED]
        mine = [row for row in decided if asker.sees(labels[row.label].unit)]
        for unit in ("", units[BANK].key, units[NORTHSIDE].key):
            for verdict in ("", "kept_back", "suppress"):
                for reason in ("", "quiet_hours", "same_content"):
                    for binding in ("", "yes"):
                        filters = Filters(verdict=verdict, reason=reason, unit=unit, binding=binding)
                        matching = [row for row in mine if _matches(filters, row, units, labels)]
                        expected = sorted(((row.occurred, row.number) for row in matching), reverse=True)
                        assert list(_turned(reader, filters)) == [number for _, number in expected], filters
                        assert decisions(reader, filters).total == len(expected)


def _matches(filters: Filters, row: Any, units: Any, labels: Any) -> bool:
    kept_back = filters.verdict == "kept_back"
    return (
        (not filters.unit or units[labels[row.label].unit].key == filters.unit)
        and (not filters.verdict or kept_back or Verdict(row.verdict).spoken == filters.verdict)
        and (not kept_back or row.verdict in (Verdict.HOLD, Verdict.SUPPRESS))
        and (not filters.reason or Reason(row.reason).spoken == filters.reason)
        and (not filters.binding or row.mode == Mode.ENFORCE)
    )


def _turned(reader: Reader, filters: Filters) -> Iterator[int]:
    before = ""
    while True:
        answer = decisions(reader, filters, before=before, limit=7)
        yield from (row.happened.entry for row in answer.rows)
        if not (before := answer.next):
            return


@contextmanager
def plans(reader: Reader) -> Iterator[list[str]]:
    """How the store would answer each question that is asked inside."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    told: list[str] = []
    event.listen(reader.connection, "before_cursor_execute", note)
    yield told
    event.remove(reader.connection, "before_cursor_execute", note)
    on_postgres = reader.connection.dialect.name == "postgresql"
    for way in ("seqscan", "bitmapscan", "sort") if on_postgres else ():
        # so few rows are read whole whatever there is; the question is what many would be read by
        reader.connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
    for statement, parameters in asked:
        explain = "EXPLAIN" if on_postgres else "EXPLAIN QUERY PLAN"
        rows = reader.connection.exec_driver_sql(f"{explain} {statement}", parameters)
        told.append(" / ".join(str(row[-1]) for row in rows))


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        (pressure, "ix_entries_went_out"),
        (lambda reader: people_pressed(reader, least=2), "ix_entries_went_out"),
        (lambda reader: decisions(reader, Filters()), "ix_entries_decided"),
        (lambda reader: decisions(reader, Filters(reason="quiet_hours")), "ix_entries_decided"),
        (lambda reader: decisions(reader, Filters(unit="bank")), "ix_entries_decided"),
    ],
)
def test_no_page_reads_entries_it_does_not_show(stage: Stage, ask: Callable[[Reader], object], index: str) -> None:
    """A week of everybody, and the search for what matches, need no more than an index; nothing is sorted for it."""
    fortnight(stage)
    with stage.reader() as reader, plans(reader) as told:
        ask(reader)
    ways = (f"COVERING INDEX {index}", f"Index Only Scan using {index}", f"Index Only Scan Backward using {index}")
    (plan,) = [plan for plan in told if index in plan]
    assert any(way in plan for way in ways), told
    assert "TEMP B-TREE" not in plan and "Sort" not in plan, told


def test_what_no_decision_matches_is_known_without_looking(stage: Stage) -> None:
    """The daily tallies know that there is none: no entry is looked for."""
    fortnight(stage)
    with stage.reader() as reader, plans(reader) as told:
        assert decisions(reader, Filters(reason="same_content")).rows == ()
    assert not [plan for plan in told if "entries" in plan], told


def test_the_conditions_of_the_indexes_are_those_of_the_words(stage: Stage) -> None:
    """The indexes are over numbers written out; these are the words they mean."""
    fortnight(stage)
    stage.write(EntryKind.SENT, stage.person("C-0"), stage.clock(), direction=int(Direction.INBOUND))
    with stage.reader() as reader:
        for condition, kind in ((IS_DECISION, EntryKind.DECIDED), (WENT_OUT, EntryKind.SENT)):
            found = reader.connection.execute(select(entries.c.kind, entries.c.direction).where(condition)).all()
            outbound = (entries.c.kind == int(kind), entries.c.direction == int(Direction.OUTBOUND))
            assert len(found) == len(reader.connection.execute(select(entries.c.number).where(*outbound)).all()) > 50
            assert {(row.kind, row.direction) for row in found} == {(kind, Direction.OUTBOUND)}
