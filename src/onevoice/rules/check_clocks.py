"""Checking the rules of a policy that look at a wall clock: times, zones, and whether they leave any opening at all."""

from collections.abc import Iterator
from typing import Final

from onevoice.nouns.policy import (
    EVERYTHING,
    Blackout,
    PersonalQuietTime,
    Policy,
    QuietHours,
    SendWindow,
    Window,
)
from onevoice.nouns.problem import Fault
from onevoice.rules.wall_times import seconds_of, wall_seconds_of

Windowed = QuietHours | SendWindow
DAY_MINUTES: Final = 1_440
MINUTES: Final = 7 * DAY_MINUTES


def clock_faults(policy: Policy, zones: set[str]) -> Iterator[Fault]:
    """Every fault of the policy's clock rules; `zones` are those that are known (none: they are not looked up)."""
    for place, rule in enumerate(policy.rules):
        where = f"rules[{place}] {rule.name}".rstrip()
        if isinstance(rule, Windowed):
            if not rule.windows:
                yield Fault(f"{where}: windows", "Give at least one window.")
            for number, window in enumerate(rule.windows):
                yield from _window(window, f"{where}: windows[{number}]")
        if isinstance(rule, Blackout):
            yield from _blackout(rule, where)
    yield from _zones(policy, zones)
    yield from _openings(policy)


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


def _blackout(rule: Blackout, where: str) -> Iterator[Fault]:
    moments = []
    for field in ("begin", "end"):
        try:
            moments.append(wall_seconds_of(getattr(rule, field)))
        except ValueError:
            yield Fault(f"{where}: {field}", f"{getattr(rule, field)!r} is not a moment such as 2026-12-24T18:00.")
    if len(moments) == 2 and moments[0] >= moments[1]:
        yield Fault(f"{where}: end", "It must end after it begins.")


def _zones(policy: Policy, zones: set[str]) -> Iterator[Fault]:
    named = [("plausible_zones", zone) for zone in policy.plausible_zones]
    for place, rule in enumerate(policy.rules):
        where = f"rules[{place}] {rule.name}".rstrip()
        zone = getattr(rule, "zone", "customer")
        if zone not in ("customer", "unit"):
            named.append((f"{where}: zone", zone))
        if isinstance(rule, Windowed):
            named += [(f"{where}: windows", zone) for window in rule.windows for zone in window.zones]
            named += [(f"{where}: default_zone", rule.default_zone)] if rule.unknown_zone == "default" else []
        strict = (isinstance(rule, Windowed) and rule.unknown_zone == "strict") or isinstance(rule, Blackout)
        if ((strict and zone == "customer") or isinstance(rule, PersonalQuietTime)) and not policy.plausible_zones:
            yield Fault(
                f"{where}: plausible_zones",
                "Say which zones people of unknown zone may be in; without any, nothing is ever sent to them.",
            )
    for where, zone in named:
        if zone != "UTC" and zones and zone not in zones:
            yield Fault(where, f"There is no time zone {zone!r} here.")


def _openings(policy: Policy) -> Iterator[Fault]:
    """Quiet hours and send windows that together leave no minute of the week open where some of their windows count."""
    windowed = [rule for rule in policy.rules if isinstance(rule, Windowed)]
    for rule in windowed:
        if any(not _is_clock(clock) for window in rule.windows for clock in (window.begin, window.end)):
            return
    for rule in windowed:
        together = [rule, *(other for other in windowed if other is not rule and _always_with(other, rule))]
        named = {zone for other in together for window in other.windows for zone in window.zones}
        # Send windows that all name their zones mean that nothing is sent to other zones.
        everywhere = [] if any(_only_named(other) for other in together) else [""]
        for zone in (*everywhere, *sorted(named)):
            if len(set().union(*(_shut_minutes(other, zone) for other in together))) == MINUTES:
                yield Fault(
                    f"rules {', '.join(other.name for other in together)}",
                    f"They leave no opening in the week{f' in {zone}' if zone else ''}: nothing could ever be sent.",
                )
                break


def _always_with(other: Windowed, rule: Windowed) -> bool:
    """Whether `other` applies to every message `rule` does, by the same clock."""
    return other.zone == rule.zone and not other.exempts and other.applies in (EVERYTHING, rule.applies)


def _only_named(rule: Windowed) -> bool:
    return isinstance(rule, SendWindow) and all(window.zones for window in rule.windows)


def _shut_minutes(rule: Windowed, zone: str) -> set[int]:
    windows = [window for window in rule.windows if zone and zone in window.zones]
    minutes: set[int] = set()
    for window in windows or [window for window in rule.windows if not window.zones]:
        begin, end = seconds_of(window.begin) // 60, seconds_of(window.end) // 60
        length = (end - begin) % DAY_MINUTES or (DAY_MINUTES if end > begin else 0)
        for day in window.days:
            minutes |= {(day * DAY_MINUTES + begin + minute) % MINUTES for minute in range(length)}
    return set(range(MINUTES)) - minutes if isinstance(rule, SendWindow) else minutes
