"""Policy files: contact policies as TOML that people write, read and keep under review."""

import tomllib
from typing import Any

import msgspec

from onevoice.nouns.policy import AnyRule, Policy
from onevoice.nouns.problem import Fault, Refused


def read_policy(text: str) -> Policy:
    """The policy of a TOML text. Raises Refused with everything that is wrong with its shape, rule by rule."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise Refused([Fault("file", f"This is not TOML: {wrong}.")]) from wrong
    faults: list[Fault] = []
    rules = document.get("rules", [])
    if not isinstance(rules, list):
        rules = []
        faults.append(Fault("rules", "Write each rule as a table headed [[rules]]."))
    read = [_converted(rule, AnyRule, f"rules[{place}]", faults) for place, rule in enumerate(rules)]
    bare = _converted({**document, "rules": []}, Policy, "", faults)
    if faults:
        raise Refused(faults, "This policy cannot be read.")
    policy: Policy = msgspec.structs.replace(bare, rules=tuple(read))
    return policy


def _converted(value: Any, kind: Any, where: str, faults: list[Fault]) -> Any:
    """The value as this kind, or None and a fault that says where."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as wrong:
        says, _, path = str(wrong).partition(" - at `$")
        place = (where + path.rstrip("`")).lstrip(".")
        faults.append(Fault(place or "file", f"{says}."))
        return None


def write_policy(policy: Policy) -> str:
    """The policy as TOML; `read_policy` gives the same policy back."""
    document = msgspec.to_builtins(policy)
    document.setdefault("rules", [])
    lines = [f"{key} = {_value(value)}" for key, value in document.items() if key != "rules"]
    for rule in document["rules"]:
        lines += ["", "[[rules]]", *(f"{key} = {_value(value)}" for key, value in rule.items())]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    """A TOML value; tables inline, since a rule stays readable on its lines."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(inner)}" for key, inner in value.items()) + " }" if value else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(inner) for inner in value) + "]"
    assert isinstance(value, int)
    return str(value)


def _quoted(text: str) -> str:
    """A basic string: quotes, backslashes and control characters escaped."""
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    marks = (
        escapes.get(mark) or (f"\\u{ord(mark):04x}" if ord(mark) < 32 or ord(mark) == 127 else mark) for mark in text
    )
    return '"' + "".join(marks) + '"'
