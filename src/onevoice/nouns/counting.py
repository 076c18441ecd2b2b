"""Rules that look at the touches there were, as people write them: caps, gaps and what does not go together."""

from typing import Literal

import msgspec

from onevoice.nouns.rule import AtLimit, Event, Per, Rule, Scope, UnitOfCount


class Counting(Rule, frozen=True, kw_only=True, omit_defaults=True):
    """A rule that waits until the `at_most`-th newest counted touch has expired.

    `counts` is the scope of touches that count (None: the same as `applies`); `per` the folio they are counted in;
    `event` how far a touch must have come to count; `labels` whether a touch counts under the topics its campaign had
    `then` or has `now`; `at_limit` what happens when there is no room. A category that does not obey caps is never
    stopped, one that does not count is never counted.

    `unit_of_count` is what is counted. Messages, each for itself; or campaigns, packages or journeys: then only the
    newest counted touch of each counts, none of those of the message's own, and a touch that names none is one of its
    own.
    """

    counts: Scope | None = None
    per: Per = "customer"
    event: Event = "reserved"
    labels: Literal["then", "now"] = "then"
    unit_of_count: UnitOfCount = "message"
    at_limit: AtLimit = "hold"

    @property
    def counted(self) -> tuple[Scope, ...]:
        """A touch counts where it matches any of these."""
        return (self.applies if self.counts is None else self.counts,)


class RollingCap(Counting, frozen=True, kw_only=True, tag="rolling_cap"):
    """At most `at_most` in any `seconds`: a touch at s counts for now < s + seconds."""

    at_most: int
    seconds: int


class CalendarCap(Counting, frozen=True, kw_only=True, tag="calendar_cap"):
    """At most `at_most` in each calendar period. `zone` is `customer`, `unit` (of the proposal) or an IANA name;
    `week_start` 0 is Monday. `every` joins so many periods, counted from 1970-01-01 (weeks: from the first week start
    on or before it; months: from January 1970). Joined hours end by the clock they began with; where it was set
    meanwhile, the next ones begin there and end with the new clock's."""

    at_most: int
    period: Literal["hour", "day", "week", "month"]
    every: int = 1
    zone: str = "customer"
    week_start: int = 0


class MinimumGap(Counting, frozen=True, kw_only=True, tag="minimum_gap"):
    """At least `seconds` between a counted touch and this one (a rolling cap of one)."""

    unit_of_count: Literal["message"] = "message"
    seconds: int


class SameContent(Counting, frozen=True, kw_only=True, tag="same_content"):
    """The same content, or (`of = "offer"`) the same offer, at most `at_most` times in any `seconds`. A message without
    content (or offer) is not touched by this rule."""

    unit_of_count: Literal["message"] = "message"
    at_most: int
    seconds: int
    of: Literal["content", "offer"] = "content"


class PersonalCap(Counting, frozen=True, kw_only=True, tag="personal_cap"):
    """The customer's own wish: at most so many in so many days (rolling, 24 h each). No wish, no cap."""

    unit_of_count: Literal["message"] = "message"


class LifetimeCap(Counting, frozen=True, kw_only=True, tag="lifetime_cap"):
    """At most `at_most` ever, however long ago. Nothing to wait for: what is full stays full."""

    unit_of_count: Literal["message"] = "message"
    at_limit: Literal["suppress"] = "suppress"
    at_most: int


class OrderedGap(Counting, frozen=True, kw_only=True, tag="ordered_gap"):
    """At least `seconds` between a touch in `after` and this message; in the other order there is no gap."""

    counts: None = None
    unit_of_count: Literal["message"] = "message"
    after: Scope
    seconds: int

    @property
    def counted(self) -> tuple[Scope, ...]:
        return (self.after,)


class NeverTogether(Counting, frozen=True, kw_only=True, tag="never_together"):
    """Nothing in `second` within `seconds` of a touch in `first`, and the other way round. A message in both looks at
    both; `applies` narrows which messages are stopped, not which touches count."""

    counts: None = None
    unit_of_count: Literal["message"] = "message"
    at_limit: AtLimit = "suppress"
    first: Scope
    second: Scope
    seconds: int

    @property
    def counted(self) -> tuple[Scope, ...]:
        return (self.first, self.second)


class NeverAfter(Counting, frozen=True, kw_only=True, tag="never_after"):
    """Never after a touch in `after`: while it is younger than `seconds`, or for ever (0)."""

    counts: None = None
    unit_of_count: Literal["message"] = "message"
    at_limit: Literal["suppress"] = "suppress"
    after: Scope
    seconds: int = 0

    @property
    def counted(self) -> tuple[Scope, ...]:
        return (self.after,)


class ExclusiveCampaigns(Counting, frozen=True, kw_only=True, tag="exclusive_campaigns"):
    """Of these campaigns only one at a time: no message of one within `seconds` of a touch of another of them."""

    counts: None = None
    unit_of_count: Literal["campaign"] = "campaign"
    at_limit: AtLimit = "suppress"
    campaigns: tuple[str, ...]
    seconds: int

    @property
    def counted(self) -> tuple[Scope, ...]:
        return (Scope(campaigns=self.campaigns),)


class JourneyCap(Counting, frozen=True, kw_only=True, tag="journey_cap"):
    """At most `at_most` journeys at a time, the message's own among them: it waits until fewer than `at_most` others
    have a counted touch younger than `seconds`. A message of no journey is neither stopped nor counted."""

    unit_of_count: Literal["journey"] = "journey"
    at_most: int
    seconds: int


class PressurePoints(Counting, frozen=True, kw_only=True, tag="pressure_points"):
    """The points of this message and of all counted touches of the last `seconds` together are at most `budget`.

    A message has the points of its channel in `weights`, else `default_weight`. With `decay = "linear"` a touch of age
    a has (seconds - a) / seconds of its points, exactly; a touch later than now has them all.
    """

    unit_of_count: Literal["message"] = "message"
    budget: int
    seconds: int
    weights: dict[str, int] = msgspec.field(default_factory=dict)
    default_weight: int = 1
    decay: Literal["none", "linear"] = "none"
