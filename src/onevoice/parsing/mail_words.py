"""Characters of mail: encoded words, broken charsets and addresses, always to some text and never to an exception."""

import binascii
import codecs
import re
from email.utils import getaddresses
from typing import Final

# RFC 2047: three bounded classes between literals; linear.
ENCODED: Final = re.compile(r"=\?([^?\s]{1,40})\?([bBqQ])\?([^?]{0,8000})\?=")
ADDRESS: Final = re.compile(r"[^\s<>,;:\"'()\[\]@\\]{1,64}@[^\s<>,;:\"'()@\\]{1,255}")
NO_TEXT: Final = frozenset(
    {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem", "palmos"}
)
ADDRESS_MAX: Final = 320


def charset_of(name: str) -> str:
    """A codec that turns bytes into text for this charset name; Windows-1252 where there is none."""
    try:
        found = codecs.lookup(name.strip("\"' ")[:40])
    except (LookupError, ValueError, TypeError):
        return "cp1252"
    text = getattr(found, "_is_text_encoding", True) and found.name.replace("-", "_") not in NO_TEXT
    return found.name if text else "cp1252"


def text_from(raw: bytes, charset: str = "") -> str:
    """These bytes as text: by the charset given, else UTF-8 if they are that, else Windows-1252."""
    if charset and charset.lower() not in ("us-ascii", "ascii"):
        return raw.decode(charset_of(charset), "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def raw_text(value: str) -> str:
    """A header as the parser gives it, its bytes beyond ASCII made characters."""
    if value.isascii():
        return value
    return text_from(value.encode("utf-8", "surrogateescape"))


def header_text(value: str) -> str:
    """A header's value as people read it: unfolded, encoded words decoded, on one line."""
    value = raw_text(value)
    out: list[str] = []
    at, held, held_charset = 0, b"", ""
    for found in ENCODED.finditer(value):
        between = value[at : found.start()]
        at = found.end()
        charset, raw = found[1].split("*")[0].lower(), _encoded_bytes(found[2], found[3])
        if held and not between.strip() and charset == held_charset:
            held += raw
            continue
        if held:
            out.append(text_from(held, held_charset))
        if between.strip() or not out:
            out.append(between)
        held, held_charset = raw, charset
    out += [text_from(held, held_charset) if held else "", value[at:]]
    return " ".join("".join(c if c.isprintable() else " " for c in "".join(out)).split())


def _encoded_bytes(kind: str, text: str) -> bytes:
    if kind in "qQ":
        return binascii.a2b_qp(text.encode("latin-1", "replace"), header=True)
    bare = re.sub(r"[^A-Za-z0-9+/]", "", text)
    try:
        return binascii.a2b_base64(bare[: len(bare) - (len(bare) % 4 == 1)] + "=" * (-len(bare) % 4))
    except binascii.Error:
        return b""


def addresses_in(values: list[str], most: int) -> list[tuple[str, str]]:
    """Pairs of name and address in these header values, at most `most`; what is no address is left out."""
    texts = [raw_text(value) for value in values]
    try:
        pairs = getaddresses(texts)
    except (IndexError, ValueError, TypeError, RecursionError):
        pairs = []
    found = [(header_text(name), address.strip()) for name, address in pairs if plausible(address.strip())]
    if not found:
        found = [("", address) for text in texts for address in ADDRESS.findall(text) if plausible(address)]
    return found[:most]


def plausible(address: str) -> bool:
    """Whether a text could be an address: one part before, one after the @, nothing that ends a line or an option."""
    local, at, domain = address.rpartition("@")
    if not (local and at and domain) or len(address) > ADDRESS_MAX or address.startswith("-"):
        return False
    return address.isprintable() and not re.search(r"[\s<>,;\"()]", address)
