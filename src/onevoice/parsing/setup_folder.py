"""The setup folder: its TOML and CSV files read into rows that say where they stand, with every fault of every file."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from onevoice.nouns.observation import Parked
from onevoice.nouns.problem import Fault
from onevoice.parsing.csv import table_of
from onevoice.parsing.limits import LIMITS, MB

COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "units": ("key!", "name", "parent", "kind", "zone"),
    "platforms": ("key!", "name", "unit!", "vendor", "mode"),
    "contact_points": (
        "key!", "name", "channel!", "address!", "unit!", "platform", "status", "sends", "receives", "purpose",
    ),
    "topics": ("key!", "name", "parent", "unit"),
    "purposes": ("key!", "name"),
    "offers": ("key!", "name", "topic", "terms"),
    "campaigns": ("key!", "name", "unit!", "category", "topics", "offer", "why"),
    "staff": ("email!", "name!", "unit!", "role!", "active"),
    "customers": ("customer!", "name", "language", "zone", "units"),
    "addresses": ("customer!", "channel!", "address!", "shared"),
    "households": ("household!", "customer!"),
    "clients": ("client!", "name", "customer!"),
    "holdings": ("customer!", "topic!", "since!", "until"),
}  # fmt: skip
"""The columns of each CSV file, in the order they are written; those marked ! must be there and filled."""

COMPANY: Final = ("key", "name", "zone", "region", "plausible_zones")
TEXTS: Final = frozenset({"terms", "why"})
"""Columns that may hold several lines."""

FILE_MAX: Final = 512 * MB
TOML_MAX: Final = 5 * MB
CELL_MAX: Final = {
    "key": 200,
    "name": 300,
    "kind": 40,
    "purpose": 300,
    "customer": 200,
    "household": 200,
    "client": 200,
}
FAULTS_MAX: Final = 1_000
GUARDED: Final = re.compile("'*[=+\\-@\t\r\0\uff1d\uff0b\uff0d\uff20]")
"""A cell a spreadsheet would take for a formula, or one that begins like such a cell once it was guarded."""


class Row(NamedTuple):
    """One row: where it stands (`units.csv:3`) and its cells by column; a column that is not in the file is ''."""

    where: str
    cells: Mapping[str, str]


@dataclass(slots=True)
class Folder:
    """What stands in a setup folder; files that are not there give no rows."""

    company: dict[str, Any] = field(default_factory=dict)
    categories: dict[str, Any] = field(default_factory=dict)
    policy: str = ""
    rows: dict[str, list[Row]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def read_folder(path: Path) -> Folder:
    """Everything in the folder; what cannot be read is a fault with its file and line."""
    folder = Folder(rows={name: [] for name in COLUMNS})
    if not path.is_dir():
        folder.faults.append(Fault(str(path), "There is no such folder."))
        return folder
    known = {f"{name}.csv" for name in COLUMNS} | {"company.toml", "units.toml", "categories.toml", "policy.toml"}
    for file in sorted(path.iterdir()):
        if file.suffix in (".csv", ".toml") and file.name not in known:
            folder.faults.append(
                Fault(file.name, f"is not a file of a setup folder; those are {', '.join(sorted(known))}.")
            )
        elif file.name in known and file.stat().st_size > (TOML_MAX if file.suffix == ".toml" else FILE_MAX):
            folder.faults.append(Fault(file.name, "The file is larger than a setup folder's files may be."))
        elif file.name in known:
            _read_file(folder, file)
    if (path / "units.toml").exists() and (path / "units.csv").exists():
        folder.faults.append(Fault("units.toml", "Keep the units in units.toml or in units.csv, not in both."))
    return folder


def guarded(cell: str) -> str:
    """A cell as it is written, so that no spreadsheet takes it for a formula (`'+4930…`); `unguarded` undoes it."""
    return "'" + cell if GUARDED.match(cell) else cell


def unguarded(cell: str) -> str:
    """A cell as it was meant."""
    return cell[1:] if cell.startswith("'") and GUARDED.match(cell) else cell


def _read_file(folder: Folder, file: Path) -> None:
    if file.suffix == ".csv":
        folder.rows[file.stem] = list(_rows(folder, file))
    elif file.name == "policy.toml":
        folder.policy = _text(folder, file)
    elif file.name == "units.toml":
        folder.rows["units"] = list(_unit_tables(folder, _toml(folder, file)))
    else:
        setattr(folder, file.stem, _toml(folder, file))


def _text(folder: Folder, file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        folder.faults.append(Fault(file.name, "is not written in UTF-8."))
        return ""


def _toml(folder: Folder, file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(folder, file).replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        folder.faults.append(Fault(file.name, f"is not TOML: {error}."))
        return {}


def _unit_tables(folder: Folder, table: dict[str, Any]) -> Iterator[Row]:
    """The `[[unit]]` tables of units.toml, as rows of units.csv would be."""
    names = [column.rstrip("!") for column in COLUMNS["units"]]
    units = table.pop("unit", [])
    if table or not isinstance(units, list) or not all(isinstance(unit, dict) for unit in units):
        folder.faults.append(Fault("units.toml", "Write each unit as a [[unit]] table, and nothing else."))
        return
    for count, unit in enumerate(units, start=1):
        where = f"units.toml:unit {count}"
        for name, value in unit.items():
            if name not in names or not isinstance(value, str):
                folder.faults.append(Fault(where, f"{name} is not one of the texts {', '.join(names)}."))
        yield Row(where, {name: value if isinstance(value := unit.get(name, ""), str) else "" for name in names})


def _rows(folder: Folder, file: Path) -> Iterator[Row]:
    columns = {name.rstrip("!"): name.endswith("!") for name in COLUMNS[file.stem]}
    with file.open("rb") as stream:
        head = stream.read(64 * 1024)
        if not head.strip():
            return
        stream.seek(0)
        table = table_of(stream, head)
        if isinstance(table, Parked):
            folder.faults.append(Fault(f"{file.name}:1", table.reason))
            return
        if faults := _header_faults(file.name, table.header, columns):
            folder.faults += faults
            return
        for row in table.rows:
            if len(folder.faults) >= FAULTS_MAX:
                folder.faults.append(Fault(file.name, f"There are more than {FAULTS_MAX} faults; mend these first."))
                return
            if isinstance(row, Parked):
                folder.faults.append(Fault(f"{file.name}:{row.where.removeprefix('line ')}", row.reason))
                continue
            line, cells = row
            where = f"{file.name}:{line}"
            texts = dict(zip(table.header, map(unguarded, cells), strict=True))
            folder.faults += _cell_faults(where, texts, columns)
            yield Row(where, {name: _trimmed(name, texts.get(name, "")) for name in columns})


def _header_faults(file: str, header: Sequence[str], columns: Mapping[str, bool]) -> list[Fault]:
    strange = [name for name in header if name not in columns]
    faults = [Fault(f"{file}:1", f"There is no column “{name[:60]}”; take {', '.join(columns)}.") for name in strange]
    missing = [name for name, needed in columns.items() if needed and name not in header]
    faults += [Fault(f"{file}:1", f"The column {name} is missing.") for name in missing]
    if len(set(header)) != len(header):
        faults.append(Fault(f"{file}:1", "Two columns have one name."))
    return faults


def _cell_faults(where: str, texts: Mapping[str, str], columns: Mapping[str, bool]) -> list[Fault]:
    faults = [Fault(where, f"{name} must be filled.") for name in columns if columns[name] and not texts[name].strip()]
    for name, text in texts.items():
        if len(text) > CELL_MAX.get(name, LIMITS.cell):
            faults.append(Fault(where, f"{name} has at most {CELL_MAX.get(name, LIMITS.cell)} characters."))
        if not text.isprintable() and _breaks(text, " \n\r\t" if name in TEXTS else " "):
            faults.append(Fault(where, f"{name} holds a line break or another control character."))
    return faults


def _breaks(text: str, allowed: str) -> bool:
    return any(unicodedata.category(sign) in ("Cc", "Zl", "Zp") and sign not in allowed for sign in text)


def _trimmed(name: str, text: str) -> str:
    return text if name in TEXTS else text.strip()
