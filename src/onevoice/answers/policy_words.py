"""Answers: what a policy says, in words: its rules, and how one version differs from another. Made from the rules'
own types, so that a new type is told as well."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, get_args

import msgspec

from onevoice.answers.rule_words import rule_words
from onevoice.answers.sentences import CHANNELS
from onevoice.answers.spoken import DAYS, counted, listed, number, sentence_case, spoken_span
from onevoice.nouns.policy import AnyRule, Policy, Rule, Scope, Window
from onevoice.nouns.surroundings import Surroundings

Names = Mapping[str, Mapping[str, str]]
"""By scope field that names documents: what each key is called."""

RULE_TYPES: Final[dict[str, type[Rule]]] = {str(one.__struct_config__.tag): one for one in get_args(AnyRule)}
"""Every rule type there is, by the word for it in a policy file."""

LABELS: Final = {
    "name": "Name",
    "says": "In your own words",
    "applies": "It applies to",
    "exempts": "Except",
    "counts": "What counts",
    "per": "Counted per",
    "event": "A message counts once it is",
    "labels": "A campaign's topics",
    "unit_of_count": "What is counted",
    "at_limit": "When there is no room",
    "at_most": "At most",
    "period": "In each",
    "every": "So many of them together",
    "zone": "Whose clock",
    "week_start": "A week begins on",
    "seconds": "In any",
    "of": "The same",
    "needs": "It needs",
    "express_days": "Express consent lasts, days",
    "purchase_days": "Consent by a purchase lasts, days",
    "inquiry_days": "Consent by an inquiry lasts, days",
    "states": "States",
    "windows": "Times",
    "begin": "From",
    "end": "To",
    "days": "On",
    "zones": "Only in these time zones",
    "unknown_zone": "Where the time zone is not known",
    "default_zone": "Time zone to assume",
    "named": "A message must name its contact point",
    "longest_hold": "No message waits longer than",
    "lease": "A cleared message stays reserved for",
    "plausible_zones": "Where people of unknown time zone may be",
    "channels": "Channels",
    "categories": "Categories",
    "contact_points": "Contact points",
}
OF_TYPE: Final = {
    ("minimum_gap", "seconds"): "At least this much between two",
    ("maximum_deferral", "seconds"): "It waits at most",
}
WORDS: Final = {
    "hold": "it waits",
    "suppress": "it is not sent",
    "reserved": "cleared to go",
    "then": "as they were when it was sent",
    "now": "as they are now",
    "grant": "a permission",
    "no_withdrawal": "only that nothing was withdrawn",
    "strict": "quiet when it is quiet anywhere they may be",
    "default": "assume one",
    "customer": "the customer",
    "unit": "the unit",
}
EVERY_MESSAGE: Final = "every message"
IN_DEMANDS: Final = frozenset({"at_most", "period", "every", "seconds", "windows", "of", "per"})
"""Fields that the sentence of a rule's demands tells already."""


class Fact(msgspec.Struct, frozen=True):
    """One field of a rule as people read it."""

    label: str
    says: str


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as people read it: `kind` is the word of its type, `title` its name for people, `demands` what it asks for
    in a sentence, `applies` to which messages, `facts` what else is not as usual."""

    place: int
    kind: str
    title: str
    name: str
    says: str
    demands: str
    applies: str
    facts: tuple[Fact, ...] = ()


class Changed(msgspec.Struct, frozen=True):
    """One field that differs, both ways in words."""

    label: str
    before: str
    after: str


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one rule (`kind` empty: of the policy itself): `deed` is added, removed or changed."""

    deed: str
    kind: str = ""
    title: str = ""
    name: str = ""
    demands: str = ""
    fields: tuple[Changed, ...] = ()


def names_of(now: Surroundings) -> dict[str, dict[str, str]]:
    """What documents are called, by the field of a scope that names them."""
    kinds = ("purposes", "units", "topics", "campaigns", "offers", "contact_points", "platforms")
    return {kind: {one.key: one.name or one.key for one in getattr(now, kind).values()} for kind in kinds}


def title_of(kind: str) -> str:
    """`Calendar cap` for `calendar_cap`."""
    return sentence_case(kind.replace("_", " "))


def kind_of(rule: Rule) -> str:
    """The word of the rule's type."""
    return str(type(rule).__struct_config__.tag)


def label_of(field: str, kind: str = "") -> str:
    """What a field is called on pages."""
    return OF_TYPE.get((kind, field)) or LABELS.get(field) or sentence_case(field.replace("_", " "))


def told_rules(policy: Policy, names: Names) -> tuple[Told, ...]:
    """All rules of a policy, in its order."""
    return tuple(_told(place, rule, names) for place, rule in enumerate(policy.rules))


def differences(before: Policy, after: Policy, names: Names) -> tuple[Difference, ...]:
    """What another policy changes, rule by rule. A rule is the same when its name is, or when only its name differs."""
    found: list[Difference] = []
    if fields := tuple(_of_policy(before, after)):
        found.append(Difference(deed="changed", name=after.name, fields=fields))
    old = {rule.name: rule for rule in before.rules}
    new = {rule.name: rule for rule in after.rules}
    renamed = dict(_renamed(old, new))
    for name, rule in new.items():
        earlier = old.get(name) or old.get(renamed.get(name, ""))
        if earlier is None or type(earlier) is not type(rule):
            found.append(_difference("added", rule))
        elif earlier != rule:
            found.append(_difference("changed", rule, tuple(_fields(earlier, rule, names))))
    for name, rule in old.items():
        gone = name not in new or type(new[name]) is not type(rule)
        if gone and name not in renamed.values():
            found.append(_difference("removed", rule))
    if not found and [rule.name for rule in before.rules] != [rule.name for rule in after.rules]:
        return (Difference(deed="changed", name=after.name, fields=(Changed("Order of rules", "", "another"),)),)
    return tuple(found)


