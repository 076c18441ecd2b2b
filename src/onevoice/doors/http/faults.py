"""Reading JSON into a typed value: quickly when it is right, and with every fault when it is not."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from difflib import get_close_matches
from typing import Any, Final, TypeVar, get_args, get_origin

import msgspec

from onevoice.doors.http.problems import Problem
from onevoice.nouns.problem import Fault, Refused

Shape = TypeVar("Shape", bound=msgspec.Struct)

DEPTH_MAX: Final = 32
LISTED_MAX: Final = 100
EXPLAINED_BYTES_MAX: Final = 256 * 1024
"""A larger body is told its first fault only: listing them all would cost more than it is worth."""

NAME_MAX: Final = 200
LONGER_NAMES: Final = {"address": 400, "value": 400, "name": 300, "purpose": 300}
TEXT_MAX: Final = 200_000
TEXTLESS: Final = frozenset({bool, int, float, datetime})
CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
LONG_TEXTS: Final = frozenset({"subject", "words", "content", "wording", "evidence", "detail", "terms", "why", "body"})
"""Texts that people write, in more than one line; all others are names, which hold no control characters."""


def read_json(raw: bytes, decoder: "msgspec.json.Decoder[Shape]") -> Shape:
    """The value in these bytes.

    Raises Problem 400 when they are not JSON (or nested too deep), Refused with every fault when they do not fit."""
    try:
        value = decoder.decode(raw)
    except msgspec.ValidationError as error:
        raise Refused(_every_fault(raw, decoder.type, error)) from None
    except (RecursionError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _unreadable(error) from None
    refuse_odd_texts(value)
    return value


def read_query(given: Mapping[str, str], shape: type[Shape]) -> Shape:
    """The typed values behind the question mark. Raises Refused with every fault."""
    faults = list(_struct_faults(given, shape, "", strict=False))[:LISTED_MAX]
    if faults:
        raise Refused(faults)
    value = msgspec.convert(given, shape, strict=False)
    refuse_odd_texts(value)
    return value


def refuse_odd_texts(value: msgspec.Struct) -> None:
    """Raises Refused where a name is too long or holds a control character or a line break, or a long text a NUL."""
    for one in msgspec.structs.astuple(value):  # a quick look first: nearly always there is nothing
        if one.__class__ is str:
            if len(one) > NAME_MAX or not one.isprintable():
                break
        elif one and one.__class__ not in TEXTLESS:
            break
    else:
        return
    faults = list(_text_faults(value, "", most=NAME_MAX))[:LISTED_MAX]
    if faults:
        raise Refused(faults)


def _every_fault(raw: bytes, shape: Any, error: msgspec.ValidationError) -> list[Fault]:
    first = [_fault("", error)]
    if len(raw) > EXPLAINED_BYTES_MAX:
        return first
    try:
        value = msgspec.json.decode(raw)
    except (RecursionError, msgspec.DecodeError, UnicodeDecodeError) as broken:
        raise _unreadable(broken) from None
    if _is_deeper_than(value, DEPTH_MAX):
        raise _unreadable(RecursionError())
    return list(_faults(value, shape, ""))[:LISTED_MAX] or first


def _faults(value: object, shape: Any, where: str, *, strict: bool = True) -> Iterator[Fault]:
    """Everything wrong with a value of builtin types, as one of this shape."""
    if isinstance(shape, type) and issubclass(shape, msgspec.Struct) and isinstance(value, dict):
        yield from _struct_faults(value, shape, where, strict=strict)
    elif get_origin(shape) is tuple and isinstance(value, list):
        for index, one in enumerate(value):
            yield from _faults(one, get_args(shape)[0], f"{where}[{index}]", strict=strict)
    else:
        try:
            msgspec.convert(value, shape, strict=strict)
        except msgspec.ValidationError as error:
            yield _fault(where, error)


def _struct_faults(
    value: Mapping[str, Any], shape: type[msgspec.Struct], where: str, *, strict: bool
) -> Iterator[Fault]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(shape)}
    for name, one in value.items():
        if name in fields:
            yield from _faults(one, fields[name].type, _below(where, name), strict=strict)
        else:
            near = get_close_matches(name, fields, n=1, cutoff=0.75)
            hint = f"; did you mean {near[0]}?" if near else "."
            yield Fault(_below(where, _shown(name)), "is not known here" + hint)
    for name, field in fields.items():
        if field.required and name not in value:
            yield Fault(_below(where, name), "is missing.")


def _text_faults(value: object, where: str, *, most: int) -> Iterator[Fault]:
    if isinstance(value, str):
        if len(value) > most:
            yield Fault(where, f"has {len(value):,} characters; at most {most:,} are taken.")
        elif most == TEXT_MAX and "\0" in value:
            yield Fault(where, "holds a NUL character, which no text may.")
        elif most != TEXT_MAX and CONTROL.search(value):
            yield Fault(where, "holds a control character or a line break, which no name may.")
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            room = TEXT_MAX if name in LONG_TEXTS else LONGER_NAMES.get(name, NAME_MAX)
            yield from _text_faults(getattr(value, name), _below(where, name), most=room)
    elif isinstance(value, tuple):
        for index, one in enumerate(value):
            yield from _text_faults(one, f"{where}[{index}]", most=most)
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _text_faults(name, _below(where, _shown(name)), most=NAME_MAX)
            yield from _text_faults(one, _below(where, _shown(name)), most=TEXT_MAX)


def _fault(where: str, error: msgspec.ValidationError) -> Fault:
    """msgspec's own sentence, with its place taken apart."""
    says, _, place = str(error).partition(" - at `$")
    place = place.rstrip("`").lstrip(".")
    if where and place:
        place = place if place.startswith("[") else f".{place}"
    return Fault(f"{where}{place}" or "body", says + ".")


def _unreadable(error: Exception) -> Problem:
    if isinstance(error, RecursionError):
        return Problem(400, f"The body is nested deeper than {DEPTH_MAX} levels.")
    return Problem(400, "The body is not JSON in UTF-8.")


def _is_deeper_than(value: object, levels: int) -> bool:
    layer = [value]
    for _ in range(levels):
        inner: list[object] = []
        for one in layer:
            if isinstance(one, dict):
                inner.extend(one.values())
            elif isinstance(one, list):
                inner.extend(one)
        if not inner:
            return False
        layer = inner
    return any(isinstance(one, dict | list) for one in layer)


def _below(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _shown(name: str) -> str:
    """A name somebody made up, fit to be told back."""
    return CONTROL.sub("?", name[:100])
