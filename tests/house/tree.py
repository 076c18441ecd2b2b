"""The source tree as the house tests read it: files, modules, their syntax."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src/onevoice"
DOCS = ROOT / "docs"


@cache
def files() -> tuple[Path, ...]:
    """Every file that belongs to the project: what git tracks, or would (not what it ignores)."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(ROOT / name for name in sorted(set(listed.split("\0"))) if name and (ROOT / name).is_file())


def modules(*folders: str) -> Iterator[Path]:
    """The Python modules below these folders of the project (default: everywhere)."""
    wanted = [ROOT / folder for folder in folders] or [ROOT]
    for path in files():
        if path.suffix == ".py" and any(path.is_relative_to(folder) for folder in wanted):
            yield path


@cache
def syntax(module: Path) -> ast.Module:
    return ast.parse(module.read_text("utf-8"), filename=str(module))


def short(path: Path) -> str:
    """The path as a person in the project's folder would write it."""
    return path.relative_to(ROOT).as_posix()


def imports(module: Path) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of everything a module imports; `from a import b` gives `a.b`."""
    for node in ast.walk(syntax(module)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
