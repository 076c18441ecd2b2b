"""A contact policy as people write it: rules with their six dimensions explicit."""

from typing import Literal

import msgspec

Per = Literal["customer", "address", "household", "client"]
Event = Literal["reserved", "sent", "delivered"]
AtLimit = Literal["hold", "suppress"]
UnitOfCount = Literal["message", "campaign", "package", "journey"]


class Scope(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """Which messages: every field that is given must match, and matches when any of its keys does. `units` and `topics`
    include everything below them. An empty scope is every message."""

    channels: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()
    journeys: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    contact_points: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()


EVERYTHING = Scope()


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """What every rule has: a name unique in its policy, whom it applies to, and whom its own text exempts. `says` is
    the policy owner's sentence; without it the rule type's own sentence is shown. `owner` (a unit's key, or the e-mail
    of a member of staff) answers requests for exceptions; without one the company's administrators do."""

    name: str
    says: str = ""
    owner: str = ""
    applies: Scope = EVERYTHING
    exempts: tuple[Scope, ...] = ()


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
    weights: dict[str, int] = {}
    default_weight: int = 1
    decay: Literal["none", "linear"] = "none"


class Tier(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """How many a customer of this segment may have."""

    segment: str
    at_most: int


class SegmentCap(Counting, frozen=True, kw_only=True, tag="segment_cap"):
    """At most so many in any `seconds` as the customer's segment has in `tiers`: of several segments the smallest, of
    none `otherwise`."""

    unit_of_count: Literal["message"] = "message"
    tiers: tuple[Tier, ...]
    otherwise: int
    seconds: int


class OnlyAfter(Rule, frozen=True, kw_only=True, tag="only_after"):
    """Goes only after a touch in `after` that has reached `event` and is younger than `within` seconds (one at s serves
    for now < s + within; 0: however long ago).

    Only what has happened opens the way: a reserved place, which may still be given back, does not. It is no cap, so
    that it stops every category, and touches of every category serve. `at_limit = "hold"` waits until the last second
    of the hold (`latest`), but never beyond the policy's `longest_hold` from when the message was created; where that
    second has come, it is suppressed.
    """

    after: Scope
    within: int = 0
    event: Literal["sent", "delivered"] = "sent"
    per: Per = "customer"
    labels: Literal["then", "now"] = "then"
    at_limit: AtLimit = "suppress"


class Holdout(Rule, frozen=True, kw_only=True, tag="holdout"):
    """`share_percent` of all people (with `household`, of all households) never get what it applies to, to compare them
    with those who do: always the same ones for the same `salt`.

    Left out is whose number, the blake2b digest of 8 bytes of `salt`, a colon and the folio's number in decimal
    (UTF-8), read as a big-endian integer, is less than 100 x `share_percent` modulo 10,000. The folio is the household
    where `household` is true and there is one, else the customer, else the address; who has none is not left out."""

    share_percent: int
    salt: str
    household: bool = True


class Consent(Rule, frozen=True, kw_only=True, tag="consent"):
    """Needs a live grant (`needs = "grant"`), or only that nothing was withdrawn (`"no_withdrawal"`).

    A permission covers a message when its channel, purpose (0: any) and unit (or a parent, 0: the whole company) do.
    The newest covering withdrawal ends every grant up to and including its second; among grants after it the one that
    lasts longest decides. Express consent lasts `express_days`, implied consent `purchase_days` / `inquiry_days`
    (0: for ever / not accepted, respectively). Permissions of the customer and of the address are read together.
    """

    needs: Literal["grant", "no_withdrawal"] = "grant"
    express_days: int = 0
    purchase_days: int = 0
    inquiry_days: int = 0


class Proof(Rule, frozen=True, kw_only=True, tag="proof"):
    """The grant relied upon must be proven: as Consent with `needs = "grant"`, over grants whose proof is complete."""

    express_days: int = 0
    purchase_days: int = 0
    inquiry_days: int = 0


class Marked(Rule, frozen=True, kw_only=True, omit_defaults=True):
    """A rule that reads marks: a live mark of one of its kinds that covers the message's channel and scope stops it.

    `at_limit = "hold"` waits for the latest covering mark's end (one without an end suppresses)."""

    at_limit: AtLimit = "suppress"


class DoNotContact(Marked, frozen=True, kw_only=True, tag="do_not_contact"):
    """Legal hold, deceased, minor, fraud case."""


class AddressFailure(Marked, frozen=True, kw_only=True, tag="address_failure"):
    """Hard bounce, complaint, dead push token: read from the address (and the customer)."""


class Pause(Marked, frozen=True, kw_only=True, tag="pause"):
    """The customer asked for a pause."""

    at_limit: AtLimit = "hold"


class Refusal(Marked, frozen=True, kw_only=True, tag="refusal"):
    """The customer refused a topic (and all below it) or a channel."""


class CustomerState(Marked, frozen=True, kw_only=True, tag="customer_state"):
    """An open complaint, an outage, an undelivered order, a bereavement, a product already held or just bought.

    `states` are mark kinds as spoken; product states match the message's topics."""

    states: tuple[str, ...]


class ExclusiveWindow(Marked, frozen=True, kw_only=True, tag="exclusive_window"):
    """While a unit owns the customer (mark `owned`), only that unit and those below it speak; all others, its parents
    and messages of no unit among them, wait for the end. Of several owners each binds all but its own."""

    at_limit: AtLimit = "hold"


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A quiet window on the wall clock, `HH:MM` to `HH:MM`; it may pass midnight and belongs to the day it began.
    `days` are the days on which it begins, 0 is Monday; `zones` limits it to these IANA zones (empty: all)."""

    begin: str
    end: str
    days: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    zones: tuple[str, ...] = ()


class QuietHours(Rule, frozen=True, kw_only=True, tag="quiet_hours"):
    """Quiet in the zone of the customer (or `unit`, or an IANA name). In each zone, the windows that name it count;
    where none names it, those that name no zone. With an unknown zone: `strict` is quiet when any plausible zone is
    (the policy's `plausible_zones`, or those of the number), `default` uses `default_zone`."""

    windows: tuple[Window, ...]
    zone: str = "customer"
    unknown_zone: Literal["strict", "default"] = "strict"
    default_zone: str = "UTC"


class PersonalQuietTime(Rule, frozen=True, kw_only=True, tag="personal_quiet_time"):
    """The customer's own quiet time, in the customer's zone, every day; unknown zones as QuietHours strict."""


class SendWindow(Rule, frozen=True, kw_only=True, tag="send_window"):
    """Goes only inside one of these windows, while the clock on the wall shows a time of it: quiet hours the other way
    round. Zones are read as there (one of which no window speaks never opens); with an unknown zone and `strict` the
    windows of every plausible zone must be open. An opening that a change of clocks skips does not come; one that it
    repeats comes twice."""

    windows: tuple[Window, ...]
    zone: str = "customer"
    unknown_zone: Literal["strict", "default"] = "strict"
    default_zone: str = "UTC"


class Blackout(Rule, frozen=True, kw_only=True, tag="blackout"):
    """Nothing goes while the clock of `zone` shows a time from `begin` up to, not including, `end`: local moments as
    `2026-12-24T18:00`, `zone` is `UTC`, an IANA name, `unit` or `customer` (of unknown zone: while it lasts in any
    plausible one). `suppress` refuses what comes during it; what something else holds is held past it all the same.
    `why` is what people are told."""

    begin: str
    end: str
    zone: str = "UTC"
    why: str = ""
    at_limit: AtLimit = "hold"


class SendBy(Rule, frozen=True, kw_only=True, tag="send_by"):
    """After its send-by a message is not sent, nor is it held beyond it."""


class MaximumDeferral(Rule, frozen=True, kw_only=True, tag="maximum_deferral"):
    """No message waits longer than `seconds` after it was created."""

    seconds: int


class ContactPointReady(Rule, frozen=True, kw_only=True, tag="contact_point_ready"):
    """A message leaves only from a contact point that is registered, active (or retiring) and allowed to send. One
    that names no contact point passes where `named` is false."""

    named: bool = False


AnyRule = (
    RollingCap
    | CalendarCap
    | MinimumGap
    | SameContent
    | PersonalCap
    | LifetimeCap
    | OrderedGap
    | NeverTogether
    | NeverAfter
    | ExclusiveCampaigns
    | JourneyCap
    | PressurePoints
    | OnlyAfter
    | Holdout
    | Consent
    | Proof
    | DoNotContact
    | AddressFailure
    | Pause
    | Refusal
    | CustomerState
    | ExclusiveWindow
    | QuietHours
    | PersonalQuietTime
    | SendWindow
    | Blackout
    | SendBy
    | MaximumDeferral
    | ContactPointReady
)


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A policy file. `version` is given when it is activated. `longest_hold` (seconds) bounds every hold that no rule
    bounds; `lease` (seconds) is how long a positive verdict stays reserved unconfirmed; `plausible_zones` stand in for
    an unknown zone."""

    name: str
    version: int = 0
    rules: tuple[AnyRule, ...] = ()
    longest_hold: int = 14 * 86_400
    lease: int = 3_600
    plausible_zones: tuple[str, ...] = ()
