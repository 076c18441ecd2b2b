"""Checking a policy before it is activated: everything that is wrong with it, all at once, in words that help."""

from collections import Counter
from collections.abc import Collection, Iterator

from onevoice.nouns.policy import (
    EVERYTHING,
    Consent,
    Counting,
    CustomerState,
    Holdout,
    MaximumDeferral,
    OnlyAfter,
    Policy,
    Proof,
    Rule,
    Scope,
)
from onevoice.nouns.problem import Fault
from onevoice.nouns.surroundings import Surroundings
from onevoice.nouns.words import Category, MarkKind
from onevoice.rules.check_clocks import clock_faults
from onevoice.rules.check_counts import WINDOW_MAX, counting_faults
from onevoice.rules.scopes import numbers_by_key

JOURNEY_MAX = 200


def check_policy(policy: Policy, surroundings: Surroundings, known_zones: Collection[str] = ()) -> list[Fault]:
    """Every fault of the policy, none if it may be activated. Zones are looked up in `known_zones`, or, where none are
    given, in the zones of the surroundings (and not at all where those name none)."""
    zones = set(known_zones) or {one for name in surroundings.zones for one in name.split("|")} - {""}
    faults = [*_names(policy), *_numbers(policy)]
    known = numbers_by_key(surroundings)
    for place, rule in enumerate(policy.rules):
        where = f"rules[{place}] {rule.name}".rstrip()
        faults += _scopes(rule, where, known)
        faults += counting_faults(rule, where, known)
        faults += _others(rule, where)
    faults += clock_faults(policy, zones)
    return faults


def _names(policy: Policy) -> Iterator[Fault]:
    if not policy.name.strip():
        yield Fault("name", "Give the policy a name.")
    seen = Counter(rule.name for rule in policy.rules)
    for place, rule in enumerate(policy.rules):
        if not rule.name.strip():
            yield Fault(f"rules[{place}]", "Give the rule a name; decisions cite it.")
    for name, times in seen.items():
        if name.strip() and times > 1:
            yield Fault(f"rules {name}", f"{times} rules have this name; decisions could not tell them apart.")


def _numbers(policy: Policy) -> Iterator[Fault]:
    for field in ("longest_hold", "lease"):
        if not 0 < getattr(policy, field) <= WINDOW_MAX:
            yield Fault(field, "Give a number of seconds, at least 1 and at most 400 days.")


def _scopes(rule: Rule, where: str, known: dict[str, dict[str, int]]) -> Iterator[Fault]:
    if rule.owner and "@" not in rule.owner and rule.owner not in known["units"]:
        yield Fault(
            f"{where}: owner", f"There is no unit {rule.owner!r} here; name one, or a member of staff by e-mail."
        )
    counts = rule.counts if isinstance(rule, Counting) else None
    scopes = [("applies", rule.applies), ("counts", counts or EVERYTHING)]
    scopes += [(part, getattr(rule, part)) for part in ("after", "first", "second") if hasattr(rule, part)]
    scopes += [(f"exempts[{place}]", scope) for place, scope in enumerate(rule.exempts)]
    for part, scope in scopes:
        for field, numbers in known.items():
            for key in getattr(scope, field):
                if key not in numbers:
                    yield Fault(f"{where}: {part}.{field}", f"There is no {key!r} here.")
        # A journey has no document: a policy may name it before the first message does.
        if not all(0 < len(key) <= JOURNEY_MAX for key in scope.journeys):
            yield Fault(f"{where}: {part}.journeys", f"A journey's key has 1 to {JOURNEY_MAX} characters.")
    for place, scope in enumerate(rule.exempts):
        if scope == Scope():
            yield Fault(
                f"{where}: exempts[{place}]", "An empty scope exempts every message; leave the rule out instead."
            )


def _others(rule: Rule, where: str) -> Iterator[Fault]:
    if isinstance(rule, Consent | Proof):
        for field in ("express_days", "purchase_days", "inquiry_days"):
            if getattr(rule, field) < 0:
                yield Fault(f"{where}: {field}", "Give a number of days, 0 or more.")
    if isinstance(rule, CustomerState):
        spoken = {kind.spoken for kind in MarkKind}
        for state in sorted(set(rule.states) - spoken):
            yield Fault(f"{where}: states", f"There is no state {state!r}.")
        if MarkKind.OWNED.spoken in rule.states:
            yield Fault(f"{where}: states", "For people whom one unit owns, use a rule of type exclusive_window.")
        if not rule.states:
            yield Fault(f"{where}: states", "Name at least one state.")
    if isinstance(rule, OnlyAfter):
        yield from _only_after(rule, where)
    if isinstance(rule, Holdout):
        yield from _holdout(rule, where)
    if isinstance(rule, MaximumDeferral) and rule.seconds < 1:
        yield Fault(f"{where}: seconds", "Give at least 1 second.")


def _holdout(rule: Holdout, where: str) -> Iterator[Fault]:
    if not 0 <= rule.share_percent <= 50:
        yield Fault(f"{where}: share_percent", "Give 0 to 50; those left out are compared with the others.")
    if not rule.salt:
        yield Fault(f"{where}: salt", "Give any word; another word leaves out other people.")
    named = set(rule.applies.categories)
    if not named or named & {Category.SAFETY.spoken, Category.LEGAL.spoken}:
        yield Fault(
            f"{where}: applies.categories", "Name the categories; nobody is left out of safety and legal messages."
        )


def _only_after(rule: OnlyAfter, where: str) -> Iterator[Fault]:
    if not 0 <= rule.within <= WINDOW_MAX:
        yield Fault(f"{where}: within", "Give a number of seconds, at most 400 days, or 0 for ever.")
    if rule.applies in (EVERYTHING, rule.after) and rule.after not in rule.exempts:
        yield Fault(f"{where}: after", "It stops the very messages it waits for, so that none ever comes: exempt them.")
