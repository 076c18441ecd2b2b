"""The reference interpreter: one proposal at a time over the full history, slow and plain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from onevoice.nouns.label import Label
from onevoice.nouns.moment import NEVER
from onevoice.nouns.policy import (
    AnyRule,
    Blackout,
    Consent,
    ContactPointReady,
    Counting,
    Holdout,
    Marked,
    MaximumDeferral,
    OnlyAfter,
    PersonalQuietTime,
    Policy,
    Proof,
    QuietHours,
    Rule,
    SendBy,
    SendWindow,
)
from onevoice.nouns.reason import Reason
from onevoice.nouns.surroundings import Surroundings
from onevoice.nouns.words import ContactPointStatus, FolioKind, Verdict
from tests.proof.counted import counting, only_after
from tests.proof.history import NOTHING, History
from tests.proof.row import Asked, Names, Row, Says
from tests.proof.shutters import Once, Openings, Quiet, Shutter, first_open, windows_of
from tests.proof.standing import marked, permission
from tests.proof.wall import DAY, FAR

SHUT: dict[type[Rule], Reason] = {
    QuietHours: Reason.QUIET_HOURS,
    PersonalQuietTime: Reason.PERSONAL_QUIET_TIME,
    SendWindow: Reason.SEND_WINDOW,
    Blackout: Reason.BLACKOUT,
}
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
        latest = self.latest(rules, row)
        said = {rule.name: self.ask(rule, row, latest) for rule in rules}
        when = max((said[rule.name].second for rule in rules if self.bound(rule, row) == NEVER), default=now)
        late: dict[str, Reason] = {}
        if when < NEVER:
            shutters = [one for rule in rules for one in self.shutters(rule, row) or ()]
            when = first_open(shutters, when, when + LOOK_AHEAD)
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
        label = self.labels[asked.label]
        unit = self.around.units.get(label.unit)
        return Row(
            asked,
            label,
            now,
            histories,
            zones=plausible,
            zone_known=bool(zone) and "|" not in zone,
            unit_zones=(unit.zone,) if unit else self.policy.plausible_zones,
            unit_known=unit is not None,
        )

    def latest(self, rules: list[AnyRule], row: Row) -> int:
        """The last second of a hold."""
        bounds = [self.bound(rule, row) for rule in rules]
        return min([row.now + self.policy.longest_hold, row.asked.send_by or NEVER, *bounds])

    def too_late(self, rules: list[AnyRule], row: Row, said: dict[str, Says], when: int) -> dict[str, Reason]:
        """What makes waiting until `when` useless: the rules that would then say never."""
        late: dict[str, Reason] = {}
        for rule in rules:
            if said[rule.name].relied_until <= when:
                late[rule.name] = Reason.CONSENT_EXPIRED
            elif when > self.bound(rule, row):
                late[rule.name] = Reason.SEND_BY_PASSED if isinstance(rule, SendBy) else Reason.DEFERRED_TOO_LONG
        return late

    def bound(self, rule: Rule, row: Row) -> int:
        """The last second at which this rule still sees a point in the message."""
        if isinstance(rule, SendBy) and row.asked.send_by:
            return row.asked.send_by
        return row.asked.created + rule.seconds if isinstance(rule, MaximumDeferral) else NEVER

    def ask(self, rule: Rule, row: Row, latest: int) -> Says:
        """When, at the earliest, would this rule alone let the message go?"""
        match rule:
            case Counting():
                return counting(self.names, rule, row)
            case Consent() | Proof():
                return permission(self.names, rule, row)
            case Marked():
                return marked(self.names, rule, row)
            case QuietHours() | PersonalQuietTime() | SendWindow() | Blackout():
                return self.by_the_clock(rule, row)
            case OnlyAfter():
                return only_after(self.names, rule, row, min(latest, row.asked.created + self.policy.longest_hold))
            case Holdout():
                return self.holdout(rule, row)
            case ContactPointReady():
                return self.contact_point(rule, row)
        if row.now <= self.bound(rule, row):
            return Says(row.now)
        return Says(NEVER, Reason.SEND_BY_PASSED if isinstance(rule, SendBy) else Reason.DEFERRED_TOO_LONG)

    # Clocks

    def shutters(self, rule: Rule, row: Row) -> list[Shutter] | None:
        """What this rule shuts, by the wall of each zone that it may be; None where it should look and cannot."""
        match rule:
            case QuietHours() | SendWindow():
                kind = Quiet if isinstance(rule, QuietHours) else Openings
                default = rule.unknown_zone == "default" and not row.zone_is_known(rule.zone)
                zones = (rule.default_zone,) if default else row.zones_of(rule.zone)
                return [kind(zone, windows_of(rule.windows, zone)) for zone in zones] or None
            case Blackout():
                begin, end = datetime.fromisoformat(rule.begin), datetime.fromisoformat(rule.end)
                return [Once(zone, begin, end) for zone in row.zones_of(rule.zone)] or None
            case PersonalQuietTime() if wish := row.wish(lambda wish: wish.quiet_length):
                window = (wish.quiet_begin, wish.quiet_length, frozenset(range(7)))
                # Quiet all day is quiet wherever it is.
                zones = row.zones or (("UTC",) if wish.quiet_length >= 1_440 else ())
                return [Quiet(zone, (window,)) for zone in zones] or None
        return []

    def by_the_clock(self, rule: QuietHours | PersonalQuietTime | SendWindow | Blackout, row: Row) -> Says:
        shutters = self.shutters(rule, row)
        if shutters is None:
            return Says(NEVER, Reason.ZONE_UNKNOWN)
        opens = first_open(shutters, row.now, row.now + LOOK_AHEAD)
        if opens == row.now:
            return Says(opens)
        refused = isinstance(rule, Blackout) and rule.at_limit == "suppress"
        return Says(opens if opens < FAR and not refused else NEVER, SHUT[type(rule)])

    def contact_point(self, rule: ContactPointReady, row: Row) -> Says:
        number = row.label.contact_point
        point = self.around.contact_points.get(number)
        if point is None:
            passes = number == 0 and not rule.named
            return Says(row.now) if passes else Says(NEVER, Reason.CONTACT_POINT_UNREGISTERED)
        ready = point.sends and point.status in (ContactPointStatus.ACTIVE, ContactPointStatus.RETIRING)
        return Says(row.now) if ready else Says(NEVER, Reason.CONTACT_POINT_NOT_ACTIVE)

    def holdout(self, rule: Holdout, row: Row) -> Says:
        """The same people for the same salt: left out by a number made of it and of whose folio it is."""
        customer, address, household, _ = row.asked.folios
        whose = [household] if rule.household else []
        folio = next((folio for folio in (*whose, customer, address) if folio >= 0), -1)
        number = int.from_bytes(blake2b(f"{rule.salt}:{folio}".encode(), digest_size=8).digest(), "big")
        left_out = folio >= 0 and number % 10_000 < 100 * rule.share_percent
        return Says(NEVER, Reason.HOLDOUT) if left_out else Says(row.now)
