"""A mapping file: which column of a table, or field of a JSON record, means what in the book."""

import tomllib
from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from onevoice.nouns.observation import Observation
from onevoice.nouns.problem import Fault, Refused
from onevoice.nouns.words import Category, Channel, EntryKind, MarkKind, PermitKind
from onevoice.parsing.moments import when_of
from onevoice.parsing.text import known_encoding

NOT_OBSERVED: Final = frozenset({EntryKind.DECIDED, EntryKind.ATTEMPTED, EntryKind.LAPSED, EntryKind.ERASED})
"""Entries that only the gate or an administrator writes; no source can claim them."""

KINDS: Final = frozenset(kind.spoken for kind in EntryKind if kind not in NOT_OBSERVED)
WORDS: Final[dict[str, frozenset[str]]] = {
    "kind": KINDS,
    "direction": frozenset({"outbound", "inbound"}),
    "channel": frozenset(channel.spoken for channel in Channel if channel),
    "category": frozenset(category.spoken for category in Category),
    "permit": frozenset(kind.spoken for kind in PermitKind if kind != PermitKind.WITHDRAWAL),
    "mark": frozenset(kind.spoken for kind in MarkKind),
}
"""Fields whose every value must be one of ours: others are translated under [values.FIELD], or the row is parked."""

NUMBERS: Final = frozenset({"at_most", "days", "quiet_begin", "quiet_length"})
FIELDS: Final = frozenset(Observation.__struct_fields__) - {"key", "occurred", "refers", "touch"}


