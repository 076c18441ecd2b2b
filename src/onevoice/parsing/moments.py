"""Times as exports write them, to microseconds UTC: a format is compiled once, so that a million rows stay quick."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from onevoice.nouns.moment import SECOND

When = Callable[[str], int]
"""A written time to microseconds UTC. Raises ValueError where it is none, or lies outside what the book can hold."""

LATEST: Final = (2**32 - 1) * SECOND
"""The judge counts whole seconds in 32 bits: 1970 to February 2106."""

EPOCHS: Final = {"epoch": SECOND, "epoch_milliseconds": 1_000, "epoch_microseconds": 1}
NAMED: Final = ("iso", "mail", *EPOCHS)

DIRECTIVES: Final = {
    "Y": r"(?P<Y>\d{4})",
    "y": r"(?P<y>\d{2})",
    "m": r"(?P<m>\d{1,2})",
    "d": r"(?P<d>\d{1,2})",
    "b": r"(?P<b>[A-Za-z]{3,9})\.?",
    "H": r"(?P<H>\d{1,2})",
    "I": r"(?P<I>\d{1,2})",
    "M": r"(?P<M>\d{1,2})",
    "S": r"(?P<S>\d{1,2})",
    "f": r"(?P<f>\d{1,9})",
    "p": r"(?P<p>[AaPp])\.?[Mm]\.?",
    "z": r"(?P<z>Z|UTC|GMT|[+-]\d{2}:?\d{2})",
    "%": "%",
}
MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def within(moment: int) -> int:
    """The moment, if the book can hold it. Raises ValueError otherwise."""
    if not 0 < moment <= LATEST:
        raise ValueError("outside 1970 to 2106")
    return moment


def moment_of(when: datetime, zone: tzinfo) -> int:
    """Microseconds UTC of a datetime; one without a zone is on this zone's wall clock. A wall-clock time that a change
    of the clocks skips or repeats is read with the offset in force before the change (fold 0)."""
    if when.tzinfo is None:
        when = when.replace(tzinfo=zone)
    try:
        return within((when - _EPOCH) // _MICROSECOND)
    except OverflowError as error:
        raise ValueError("outside 1970 to 2106") from error


def zone_of(name: str) -> tzinfo:
    """The IANA zone of this name. Raises ValueError with what to write instead."""
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no IANA time zone such as Europe/Berlin") from error


@lru_cache(maxsize=64)
def when_of(form: str, zone_name: str = "UTC") -> When:
    """Compiles a time format: `iso`, `mail` (RFC 5322), `epoch`, `epoch_milliseconds`, `epoch_microseconds`, or a
    pattern of %Y %y %m %d %b %H %I %M %S %f %p %z. Raises ValueError with the fault."""
    zone = zone_of(zone_name)
    if form == "iso":
        return lambda text: _iso(text, zone)
    if form == "mail":
        return lambda text: _mail(text, zone)
    if form in EPOCHS:
        unit = EPOCHS[form]
        return lambda text: _epoch(text, unit)
    return _patterned(form, zone)


def _iso(text: str, zone: tzinfo) -> int:
    text = text.strip()
    if text.endswith("UTC"):
        text = text[:-3].rstrip() + "+00:00"
    elif text[-6:-5] == " " and text[-5:-4] in "+-":
        text = text[:-6] + text[-5:]
    return moment_of(datetime.fromisoformat(text), zone)


def _mail(text: str, zone: tzinfo) -> int:
    try:
        return moment_of(parsedate_to_datetime(text[:200]), zone)
    except (TypeError, IndexError, OverflowError) as error:
        raise ValueError("no mail date") from error


def _epoch(text: str, unit: int) -> int:
    text = text.strip()[:32]
    if text.isdigit() and text.isascii():
        return within(int(text) * unit)
    value = float(text)
    if not -1e18 < value < 1e18:
        raise ValueError("no time since 1970")
    return within(round(value * unit))


def _patterned(form: str, zone: tzinfo) -> When:
    pattern = ""
    pieces = re.split(r"%(.)", form)
    for index, piece in enumerate(pieces):
        if index % 2 == 0:
            pattern += re.escape(piece)
        elif piece in DIRECTIVES:
            pattern += DIRECTIVES[piece]
        else:
            raise ValueError(f"%{piece} is not known in a time format")
    try:
        match = re.compile(pattern, re.ASCII).fullmatch
    except re.error as error:
        raise ValueError("a time format names each part once") from error
    groups = re.compile(pattern).groupindex
    if not ({"m", "b"} & set(groups) and {"Y", "y"} & set(groups) and "d" in groups):
        raise ValueError("a time format needs a year, a month and a day")

    def when(text: str) -> int:
        found = match(text.strip())
        if found is None:
            raise ValueError("not of this format")
        return moment_of(_datetime(found.groupdict()), zone)

    return when


def _datetime(part: dict[str, str]) -> datetime:
    year = int(part["Y"]) if "Y" in part else 2000 + int(part["y"]) - (100 if int(part["y"]) >= 70 else 0)
    month = int(part["m"]) if "m" in part else MONTHS.index(part["b"][:3].lower()) + 1
    hour = int(part.get("H", 0))
    if "I" in part:
        hour = int(part["I"]) % 12 + (12 if part.get("p", "a") in "Pp" else 0)
    fraction = int(part["f"][:6].ljust(6, "0")) if "f" in part else 0
    minute, second = int(part.get("M", 0)), int(part.get("S", 0))
    return datetime(year, month, int(part["d"]), hour, minute, second, fraction, _offset(part.get("z", "")))


def _offset(written: str) -> tzinfo | None:
    if not written:
        return None
    if written[0] not in "+-":
        return UTC
    minutes = int(written[1:3]) * 60 + int(written[-2:])
    return timezone(timedelta(minutes=-minutes if written[0] == "-" else minutes))
