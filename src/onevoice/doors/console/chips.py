"""Console: the filters of a list as chips that can be taken off, and the choices for more."""

from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

import msgspec

from onevoice.answers.decisions import Filters
from onevoice.answers.sentences import LANES, reason_words
from onevoice.answers.spoken import MONTHS, date_of
from onevoice.ledger.book import Reader
from onevoice.nouns.reason import Reason
from onevoice.nouns.surroundings import Surroundings

VERDICTS: Final = {"kept_back": "Held or suppressed", "hold": "Held", "suppress": "Suppressed", "send": "Cleared"}
BINDING: Final = {"yes": "Obeyed", "no": "Only advised"}


class Chip(msgspec.Struct, frozen=True, kw_only=True):
    """One filter in words, and the address of the same list without it."""

    label: str
    without: str


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """What each filter can be: (value in the address, words)."""

    verdicts: tuple[tuple[str, str], ...]
    reasons: tuple[tuple[str, str], ...]
    units: tuple[tuple[str, str], ...]
    channels: tuple[tuple[str, str], ...]
    binding: tuple[tuple[str, str], ...]


def chips_of(filters: Filters, surroundings: Surroundings) -> list[Chip]:
    """A chip for each filter that is set."""
    units = {unit.key: unit.name for unit in surroundings.units.values()}
    named = (
        ("verdict", VERDICTS.get(filters.verdict, filters.verdict)),
        ("reason", reason_words(filters.reason)),
        ("unit", units.get(filters.unit, filters.unit)),
        ("channel", LANES.get(filters.channel, filters.channel)),
        ("binding", BINDING.get(filters.binding, filters.binding)),
        ("days", _days(filters)),
    )
    asked = asked_of(filters)
    return [
        Chip(label=label, without=_address({name: value for name, value in asked.items() if name not in PARTS[field]}))
        for field, label in named
        if label
    ]


def choices_of(reader: Reader) -> Choices:
    """The choices this asker has: only units whose content they see."""
    units = [unit for unit in reader.surroundings.units.values() if reader.authority.sees(unit.number)]
    return Choices(
        verdicts=tuple(VERDICTS.items()),
        reasons=tuple((one.spoken, reason_words(one.spoken)) for one in Reason if one is not Reason.CLEARED),
        units=tuple((unit.key, unit.name) for unit in sorted(units, key=lambda unit: unit.name)),
        channels=tuple(LANES.items()),
        binding=tuple(BINDING.items()),
    )


PARTS: Final = {
    "verdict": ("verdict",),
    "reason": ("reason",),
    "unit": ("unit",),
    "channel": ("channel",),
    "binding": ("binding",),
    "days": ("from", "to"),
}


def asked_of(filters: Filters) -> dict[str, str]:
    """The filters as they stand in an address."""
    asked = {
        "verdict": filters.verdict,
        "reason": filters.reason,
        "unit": filters.unit,
        "channel": filters.channel,
        "binding": filters.binding,
        "from": _iso(filters.first_day),
        "to": _iso(filters.last_day),
    }
    return {name: value for name, value in asked.items() if value}


def _days(filters: Filters) -> str:
    first, last = _named(filters.first_day), _named(filters.last_day)
    if first and last:
        return first if first == last else f"{first} to {last}"
    return f"since {first}" if first else f"until {last}" if last else ""


def _named(day: int) -> str:
    if not day:
        return ""
    then = datetime.fromtimestamp(day * 86_400, UTC)
    return f"{then.day} {MONTHS[then.month - 1][:3]} {then.year}"


def _iso(day: int) -> str:
    return date_of(day) if day else ""


def _address(asked: dict[str, str]) -> str:
    return f"/decisions?{urlencode(asked)}" if asked else "/decisions"
