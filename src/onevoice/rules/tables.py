"""The compiled policy: four small tables that the four kernels read, and the bounds a message carries itself."""

from dataclasses import dataclass

from onevoice.nouns.label import Ints
from onevoice.nouns.policy import Policy
from onevoice.rules.ragged import Bools
from onevoice.rules.scopes import Reading
from onevoice.rules.zones import Zones

# In every table `rules[i]` is row i's index in policy.rules and `applies[i]` says per label whom it stops.


@dataclass(frozen=True, slots=True)
class ZoneChoice:
    """Per row: the zone number it goes by; -1 is the customer's, -2 the zone of the proposal's unit."""

    fixed: Ints


@dataclass(frozen=True, slots=True)
class CountTable:
    """Counting rules of one kind of folio. Columns of numbers are (rules, 1); `counts` is by packed label.

    `period` is 0 (rolling, `seconds`), 1 (hours), 2 (days and weeks) or 3 (months); `length` and `phase` are its whole
    length and where it begins before 1970-01-01, in seconds (months: in months). `bar` marks a cap of none at all.
    Rows of special rules are named by place, and have by label: the i-th of `keyed` what it counts in `keys[i]`; of
    `paired` its messages in `first[i]` and `second[i]`, for which touches in `had_second[i]` and `had_first[i]` count;
    of `weighed` the points in `weights[i]`, of a `budget[i]`, which become fewer with time where it `decays[i]`. Those
    of `ever` count touches that only tallies remember, too.
    """

    kind: int
    rules: Ints
    applies: Bools
    counts: Bools
    at_most: Ints
    seconds: Ints
    suppresses: Bools
    reason: Ints
    same_content: Ints
    same_offer: Ints
    personal: Ints
    keyed: Ints
    keys: Ints
    paired: Ints
    first: Bools
    second: Bools
    had_first: Bools
    had_second: Bools
    ever: Ints
    weighed: Ints
    weights: Ints
    budget: Ints
    decays: Bools
    bar: Bools
    period: Ints
    length: Ints
    phase: Ints
    zone: ZoneChoice


@dataclass(frozen=True, slots=True)
class AfterTable:
    """Rules that need a touch in one kind of folio. `serves` says by packed label which touch serves, for `within[i]`
    seconds (NEVER: for ever); `holds` waits for one. Columns of numbers are (rules, 1)."""

    kind: int
    rules: Ints
    applies: Bools
    serves: Bools
    within: Ints
    holds: Bools


@dataclass(frozen=True, slots=True)
class PermitTable:
    """`days[i, kind]` by PermitKind: how long a grant lasts in seconds (NEVER: for ever, -1: not accepted)."""

    rules: Ints
    applies: Bools
    needs_grant: Bools
    proven: Bools
    lasts: Ints


@dataclass(frozen=True, slots=True)
class MarkTable:
    """`reason[i, kind]` by MarkKind is the Reason of a rule that reads this kind, 0 where it does not."""

    rules: Ints
    applies: Bools
    reason: Ints
    holds: Bools


@dataclass(frozen=True, slots=True)
class ClockTable:
    """Quiet windows. Rule i in zone z reads `length[i, z]` windows from `start[i, z]` of the flat columns below.

    `blind[i, z]`: the zone is unknown and nothing is plausible. A personal rule's windows have their zone only; the
    person's wish gives the rest. `window_period` is None where every window comes every day; `suppresses` where no rule
    does.
    """

    rules: Ints
    applies: Bools
    reason: Ints
    personal: Bools
    zone: ZoneChoice
    blind: Bools
    start: Ints
    length: Ints
    window_zone: Ints
    window_begin: Ints
    window_length: Ints
    window_on: Bools
    window_period: Ints | None
    suppresses: Bools | None


@dataclass(frozen=True, slots=True)
class BoundTable:
    """Last seconds: `after[i]` seconds from creation, or the case's own send-by where it is -1."""

    rules: Ints
    applies: Bools
    reason: Ints
    after: Ints


@dataclass(frozen=True, slots=True)
class SenderTable:
    """`reason[i, label]`: why a message of this label may not leave from its contact point, 0 where it may."""

    rules: Ints
    reason: Ints


@dataclass(frozen=True, slots=True)
class HoldoutTable:
    """Row i leaves out the `shares[i]` of 10,000 people with its `salts[i]`, by household where `households[i]`."""

    rules: Ints
    applies: Bools
    salts: tuple[str, ...]
    shares: tuple[int, ...]
    households: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A policy made ready for labels, surroundings and zones; a new label or document needs a new one.

    `plausible` are the zones that stand in for zone 0 by zone number: `members[plausible_start[z]:...]`.
    """

    policy: Policy
    reading: Reading
    zones: Zones
    unit_zone: Ints
    member_start: Ints
    member_length: Ints
    members: Ints
    counts: tuple[CountTable, ...]
    permits: PermitTable | None
    marks: MarkTable | None
    clock: ClockTable | None
    bounds: BoundTable | None
    senders: SenderTable | None
    holdouts: HoldoutTable | None = None
    afters: tuple[AfterTable, ...] = ()

    def __len__(self) -> int:
        return len(self.policy.rules)
