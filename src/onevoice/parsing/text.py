"""Which encoding a text file is in, and its lines, each of bounded length."""

import codecs
import io
from typing import BinaryIO

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_of(head: bytes) -> str:
    """The encoding of a text by its first bytes: a byte order mark, the zero bytes of UTF-16, valid UTF-8, and
    otherwise Windows-1252 (which the web means by Latin-1 too)."""
    for mark, name in BOMS:
        if head.startswith(mark):
            return name
    zeros_even, zeros_odd = head[0:4096:2].count(0), head[1:4096:2].count(0)
    third = max(len(head[:4096]) // 6, 1)
    if zeros_odd > third > zeros_even:
        return "utf-16-le"
    if zeros_even > third > zeros_odd:
        return "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def known_encoding(name: str) -> bool:
    """Whether text of this encoding can be read here."""
    try:
        codecs.lookup(name)
        "".encode(name)
    except (LookupError, TypeError, ValueError):
        return False
    return True


def text_of(stream: BinaryIO, encoding: str) -> io.TextIOWrapper:
    """The stream as text; bytes that are no characters come out as lone surrogates, which `spoiled` finds."""
    errors = "replace" if encoding.startswith("utf-16") else "surrogateescape"
    return io.TextIOWrapper(stream, encoding=encoding, errors=errors, newline="")


def spoiled(line: str) -> bool:
    """Whether a decoded line holds what was no character of the file's encoding."""
    if line.isascii():
        return False
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return "\ufffd" in line
