"""The judge: all rules run, the strictest wins, and the order in which people wrote them does not matter."""

import random

import msgspec
import numpy as np
import pytest

from onevoice.nouns.contact_state import FOREVER, TOUCH, ContactState
from onevoice.nouns.label import Label, columns_of
from onevoice.nouns.moment import NEVER
from onevoice.nouns.policy import (
    CalendarCap,
    Consent,
    Counting,
    Pause,
    PersonalCap,
    Policy,
    QuietHours,
    RollingCap,
    Window,
)
from onevoice.nouns.problem import Refused
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import MarkKind
from onevoice.rules.cases import Cases, cases_of
from onevoice.rules.judge import judge
from onevoice.rules.policy import compile_policy
from onevoice.rules.reach_back import reads_older
from tests.rules.random_worlds import random_world, with_touch
from tests.rules.world import NOW, SURROUNDINGS, Ask, Folio, Mark, Touch, mail, prepare, told, verdicts, zone_table

DAY = 86_400


def test_the_order_of_rules_does_not_matter() -> None:
    """Shuffling a policy changes neither a verdict nor its reason, and each rule keeps its own answer."""
    for seed in range(150):
        world = random_world(seed)
        order = random.Random(seed).sample(range(len(world.rules)), len(world.rules))
        policy = Policy(
            name="shuffled",
            rules=tuple(world.rules[place] for place in order),
            plausible_zones=world.compiled.policy.plausible_zones,
        )
        compiled = compile_policy(policy, columns_of(world.labels), SURROUNDINGS, world.compiled.zones)
        written = judge(world.states, world.cases, world.now, world.compiled)
        shuffled = judge(world.states, world.cases, world.now, compiled)
        for name in ("when", "latest", "reason"):
            assert (getattr(written, name) == getattr(shuffled, name)).all(), (seed, name)
        for name in ("says", "reasons", "waits"):
            assert (getattr(written, name)[order] == getattr(shuffled, name)).all(), (seed, name)


def test_one_more_touch_never_makes_a_verdict_milder() -> None:
    """The promise that lets a group be bracketed: more history, later or equal answers of every rule."""
    later = 0
    for seed in range(200):
        world = random_world(seed)
        dice = random.Random(seed)
        states = [
            with_touch(state, world.now - dice.randint(0, 2 * DAY), dice.randint(1, 9), dice.randint(0, 3))
            for state in world.states
        ]
        before = judge(world.states, world.cases, world.now, world.compiled)
        after = judge(states, world.cases, world.now, world.compiled)
        assert (after.when >= before.when).all(), seed
        caps = [place for place, rule in enumerate(world.rules) if isinstance(rule, Counting)]
        assert (after.says[caps] >= before.says[caps]).all(), seed
        later += int((after.when > before.when).sum())
    assert later > 50


def test_one_more_rule_never_makes_a_verdict_milder() -> None:
    """Leaving out any rule of a policy gives verdicts that are earlier or equal."""
    for seed in range(100):
        world = random_world(seed)
        policy = msgspec.structs.replace(world.compiled.policy, rules=world.rules[1:])
        fewer = compile_policy(policy, columns_of(world.labels), SURROUNDINGS, world.compiled.zones)
        every = judge(world.states, world.cases, world.now, world.compiled)
        assert (judge(world.states, world.cases, world.now, fewer).when <= every.when).all(), seed


def test_cases_judged_together_are_judged_as_alone() -> None:
    """A batch is nothing but its rows."""
    for seed in range(60):
        world = random_world(seed)
        together = judge(world.states, world.cases, world.now, world.compiled)
        for row in range(len(world.cases)):
            alone = judge(world.states, world.cases.take(np.array([row])), world.now, world.compiled)
            for name in ("when", "latest", "reason", "says", "reasons", "waits"):
                assert (getattr(together, name)[..., row] == getattr(alone, name)[..., 0]).all(), (seed, row, name)


def test_a_hold_is_a_promise_that_can_be_kept() -> None:
    """Nothing else happening, what is held until a second may go at that second, and not a second before."""
    held = 0
    for seed in range(400):
        world = random_world(seed)
        found = judge(world.states, world.cases, world.now, world.compiled)
        for row in np.flatnonzero((found.when > world.now) & (found.when < NEVER))[:2].tolist():
            case, when = world.cases.take(np.array([row])), int(found.when[row])
            assert judge(world.states, case, when, world.compiled).when[0] == when, (seed, row)
            assert judge(world.states, case, when - 1, world.compiled).when[0] > when - 1, (seed, row)
            assert when <= found.latest[row]
            held += 1
    assert held > 150


