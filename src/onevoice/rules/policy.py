"""Compiling: a contact policy becomes four small tables, in the order in which people wrote its rules."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from onevoice.nouns import policy as written
from onevoice.nouns.label import Labels
from onevoice.nouns.moment import NEVER
from onevoice.nouns.policy import Policy
from onevoice.nouns.problem import Fault, Refused
from onevoice.nouns.reason import Reason
from onevoice.nouns.surroundings import Surroundings
from onevoice.nouns.words import ContactPointStatus, FolioKind, MarkKind, PermitKind, TouchState
from onevoice.rules import (
    address_failure,
    blackout,
    calendar_cap,
    consent,
    contact_point_ready,
    customer_state,
    do_not_contact,
    exclusive_campaigns,
    exclusive_window,
    holdout,
    journey_cap,
    lifetime_cap,
    maximum_deferral,
    minimum_gap,
    never_after,
    never_together,
    only_after,
    ordered_gap,
    pause,
    personal_cap,
    personal_quiet_time,
    pressure_points,
    proof,
    quiet_hours,
    refusal,
    rolling_cap,
    same_content,
    send_by,
    send_window,
)
from onevoice.rules.clock_tables import clock_table
from onevoice.rules.count_tables import count_table
from onevoice.rules.ragged import Bools
from onevoice.rules.scopes import NO_JOURNEYS, Reading, applies_to, matches, reading_of
from onevoice.rules.table_columns import Rows, bools, ints, stack
from onevoice.rules.table_lines import (
    DAY,
    AfterLine,
    BoundLine,
    ClockLine,
    CountLine,
    HoldoutLine,
    Line,
    MarkLine,
    PermitLine,
    SenderLine,
)
from onevoice.rules.tables import (
    AfterTable,
    BoundTable,
    Compiled,
    HoldoutTable,
    MarkTable,
    PermitTable,
    SenderTable,
)
from onevoice.rules.zone_choice import plausible_members, unit_zones
from onevoice.rules.zones import Zones

LINES: Final[dict[type[written.Rule], Callable[[Any], Line]]] = {
    written.RollingCap: rolling_cap.line,
    written.CalendarCap: calendar_cap.line,
    written.MinimumGap: minimum_gap.line,
    written.SameContent: same_content.line,
    written.PersonalCap: personal_cap.line,
    written.LifetimeCap: lifetime_cap.line,
    written.OrderedGap: ordered_gap.line,
    written.NeverTogether: never_together.line,
    written.NeverAfter: never_after.line,
    written.ExclusiveCampaigns: exclusive_campaigns.line,
    written.JourneyCap: journey_cap.line,
    written.PressurePoints: pressure_points.line,
    written.OnlyAfter: only_after.line,
    written.Holdout: holdout.line,
    written.Consent: consent.line,
    written.Proof: proof.line,
    written.DoNotContact: do_not_contact.line,
    written.AddressFailure: address_failure.line,
    written.Pause: pause.line,
    written.Refusal: refusal.line,
    written.CustomerState: customer_state.line,
    written.ExclusiveWindow: exclusive_window.line,
    written.QuietHours: quiet_hours.line,
    written.PersonalQuietTime: personal_quiet_time.line,
    written.SendWindow: send_window.line,
    written.Blackout: blackout.line,
    written.SendBy: send_by.line,
    written.MaximumDeferral: maximum_deferral.line,
    written.ContactPointReady: contact_point_ready.line,
}


def compile_policy(
    policy: Policy,
    labels: Labels,
    surroundings: Surroundings,
    zones: Zones,
    journeys: Mapping[str, int] = NO_JOURNEYS,
) -> Compiled:
    """The tables of this policy over these labels, in which journeys have these numbers by key. Raises Refused when the
    zone table lacks a zone that it names."""
    missing = sorted(set(zones_named(policy, surroundings)) - set(zones.names))
    if missing:
        raise Refused([Fault("zones", f"The zone table does not know {name}.") for name in missing])
    reading = reading_of(labels, surroundings, journeys)
    members = plausible_members(policy, zones)
    lines: Rows = [(index, rule, LINES[type(rule)](rule)) for index, rule in enumerate(policy.rules)]

    def of(kind: type[Line]) -> Rows:
        return [row for row in lines if isinstance(row[2], kind)]

    def applies(rows: Rows) -> Bools:
        return stack((applies_to(rule, reading) for _, rule, _ in rows), len(labels))

    counting, following = (
        [(kind, [row for row in of(line) if row[1].per == kind.spoken]) for kind in FolioKind]
        for line in (CountLine, AfterLine)
    )
    permits, marks, clock, bounds, senders = map(of, (PermitLine, MarkLine, ClockLine, BoundLine, SenderLine))
    holdouts = of(HoldoutLine)
    return Compiled(
        policy=policy,
        reading=reading,
        zones=zones,
        unit_zone=unit_zones(labels, surroundings, zones),
        member_start=members[0],
        member_length=members[1],
        members=members[2],
        counts=tuple(count_table(kind, rows, reading, surroundings, zones) for kind, rows in counting if rows),
        permits=_permit_table(permits, applies(permits)) if permits else None,
        marks=_mark_table(marks, applies(marks)) if marks else None,
        clock=clock_table(clock, applies(clock), zones, members) if clock else None,
        bounds=_bound_table(bounds, applies(bounds)) if bounds else None,
        senders=_sender_table(senders, applies(senders), labels, surroundings) if senders else None,
        holdouts=_holdout_table(holdouts, applies(holdouts)) if holdouts else None,
        afters=tuple(_after_table(kind, rows, applies(rows), reading) for kind, rows in following if rows),
    )


def zones_named(policy: Policy, surroundings: Surroundings) -> tuple[str, ...]:
    """Every single zone that judging under this policy needs besides those of people: wiring reads their tables."""
    named = [*policy.plausible_zones, "UTC"]
    for rule in policy.rules:
        named += [zone for zone in (getattr(rule, "zone", ""),) if zone not in ("", "customer", "unit")]
        if isinstance(rule, written.QuietHours | written.SendWindow):
            named += [rule.default_zone] if rule.unknown_zone == "default" else []
            named += [zone for window in rule.windows for zone in window.zones]
    named += [unit.zone for unit in surroundings.units.values()]
    return tuple(dict.fromkeys(named))


def _permit_table(rows: Rows, applies: Bools) -> PermitTable:
    lasts = np.full((len(rows), 256), -1, np.int64)
    for place, (_, _, line) in enumerate(rows):
        lasts[place, PermitKind.EXPRESS] = line.express_days * DAY or NEVER
        lasts[place, PermitKind.IMPLIED_PURCHASE] = line.purchase_days * DAY or -1
        lasts[place, PermitKind.IMPLIED_INQUIRY] = line.inquiry_days * DAY or -1
    return PermitTable(
        rules=ints(index for index, _, _ in rows),
        applies=applies,
        needs_grant=bools(line.needs_grant for _, _, line in rows)[:, None],
        proven=bools(line.proven for _, _, line in rows)[:, None],
        lasts=lasts,
    )


def _mark_table(rows: Rows, applies: Bools) -> MarkTable:
    reason = np.zeros((len(rows), 256), np.int64)
    for place, (_, _, line) in enumerate(rows):
        for kind, why in line.reasons.items():
            reason[place, MarkKind(kind)] = why
    holds = bools(line.holds for _, _, line in rows)[:, None]
    return MarkTable(ints(index for index, _, _ in rows), applies, reason, holds)


def _bound_table(rows: Rows, applies: Bools) -> BoundTable:
    return BoundTable(
        rules=ints(index for index, _, _ in rows),
        applies=applies,
        reason=ints(line.reason for _, _, line in rows)[:, None],
        after=ints(-1 if line.seconds is None else line.seconds for _, _, line in rows)[:, None],
    )


def _sender_table(rows: Rows, applies: Bools, labels: Labels, surroundings: Surroundings) -> SenderTable:
    ready = {ContactPointStatus.ACTIVE, ContactPointStatus.RETIRING}
    points = surroundings.contact_points
    reasons = {
        number: Reason.CLEARED
        if number in points and points[number].status in ready and points[number].sends
        else Reason.CONTACT_POINT_NOT_ACTIVE
        if number in points
        else Reason.CONTACT_POINT_UNREGISTERED
        for number in set(labels.contact_point.tolist()) - {0}
    }
    reason = np.zeros(applies.shape, np.int64)
    for place, (_, _, line) in enumerate(rows):
        unnamed = Reason.CONTACT_POINT_UNREGISTERED if line.named else Reason.CLEARED
        by_point = {**reasons, 0: unnamed}
        reason[place] = [by_point[number] for number in labels.contact_point.tolist()]
    return SenderTable(ints(index for index, _, _ in rows), reason * applies)


def _holdout_table(rows: Rows, applies: Bools) -> HoldoutTable:
    lines: list[HoldoutLine] = [line for _, _, line in rows]
    return HoldoutTable(
        rules=ints(index for index, _, _ in rows),
        applies=applies,
        salts=tuple(line.salt for line in lines),
        shares=tuple(line.share for line in lines),
        households=tuple(line.household for line in lines),
    )


def _after_table(kind: FolioKind, rows: Rows, applies: Bools, reading: Reading) -> AfterTable:
    lines: list[AfterLine] = [line for _, _, line in rows]
    reached = np.arange(4) >= ints(TouchState.of(line.event) for line in lines)[:, None]
    serves = stack((matches(line.after, reading, topics_now=line.labels_now) for line in lines), len(reading.labels))
    return AfterTable(
        kind=int(kind),
        rules=ints(index for index, _, _ in rows),
        applies=applies,
        serves=(serves[:, :, None] & reached[:, None, :]).reshape(len(rows), -1),
        within=ints(line.within for line in lines)[:, None],
        holds=bools(line.holds for line in lines)[:, None],
    )
