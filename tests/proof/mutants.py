"""Faults planted into the judge on purpose, one at a time; each must be caught by the comparison."""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

RULES = Path(__file__).parents[2] / "src" / "onevoice" / "rules"
DECISIONS = 20_000
SECONDS = 180
COMPARE = "import sys; from tests.proof.comparison import first_difference; print(first_difference(int(sys.argv[1])))"


@dataclass(frozen=True, slots=True)
class Mutant:
    """In `file` of the rules, the text `old` (which stands there once) becomes `new`."""

    file: str
    old: str
    new: str


MUTANTS = (
    # Counting
    Mutant("counting.py", "nth = before[:, 1:] - n", "nth = before[:, 1:] - n + 1"),
    Mutant("counting.py", "np.where(nth >= before[:, :-1]", "np.where(nth > before[:, :-1]"),
    Mutant("counting.py", "found = applies & (nth >= 0)", "found = applies & (nth > 0)"),
    Mutant("counting.py", "second + seconds, now)", "second + seconds + 1, now)"),
    Mutant("counting.py", "free[table.suppresses & (free > now)]", "free[table.suppresses & (free >= now)]"),
    Mutant("counting.py", "(content != 0) & (content ==", "(content =="),
    Mutant("counting.py", "(offer != 0) & (offer ==", "(offer =="),
    Mutant("counting.py", "batch.wishes[1] * DAY", "batch.wishes[1] * (DAY - 1)"),
    Mutant("counting.py", "np.maximum.at(latest, pair, ends)", "latest[pair] = ends"),
    Mutant("counting.py", "free[applies & bar] = NEVER", "free[bar] = NEVER"),
    # Periods and zones
    Mutant("periods.py", "((wall + phase) // span + 1) * span - phase", "(wall // span + 1) * span"),
    Mutant("periods.py", "length * 31 * DAY, length) + DAY", "length * 27 * DAY, length)"),
    Mutant("periods.py", "(month // length[months] + 1)", "(month // length[months] + 2)"),
    Mutant("periods.py", "turning = np.flatnonzero(kind != HOURS)", "turning = np.flatnonzero(kind == DAYS)"),
    Mutant("periods.py", "(second - since < length)", "(second < since)"),
    Mutant("zones.py", '| second, side="right"', '| second, side="left"'),
    # Clocks
    Mutant("clock.py", "(turn + 3) % 7", "(turn + 4) % 7"),
    Mutant("clock.py", "(into < windows.length)", "(into <= windows.length)"),
    Mutant(
        "clock.py", "np.minimum(moment + windows.length - into, change)[shut]", "(moment + windows.length - into)[shut]"
    ),
    Mutant("clock.py", "windows.take(moved & (at <= limits)[windows.pair])", "windows.take(moved & False)"),
    Mutant("clock_tables.py", "if not window.zones]", "]"),
    Mutant("clock_tables.py", "zone == 0 or len(own) > 1 for", "zone == 0 for"),
    # Permissions
    Mutant("permits.py", "(second > stopped[row])", "(second >= stopped[row])"),
    Mutant("permits.py", "applies & (until <= now)", "applies & (until < now)"),
    Mutant("permits.py", "(channel == 0) | (channel == labels", "(channel == labels"),
    Mutant("permits.py", "(purpose == 0) | (purpose == labels", "(purpose == labels"),
    Mutant("permits.py", "~table.proven | ", ""),
    Mutant("permits.py", "np.maximum.at(until.T, row, ends.T)", "until[:, row] = ends"),
    # Marks
    Mutant("marks.py", 'records["until"] > (now if', 'records["until"] >= (now if'),
    Mutant("marks.py", "(until == FOREVER) | ", ""),
    Mutant("marks.py", "hit | (scope[for_topic] == 0)", "hit"),
    Mutant("marks.py", "np.minimum.at(answers.reasons, (line, row), reason)", "answers.reasons[line, row] = reason"),
    # Scopes and tables
    Mutant("trees.py", "(place < self.after[scope])", "(place <= self.first[scope])"),
    Mutant("scopes.py", "found &= ~matches(exempt, reading)", "found &= matches(exempt, reading)"),
    Mutant("count_tables.py", '(scope, reading, topics_now=rule.labels == "now")', "(scope, reading)"),
    Mutant("count_tables.py", ">= TouchState.of(rule.event)", "> TouchState.of(rule.event)"),
    Mutant("count_tables.py", "& ~uncounted", ""),
    Mutant("count_tables.py", "_applies(rule, line, reading) & ~free", "_applies(rule, line, reading)"),
    Mutant("policy.py", "ContactPointStatus.RETIRING}", "ContactPointStatus.PLANNED}"),
    # Campaigns, packages and journeys instead of messages
    Mutant("counting.py", "((touch == 0) | (touch != own))", "(touch != own)"),
    Mutant("counting.py", "found: Bools = counted & (key == 0)", "found: Bools = counted & False"),
    Mutant("counting.py", "one = ((rule * size[1] + row[touch]) * size[0] + named)[::-1]", "one = named[::-1]"),
    Mutant("counting.py", "newest = len(one) - 1 - np", "newest = np"),
    Mutant("count_tables.py", "found &= matches(line.only, reading)", "pass"),
    Mutant(
        "count_tables.py",
        "if line.named:\n        found &= keys_by_label(line, reading) != 0\n    if line.pair:",
        "if line.pair:",
    ),
    Mutant("journey_cap.py", "named=True", "named=False"),
    # Pairs
    Mutant("ordered_gap.py", "at_most=1, seconds=rule.seconds", "at_most=1, seconds=rule.seconds - 1"),
    Mutant("counting.py", "for_second | for_first", "for_second"),
    Mutant(
        "count_tables.py",
        "had_first=stack((matches(pair[0], reading, topics_now=now)",
        "had_first=stack((matches(pair[0], reading)",
    ),
    # For ever
    Mutant("ever.py", "enough = seen + unseen[rule, row] >=", "enough = seen + unseen[rule, row] >"),
    Mutant("ever.py", "((tallies, 1), (older, -1))", "((tallies, 1), (older, 1))"),
    Mutant("never_after.py", "ever=rule.seconds == 0", "ever=True"),
    Mutant("exclusive_campaigns.py", "only=Scope(campaigns=rule.campaigns)", "only=None"),
    Mutant("afters.py", "second + table.within > now", "second + table.within >= now"),
    Mutant("afters.py", "cases.created + compiled.policy.longest_hold", "latest"),
    Mutant("afters.py", "np.where(until > now, until, NEVER)", "np.where(until >= now, until, NEVER)"),
    # Pressure
    Mutant("points.py", 'upto[end] - room, side="left"', 'upto[end] - room, side="right"'),
    Mutant("points.py", "points * (span[pair] - age).clip(0)", "points * (span[pair] - age)"),
    Mutant("points.py", "age = (at[pair] - second).clip(0)", "age = at[pair] - second"),
    Mutant("points.py", "upto[bounds[1:]] - upto[bounds[:-1]] <= most", "upto[bounds[1:]] - upto[bounds[:-1]] < most"),
    Mutant("points.py", "_room(table, batch) < 0", "_room(table, batch) <= 0"),
    # Windows, blackouts, owners, holdouts
    Mutant("send_window.py", "for back in (0, WEEK)", "for back in (0,)"),
    Mutant("send_window.py", "until = max(until, end)", "until = end"),
    Mutant("send_window.py", "MONDAY = -3 * DAY", "MONDAY = -4 * DAY"),
    Mutant("blackout.py", "length=end - begin,", "length=end - begin + 1,"),
    Mutant("clock.py", "at[table.suppresses[windows.rule] & (at > begun)] = NEVER", "pass"),
    Mutant("marks.py", "within[owned] = ~within[owned]", "pass"),
    Mutant("shares.py", "< table.shares[place]", "< table.shares[place] // 2"),
    Mutant("shares.py", "HOMES if table.households[place] else PEOPLE", "HOMES"),
    Mutant("shares.py", "(FolioKind.CUSTOMER, FolioKind.ADDRESS)", "(FolioKind.ADDRESS, FolioKind.CUSTOMER)"),
    # The whole
    Mutant("judge.py", "asked > last", "asked >= last"),
    Mutant("judge.py", "(permitted.until[:, held] <= when[held])", "(permitted.until[:, held] < when[held])"),
    Mutant("judge.py", "(when > now) & (when > latest)", "(when > now) & (when >= latest)"),
    Mutant("judge.py", "np.where(when == NEVER, answers.says == NEVER, answers.says > now)", "answers.says > now"),
    Mutant("batch.py", "np.where(zone == 0, opened.zone[address], zone)", "zone"),
    Mutant("opened.py", '(old or b"") + new', "new"),
    Mutant("group.py", "begin = upto[mine - members.earlier[mine]]", "begin = upto[mine]"),
    Mutant("group.py", "goes_at_worst | ~goes_at_best", "goes_at_worst | goes_at_best"),
    Mutant("group.py", "+ TouchState.RESERVED", "+ TouchState.DELIVERED"),
)


def caught(mutant: Mutant) -> str:
    """How the planted fault was caught (a difference, a crash, no end in sight); empty when it slipped through.

    Raises AssertionError when the text to change does not stand in the file exactly once.
    """
    text = (RULES / mutant.file).read_text()
    assert text.count(mutant.old) == 1, f"{mutant.file} has {text.count(mutant.old)} times: {mutant.old}"
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "onevoice"
        shutil.copytree(RULES.parent, package, ignore=shutil.ignore_patterns("__pycache__"))
        (package / "rules" / mutant.file).write_text(text.replace(mutant.old, mutant.new))
        try:
            run = subprocess.run(
                [sys.executable, "-c", COMPARE, str(DECISIONS)],
                env={**os.environ, "PYTHONPATH": os.pathsep.join((folder, str(Path(__file__).parents[2])))},
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return "caught, it does not end"
    if run.returncode:
        return f"caught, it breaks ({run.stderr.strip().rpartition(chr(10))[2]})"
    difference = run.stdout.strip()
    return f"caught ({difference.partition(':')[0]})" if difference else ""
