"""Fields of JSON records as bounded text, and the walk over records that readers of events share."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from onevoice.nouns.observation import Given, Parked, Read
from onevoice.parsing.moments import When, when_of
from onevoice.parsing.ndjson import Record, records_of
from onevoice.parsing.source import HEAD, head_of, opened

KEPT_MAX: Final = 500
"""Characters of one field that are kept."""

Told = Callable[[str, Record, Given], Read | Parked]
"""What one record, at this place, says for the book, or why nothing."""

_times: Final[tuple[When, ...]] = (when_of("iso"), when_of("mail"))


def at(record: Any, *names: str) -> Any:
    """The value at a path of names; None where there is none."""
    for name in names:
        record = record.get(name) if isinstance(record, dict) else None
    return record


def text(record: Any, *names: str) -> str:
    """The value at a path of names as bounded text: lists and objects as JSON, absent and null as nothing."""
    value = at(record, *names)
    if value is None:
        return ""
    if not isinstance(value, str):
        value = msgspec.json.encode(value).decode()
    return str(value)[:KEPT_MAX]


def objects(record: Any, *names: str) -> list[dict[str, Any]]:
    """The objects of the list at a path of names; what is no object is left out."""
    value = at(record, *names)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def texts(record: Any, *names: str) -> list[str]:
    """The strings of the list at a path of names, each bounded; what is no string is left out."""
    value = at(record, *names)
    return [item[:KEPT_MAX] for item in value if isinstance(item, str)] if isinstance(value, list) else []


def moment(written: str) -> int:
    """Microseconds UTC of an ISO or mail time; 0 where it is neither, or outside what the book can hold."""
    for when in _times:
        try:
            return when(written)
        except (ValueError, OverflowError):
            continue
    return 0


def counted(written: str, form: str = "epoch") -> int:
    """Microseconds UTC of a number since 1970 (`epoch`, `epoch_milliseconds`); 0 where it is none."""
    try:
        return when_of(form)(written)
    except (ValueError, OverflowError):
        return 0


def all_told(path: Path, given: Given, told: Told, inside: str = "") -> Iterator[Read | Parked]:
    """Every record of a file once, in its order, as `told` reads it; `inside` as in `ndjson.records_of`."""
    head = head_of(path)
    with opened(path) as stream:
        for item in records_of(stream, head, inside):
            yield item if isinstance(item, Parked) else told(item[0], item[1], given)


def body_told(body: bytes, given: Given, told: Told, inside: str = "") -> list[Read | Parked]:
    """Every record of one posted body, which the door has already limited in size."""
    items = records_of(io.BytesIO(body), body[:HEAD], inside)
    return [item if isinstance(item, Parked) else told(item[0], item[1], given) for item in items]


def is_json(head: bytes) -> bool:
    """Whether a source begins as JSON does."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")
