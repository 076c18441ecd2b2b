"""Counting rules as one counts by hand: which touches count, how many still do at a second, and when there is room."""

from collections.abc import Iterable, Sequence
from functools import partial

from onevoice.nouns.moment import NEVER
from onevoice.nouns.policy import (
    CalendarCap,
    Counting,
    ExclusiveCampaigns,
    JourneyCap,
    LifetimeCap,
    MinimumGap,
    NeverAfter,
    NeverTogether,
    OnlyAfter,
    OrderedGap,
    PersonalCap,
    PressurePoints,
    RollingCap,
    SameContent,
    Scope,
)
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import Channel, FolioKind, TouchState
from tests.proof.history import Touch
from tests.proof.row import Names, Row, Says
from tests.proof.wall import DAY, hour_ends, turn, turn_ends, wall

SILENT = -1
"""In place of a number: the rule has no word to say on this message."""
EVER = NEVER
"""In place of seconds: what counts never ceases to."""


def counting(names: Names, rule: Counting, row: Row) -> Says:
    """How many are unexpired now? If there is no room, look where the next one expires, and count again."""
    counted = [touch for touch in row.histories[FolioKind.of(rule.per)].touches if _counts(names, rule, touch, row)]
    if isinstance(rule, PressurePoints):
        return _pressure(names, rule, row, counted)
    counted = _one_of_each(names, rule, row, counted)
    at_most, seconds, reason = _limit(names, rule, row)
    if at_most == 0:
        return Says(NEVER, reason)
    if at_most == SILENT or len(counted) < at_most:
        return Says(row.now)
    at = row.now
    first = alive = [touch for touch in counted if _alive(rule, row, touch, seconds, at)]
    while len(alive) >= at_most:
        at = min(_expires(rule, row, touch, seconds, at) for touch in alive)
        alive = [touch for touch in alive if _alive(rule, row, touch, seconds, at)]
    if at == row.now:
        return Says(at)
    waits_for = None if seconds == EVER else counted[-at_most].entry
    return Says(at if rule.at_limit == "hold" else NEVER, reason, tuple(first), waits_for)


def _limit(names: Names, rule: Counting, row: Row) -> tuple[int, int, Reason]:
    """How many, in how many seconds (calendar: 0), and the reason when there is no room."""

    def about(number: int, *scopes: Scope) -> int:
        return number if any(names.within(scope, row.asked.label) for scope in scopes) else SILENT

    match rule:
        case RollingCap():
            return rule.at_most, rule.seconds, Reason.ROLLING_CAP
        case CalendarCap():
            return rule.at_most, 0, Reason.CALENDAR_CAP
        case LifetimeCap():
            return rule.at_most, EVER, Reason.LIFETIME_CAP
        case JourneyCap():
            return rule.at_most if row.label.journey else SILENT, rule.seconds, Reason.JOURNEY_CAP
        case MinimumGap():
            return 1, rule.seconds, Reason.MINIMUM_GAP
        case OrderedGap():
            return 1, rule.seconds, Reason.ORDERED_GAP
        case NeverTogether():
            return about(1, rule.first, rule.second), rule.seconds, Reason.NEVER_TOGETHER
        case NeverAfter():
            return 1, rule.seconds or EVER, Reason.NEVER_AFTER
        case ExclusiveCampaigns():
            return about(1, Scope(campaigns=rule.campaigns)), rule.seconds, Reason.EXCLUSIVE_CAMPAIGNS
        case SameContent(of="content"):
            return rule.at_most if row.asked.content else SILENT, rule.seconds, Reason.SAME_CONTENT
        case SameContent():
            return rule.at_most if row.label.offer else SILENT, rule.seconds, Reason.SAME_OFFER
        case PersonalCap():
            wish = row.wish(lambda wish: wish.at_most)
            return (wish.at_most, wish.days * DAY, Reason.PERSONAL_CAP) if wish else (SILENT, 0, Reason.PERSONAL_CAP)
    raise AssertionError(rule)


def _counts(names: Names, rule: Counting, touch: Touch, row: Row) -> bool:
    """Whether this rule counts this touch at all, however old it is."""
    theirs = names.labels[touch.label]
    match rule:
        case SameContent(of="content") if row.asked.content != touch.content:
            return False
        case SameContent(of="offer") if row.label.offer != theirs.offer:
            return False
        case ExclusiveCampaigns() if row.label.campaign == theirs.campaign:
            return False
        case JourneyCap() if not theirs.journey:
            return False
    now = rule.labels == "now"
    return (
        touch.state >= TouchState.of(rule.event)
        and names.counts_towards_caps(touch.label)
        and any(names.within(scope, touch.label, topics_now=now) for scope in _scopes(names, rule, row))
    )


