"""JSON records as a stream: one object a line, or one array of them, or one object that holds the array."""

from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from onevoice.nouns.observation import Parked
from onevoice.parsing.limits import LIMITS, Limits
from onevoice.parsing.source import BROKEN, why_broken
from onevoice.parsing.text import encoding_of

Record = dict[str, Any]
_decode = msgspec.json.Decoder().decode
_decode_pieces = msgspec.json.Decoder(list[msgspec.Raw]).decode


def deeper_than(value: Any, most: int) -> bool:
    """Whether objects and arrays nest deeper than `most`; level by level, so without recursion."""
    level = [value]
    for _ in range(most + 1):
        level = [
            item
            for holder in level
            for item in (holder.values() if isinstance(holder, dict) else holder)
            if isinstance(item, dict | list)
        ]
        if not level:
            return False
    return True


def record_of(raw: bytes, where: str, limits: Limits = LIMITS) -> Record | Parked:
    """One JSON object, or Parked with the reason."""
    try:
        value = _decode(raw)
    except RecursionError:
        value = []
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Parked(where=where, reason="It is not valid JSON.", raw=raw[: limits.raw_kept])
    if not isinstance(value, dict):
        return Parked(where=where, reason="It is not a JSON object with named fields.", raw=raw[: limits.raw_kept])
    if deeper_than(value, limits.json_depth):
        return Parked(where=where, reason=f"Its JSON nests deeper than {limits.json_depth}.", raw=raw[:200])
    return value


def records_of(
    stream: BinaryIO, head: bytes, inside: str = "", limits: Limits = LIMITS
) -> Iterator[tuple[str, Record] | Parked]:
    """Every record once: where it stands and its fields, or Parked. `inside` names the field of a single document that
    holds the array of records (a page of an API's answer)."""
    if encoding_of(head).startswith("utf-16"):
        yield Parked(where="line 1", reason="JSON is read as UTF-8; this file is UTF-16. Convert it and import again.")
        return
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"["):
        yield from _of_document(stream, "", limits)
    elif inside and _holds(start, inside):
        yield from _of_document(stream, inside, limits)
    else:
        yield from _of_lines(stream, limits)


def _holds(start: bytes, inside: str) -> bool:
    """Whether the text looks like one document with this field, rather than like a line of many."""
    first = start.split(b"\n", 1)[0].strip()
    if first in (b"{", b""):
        return True
    key = b'"' + inside.encode() + b'"'
    return key in start and start.find(key) < start.find(b"[") + len(key) + 8


def _of_lines(stream: BinaryIO, limits: Limits) -> Iterator[tuple[str, Record] | Parked]:
    number = 0
    try:
        while line := stream.readline(limits.row + 1):
            number += 1
            where = f"line {number}"
            if len(line) > limits.row:
                while line and not line.endswith(b"\n"):
                    line = stream.readline(limits.row)
                yield Parked(where=where, reason=f"It is longer than {limits.row:,} bytes.")
                continue
            line = line.strip(b"\xef\xbb\xbf \t\r\n") if number == 1 else line.strip()
            if line:
                record = record_of(line, where, limits)
                yield record if isinstance(record, Parked) else (where, record)
    except BROKEN as error:
        yield Parked(where=f"line {number + 1}", reason=why_broken(error))


def _of_document(stream: BinaryIO, inside: str, limits: Limits) -> Iterator[tuple[str, Record] | Parked]:
    try:
        raw = stream.read(limits.unclosed + 1)
    except BROKEN as error:
        yield Parked(where="document", reason=why_broken(error))
        return
    if len(raw) > limits.unclosed:
        reason = f"One JSON document of more than {limits.unclosed:,} bytes; export it as one object a line instead."
        yield Parked(where="document", reason=reason)
        return
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    try:
        pieces = _pieces(raw, inside)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        reason = "The document is not valid JSON, or it was cut off."
        yield Parked(where="document", reason=reason, raw=raw[: limits.raw_kept])
        return
    for number, piece in enumerate(pieces, 1):
        record = record_of(bytes(piece), f"record {number}", limits)
        yield record if isinstance(record, Parked) else (f"record {number}", record)


def _pieces(raw: bytes, inside: str) -> list[msgspec.Raw]:
    if not inside:
        return _decode_pieces(raw)
    held = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    if inside in held:
        return _decode_pieces(held[inside])
    return [msgspec.Raw(raw)]