def spoken_scope(scope: Scope, names: Names) -> str:
    """`marketing by e-mail, of Alder Bank`."""
    parts = [listed([_key(key) for key in scope.categories])] if scope.categories else []
    if scope.channels:
        parts.append("by " + listed([CHANNELS.get(key, (key, ""))[0] for key in scope.channels]))
    for field, keys in msgspec.structs.asdict(scope).items():
        if keys and field not in ("channels", "categories"):
            called = names.get(field, {})
            parts.append(f"{_of(field, len(keys))} {listed([called.get(key, key) for key in keys])}")
    return " ".join(parts) or EVERY_MESSAGE


def spoken_value(field: str, value: Any, names: Names) -> str:
    """Any value of a rule's field as people read it."""
    if value is None:
        return "the same messages it applies to" if field == "counts" else "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return _number(field, value)
    if isinstance(value, Scope):
        return spoken_scope(value, names)
    if isinstance(value, Window):
        return _window(value)
    if isinstance(value, msgspec.Struct):
        inner = msgspec.structs.asdict(value).items()
        return ", ".join(f"{label_of(name).lower()} {spoken_value(name, one, names)}" for name, one in inner)
    if isinstance(value, dict):
        return ", ".join(f"{_key(str(key))} {one}" for key, one in value.items()) or "none"
    if isinstance(value, list | tuple):
        one_of = names.get(field, {})
        told = [one_of.get(one, _key(one)) if isinstance(one, str) else _item(field, one, names) for one in value]
        return listed(told) or "none"
    return WORDS.get(str(value), _key(str(value))) or "none"


def _told(place: int, rule: Rule, names: Names) -> Told:
    kind = kind_of(rule)
    return Told(
        place=place,
        kind=kind,
        title=title_of(kind),
        name=rule.name,
        says=rule.says,
        demands=rule_words(rule),  # type: ignore[arg-type]  # every rule of a policy is one of AnyRule
        applies=spoken_scope(rule.applies, names),
        facts=tuple(_facts(rule, names)),
    )


def _facts(rule: Rule, names: Names) -> Iterator[Fact]:
    """What is needed, and what is not as it would be unsaid; the sentence of its type leaves the rest out."""
    for field in msgspec.structs.fields(type(rule)):
        value = getattr(rule, field.name)
        if field.name in ("name", "says", "applies") or value == field.default:
            continue
        if value in ((), {}) or (field.name in IN_DEMANDS and rule_words(rule)):  # type: ignore[arg-type]  # as above
            continue
        yield Fact(label_of(field.name, kind_of(rule)), spoken_value(field.name, value, names))


def _renamed(old: Mapping[str, Rule], new: Mapping[str, Rule]) -> Iterator[tuple[str, str]]:
    left = {name: rule for name, rule in old.items() if name not in new}
    for name, rule in new.items():
        if name not in old:
            twin = next((one for one in left if msgspec.structs.replace(left[one], name=name) == rule), None)
            if twin is not None:
                del left[twin]
                yield name, twin


def _difference(deed: str, rule: Rule, fields: tuple[Changed, ...] = ()) -> Difference:
    return Difference(
        deed=deed,
        kind=kind_of(rule),
        title=title_of(kind_of(rule)),
        name=rule.name,
        demands=rule.says or sentence_case(rule_words(rule)),  # type: ignore[arg-type]  # as above
        fields=fields,
    )


def _fields(before: Rule, after: Rule, names: Names) -> Iterator[Changed]:
    for field in msgspec.structs.fields(type(after)):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if old != new:
            label = label_of(field.name, kind_of(after))
            yield Changed(label, spoken_value(field.name, old, names), spoken_value(field.name, new, names))


def _of_policy(before: Policy, after: Policy) -> Iterator[Changed]:
    for field in ("name", "longest_hold", "lease", "plausible_zones"):
        old, new = getattr(before, field), getattr(after, field)
        if old != new:
            yield Changed(label_of(field), spoken_value(field, old, {}), spoken_value(field, new, {}))


def _number(field: str, value: int) -> str:
    if is_span(field):
        return spoken_span(value)
    return DAYS[value] if field == "week_start" and 0 <= value < len(DAYS) else number(value)


def is_span(field: str) -> bool:
    """Whether a whole number in this field is a span of seconds."""
    return field.endswith("seconds") or field in ("longest_hold", "lease", "within")


def _item(field: str, one: Any, names: Names) -> str:
    if field == "days" and isinstance(one, int) and 0 <= one < len(DAYS):
        return DAYS[one]
    return spoken_value("", one, names)


def _window(window: Window) -> str:
    days = "" if len(window.days) == len(DAYS) else " on " + listed([_item("days", day, {}) for day in window.days])
    zones = f" in {listed(list(window.zones))}" if window.zones else ""
    return f"{window.begin} to {window.end}{days}{zones}"


def _key(key: str) -> str:
    return key.replace("_", " ")


def _of(field: str, many: int) -> str:
    singular = {"units": "of", "topics": "about", "purposes": "for", "platforms": "through", "contact_points": "from"}
    return singular.get(field) or f"of the {counted(many, field.rstrip('s')).split(' ', 1)[1]}"
