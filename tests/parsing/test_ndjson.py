"""JSON logs come as lines, as an array or as a page of an API, and each record counts once."""

import io
from dataclasses import replace
from typing import Any

from onevoice.nouns.observation import Parked
from onevoice.parsing.limits import LIMITS, Limits
from onevoice.parsing.ndjson import records_of


def read(raw: bytes, inside: str = "", limits: Limits = LIMITS) -> list[Any]:
    return [
        item.reason if isinstance(item, Parked) else item
        for item in records_of(io.BytesIO(raw), raw[:65536], inside, limits)
    ]


def test_lines_arrays_and_pages_give_the_same_records() -> None:
    """Where a record stands differs, what it says does not."""
    assert read(b'{"a":1}\n\n{"a":2}') == [("line 1", {"a": 1}), ("line 3", {"a": 2})]
    assert read(b'\xef\xbb\xbf [{"a":1},\n {"a":2}]') == [("record 1", {"a": 1}), ("record 2", {"a": 2})]
    assert read(b'{"messages":[{"a":1},{"a":2}],"next":null}', "messages") == [
        ("record 1", {"a": 1}),
        ("record 2", {"a": 2}),
    ]
    assert read(b'{\n "end": 1,\n "messages": [{"a":1}]}', "messages") == [("record 1", {"a": 1})]


def test_each_damaged_line_is_parked_by_itself() -> None:
    """Invalid JSON, a bare number and a line too long are three reasons."""
    small = replace(LIMITS, row=100)
    assert read(b'{"a":1}\n{"a":\n7\n{"a":"' + b"x" * 300 + b'"}\n{"a":2}\n', limits=small) == [
        ("line 1", {"a": 1}),
        "It is not valid JSON.",
        "It is not a JSON object with named fields.",
        "It is longer than 100 bytes.",
        ("line 5", {"a": 2}),
    ]


def test_nesting_has_a_limit() -> None:
    """Neither forty levels nor a hundred thousand reach anything behind the reader."""
    forty = b'{"a":' * 40 + b"1" + b"}" * 40
    endless = b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    deep = f"Its JSON nests deeper than {LIMITS.json_depth}."
    assert read(forty + b"\n" + endless + b'\n{"a":{"b":[1]}}\n')[0] == deep
    assert read(endless)[0] in (deep, "It is not a JSON object with named fields.")
    assert read(b"[" + forty + b',{"a":1}]') == [deep, ("record 2", {"a": 1})]


def test_a_document_cut_off_is_one_reason() -> None:
    """An array without its end is not read in part: nobody can tell where it stopped."""
    assert read(b'[{"a":1},{"a"') == ["The document is not valid JSON, or it was cut off."]


def test_utf_16_says_what_to_do() -> None:
    """JSON is UTF-8."""
    assert "Convert it" in read('{"a":1}'.encode("utf-16"))[0]
