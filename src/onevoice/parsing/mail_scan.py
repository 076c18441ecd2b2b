"""A quick look at a mail's bytes before it is parsed: too large, too deep or too many is refused."""

import re
from typing import Final

from onevoice.parsing.limits import LIMITS, Limits

# Each pattern is anchored at a line's start or at a literal, and repeats one bounded class: linear.
BOUNDARY: Final = re.compile(rb'boundary[ \t]{0,8}=[ \t]{0,8}"?([^"\r\n;]{1,200})', re.IGNORECASE)
DASHED: Final = re.compile(rb"^--([^\r\n]{1,204})", re.MULTILINE)
MESSAGE: Final = re.compile(rb"^content-type:[ \t]{0,8}message/", re.MULTILINE | re.IGNORECASE)
HEADER_END: Final = re.compile(rb"\r?\n\r?\n|\r\r")
LINES_MAX: Final = 1_000_000
MESSAGES_MAX: Final = 100


def refusal(raw: bytes, limits: Limits = LIMITS) -> str:
    """Why this mail is not parsed, as a sentence; empty where it may be."""
    if len(raw) > limits.mail:
        return f"It is larger than {limits.mail:,} bytes."
    if not raw.strip():
        return "It is empty."
    if raw.count(b"\n") + raw.count(b"\r") > 2 * LINES_MAX:
        return f"It has more than {LINES_MAX:,} lines."
    return _header_refusal(raw, limits) or _structure_refusal(raw, limits)


def _header_refusal(raw: bytes, limits: Limits) -> str:
    end = HEADER_END.search(raw)
    block = raw[: end.start() if end else len(raw)]
    if len(block) > limits.header_block and not end:
        return "It is one block without an end to its header; this is no mail."
    if len(block) > limits.header_block:
        return f"Its header is larger than {limits.header_block:,} bytes."
    lines = block.splitlines()
    if len(lines) > limits.header_lines:
        return f"Its header has more than {limits.header_lines:,} lines."
    size = 0
    for line in lines:
        size = len(line) + (size if line[:1] in (b" ", b"\t") else 0)
        if size > limits.header:
            return f"One of its header fields is longer than {limits.header:,} bytes."
    return ""


def _structure_refusal(raw: bytes, limits: Limits) -> str:
    """Follows the boundary lines with a stack, as a parser would, without parsing."""
    declared = {found.strip() for found in BOUNDARY.findall(raw)}
    if len(declared) > limits.parts:
        return f"It declares more than {limits.parts} kinds of parts."
    if sum(1 for _ in MESSAGE.finditer(raw)) > MESSAGES_MAX:
        return f"It holds more than {MESSAGES_MAX} messages inside."
    parts, stack = 0, list[bytes]()
    for dashed in DASHED.finditer(raw):
        line = dashed[1].rstrip()
        if line in declared:
            parts += 1
            if line in stack:
                del stack[stack.index(line) + 1 :]
            else:
                stack.append(line)
        elif line.endswith(b"--") and line[:-2] in declared and line[:-2] in stack:
            del stack[stack.index(line[:-2]) :]
        if parts > limits.parts:
            return f"It has more than {limits.parts} parts."
        if len(stack) > limits.depth:
            return f"Its parts nest deeper than {limits.depth}."
    return ""
