"""Writes a mapping as the TOML file that `mapping.read_mapping` reads, each line with its reason."""

import json

from onevoice.vendors.table.guess import Guessed
from onevoice.vendors.table.mapping import Mapping


def quoted(text: str) -> str:
    """A TOML basic string; JSON's escapes are TOML's, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def listed(texts: tuple[str, ...]) -> str:
    return "[" + ", ".join(quoted(text) for text in texts) + "]"


def written(guessed: Guessed) -> str:
    """The file, with reasons as comments and doubts at its head."""
    mapping, why = guessed.mapping, guessed.reasons
    lines = ["# How to read this file into the book; see docs/how-to/import.md."]
    lines += [f"# Check: {_one_line(doubt)}" for doubt in guessed.doubts]
    lines += ["", f"format = {quoted(mapping.format)}", *_optional(mapping)]
    lines += ["", "[time]", _line("columns", listed(mapping.time.columns), why.get("time.columns"))]
    lines += [_line("format", quoted(mapping.time.format), why.get("time.format"))]
    lines += [_line("zone", quoted(mapping.time.zone), why.get("time.zone"))]
    lines += ["", "[key]", _line("columns", listed(mapping.key.columns), why.get("key.columns"))]
    if mapping.key.prefix:
        lines += [f"prefix = {quoted(mapping.key.prefix)}"]
    for name, table in (("columns", mapping.columns), ("constants", mapping.constants), ("inbound", mapping.inbound)):
        lines += _table(name, {**table}, why)
    if mapping.joined:
        lines += ["", "[joined]"]
        lines += [_line(field, listed(names), why.get(f"joined.{field}")) for field, names in mapping.joined.items()]
    for field, table_of_values in mapping.values.items():
        lines += _table(f"values.{field}", {**table_of_values}, why)
    lines += _table("refers", {**mapping.refers}, why)
    for name, also in mapping.also.items():
        said = {"kind": also.kind, "when": also.when, "time": also.time, "detail": also.detail}
        lines += _table(f"also.{name}", {field: value for field, value in said.items() if value}, why)
        lines += [f"values = {listed(also.values)}"] if also.values else []
    return "\n".join(lines) + "\n"


def _optional(mapping: Mapping) -> list[str]:
    named = {"encoding": mapping.encoding, "delimiter": mapping.delimiter, "inside": mapping.inside}
    named |= {"sheet": mapping.sheet}
    return [f"{name} = {quoted(value)}" for name, value in named.items() if value]


def _table(name: str, table: dict[str, str | int], why: dict[str, str]) -> list[str]:
    if not table:
        return []
    lines = ["", f"[{name}]"]
    for key, value in table.items():
        bare = key if key.replace("_", "").isalnum() and key.isascii() else quoted(key)
        shown = quoted(value) if isinstance(value, str) else str(value)
        lines.append(_line(bare, shown, why.get(f"{name}.{key}")))
    return lines


def _line(key: str, value: str, why: str | None) -> str:
    return f"{key} = {value}" + (f"  # {_one_line(why)}" if why else "")


def _one_line(text: str) -> str:
    """A column's name may stand in a comment, and names are the file's: one line stays one line, and printable."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
