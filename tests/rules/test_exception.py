"""Which rules one message may be let through, and who may be named as a rule's owner."""

import pytest

from onevoice.nouns.policy import (
    CalendarCap,
    Consent,
    DoNotContact,
    MaximumDeferral,
    MinimumGap,
    Pause,
    PersonalCap,
    PersonalQuietTime,
    Policy,
    QuietHours,
    Refusal,
    Rule,
    SendBy,
    Window,
)
from onevoice.nouns.surroundings import Surroundings, Unit
from onevoice.rules.check import check_policy
from onevoice.rules.exception import can_be_excepted

NIGHT = Window(begin="21:00", end="08:00")


@pytest.mark.parametrize(
    ("rule", "gives_way"),
    [
        (CalendarCap(name="r", at_most=2, period="day"), True),
        (MinimumGap(name="r", seconds=3_600), True),
        (QuietHours(name="r", windows=(NIGHT,)), True),
        (PersonalCap(name="r"), False),
        (PersonalQuietTime(name="r"), False),
        (Consent(name="r"), False),
        (Refusal(name="r"), False),
        (Pause(name="r"), False),
        (DoNotContact(name="r"), False),
        (SendBy(name="r"), False),
        (MaximumDeferral(name="r", seconds=3_600), False),
    ],
)
def test_the_companys_own_rules_give_way_and_the_persons_never(rule: Rule, gives_way: bool) -> None:
    """What a person said binds whoever owns the policy."""
    assert can_be_excepted(rule) is gives_way


@pytest.mark.parametrize(("owner", "faults"), [("", 0), ("shop", 0), ("mara@alder.example", 0), ("moon", 1)])
def test_the_owner_of_a_rule_is_a_unit_or_a_member_of_staff(owner: str, faults: int) -> None:
    """A unit that is not there is a fault of the policy."""
    documents = Surroundings(units={1: Unit(number=1, key="shop", name="Shop")})
    policy = Policy(name="p", rules=(MinimumGap(name="r", seconds=3_600, owner=owner),))
    assert [fault.where for fault in check_policy(policy, documents)] == ["rules[0] r: owner"] * faults
