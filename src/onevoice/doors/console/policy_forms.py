"""Console: a form made from a rule's own type: each field by its type, its words from the type's own sentences."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

import msgspec
from msgspec import inspect

from onevoice.answers.policy_words import WORDS, is_span, label_of
from onevoice.answers.sentences import LANES, MARKS
from onevoice.answers.spoken import DAYS, sentence_case
from onevoice.nouns.problem import Fault
from onevoice.nouns.words import Category, MarkKind

UNITS: Final = ((86_400, "days"), (3_600, "hours"), (60, "minutes"), (1, "seconds"))
PICKED_MAX: Final = 60
"""With more documents than this their keys are written instead of ticked."""
GROUPS_MAX: Final = 50
HIDDEN: Final = frozenset({"version", "rules"})
LONG: Final = frozenset({"says", "why"})
LAST: Final = (
    *("applies", "exempts", "counts", "unit_of_count", "per", "event", "labels", "at_limit"),
    *("week_start", "unknown_zone", "default_zone", "owner"),
)
"""What is asked last, in this order: before it comes what makes the rule what it is."""
HINTS: Final = {
    "name": "Decisions cite it.",
    "says": "A sentence for whoever asks why a message was held; without it the rule's own words are shown.",
    "applies": "Leave all empty for every message. Where several are filled, all of them must fit.",
    "exempts": "Messages this rule leaves alone.",
    "counts": "Which earlier messages use up the room.",
    "per": "Whose messages are counted together.",
    "unit_of_count": "Messages one by one, or all of a campaign (package, journey) as one.",
    "event": "How far an earlier message must have come to use up room.",
    "week_start": "Only where the period is a week.",
    "owner": "Who answers requests for exceptions: a unit's key, or the e-mail address of a member of staff.",
    "labels": "Under which topics an earlier message counts.",
    "at_limit": "What becomes of a message that does not fit.",
    "at_most": "A whole number, at least 1.",
    "every": "2 makes two days (or weeks …) one period.",
    "zone": "The customer's, the unit's, or a time zone such as Europe/Berlin.",
    "begin": "As 21:00.",
    "end": "As 08:00; it may lie on the next day.",
    "days": "The days on which it begins.",
    "zones": "Leave empty for all. Several with commas between.",
    "unknown_zone": "What holds for people of whom nobody knows where they are.",
    "longest_hold": "What no rule bounds is suppressed after this long.",
    "lease": "How long a sender may take to confirm.",
    "plausible_zones": "Time zones, with commas between.",
    "express_days": "0: for ever.",
    "purchase_days": "0: a purchase is no consent.",
    "inquiry_days": "0: an inquiry is no consent.",
}
HELP: Final = {
    "rolling_cap": "So many messages in any stretch of time, wherever it begins.",
    "calendar_cap": "So many messages in each hour, day, week or month of the calendar.",
    "minimum_gap": "Some time must lie between two messages.",
    "same_content": "The same words, or the same offer, not again and again.",
    "personal_cap": "As often as the person wishes, where they said so.",
    "consent": "People must have agreed, or at least never have said stop.",
    "proof": "The permission a message rests on must be proven.",
    "do_not_contact": "Nobody writes to people under legal hold, deceased people, minors or fraud cases.",
    "address_failure": "Addresses that failed for good are left alone.",
    "pause": "A person who asked for a pause gets one.",
    "refusal": "Topics and channels that a person refused are not used.",
    "customer_state": "What is going on with a person can speak against a message.",
    "quiet_hours": "No messages at these times of the day.",
    "personal_quiet_time": "People choose their own quiet time.",
    "send_by": "A message that no longer makes sense is not sent.",
    "maximum_deferral": "No message waits longer than this.",
    "contact_point_ready": "Messages leave only from contact points that are registered and in use.",
}

Choice = tuple[str, str]
Choices = Mapping[str, Sequence[Choice]]
"""By field: the (key, words) that may be ticked in it."""


class Form(Protocol):
    """What was sent: several values may stand under one name."""

    def getall(self, key: str, default: list[Any], /) -> list[Any]:
        """All values under this name."""


class Field(msgspec.Struct, kw_only=True):
    """One input: `kind` says which; `value` is what stands in it, `inner` the fields of a group, `groups` those of each
    group of a list (the last one empty, to add another)."""

    path: str
    label: str
    kind: str
    hint: str = ""
    value: Any = ""
    unit: int = 1
    needed: bool = False
    choices: Sequence[Choice] = ()
    faults: tuple[str, ...] = ()
    inner: "tuple[Field, ...]" = ()
    groups: "tuple[tuple[Field, ...], ...]" = ()

    @property
    def id(self) -> str:
        """As an element of the page is called."""
        return "f-" + self.path.replace(".", "-")

    @property
    def set(self) -> bool:
        """Whether anything stands in it, or in a field of it."""
        return bool(self.value) or any(one.set for one in self.inner) or len(self.groups) > 1


def choices_for(names: Mapping[str, Mapping[str, str]], zones: Sequence[str]) -> dict[str, Sequence[Choice]]:
    """What may be ticked or proposed in each field that names something."""
    picked: dict[str, Sequence[Choice]] = {field: tuple(sorted(called.items())) for field, called in names.items()}
    return picked | {
        "channels": tuple(LANES.items()),
        "categories": tuple((one.spoken, sentence_case(one.spoken)) for one in Category),
        "states": tuple((one.spoken, MARKS.get(one.spoken, one.spoken.replace("_", " "))) for one in MarkKind),
        "days": tuple((str(place), day) for place, day in enumerate(DAYS)),
        "week_start": tuple((str(place), day) for place, day in enumerate(DAYS)),
        "zone": (("customer", "the customer"), ("unit", "the unit"), *((zone, zone) for zone in zones)),
        "default_zone": tuple((zone, zone) for zone in zones),
    }


def fields_of(
    kind: type[msgspec.Struct],
    value: Mapping[str, Any],
    choices: Choices,
    faults: Sequence[Fault] = (),
    path: str = "",
) -> tuple[Field, ...]:
    """The inputs for a struct of this type that hold this value (builtin types, as read from a form or a file)."""
    tag = str(kind.__struct_config__.tag or "")
    return tuple(
        _field(tag, kind, one, value.get(one.name), choices, faults, f"{path}{one.name}") for one in _shown(kind)
    )


def read_form(kind: type[msgspec.Struct], form: Form, path: str = "") -> tuple[dict[str, Any], list[Fault]]:
    """What was sent for a struct of this type, as builtin values, and what cannot be read of it. What is empty and has
    a default is left out."""
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for one in _shown(kind):
        where = f"{path}{one.name}"
        told = _read(one.name, one.type, form, where, faults)
        if told is not None:
            values[one.name] = told
        elif one.required:
            if isinstance(_plain(one.type), inspect.VarTupleType | inspect.DictType):
                values[one.name] = {} if isinstance(_plain(one.type), inspect.DictType) else []
            else:
                faults.append(Fault(where, "Fill this in."))
    return values, faults


def help_of(kind: type[msgspec.Struct]) -> str:
    """What rules of this type do; of a type without words here, its own first sentences without the marks of code."""
    own = (kind.__doc__ or "").split("\n\n")[0].replace("\n    ", " ").strip()
    return HELP.get(str(kind.__struct_config__.tag)) or _spoken(own)


def _shown(kind: type[msgspec.Struct]) -> list[inspect.Field]:
    """The fields that a person can fill: not those of which there is only one possible value."""
    told = inspect.type_info(kind)
    assert isinstance(told, inspect.StructType)
    shown = [one for one in told.fields if one.name not in HIDDEN and not _fixed(one.type)]
    return sorted(shown, key=lambda one: LAST.index(one.name) + 1 if one.name in LAST else 0)


def _fixed(kind: inspect.Type) -> bool:
    return isinstance(kind, inspect.NoneType) or (isinstance(kind, inspect.LiteralType) and len(kind.values) == 1)


def _plain(kind: inspect.Type) -> inspect.Type:
    """The type without None."""
    if isinstance(kind, inspect.UnionType):
        others = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
        return others[0] if len(others) == 1 else kind
    return kind.type if isinstance(kind, inspect.Metadata) else kind


def _field(
    tag: str,
    kind: type[msgspec.Struct],
    one: inspect.Field,
    value: Any,
    choices: Choices,
    faults: Sequence[Fault],
    path: str,
) -> Field:
    made = Field(
        path=path,
        label=label_of(one.name, tag),
        kind="text",
        hint=_hint(kind, one.name),
        needed=one.required,
        faults=tuple(fault.says for fault in faults if fault.where == path),
    )
    plain = _plain(one.type)
    if value is None and not one.required:
        value = _default(one)
    _fill(made, one.name, plain, value, choices, faults)
    if plain is not one.type and made.kind == "group":
        made.kind, made.value = "other", value is not None
    return made


def _fill(made: Field, name: str, kind: inspect.Type, value: Any, choices: Choices, faults: Sequence[Fault]) -> None:
    """Says which input it is, by its type."""
    proposed = choices.get(name, ())
    if isinstance(kind, inspect.StructType):
        made.kind = "group"
        made.inner = fields_of(kind.cls, value or {}, choices, faults, f"{made.path}.")
    elif isinstance(kind, inspect.VarTupleType) and isinstance(kind.item_type, inspect.StructType):
        made.kind = "groups"
        made.groups = tuple(
            fields_of(kind.item_type.cls, each, choices, faults, f"{made.path}.{place}.")
            for place, each in enumerate([*(value or ()), {}])
        )
    elif isinstance(kind, inspect.VarTupleType):
        told = [str(each) for each in value or ()]
        ticked = bool(proposed) and len(proposed) <= PICKED_MAX
        made.kind, made.value = ("many", told) if ticked else ("words", ", ".join(told))
        made.choices = [*proposed, *((key, key) for key in told if key not in dict(proposed))] if ticked else ()
    elif isinstance(kind, inspect.DictType):
        made.kind = "pairs"
        made.value = (
            value if isinstance(value, str) else "\n".join(f"{key} = {each}" for key, each in (value or {}).items())
        )
    elif isinstance(kind, inspect.BoolType):
        made.kind, made.value = "yes_no", bool(value)
    elif isinstance(kind, inspect.LiteralType):
        made.kind, made.value = "one", value
        made.choices = [(str(each), WORDS.get(str(each), str(each).replace("_", " "))) for each in kind.values]
    elif isinstance(kind, inspect.IntType) and proposed:
        made.kind, made.value, made.choices = "one", str(value if value is not None else ""), proposed
    elif isinstance(kind, inspect.IntType) and is_span(name):
        made.kind = "span"
        made.value, made.unit = _span(value)
    elif isinstance(kind, inspect.IntType | inspect.FloatType):
        made.kind, made.value = "number", "" if value is None else value
    else:
        made.kind = "long" if name in LONG else "text"
        made.value, made.choices = value or "", proposed


def _default(one: inspect.Field) -> Any:
    if one.default_factory is not msgspec.NODEFAULT:
        return one.default_factory()
    default = None if one.default is msgspec.NODEFAULT else one.default
    return msgspec.to_builtins(default)


def _span(value: Any) -> tuple[Any, int]:
    """A number of seconds in the largest unit that fits without a rest; what is no number stays."""
    if not isinstance(value, int) or not value:
        return "" if value is None else value, 1
    return next((value // size, size) for size, _ in UNITS if value % size == 0)


def _hint(kind: type[msgspec.Struct], name: str) -> str:
    """What is said of this field; else the part of a sentence that names it, from the nearest type that does."""
    if name in HINTS:
        return HINTS[name]
    for each in kind.__mro__:
        text = " ".join((vars(each).get("__doc__") or "").split())
        for part in re.split(r"(?<=[.;])\s", text):
            if f"`{name}`" in part and not part.startswith(f"At most `{name}`"):
                return sentence_case(_spoken(part).rstrip(".;")) + "."
    return ""


def _spoken(text: str) -> str:
    """Without the marks of code, names of fields as they are called on the page."""
    return re.sub(r"`(\w+)`", lambda found: f"“{label_of(found[1])}”" if "_" in found[1] else found[1], text).replace(
        "`", ""
    )


def _read(name: str, kind: inspect.Type, form: Form, where: str, faults: list[Fault]) -> Any:
    """The value under this name, None where there is nothing."""
    plain = _plain(kind)
    optional = plain is not kind and isinstance(plain, inspect.StructType)
    if isinstance(plain, inspect.StructType):
        if optional and _one(form, f"{where}.given") != "yes":
            return None
        inner, wrong = read_form(plain.cls, form, f"{where}.")
        faults += wrong
        return inner if inner or optional else None
    if isinstance(plain, inspect.VarTupleType) and isinstance(plain.item_type, inspect.StructType):
        return _read_groups(plain.item_type.cls, form, where, faults) or None
    if isinstance(plain, inspect.VarTupleType):
        told = [key for each in form.getall(where, []) for key in re.split(r"[,\n]", str(each)) if key.strip()]
        whole = isinstance(plain.item_type, inspect.IntType)
        return [_whole(key.strip(), where, faults) if whole else key.strip() for key in told] or None
    written = _one(form, where)
    if isinstance(plain, inspect.DictType):
        return _pairs(written, where, faults)
    if isinstance(plain, inspect.BoolType):
        return written == "yes"
    if not written:
        return None
    if isinstance(plain, inspect.IntType):
        value = _whole(written, where, faults)
        return value * _unit(form, where) if is_span(name) and isinstance(value, int) else value
    if isinstance(plain, inspect.FloatType):
        return _fraction(written, where, faults)
    return written


def _read_groups(kind: type[msgspec.Struct], form: Form, where: str, faults: list[Fault]) -> list[dict[str, Any]]:
    """Those of the groups in which anything that is needed (or, where nothing is, anything) stands."""
    found: list[dict[str, Any]] = []
    needed = {one.name for one in _shown(kind) if one.required}
    for place in range(GROUPS_MAX):
        if not _one(form, f"{where}.{place}.here"):
            break
        told, wrong = read_form(kind, form, f"{where}.{place}.")
        if set(told) & needed if needed else any(told.values()):
            faults += [Fault(_moved(fault.where, where, place, len(found)), fault.says) for fault in wrong]
            found.append(told)
    return found


def _moved(path: str, where: str, place: int, to: int) -> str:
    """The path in the list as it is shown again, without the empty groups."""
    return f"{where}.{to}." + path.removeprefix(f"{where}.{place}.")


def _pairs(written: str, where: str, faults: list[Fault]) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for line in filter(None, map(str.strip, written.splitlines())):
        key, _, value = line.partition("=")
        found[key.strip()] = _whole(value.strip(), where, faults)
    return found or None


def _whole(written: str, where: str, faults: list[Fault]) -> Any:
    digits = written.removeprefix("-")
    if digits.isascii() and digits.isdecimal() and len(digits) < 16:
        return int(written)
    faults.append(Fault(where, "Give a whole number."))
    return written


def _fraction(written: str, where: str, faults: list[Fault]) -> Any:
    try:
        return float(written)
    except ValueError:
        faults.append(Fault(where, "Give a number."))
        return written


def _unit(form: Form, where: str) -> int:
    written = _one(form, f"{where}.unit")
    return next((size for size, _ in UNITS if str(size) == written), 1)


def _one(form: Form, name: str) -> str:
    told = form.getall(name, [])
    return str(told[0]).strip().replace("\r\n", "\n") if told else ""


def located(faults: Sequence[Fault], place: int) -> Iterator[Fault]:
    """Those findings of a whole policy that are about one rule, at its fields: `rules[2] two a day: windows[0].begin`
    becomes `windows.0.begin`."""
    for fault in faults:
        head, _, field = fault.where.partition(": ")
        if head == f"rules[{place}]" or head.startswith(f"rules[{place}] "):
            yield Fault(re.sub(r"\[(\d+)\]", r".\1", field), fault.says)
