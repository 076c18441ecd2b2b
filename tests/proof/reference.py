"""The reference interpreter: one proposal at a time over the full history, slow and plain."""

from collections.abc import Sequence
from dataclasses import dataclass

from onevoice.nouns.label import Label
from onevoice.nouns.moment import NEVER
from onevoice.nouns.policy import (
    AnyRule,
    CalendarCap,
    Consent,
    ContactPointReady,
    Counting,
    Marked,
    MaximumDeferral,
    MinimumGap,
    PersonalCap,
    PersonalQuietTime,
    Policy,
    Proof,
    QuietHours,
    RollingCap,
    SameContent,
    SendBy,
)
from onevoice.nouns.reason import Reason
from onevoice.nouns.surroundings import Surroundings
from onevoice.nouns.words import ContactPointStatus, FolioKind, TouchState, Verdict
from tests.proof.history import NOTHING, History, Touch
from tests.proof.row import Asked, Names, Row, Says
from tests.proof.standing import marked, permission
from tests.proof.wall import DAY, FAR, Quiet, first_open, hour_ends, turn, turn_ends, wall, windows_of

SILENT = -1
"""In place of a number: the rule has no word to say on this message."""
LOOK_AHEAD = 400 * DAY


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict, `when` it may go (NEVER), the `latest` second of a hold, the primary reason and every rule's word.
    `hopeless`: no opening was found however long one looked, so why it is too late is not a well-put question."""

    verdict: Verdict
    when: int
    latest: int
    reason: Reason
    says: tuple[Says, ...]
    hopeless: bool = False


class Reference:
    """A policy read rule by rule, among these labels and surroundings."""

    def __init__(self, policy: Policy, labels: Sequence[Label], surroundings: Surroundings) -> None:
        self.policy, self.labels, self.around = policy, labels, surroundings
        self.names = Names(labels, surroundings)

    def decide(self, folios: Sequence[History], asked: Asked, now: int) -> Answer:
        """What becomes of this proposal at second `now`."""
        row = self.row(folios, asked, now)
        rules = [rule for rule in self.policy.rules if self.names.concerns(rule, asked.label)]
        said = {rule.name: self.ask(rule, row) for rule in rules}
        when = max((said[rule.name].second for rule in rules if self.bound(rule, row) == NEVER), default=now)
        latest = min(
            [now + self.policy.longest_hold, asked.send_by or NEVER, *(self.bound(rule, row) for rule in rules)]
        )
        late: dict[str, Reason] = {}
        if when < NEVER:
            quiets = [quiet for rule in rules for quiet in self.quiets(rule, row) or ()]
            when = first_open(quiets, when, when + LOOK_AHEAD)
            late = self.too_late(rules, row, said, when)
            late |= {"": Reason.NO_OPENING} if when > max(now, latest) else {}
        said |= {name: Says(NEVER, reason) for name, reason in late.items() if name}
        says = tuple(said.get(rule.name, Says(now)) for rule in self.policy.rules)
        if late or when == NEVER:
            never = [one.reason for one in says if one.second == NEVER]
            hopeless = when >= FAR and when < NEVER
            return Answer(Verdict.SUPPRESS, NEVER, latest, min([*never, *late.values()]), says, hopeless)
        if when > now:
            return Answer(Verdict.HOLD, when, latest, min(one.reason for one in says if one.second > now), says)
        return Answer(Verdict.SEND, now, latest, Reason.CLEARED, says)

    def row(self, folios: Sequence[History], asked: Asked, now: int) -> Row:
        histories = tuple(folios[folio] if folio >= 0 else NOTHING for folio in asked.folios)
        zone = histories[FolioKind.CUSTOMER].zone or histories[FolioKind.ADDRESS].zone
        plausible = tuple(zone.split("|")) if zone else self.policy.plausible_zones
        return Row(asked, self.labels[asked.label], now, histories, plausible, bool(zone) and "|" not in zone)

    def too_late(self, rules: list[AnyRule], row: Row, said: dict[str, Says], when: int) -> dict[str, Reason]:
        """What makes waiting until `when` useless: the rules that would then say never."""
        late: dict[str, Reason] = {}
        for rule in rules:
            if said[rule.name].relied_until <= when:
                late[rule.name] = Reason.CONSENT_EXPIRED
            elif when > self.bound(rule, row):
                late[rule.name] = Reason.SEND_BY_PASSED if isinstance(rule, SendBy) else Reason.DEFERRED_TOO_LONG
        return late

    def bound(self, rule: AnyRule, row: Row) -> int:
        """The last second at which this rule still sees a point in the message."""
        if isinstance(rule, SendBy) and row.asked.send_by:
            return row.asked.send_by
        return row.asked.created + rule.seconds if isinstance(rule, MaximumDeferral) else NEVER

    def ask(self, rule: AnyRule, row: Row) -> Says:
        """When, at the earliest, would this rule alone let the message go?"""
        match rule:
            case Counting():
                return self.counting(rule, row)
            case Consent() | Proof():
                return permission(self.names, rule, row)
            case Marked():
                return marked(self.names, rule, row)
            case QuietHours() | PersonalQuietTime():
                return self.quiet(rule, row)
            case ContactPointReady():
                return self.contact_point(rule, row)
        if row.now <= self.bound(rule, row):
            return Says(row.now)
        return Says(NEVER, Reason.SEND_BY_PASSED if isinstance(rule, SendBy) else Reason.DEFERRED_TOO_LONG)

    # Counting rules: how many are unexpired at this instant? If there is no room, look where the next one expires.

    def counting(self, rule: Counting, row: Row) -> Says:
        at_most, seconds, reason = self.limit(rule, row)
        counted = [touch for touch in row.histories[FolioKind.of(rule.per)].touches if self.counted(rule, touch, row)]
        if at_most == 0:
            return Says(NEVER, reason)
        if at_most == SILENT or len(counted) < at_most:
            return Says(row.now)
        at = row.now
        first = alive = [touch for touch in counted if self.alive(rule, row, touch, seconds, at)]
        while len(alive) >= at_most:
            at = min(self.expires(rule, row, touch, seconds, at) for touch in alive)
            alive = [touch for touch in alive if self.alive(rule, row, touch, seconds, at)]
        if at == row.now:
            return Says(at)
        return Says(at if rule.at_limit == "hold" else NEVER, reason, tuple(first), counted[-at_most].entry)

    def limit(self, rule: Counting, row: Row) -> tuple[int, int, Reason]:
        """How many, in how many seconds (calendar: 0), and the reason when there is no room."""
        match rule:
            case RollingCap():
                return rule.at_most, rule.seconds, Reason.ROLLING_CAP
            case CalendarCap():
                return rule.at_most, 0, Reason.CALENDAR_CAP
            case MinimumGap():
                return 1, rule.seconds, Reason.MINIMUM_GAP
            case SameContent(of="content"):
                return rule.at_most if row.asked.content else SILENT, rule.seconds, Reason.SAME_CONTENT
            case SameContent():
                return rule.at_most if row.label.offer else SILENT, rule.seconds, Reason.SAME_OFFER
            case PersonalCap():
                wish = row.wish(lambda wish: wish.at_most)
                return (
                    (wish.at_most, wish.days * DAY, Reason.PERSONAL_CAP) if wish else (SILENT, 0, Reason.PERSONAL_CAP)
                )
        raise AssertionError(rule)

    def counted(self, rule: Counting, touch: Touch, row: Row) -> bool:
        if isinstance(rule, SameContent):
            mine = row.asked.content if rule.of == "content" else row.label.offer
            if mine != (touch.content if rule.of == "content" else self.labels[touch.label].offer):
                return False
        scope = rule.applies if rule.counts is None else rule.counts
        return (
            touch.state >= TouchState.of(rule.event)
            and self.names.counts_towards_caps(touch.label)
            and self.names.within(scope, touch.label, topics_now=rule.labels == "now")
        )

    def alive(self, rule: Counting, row: Row, touch: Touch, seconds: int, at: int) -> bool:
        """Whether the touch still counts at second `at`; in an unknown zone, in any that it may be."""
        if not isinstance(rule, CalendarCap):
            return at < touch.second + seconds
        zones = self.calendar_zones(rule, row)
        if rule.period == "hour":
            return any(at < hour_ends(zone, rule.every, touch.second) for zone in zones)
        of = (rule.period, rule.every, rule.week_start)
        return any(turn(*of, wall(zone, at)) <= turn(*of, wall(zone, touch.second)) for zone in zones)

    def expires(self, rule: Counting, row: Row, touch: Touch, seconds: int, at: int) -> int:
        """The next second after `at` at which this live touch may count no more."""
        if not isinstance(rule, CalendarCap):
            return touch.second + seconds
        of = (rule.period, rule.every, rule.week_start)
        ends = [turn_ends(zone, *of, touch.second) for zone in self.calendar_zones(rule, row)]
        return min(end for end in ends if end > at)

    def zones_of(self, named: str, row: Row) -> tuple[str, ...]:
        """The zones a rule goes by: one, or all that it may be, or none where nobody has an idea."""
        if named == "customer":
            return row.zones
        if named == "unit":
            unit = self.around.units.get(row.label.unit)
            return (unit.zone,) if unit else self.policy.plausible_zones
        return (named,)

    def calendar_zones(self, rule: CalendarCap, row: Row) -> tuple[str, ...]:
        return self.zones_of(rule.zone, row) or ("UTC",)

    # Clocks

    def quiets(self, rule: AnyRule, row: Row) -> list[Quiet] | None:
        """The zones whose walls the rule looks at, each with its windows; None where it should look and cannot."""
        if isinstance(rule, QuietHours):
            zones = self.zones_of(rule.zone, row)
            known = {"customer": row.zone_known, "unit": row.label.unit in self.around.units}.get(rule.zone, True)
            if not known and rule.unknown_zone == "default":
                zones = (rule.default_zone,)
            return [windows_of(rule.windows, zone) for zone in zones] or None
        if isinstance(rule, PersonalQuietTime) and (wish := row.wish(lambda wish: wish.quiet_length)):
            window = (wish.quiet_begin, wish.quiet_length, frozenset(range(7)))
            # Quiet all day is quiet wherever it is.
            zones = row.zones or (("UTC",) if wish.quiet_length >= 1_440 else ())
            return [(zone, (window,)) for zone in zones] or None
        return []

    def quiet(self, rule: QuietHours | PersonalQuietTime, row: Row) -> Says:
        quiets = self.quiets(rule, row)
        if quiets is None:
            return Says(NEVER, Reason.ZONE_UNKNOWN)
        opens = first_open(quiets, row.now, row.now + LOOK_AHEAD)
        if opens == row.now:
            return Says(opens)
        personal = isinstance(rule, PersonalQuietTime)
        return Says(opens if opens < FAR else NEVER, Reason.PERSONAL_QUIET_TIME if personal else Reason.QUIET_HOURS)

    def contact_point(self, rule: ContactPointReady, row: Row) -> Says:
        number = row.label.contact_point
        point = self.around.contact_points.get(number)
        if point is None:
            passes = number == 0 and not rule.named
            return Says(row.now) if passes else Says(NEVER, Reason.CONTACT_POINT_UNREGISTERED)
        ready = point.sends and point.status in (ContactPointStatus.ACTIVE, ContactPointStatus.RETIRING)
        return Says(row.now) if ready else Says(NEVER, Reason.CONTACT_POINT_NOT_ACTIVE)
