"""`onevoice policy`: check a file, put it in force, show it, explain one message, simulate a period under a draft."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import typer

from onevoice.actions.activate_policy import activate_policy, policy_of
from onevoice.actions.bench import Bench
from onevoice.actions.explain import Explained
from onevoice.actions.explain import explain as explain_message
from onevoice.answers.profiles import Beside, side_by_side
from onevoice.answers.simulate import Simulated
from onevoice.answers.simulate import simulate as simulate_period
from onevoice.doors.cli.telling import Exit, answering, at, opened, progress_bar, say, tell
from onevoice.ledger.policies import current_policy, policy_at
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.moment import SECOND
from onevoice.nouns.problem import Fault, NotFound, Refused
from onevoice.nouns.proposal import Proposal
from onevoice.zone_tables import read_zones

FILE_MAX = 5_000_000


def check(file: Path, *, as_json: bool) -> None:
    """Every fault of a policy file, against the documents of the store."""
    with answering(as_json=as_json), opened() as house, house.book.reader(SYSTEM) as reader:
        policy = policy_of(_body(file), reader.surroundings)
        words = f"{file.name}: “{policy.name}” with {len(policy.rules)} rules is good."
        tell({"name": policy.name, "rules": len(policy.rules), "faults": []}, lambda: iter([words]), as_json=as_json)


def activate(file: Path, *, as_json: bool) -> None:
    """Put the file in force."""
    with answering(as_json=as_json), opened() as house:
        stored = activate_policy(house.book.engine, SYSTEM, _body(file), at=house.book.clock())
        words = f"“{stored.name}” is in force as version {stored.version}, since {_when(stored.activated)}."
        told = {"name": stored.name, "version": stored.version, "activated": stored.activated}
        tell(told, lambda: iter([words]), as_json=as_json)


def show(version: int, *, as_json: bool) -> None:
    """The policy file of a version, as it was put in force; 0 is the one in force."""
    with answering(as_json=as_json), opened() as house, house.book.reader(SYSTEM) as reader:
        stored = policy_at(reader.connection, version) if version else current_policy(reader.connection)
        if stored is None:
            raise NotFound("No policy is in force yet. Put one in force with `onevoice policy activate FILE`.")
        if as_json:
            told = stored._asdict() | {"hash": stored.hash.hex()}
            say(msgspec.json.encode(told).decode())
        else:
            say(f"# version {stored.version}, in force since {_when(stored.activated)}, by {stored.activated_by}")
            say(stored.body.rstrip("\n"))


def explain(told: Mapping[str, str], topics: tuple[str, ...], *, as_json: bool) -> None:
    """What would be decided now about this message. The exit code is 0 whatever the verdict."""
    with answering(as_json=as_json), opened() as house:
        proposal = msgspec.convert({"key": "explain", "topics": topics, **told}, Proposal)
        explained = explain_message(house.gate, SYSTEM, proposal)
        tell(explained, lambda: _explained(explained), as_json=as_json)


def simulate(file: Path, since: str, until: str, *, as_json: bool) -> None:
    """What a draft would have decided in a period. The exit code is 1 where any verdict changes."""
    with answering(as_json=as_json), opened() as house, house.book.reader(SYSTEM) as reader:
        policy = policy_of(_body(file), reader.surroundings)
        compiling = Bench(reader.known, read_zones)  # the labels this reader sees, not the writer's
        first, last = _day(since, "since"), _day(until, "until") if until else reader.now
        with progress_bar("Decisions", quiet=as_json) as progress:
            found = simulate_period(reader, policy, compiling.compile, first, last, progress=progress)
        tell(found, lambda: _simulated(found), as_json=as_json)
    if found.changed:
        raise typer.Exit(int(Exit.FAULTS))


def profiles(since: str, until: str, decided_only: bool, *, as_json: bool) -> None:
    """What would have gone in a period under the semantics of other systems."""
    with answering(as_json=as_json), opened() as house, house.book.reader(SYSTEM) as reader:
        compiling = Bench(reader.known, read_zones)
        first, last = _day(since, "since"), _day(until, "until") if until else reader.now
        with progress_bar("Profiles", quiet=as_json) as progress:
            found = side_by_side(reader, compiling.compile, first, last, told_too=not decided_only, progress=progress)
        tell(found, lambda: _compared(found), as_json=as_json)


def _compared(found: Sequence[Beside]) -> Iterator[str]:
    yield f"{found[0].found.decisions:,} messages; {found[0].found.went:,} went to {found[0].found.reached:,} people."
    yield f"{'':<26}{'would go':>10}{'people':>10}{'get fewer':>11}"
    for one in found:
        yield f"{one.name:<26}{one.found.would_go:>10,}{one.found.would_reach:>10,}{one.found.fewer:>11,}"


def _explained(explained: Explained) -> Iterator[str]:
    decision = explained.decision
    yield f"{decision.verdict}: {decision.sentence or decision.reason}"
    if decision.until:
        yield f"  looked at again: {_when(decision.until)}"
    if decision.latest:
        yield f"  at the latest:   {_when(decision.latest)}"
    if not decision.binding:
        yield f"  The platform is in mode {decision.mode}: the message goes whatever the verdict."
    for finding in decision.findings:
        until = f", until {_when(finding.until)}" if finding.until else ""
        yield f"  {finding.rule} ({finding.type}): {finding.reason}{until}"
        if finding.sentence:
            yield f"    {finding.sentence}"
        if finding.touches:
            yield f"    counted: {', '.join(map(str, finding.touches))}"
    yield from _change(explained)


def _change(explained: Explained) -> Iterator[str]:
    if explained.change == "wait":
        yield f"What would let it go: waiting until {_when(explained.until)}, if nothing else happens."
    elif explained.change == "grant":
        yield "What would let it go: an express consent, given now and proven."
    elif explained.change == "without":
        yield f"What would let it go: a policy without {', '.join(explained.rules)}."
    elif explained.decision.verdict != "send":
        yield "No single change of the policy, the consent or the time would let it go."


def _simulated(found: Simulated) -> Iterator[str]:
    yield f"{found.decisions:,} decisions judged again, {found.changed:,} with another verdict."
    for line in found.lines:
        yield f"{line.count:>9,}  {line.unit or '-'}: {line.before} -> {line.after} ({line.reason})"
    yield f"Messages that go: {found.went:,} -> {found.would_go:,}."
    yield f"People reached: {found.reached:,} -> {found.would_reach:,}."
    yield f"{found.fewer:,} people would have got fewer messages, {found.more:,} more."


def _body(file: Path) -> str:
    there = at(file)
    if there.stat().st_size > FILE_MAX:
        raise Refused([Fault(file.name, "The file is larger than a policy may be.")])
    try:
        return there.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise Refused([Fault(file.name, "The file is not written in UTF-8.")]) from None


def _day(written: str, where: str) -> int:
    try:
        when = datetime.fromisoformat(written)
    except ValueError:
        raise Refused([Fault(where, "Write a day as 2026-01-31, or a time with its offset.")]) from None
    return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()) * SECOND


def _when(moment: int) -> str:
    return datetime.fromtimestamp(moment // SECOND, UTC).strftime("%Y-%m-%d %H:%M UTC")
