"""Nouns on the wire: moments are RFC 3339 texts outside and integer microseconds inside; nothing else differs."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, TypeVar

import msgspec

from onevoice.nouns.moment import DAY, SECOND
from onevoice.nouns.observation import Observation
from onevoice.nouns.problem import Fault, Refused
from onevoice.nouns.proposal import Proposal

Noun = TypeVar("Noun", bound=msgspec.Struct)

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""An instant that names its offset, such as `2026-10-01T10:00:00Z`."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2106, 1, 1, tzinfo=UTC)
"""Contact states hold whole seconds in 32 bits."""

MICROSECOND: Final = timedelta(microseconds=1)

PAST: Final = frozenset({"occurred", "created"})
"""Moments that cannot lie in the future."""

FUTURE: Final = frozenset({"send_by", "until"})
"""Moments that may."""

GIVEN: Final = tuple(sorted(PAST | FUTURE))

MOMENTS: Final = frozenset(
    {"occurred", "recorded", "created", "send_by", "until", "latest", "lease_until", "decided", "activated"}
    | {"since", "policy_since", "as_of", "at", "now", "asked", "answered"}
)
"""Fields of nouns and answers that hold a moment when they hold an integer."""


class ProposalIn(Proposal, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As Proposal; without `key` the Idempotency-Key header is it."""

    key: str = ""
    created: Moment | None = None  # type: ignore[assignment]  # a text outside, microseconds inside
    send_by: Moment | None = None  # type: ignore[assignment]


class ObservationIn(Observation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As Observation; without `key` the Idempotency-Key header is it."""

    key: str = ""
    occurred: Moment  # type: ignore[assignment]
    until: Moment | None = None  # type: ignore[assignment]


def to_noun(given: msgspec.Struct, noun: type[Noun], now: int, **other: Any) -> Noun:
    """The noun inside: moments as microseconds, `other` in place of what was given.

    Raises Refused where a moment lies before 1990, after 2105, or (for what has happened) more than a day ahead."""
    values = msgspec.structs.asdict(given)
    faults: list[Fault] = []
    for name in GIVEN:
        value = values.get(name)
        if value is not None:
            if fault := _clock_fault(name, value, now):
                faults.append(fault)
            values[name] = microseconds(value)
        elif name in values:
            values[name] = 0
    if faults:
        raise Refused(faults)
    return noun(**{**values, **other})


def microseconds(instant: datetime) -> int:
    """Microseconds UTC of an instant that names its offset."""
    return (instant - EPOCH) // MICROSECOND


def instant(moment: int) -> datetime:
    """The instant of microseconds UTC, at the latest the end of the year 9999."""
    return EPOCH + timedelta(microseconds=min(moment, 253_402_300_799 * SECOND))


def told(value: object) -> Any:
    """A noun or an answer as plain values for JSON: moments as texts, those that are 0 left out."""
    if isinstance(value, msgspec.Struct):
        shape = value.__struct_config__
        fields: dict[str, Any] = {} if shape.tag is None else {str(shape.tag_field): shape.tag}
        for name in value.__struct_fields__:
            one = getattr(value, name)
            if one.__class__ is int and name in MOMENTS:
                if one:
                    fields[name] = instant(one)
            elif one.__class__ in PLAIN:
                fields[name] = one
            else:
                fields[name] = told(one)
        return fields
    if isinstance(value, list | tuple):
        return [told(one) for one in value]
    if isinstance(value, dict):
        return {name: told(one) for name, one in value.items()}
    return value


PLAIN: Final = frozenset({str, int, bool, float})


def _clock_fault(name: str, said: datetime, now: int) -> Fault | None:
    ours = instant(now).isoformat(timespec="seconds")
    theirs = said.isoformat(timespec="seconds")
    if name in PAST and microseconds(said) > now + DAY:
        return Fault(name, f"{theirs} is more than a day ahead of the clock here, {ours}. Check the sender's clock.")
    if said < EARLIEST:
        return Fault(name, f"{theirs} is before 1990, while the clock here says {ours}. Check the sender's clock.")
    if said >= LATEST:
        return Fault(name, f"{theirs} is too far off: give a moment before 2106. The clock here says {ours}.")
    return None
