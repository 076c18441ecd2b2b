"""Named: which words name a person, and which records that nobody could read hold them."""

import quopri
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import unquote

from sqlalchemy import Connection, select

from onevoice.ledger.tables import parked

ROWS_AT_ONCE: Final = 500
SHORT: Final = 4
"""References of fewer characters are looked for as whole values only: `7` stands in every date."""

PHONE: Final = re.compile(r"\+\d{8,15}")
DIGITS_AT_END: Final = 8
"""So many digits at its end tell a phone number, however its beginning is written."""

BETWEEN_DIGITS: Final = re.compile(r"(?<=\d)[ ().\-/]{1,3}(?=\d)")
ESCAPED: Final = re.compile(r"\\u([0-9a-fA-F]{4})")


class Names:
    """Recognises a person by reference, e-mail address or phone number in any text."""

    def __init__(self, words: Iterable[str]) -> None:
        patterns = [_pattern(word) for word in dict.fromkeys(map(_folded, words)) if word]
        self._any = re.compile("|".join(patterns)) if patterns else None

    def are_in(self, *texts: str) -> bool:
        """Whether any of these texts names the person."""
        if self._any is None:
            return False
        return any(self._any.search(form) for text in texts for form in _forms(_folded(text)))

    def are_in_bytes(self, raw: bytes) -> bool:
        """Whether these bytes name the person, as UTF-8, UTF-16 or Latin-1, plain or quoted as mail quotes."""
        return self.are_in(*_decoded(raw), *(_decoded(quopri.decodestring(raw)) if b"=" in raw else ()))


def _pattern(word: str) -> str:
    if PHONE.fullmatch(word):
        return rf"{word[-DIGITS_AT_END:]}(?!\d)"
    if len(word) < SHORT:
        return rf"(?:^|[,;|\t\r\n\"'\[{{(=:])[ ]*{re.escape(word)}[ ]*(?:$|[,;|\t\r\n\"'\]}})])"
    if "@" in word:
        return rf"(?<![\w.+-]){re.escape(word)}(?![\w-]|\.\w)"
    return rf"(?<![\w-]){re.escape(word)}(?![\w-])"


def _forms(text: str) -> Iterator[str]:
    yield text
    if "%" in text:
        yield _folded(unquote(text))
    if "\\u" in text:
        yield _folded(ESCAPED.sub(lambda found: chr(int(found[1], 16)), text))
    yield BETWEEN_DIGITS.sub("", text)


def _decoded(raw: bytes) -> Iterator[str]:
    yield raw.decode("utf-8", "replace")
    if b"\0" in raw:
        yield raw.decode("utf-16-le", "replace")
        yield raw.decode("utf-16-be", "replace")
    elif any(sign > 127 for sign in raw):
        yield raw.decode("latin-1")


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def parked_naming(connection: Connection, names: Names, after: int = 0) -> tuple[list[int], int]:
    """(parked rows beyond number `after` that name the person, the last number looked at). Reads all of them."""
    found: list[int] = []
    query = select(parked.c.number, parked.c.place, parked.c.reason, parked.c.raw).order_by(parked.c.number)
    while rows := connection.execute(query.where(parked.c.number > after).limit(ROWS_AT_ONCE)).all():
        found += [row.number for row in rows if names.are_in(row.place, row.reason) or names.are_in_bytes(row.raw)]
        after = rows[-1].number
    return found, after