def _scopes(names: Names, rule: Counting, row: Row) -> list[Scope]:
    """What a touch must be in one of to count against this message."""
    match rule:
        case OrderedGap() | NeverAfter():
            return [rule.after]
        case NeverTogether():
            pairs = ((rule.first, rule.second), (rule.second, rule.first))
            return [other for mine, other in pairs if names.within(mine, row.asked.label)]
        case ExclusiveCampaigns():
            return [Scope(campaigns=rule.campaigns)]
    return [rule.applies if rule.counts is None else rule.counts]


def _one_of_each(names: Names, rule: Counting, row: Row, counted: Sequence[Touch]) -> list[Touch]:
    """Of each campaign, package or journey the newest; none of the message's own; what names none counts by itself."""
    if rule.unit_of_count == "message":
        return list(counted)

    def named(number: int) -> int:
        label = names.labels[number]
        return {"campaign": label.campaign, "package": label.package, "journey": label.journey}[rule.unit_of_count]

    newest = {named(touch.label): touch for touch in counted}
    own = named(row.asked.label)
    return [
        touch
        for touch in counted
        if (key := named(touch.label)) == 0 or (key != own and newest[key].entry == touch.entry)
    ]


def _alive(rule: Counting, row: Row, touch: Touch, seconds: int, at: int) -> bool:
    """Whether the touch still counts at second `at`; in an unknown zone, in any that it may be."""
    if not isinstance(rule, CalendarCap):
        return at < touch.second + seconds
    zones = row.zones_of(rule.zone) or ("UTC",)
    if rule.period == "hour":
        return any(at < hour_ends(zone, rule.every, touch.second) for zone in zones)
    of = (rule.period, rule.every, rule.week_start)
    return any(turn(*of, wall(zone, at)) <= turn(*of, wall(zone, touch.second)) for zone in zones)


def _expires(rule: Counting, row: Row, touch: Touch, seconds: int, at: int) -> int:
    """The next second after `at` at which this live touch may count no more."""
    if not isinstance(rule, CalendarCap):
        return touch.second + seconds
    of = (rule.period, rule.every, rule.week_start)
    ends = [turn_ends(zone, *of, touch.second) for zone in row.zones_of(rule.zone) or ("UTC",)]
    return min(end for end in ends if end > at)


# Pressure points


def _pressure(names: Names, rule: PressurePoints, row: Row, counted: Sequence[Touch]) -> Says:
    """The first second at which what is left of all touches leaves room for this message, found by halving: what a
    touch weighs never grows."""
    room = rule.budget - _points(rule, names, row.asked.label)
    if room < 0:
        return Says(NEVER, Reason.PRESSURE_POINTS)
    load = partial(_load, names, rule, counted)
    if load(row.now) <= room * rule.seconds:
        return Says(row.now)
    low, high = row.now, max(touch.second for touch in counted) + rule.seconds
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if load(middle) <= room * rule.seconds else (middle, high)
    alive = tuple(touch for touch in counted if row.now < touch.second + rule.seconds)
    when = high if rule.at_limit == "hold" else NEVER
    # Where points fade away, all of them make room together.
    waits_for = None if rule.decay == "linear" else _too_many(rule, names, alive, high - 1, room).entry
    return Says(when, Reason.PRESSURE_POINTS, alive, waits_for)


def _points(rule: PressurePoints, names: Names, label: int) -> int:
    return rule.weights.get(Channel(names.labels[label].channel).spoken, rule.default_weight)


def _load(names: Names, rule: PressurePoints, counted: Iterable[Touch], at: int) -> int:
    """What the touches weigh at second `at`, in points x seconds."""
    load = 0
    for touch in counted:
        left = min(max(touch.second + rule.seconds - at, 0), rule.seconds)
        load += _points(rule, names, touch.label) * (left if rule.decay == "linear" else rule.seconds * (left > 0))
    return load


def _too_many(rule: PressurePoints, names: Names, alive: Sequence[Touch], at: int, room: int) -> Touch:
    """From the newest on, the touch with which it is too much in the last second before there is room."""
    for place in reversed(range(len(alive))):
        if _load(names, rule, alive[place:], at) > room * rule.seconds:
            return alive[place]
    raise AssertionError(alive)


# What must have been before


def only_after(names: Names, rule: OnlyAfter, row: Row, latest: int) -> Says:
    """Goes where one such touch is known to have got so far; else waits for the end of its time, or goes never."""
    opened = any(
        touch.state >= TouchState.of(rule.event)
        and names.within(rule.after, touch.label, topics_now=rule.labels == "now")
        and row.now < touch.second + (rule.within or EVER)
        for touch in row.histories[FolioKind.of(rule.per)].touches
    )
    if opened:
        return Says(row.now)
    waits = rule.at_limit == "hold" and latest > row.now
    return Says(latest if waits else NEVER, Reason.NOT_YET_AFTER)
