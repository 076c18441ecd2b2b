"""Console: the filters of a list as chips that can be taken off, and the choices for more."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Final
from urllib.parse import urlencode

import msgspec

from onevoice.answers.customer import people_named
from onevoice.answers.decisions import Filters
from onevoice.answers.seen import visible_customers
from onevoice.answers.sentences import LANES, reason_words
from onevoice.answers.spoken import MONTHS, date_of
from onevoice.answers.stopped_by import rule_names
from onevoice.ledger.book import Reader
from onevoice.nouns.problem import Fault, NotFound, Refused
from onevoice.nouns.reason import Reason

VERDICTS: Final = {"kept_back": "Held or suppressed", "hold": "Held", "suppress": "Suppressed", "send": "Cleared"}
EPOCH: Final = date(1970, 1, 1)
ORDERS: Final = {"": "Newest first", "oldest": "Oldest first"}
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
    rules: tuple[tuple[str, str], ...]
    orders: tuple[tuple[str, str], ...]


def filters_in(asked: Mapping[str, str]) -> Filters:
    """The filters that stand in an address. Raises Refused for a day, NotFound for a customer, that cannot be one."""
    return Filters(
        verdict=asked.get("verdict", ""),
        reason=asked.get("reason", ""),
        unit=asked.get("unit", ""),
        channel=asked.get("channel", ""),
        binding=asked.get("binding", ""),
        first_day=_day_of(asked.get("from", ""), "from"),
        last_day=_day_of(asked.get("to", ""), "to"),
        rule=asked.get("rule", "")[:200],
        customer=_customer_in(asked.get("customer", "")),
        order=asked.get("order", ""),
    )


def chips_of(filters: Filters, reader: Reader) -> list[Chip]:
    """A chip for each filter that is set."""
    units = {unit.key: unit.name for unit in reader.surroundings.units.values()}
    person = people_named(reader, visible_customers(reader, [filters.customer])) if filters.customer else {}
    named = (
        ("verdict", VERDICTS.get(filters.verdict, filters.verdict)),
        ("reason", reason_words(filters.reason)),
        ("unit", units.get(filters.unit, filters.unit)),
        ("channel", LANES.get(filters.channel, filters.channel)),
        ("binding", BINDING.get(filters.binding, filters.binding)),
        ("days", _days(filters)),
        ("rule", f"Rule “{filters.rule}”" if filters.rule else ""),
        ("customer", f"About {person.get(filters.customer, 'one person')}" if filters.customer else ""),
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
        rules=tuple((name, name) for name in rule_names(reader)),
        orders=tuple(ORDERS.items()),
    )


PARTS: Final = {
    "verdict": ("verdict",),
    "reason": ("reason",),
    "unit": ("unit",),
    "channel": ("channel",),
    "binding": ("binding",),
    "days": ("from", "to"),
    "rule": ("rule",),
    "customer": ("customer",),
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
        "rule": filters.rule,
        "customer": str(filters.customer or ""),
        "order": filters.order,
    }
    return {name: value for name, value in asked.items() if value}


def query_of(filters: Filters) -> str:
    """The filters as the query of an address, in one order whatever was typed; '' for none."""
    return urlencode(asked_of(filters))


def turned(filters: Filters) -> str:
    """The address of the same list in the other order of time."""
    other = "" if filters.order else "oldest"
    return _address(asked_of(msgspec.structs.replace(filters, order=other)))


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


def _day_of(written: str, where: str) -> int:
    """Days since 1970-01-01 of an ISO date, 0 for none. Raises Refused."""
    if not written:
        return 0
    try:
        return max((date.fromisoformat(written) - EPOCH).days, 1)
    except ValueError:
        raise Refused([Fault(where, "Write the day like 2026-11-21.")]) from None


def _customer_in(written: str) -> int:
    if not written:
        return 0
    if not (written.isascii() and written.isdecimal() and len(written) < 19):
        raise NotFound("There is no customer of that number here for you to see.")
    return int(written)
