"""A policy is checked before it is activated; people see all its faults at once."""

from typing import Any

import pytest

from onevoice.nouns.policy import (
    AnyRule,
    Blackout,
    CalendarCap,
    Consent,
    CustomerState,
    Holdout,
    MaximumDeferral,
    MinimumGap,
    OnlyAfter,
    PersonalQuietTime,
    Policy,
    QuietHours,
    RollingCap,
    SameContent,
    Scope,
    SendWindow,
    Window,
)
from onevoice.nouns.surroundings import Surroundings
from onevoice.rules.check import check_policy
from tests.rules.world import SURROUNDINGS

DAY = 86_400


def quiet(*windows: Window, **changes: Any) -> QuietHours:
    return QuietHours(**{"name": "quiet", "windows": windows, **changes})


SELLING, LOANS = Scope(categories=("marketing",)), Scope(topics=("loans",))
NIGHT, MORNING = Window(begin="18:00", end="09:00"), Window(begin="09:00", end="18:00")
CASES: list[tuple[str, AnyRule, str]] = [
    ("no name", RollingCap(name=" ", at_most=1, seconds=1), "rules[0]"),
    ("cap of none", RollingCap(name="a", at_most=0, seconds=1), "rules[0] a: at_most"),
    ("cap over 400 days", RollingCap(name="a", at_most=1, seconds=401 * DAY), "rules[0] a: seconds"),
    ("gap of nothing", MinimumGap(name="a", seconds=0), "rules[0] a: seconds"),
    ("ever per content", SameContent(name="a", at_most=1, seconds=10**9), "rules[0] a: seconds"),
    ("quarters of four years", CalendarCap(name="a", at_most=1, period="month", every=48), "rules[0] a: every"),
    ("every none", CalendarCap(name="a", at_most=1, period="day", every=0), "rules[0] a: every"),
    ("an eighth day", CalendarCap(name="a", at_most=1, period="week", week_start=7), "rules[0] a: week_start"),
    ("unknown zone", CalendarCap(name="a", at_most=1, period="day", zone="Mars/Base"), "rules[0] a: zone"),
    (
        "unknown channel",
        MinimumGap(name="a", seconds=9, applies=Scope(channels=("fax",))),
        "rules[0] a: applies.channels",
    ),
    ("unknown unit", MinimumGap(name="a", seconds=9, counts=Scope(units=("x",))), "rules[0] a: counts.units"),
    (
        "unknown topic",
        MinimumGap(name="a", seconds=9, exempts=(Scope(topics=("x",)),)),
        "rules[0] a: exempts[0].topics",
    ),
    ("everything exempt", MinimumGap(name="a", seconds=9, exempts=(Scope(),)), "rules[0] a: exempts[0]"),
    ("negative days", Consent(name="a", express_days=-1), "rules[0] a: express_days"),
    ("unknown state", CustomerState(name="a", states=("bored",)), "rules[0] a: states"),
    ("a state of another rule", CustomerState(name="a", states=("owned",)), "rules[0] a: states"),
    ("no state", CustomerState(name="a", states=()), "rules[0] a: states"),
    ("no deferral", MaximumDeferral(name="a", seconds=0), "rules[0] a: seconds"),
    ("no window", quiet(), "rules[0] quiet: windows"),
    ("no time", quiet(Window(begin="25:00", end="06:00")), "rules[0] quiet: windows[0].begin"),
    ("no minutes", quiet(Window(begin="05:60", end="06:00")), "rules[0] quiet: windows[0].begin"),
    ("one digit", quiet(Window(begin="05:00", end="6:00")), "rules[0] quiet: windows[0].end"),
    ("no length", quiet(Window(begin="05:00", end="05:00")), "rules[0] quiet: windows[0]"),
    ("no day", quiet(Window(begin="05:00", end="06:00", days=())), "rules[0] quiet: windows[0].days"),
    ("an eighth day", quiet(Window(begin="05:00", end="06:00", days=(7,))), "rules[0] quiet: windows[0].days"),
    ("no opening", quiet(NIGHT, MORNING), "rules quiet"),
    (
        "half of all and more",
        Holdout(name="a", share_percent=51, salt="s", applies=SELLING),
        "rules[0] a: share_percent",
    ),
    ("less than none", Holdout(name="a", share_percent=-1, salt="s", applies=SELLING), "rules[0] a: share_percent"),
    ("not after long ago", OnlyAfter(name="a", after=SELLING, within=401 * DAY, applies=LOANS), "rules[0] a: within"),
    ("only after itself", OnlyAfter(name="a", after=SELLING), "rules[0] a: after"),
    ("only after the same", OnlyAfter(name="a", after=LOANS, applies=LOANS), "rules[0] a: after"),
    (
        "after what is not there",
        OnlyAfter(name="a", after=Scope(topics=("x",)), applies=LOANS),
        "rules[0] a: after.topics",
    ),
    ("no salt", Holdout(name="a", share_percent=5, salt="", applies=SELLING), "rules[0] a: salt"),
    ("left out of everything", Holdout(name="a", share_percent=5, salt="s"), "rules[0] a: applies.categories"),
    (
        "left out of warnings",
        Holdout(name="a", share_percent=5, salt="s", applies=Scope(categories=("marketing", "safety"))),
        "rules[0] a: applies.categories",
    ),
    ("no send window", SendWindow(name="a", windows=()), "rules[0] a: windows"),
    (
        "a window of no time",
        SendWindow(name="a", windows=(Window(begin="9", end="10:00"),)),
        "rules[0] a: windows[0].begin",
    ),
    ("a window's zone", SendWindow(name="a", windows=(NIGHT,), zone="Mars/Base"), "rules[0] a: zone"),
    ("a day as a moment", Blackout(name="a", begin="2026-12-24", end="2026-12-25T00:00"), "rules[0] a: begin"),
    ("a moment with a zone", Blackout(name="a", begin="2026-12-24T18:00", end="2026-12-25T18:00Z"), "rules[0] a: end"),
    ("the 30th of February", Blackout(name="a", begin="2026-02-30T00:00", end="2026-12-25T18:00"), "rules[0] a: begin"),
    ("over as it begins", Blackout(name="a", begin="2026-12-24T18:00", end="2026-12-24T18:00"), "rules[0] a: end"),
    (
        "a blackout's zone",
        Blackout(name="a", begin="2026-12-24T18:00", end="2026-12-25T18:00", zone="Mars/Base"),
        "rules[0] a: zone",
    ),
    ("a zone of windows", quiet(Window(begin="05:00", end="06:00", zones=("Mars/Base",))), "rules[0] quiet: windows"),
    ("a default zone", quiet(NIGHT, unknown_zone="default", default_zone="Mars/Base"), "rules[0] quiet: default_zone"),
]


