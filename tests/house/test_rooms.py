"""The rooms keep to themselves: what the import contract cannot say about clocks, chance and rule files."""

import ast
import configparser
import re
import subprocess
import sys
from typing import get_args

from onevoice.nouns.policy import AnyRule
from tests.house.tree import PACKAGE, ROOT, imports, modules, short, syntax

PURE = ("nouns", "rules", "journeys", "matching", "rendering", "planner")
WIRING = "src/onevoice/wiring.py"
CLIENT = "src/onevoice/client.py"
READS_THE_CLOCK = {"now", "utcnow", "today", "time", "time_ns"}
CHANCE = {"random", "secrets", "uuid.uuid1", "uuid.uuid4", "os.urandom", "numpy.random"}
SQL_CLOCK = re.compile(
    r"\b(now|localtime|clock_timestamp|statement_timestamp)\(\)|CURRENT_(TIMESTAMP|DATE|TIME)\b|'now'"
)


def rule_types() -> dict[str, type]:
    """Tag of each rule type -> its struct."""
    return {str(kind.__struct_config__.tag): kind for kind in get_args(AnyRule)}


def contract() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter", "utf-8")
    return parser


def test_every_pure_room_is_under_the_contract_of_purity() -> None:
    """A pure room that is built is listed where files, sockets and clocks are forbidden."""
    listed = contract()["importlinter:contract:pure"]["source_modules"].split()
    assert listed == [f"onevoice.{room}" for room in PURE if (PACKAGE / room).is_dir()]


def test_only_wiring_reads_the_clock() -> None:
    """Time is handed in; a decision can be made again as of any moment."""
    for module in modules("src"):
        if short(module) == WIRING:
            continue
        for node in ast.walk(syntax(module)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = ast.unparse(node.func.value).split(".")[-1]
                told = node.func.attr in READS_THE_CLOCK and owner in {"datetime", "date", "time", "pendulum", "func"}
                assert not told, f"{short(module)}:{node.lineno} reads the clock"
        taken = {"time.time", "time.time_ns", "time.localtime", "time.gmtime"}
        assert not [name for _, name in imports(module) if name in taken], short(module)


def test_no_statement_asks_the_database_for_the_time() -> None:
    """Both engines get the moment as a parameter."""
    for module in modules("src/onevoice/ledger", "src/onevoice/actions", "src/onevoice/answers"):
        for node in ast.walk(syntax(module)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not SQL_CLOCK.search(node.value), f"{short(module)}:{node.lineno}"


def test_only_wiring_throws_dice() -> None:
    """Randomness is handed in, so that a test can repeat what happened. The client is wired in its sender's program."""
    thrown = []
    for module in modules("src"):
        if short(module) in {WIRING, CLIENT}:
            continue
        named = [(line, name) for line, name in imports(module)]
        named += [
            (node.lineno, ast.unparse(node).replace("np.", "numpy."))
            for node in ast.walk(syntax(module))
            if isinstance(node, ast.Attribute)
        ]
        thrown += [f"{short(module)}:{line} {name}" for line, name in named if is_chance(name)]
    assert thrown == []


def is_chance(name: str) -> bool:
    return any(name == each or name.startswith(each + ".") for each in CHANCE)


def test_no_rule_knows_another() -> None:
    """Each rule type is one file; it leans on the tables, never on another rule."""
    files = {f"onevoice.rules.{tag}" for tag in rule_types()} | {f"onevoice.rules.types.{tag}" for tag in rule_types()}
    for module in modules("src/onevoice/rules"):
        if module.stem in rule_types():
            met = [name for _, name in imports(module) if any(name.startswith(each) for each in files)]
            assert met == [], short(module)


def test_the_command_line_starts_without_the_web_server() -> None:
    """Litestar takes seconds to import: `onevoice --help` must not pay for it."""
    program = (
        "import sys, onevoice.doors.cli.main\n"
        "slow = {'litestar', 'uvicorn', 'jinja2', 'alembic', 'schemathesis'} & set(sys.modules)\n"
        "sys.exit(f'imported: {sorted(slow)}' if slow else 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
