"""Checking a policy before it is activated: everything that is wrong with it, all at once, in words that help."""

from collections import Counter
from collections.abc import Collection, Iterator

from onevoice.nouns.policy import (
    EVERYTHING,
    CalendarCap,
    Consent,
    Counting,
    CustomerState,
    MaximumDeferral,
    MinimumGap,
    PersonalQuietTime,
    Policy,
    Proof,
    QuietHours,
    RollingCap,
    Rule,
    SameContent,
    Scope,
    Window,
)
from onevoice.nouns.problem import Fault
from onevoice.nouns.surroundings import Surroundings
from onevoice.nouns.words import MarkKind
from onevoice.rules.scopes import numbers_by_key
from onevoice.rules.table_lines import DAY
from onevoice.rules.wall_times import seconds_of

WINDOW_MAX = 400 * DAY
MINUTES = 7 * 1_440
JOURNEY_MAX = 200
HOURS_OF = {"hour": 1, "day": 24, "week": 7 * 24, "month": 31 * 24}


def check_policy(policy: Policy, surroundings: Surroundings, known_zones: Collection[str] = ()) -> list[Fault]:
    """Every fault of the policy, none if it may be activated. Zones are looked up in `known_zones`, or, where none are
    given, in the zones of the surroundings (and not at all where those name none)."""
    zones = set(known_zones) or {one for name in surroundings.zones for one in name.split("|")} - {""}
    faults = [*_names(policy), *_numbers(policy)]
    known = numbers_by_key(surroundings)
    for place, rule in enumerate(policy.rules):
        where = f"rules[{place}] {rule.name}".rstrip()
        faults += _scopes(rule, where, known)
        faults += _counting(rule, where)
        faults += _others(rule, where)
    faults += _zones(policy, zones)
    faults += _openings(policy)
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
    counts = rule.counts if isinstance(rule, Counting) else None
    scopes = [("applies", rule.applies), ("counts", counts or EVERYTHING)]
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


def _counting(rule: Rule, where: str) -> Iterator[Fault]:
    if isinstance(rule, RollingCap | CalendarCap | SameContent) and rule.at_most < 1:
        yield Fault(f"{where}: at_most", "Give at least 1; to stop messages altogether use consent or a mark.")
    if isinstance(rule, RollingCap | MinimumGap | SameContent):
        if isinstance(rule, SameContent) and rule.seconds > WINDOW_MAX:
            yield Fault(
                f"{where}: seconds", "Content is remembered for 400 days; for ever, use an offer or a campaign."
            )
        elif not 0 < rule.seconds <= WINDOW_MAX:
            yield Fault(f"{where}: seconds", "Give a number of seconds, at least 1 and at most 400 days.")
    if isinstance(rule, CalendarCap):
        if rule.every < 1 or rule.every * HOURS_OF[rule.period] * 3_600 > WINDOW_MAX:
            yield Fault(f"{where}: every", "Give at least 1, and no more periods than 400 days hold.")
        if not 0 <= rule.week_start <= 6:
            yield Fault(f"{where}: week_start", "Give 0 for Monday up to 6 for Sunday.")


def _others(rule: Rule, where: str) -> Iterator[Fault]:
    if isinstance(rule, Consent | Proof):
        for field in ("express_days", "purchase_days", "inquiry_days"):
            if getattr(rule, field) < 0:
                yield Fault(f"{where}: {field}", "Give a number of days, 0 or more.")
    if isinstance(rule, CustomerState):
        spoken = {kind.spoken for kind in MarkKind}
        for state in sorted(set(rule.states) - spoken):
            yield Fault(f"{where}: states", f"There is no state {state!r}.")
        if not rule.states:
            yield Fault(f"{where}: states", "Name at least one state.")
    if isinstance(rule, MaximumDeferral) and rule.seconds < 1:
        yield Fault(f"{where}: seconds", "Give at least 1 second.")
    if isinstance(rule, QuietHours):
        if not rule.windows:
            yield Fault(f"{where}: windows", "Give at least one window.")
        for place, window in enumerate(rule.windows):
            yield from _window(window, f"{where}: windows[{place}]")


def _window(window: Window, where: str) -> Iterator[Fault]:
    wrong = [(field, getattr(window, field)) for field in ("begin", "end") if not _is_clock(getattr(window, field))]
    for field, value in wrong:
        yield Fault(f"{where}.{field}", f"{value!r} is not a time from 00:00 to 24:00.")
    if not wrong and window.begin == window.end:
        yield Fault(where, "It begins and ends at the same time; a whole day is 00:00 to 24:00.")
    if not window.days or not set(window.days) <= set(range(7)):
        yield Fault(f"{where}.days", "Give days from 0 (Monday) to 6 (Sunday), at least one.")


def _is_clock(text: str) -> bool:
    try:
        seconds_of(text)
    except ValueError:
        return False
    return True


def _zones(policy: Policy, zones: set[str]) -> Iterator[Fault]:
    named = [("plausible_zones", zone) for zone in policy.plausible_zones]
    for place, rule in enumerate(policy.rules):
        where = f"rules[{place}] {rule.name}".rstrip()
        zone = getattr(rule, "zone", "customer")
        if zone not in ("customer", "unit"):
            named.append((f"{where}: zone", zone))
        if isinstance(rule, QuietHours):
            named += [(f"{where}: windows", zone) for window in rule.windows for zone in window.zones]
            named += [(f"{where}: default_zone", rule.default_zone)] if rule.unknown_zone == "default" else []
        strict = isinstance(rule, QuietHours) and rule.unknown_zone == "strict" and rule.zone == "customer"
        if (strict or isinstance(rule, PersonalQuietTime)) and not policy.plausible_zones:
            yield Fault(
                f"{where}: plausible_zones",
                "Say which zones people of unknown zone may be in; without any, nothing is ever sent to them.",
            )
    for where, zone in named:
        if zone != "UTC" and zones and zone not in zones:
            yield Fault(where, f"There is no time zone {zone!r} here.")


def _openings(policy: Policy) -> Iterator[Fault]:
    """Quiet rules that together leave no minute of the week open where some of their windows count."""
    quiet = [rule for rule in policy.rules if isinstance(rule, QuietHours)]
    for rule in quiet:
        if any(not _is_clock(clock) for window in rule.windows for clock in (window.begin, window.end)):
            return
    for rule in quiet:
        together = [rule, *(other for other in quiet if other is not rule and _always_with(other, rule))]
        named = {zone for other in together for window in other.windows for zone in window.zones}
        for zone in ("", *sorted(named)):
            if len(set().union(*(_quiet_minutes(other, zone) for other in together))) == MINUTES:
                yield Fault(
                    f"rules {', '.join(other.name for other in together)}",
                    f"They leave no opening in the week{f' in {zone}' if zone else ''}: nothing could ever be sent.",
                )
                break


def _always_with(other: QuietHours, rule: QuietHours) -> bool:
    """Whether `other` applies to every message `rule` does, by the same clock."""
    return other.zone == rule.zone and not other.exempts and other.applies in (EVERYTHING, rule.applies)


def _quiet_minutes(rule: QuietHours, zone: str) -> set[int]:
    windows = [window for window in rule.windows if zone and zone in window.zones]
    minutes: set[int] = set()
    for window in windows or [window for window in rule.windows if not window.zones]:
        begin, end = seconds_of(window.begin) // 60, seconds_of(window.end) // 60
        length = (end - begin) % 1_440 or (1_440 if end > begin else 0)
        for day in window.days:
            minutes |= {(day * 1_440 + begin + minute) % MINUTES for minute in range(length)}
    return minutes
