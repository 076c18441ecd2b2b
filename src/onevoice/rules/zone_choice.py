"""Which zones a rule goes by: the customer's, the unit's or a fixed one, and what an unknown zone may be."""

from collections.abc import Iterable

import numpy as np

from onevoice.nouns.label import Ints, Labels
from onevoice.nouns.policy import Policy
from onevoice.nouns.surroundings import Surroundings
from onevoice.rules.ragged import bounds_of
from onevoice.rules.tables import Compiled, ZoneChoice
from onevoice.rules.zones import Zones

CUSTOMER, UNIT = -1, -2


def zone_choice(names: Iterable[str], zones: Zones) -> ZoneChoice:
    """A choice per written name: `customer`, `unit` or a zone the table knows."""
    special = {"customer": CUSTOMER, "unit": UNIT}
    return ZoneChoice(np.array([special[name] if name in special else zones.numbers[name] for name in names], np.int64))


def unit_zones(labels: Labels, surroundings: Surroundings, zones: Zones) -> Ints:
    """Per label: the zone number of its unit, 0 where the unit is unknown."""
    numbers = {number: zones.numbers[unit.zone] for number, unit in surroundings.units.items()}
    by_unit = np.zeros(max((*numbers, *labels.unit.tolist()), default=0) + 1, np.int64)
    by_unit[list(numbers)] = list(numbers.values())
    return by_unit[labels.unit]


def plausible_members(policy: Policy, zones: Zones) -> tuple[Ints, Ints, Ints]:
    """Start, length and flat column of the zones each zone number may be; for 0, the policy's plausible ones."""
    own = [tuple(zones.numbers[name] for name in policy.plausible_zones), *zones.members[1:]]
    lengths = np.array([len(line) for line in own], np.int64)
    return bounds_of(lengths)[:-1], lengths, np.array([zone for line in own for zone in line], np.int64)


def zone_of(choice: ZoneChoice, rule: Ints, label: Ints, zone: Ints, compiled: Compiled) -> Ints:
    """The zone number that each (rule, case) pair goes by; `label` and `zone` are the pair's."""
    fixed = choice.fixed[rule]
    return np.where(fixed == CUSTOMER, zone, np.where(fixed == UNIT, compiled.unit_zone[label], fixed))