class Time(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Columns joined by a blank, their format, and the zone of times that name none."""

    columns: tuple[str, ...]
    format: str = "iso"
    zone: str = "UTC"


class Key(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """Columns whose values together name the fact; none: a hash of the whole row, equal rows numbered. With `blank`,
    some of the cells may be empty, but not all."""

    columns: tuple[str, ...] = ()
    prefix: str = ""
    blank: bool = False


class Also(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A further fact of the same row: its kind, the column that says whether it happened, with the values that say so
    (none: any of YES), and the column of its time (none: the row's). Without a `when`, a time that is there says so."""

    kind: str
    when: str = ""
    values: tuple[str, ...] = ()
    time: str = ""
    detail: str = ""


YES: Final = frozenset({"1", "t", "true", "y", "yes"})
"""What a flag holds where it is set, capitals aside."""


class Mapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """The mapping as its file says it (docs/how-to/import.md)."""

    time: Time
    format: Literal["csv", "ndjson", "xlsx"] = "csv"
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    inside: str = ""
    key: Key = Key()
    columns: dict[str, str] = {}
    joined: dict[str, tuple[str, ...]] = {}
    constants: dict[str, str | int] = {}
    values: dict[str, dict[str, str]] = {}
    inbound: dict[str, str] = {}
    refers: dict[str, str] = {}
    also: dict[str, Also] = {}
    wide: bool = False
    """A withdrawal is of the whole company, whatever unit an import names; declared exports are read so."""

    @property
    def fields(self) -> set[str]:
        """The fields of an observation that this mapping fills."""
        return {*self.columns, *self.joined, *self.constants}


def read_mapping(text: str) -> Mapping:
    """The mapping in this TOML text. Raises Refused with every fault."""
    try:
        mapping = msgspec.convert(tomllib.loads(text), Mapping)
    except tomllib.TOMLDecodeError as error:
        raise Refused([Fault("mapping", f"This is not valid TOML: {error}.")]) from error
    except msgspec.ValidationError as error:
        raise Refused([Fault("mapping", f"{error}.")]) from error
    faults = faults_of(mapping)
    if faults:
        raise Refused(faults, "The mapping cannot be used as it is.")
    return mapping


def faults_of(mapping: Mapping) -> list[Fault]:
    """All that is wrong with a mapping by itself, the source unseen."""
    faults = [
        *_unknown_fields("columns", mapping.columns),
        *_unknown_fields("joined", mapping.joined),
        *_unknown_fields("constants", mapping.constants),
        *_unknown_fields("values", mapping.values),
        *_unknown_fields("inbound", mapping.inbound),
    ]
    both = sorted((set(mapping.columns) | set(mapping.joined)) & set(mapping.constants))
    faults += [Fault(f"constants.{field}", "It is given as a column too; keep one of the two.") for field in both]
    twice = sorted(set(mapping.columns) & set(mapping.joined))
    faults += [Fault(f"joined.{field}", "It is given as one column too; keep one of the two.") for field in twice]
    if "kind" not in mapping.fields:
        faults.append(Fault("kind", 'Say what a row means, for example [constants] kind = "sent".'))
    if not {"customer", "address", "household", "client"} & mapping.fields:
        faults.append(Fault("columns", "Name the column of the customer or of the address."))
    try:
        when_of(mapping.time.format, mapping.time.zone)
    except ValueError as error:
        faults.append(Fault("time", f"{error}."))
    if not mapping.time.columns:
        faults.append(Fault("time.columns", "Name at least one column."))
    if mapping.encoding and not known_encoding(mapping.encoding):
        faults.append(Fault("encoding", f"{mapping.encoding!r} is not an encoding that can be read."))
    if len(mapping.delimiter) > 1:
        faults.append(Fault("delimiter", "It is one character."))
    for field in sorted((NUMBERS | {"until"}) & set(mapping.constants)):
        if not isinstance(mapping.constants[field], int):
            faults.append(Fault(f"constants.{field}", "It is a whole number."))
    for name, also in mapping.also.items():
        if also.kind not in KINDS:
            faults.append(Fault(f"also.{name}.kind", f"{also.kind!r} is none of: {', '.join(sorted(KINDS))}."))
        if not (also.when or also.time):
            faults.append(Fault(f"also.{name}", "Name the column that says whether it happened, or that of its time."))
    return faults + _wrong_words(mapping)


def _unknown_fields(where: str, given: Iterable[str]) -> list[Fault]:
    unknown = sorted(set(given) - FIELDS)
    return [Fault(f"{where}.{field}", f"There is no field {field!r} of an observation.") for field in unknown]


def _wrong_words(mapping: Mapping) -> list[Fault]:
    faults = []
    for field, words in WORDS.items():
        said = {f"constants.{field}": mapping.constants[field]} if field in mapping.constants else {}
        table = mapping.values.get(field, {})
        said |= {f"values.{field}.{theirs}": ours for theirs, ours in table.items() if ours}
        for where, ours in said.items():
            if ours not in words:
                faults.append(Fault(where, f"{ours!r} is none of: {', '.join(sorted(words))}."))
    return faults


def columns_named(mapping: Mapping) -> dict[str, str]:
    """Every column the mapping needs, by where it is named."""
    named = {f"columns.{field}": column for field, column in mapping.columns.items()}
    named |= {f"joined.{field} {name}": name for field, names in mapping.joined.items() for name in names}
    named |= {f"also.{name}.when": also.when for name, also in mapping.also.items() if also.when}
    named |= {f"also.{name}.time": also.time for name, also in mapping.also.items() if also.time}
    named |= {f"inbound.{field}": column for field, column in mapping.inbound.items()}
    named |= {f"refers.{name}": column for name, column in mapping.refers.items()}
    named |= {f"time.columns {column}": column for column in mapping.time.columns}
    named |= {f"key.columns {column}": column for column in mapping.key.columns}
    return named


def missing_columns(mapping: Mapping, header: tuple[str, ...]) -> list[Fault]:
    """Columns that the mapping names and the source has not, or has twice."""
    faults = []
    for where, column in columns_named(mapping).items():
        if column not in header:
            faults.append(Fault(where, f"The source has no column {column!r}."))
        elif header.count(column) > 1:
            faults.append(Fault(where, f"The source has more than one column {column!r}."))
    return faults