@pytest.mark.parametrize(("title", "rule", "where"), CASES, ids=[case[0] for case in CASES])
def test_a_fault_is_found_where_it_is(title: str, rule: AnyRule, where: str) -> None:
    """One rule, one fault, and its place."""
    policy = Policy(name="p", rules=(rule,), plausible_zones=("Europe/Berlin",))
    assert [fault.where for fault in check_policy(policy, SURROUNDINGS)] == [where]


def test_all_faults_are_told_at_once() -> None:
    """A policy without a name, with two rules of one name, both wrong, and numbers out of reach."""
    rules = (RollingCap(name="a", at_most=0, seconds=0), MinimumGap(name="a", seconds=-1))
    found = check_policy(Policy(name="", rules=rules, longest_hold=0, lease=10**9), SURROUNDINGS)
    assert [fault.where for fault in found] == [
        "name",
        "rules a",
        "longest_hold",
        "lease",
        "rules[0] a: at_most",
        "rules[0] a: seconds",
        "rules[1] a: seconds",
    ]


def test_quiet_rules_are_looked_at_together() -> None:
    """Quiet nights for all and quiet days for mail leave mail no opening; quiet days for another clock do."""
    nights = quiet(NIGHT, name="nights")
    days = quiet(MORNING, name="days", applies=Scope(channels=("email",)))
    policy = Policy(name="p", rules=(nights, days), plausible_zones=("Europe/Berlin",))
    assert [fault.where for fault in check_policy(policy, SURROUNDINGS)] == ["rules days, nights"]
    other = Policy(
        name="p", rules=(nights, quiet(MORNING, name="days", zone="unit")), plausible_zones=("Europe/Berlin",)
    )
    assert check_policy(other, SURROUNDINGS) == []


def test_a_send_window_in_quiet_hours_is_no_opening() -> None:
    """Sent at night only, and quiet at night: nothing could ever be sent. A window that opens before is an opening, and
    windows that name their zones are not asked about others."""
    nights = quiet(NIGHT, name="nights")
    for windows, faults in (
        ((Window(begin="19:00", end="21:00"),), ["rules nights, hours"]),
        ((Window(begin="17:00", end="21:00"),), []),
        ((Window(begin="17:00", end="21:00", zones=("Europe/Berlin",)),), []),
        ((Window(begin="19:00", end="21:00", zones=("Europe/Berlin",)),), ["rules nights, hours"]),
    ):
        rules = (nights, SendWindow(name="hours", windows=windows))
        found = check_policy(Policy(name="p", rules=rules, plausible_zones=("Europe/Berlin",)), SURROUNDINGS)
        assert [fault.where for fault in found[:1]] == faults


def test_a_zone_that_has_no_opening_of_its_own_is_found() -> None:
    """Windows that name Berlin leave no opening there, the others do."""
    rule = quiet(NIGHT, Window(begin="00:00", end="24:00", zones=("Europe/Berlin",)))
    found = check_policy(Policy(name="p", rules=(rule,), plausible_zones=("Europe/Berlin",)), SURROUNDINGS)
    assert len(found) == 1
    assert "in Europe/Berlin" in found[0].says


def test_quiet_rules_need_to_know_what_an_unknown_zone_may_be() -> None:
    """Without plausible zones nobody of unknown zone could ever be written to: better said before than found out."""
    eve = Blackout(name="eve", begin="2026-12-24T18:00", end="2026-12-25T00:00", zone="customer")
    rules = (quiet(NIGHT), PersonalQuietTime(name="own"), SendWindow(name="day", windows=(MORNING,)), eve)
    found = [fault.where for fault in check_policy(Policy(name="p", rules=rules), SURROUNDINGS)]
    assert found[:4] == [
        "rules[0] quiet: plausible_zones",
        "rules[1] own: plausible_zones",
        "rules[2] day: plausible_zones",
        "rules[3] eve: plausible_zones",
    ]


def test_zones_are_looked_up_where_they_are_known() -> None:
    """In the given names first; without names and zones nothing can be said about them."""
    policy = Policy(name="p", rules=(CalendarCap(name="a", at_most=1, period="day", zone="Asia/Tokyo"),))
    assert check_policy(policy, SURROUNDINGS) != []
    assert check_policy(policy, SURROUNDINGS, known_zones={"Asia/Tokyo"}) == []
    assert check_policy(policy, Surroundings()) == []