def test_the_reason_is_the_first_published_among_the_strictest() -> None:
    """A pause and a cap both hold: the pause is named. Consent is missing too: then only that counts."""
    cap = RollingCap(name="cap", at_most=1, seconds=7 * DAY)
    quiet = QuietHours(name="nap", windows=(Window(begin="11:00", end="14:00"),))
    ask = Ask(customer=Folio([Touch(0)], marks=[Mark(MarkKind.PAUSED, until=NOW + 60)]))
    assert told(ask, cap, Pause(name="pause")) == (f"hold {7 * DAY}", "paused_by_customer")
    assert told(ask, cap, quiet) == (f"hold {7 * DAY + 7_200}", "quiet_hours")
    assert told(ask, cap, Pause(name="pause"), Consent(name="consent")) == ("suppress", "consent_missing")


def test_every_rule_answers_for_itself_with_its_evidence() -> None:
    """Two touches: a cap of one waits for the newest, a cap of two for the older; consent rests on nothing."""
    one = RollingCap(name="one", at_most=1, seconds=DAY)
    two = RollingCap(name="two", at_most=2, seconds=DAY)
    found = verdicts(Ask(customer=Folio([Touch(60), Touch(30)])), one, two, Consent(name="consent"))
    assert found.says[:, 0].tolist() == [NOW + DAY - 30, NOW + DAY - 60, NEVER]
    assert found.waits[:, 0].tolist() == [2, 1, 0]
    assert found.reasons[:, 0].tolist() == [Reason.ROLLING_CAP, Reason.ROLLING_CAP, Reason.CONSENT_MISSING]


def test_an_empty_policy_sends_everything_and_an_empty_batch_is_fine() -> None:
    """No rules, no states, no cases: no findings."""
    assert told(Ask()) == ("send", "cleared")
    states, _, compiled = prepare(Ask(), RollingCap(name="cap", at_most=1, seconds=DAY), Consent(name="consent"))
    none = np.zeros(0, np.int64)
    nothing = Cases(none, none, none, none, np.zeros((4, 0), np.int64))
    assert len(judge(states, nothing, NOW, compiled).when) == 0


def test_someone_without_a_folio_has_no_history() -> None:
    """A proposal for an unknown person is judged over an empty book."""
    _, _, compiled = prepare(Ask(), RollingCap(name="cap", at_most=1, seconds=DAY))
    found = judge([], cases_of([(1, 0, NOW, NEVER, (-1, -1, -1, -1))]), NOW, compiled)
    assert found.when[0] == NOW


def test_stored_numbers_are_widened_before_they_are_added_to() -> None:
    """A touch in the last year that 32 bits can hold, and a cap of a year: the sum must not wrap."""
    late = FOREVER - 10
    touch = np.array([(late, 4, 0, 1)], TOUCH).tobytes()
    _, _, compiled = prepare(Ask(), RollingCap(name="cap", at_most=1, seconds=365 * DAY), longest_hold=999 * DAY)
    found = judge([ContactState(touches=touch)], cases_of([(1, 0, late, NEVER, (0, -1, -1, -1))]), late, compiled)
    assert found.when[0] == late + 365 * DAY


def test_a_late_arrival_behind_what_was_moved_away_is_counted_in_its_place() -> None:
    """`older` and `touches` may overlap in time: the newest is the newest by its second."""
    cap = RollingCap(name="cap", at_most=1, seconds=DAY)
    found = verdicts(Ask(customer=Folio([Touch(600)], older=[Touch(300)])), cap)
    assert found.when[0] == NOW + DAY - 300


@pytest.mark.parametrize(
    ("rules", "days"),
    [
        ((), 0),
        ((RollingCap(name="a", at_most=1, seconds=3 * DAY), RollingCap(name="b", at_most=9, seconds=DAY)), 3),
        ((CalendarCap(name="a", at_most=1, period="week"),), 8),
        ((CalendarCap(name="a", at_most=1, period="month", every=2),), 63),
        ((PersonalCap(name="a"),), 255),
    ],
)
def test_older_touches_are_read_only_as_far_back_as_a_rule_looks(rules: tuple[RollingCap, ...], days: int) -> None:
    """A second behind which nothing matters: the longest window, a day more for calendars, or the longest wish."""
    _, _, compiled = prepare(Ask(), *rules)
    assert reads_older(compiled, NOW) == NOW - days * DAY
    assert reads_older(compiled, NOW, wish_days=1) >= reads_older(compiled, NOW)


def test_a_zone_that_the_table_lacks_is_named() -> None:
    """A policy that names a zone nobody loaded is refused, not silently read as UTC."""
    rule = QuietHours(name="night", windows=(Window(begin="21:00", end="08:00"),), zone="Asia/Tokyo")
    with pytest.raises(Refused, match="Asia/Tokyo"):
        compile_policy(Policy(name="p", rules=(rule,)), columns_of([Label(), mail()]), SURROUNDINGS, zone_table())
