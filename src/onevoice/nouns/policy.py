"""A contact policy as people write it: rules with their six dimensions explicit."""

from typing import Literal

import msgspec

from onevoice.nouns.counting import (
    CalendarCap,
    Counting,
    ExclusiveCampaigns,
    JourneyCap,
    LifetimeCap,
    MinimumGap,
    NeverAfter,
    NeverTogether,
    OrderedGap,
    PersonalCap,
    PressurePoints,
    RollingCap,
    SameContent,
)
from onevoice.nouns.rule import EVERYTHING, AtLimit, Event, Per, Rule, Scope, UnitOfCount

# Whoever speaks of a policy finds all its rules here.
__all__ = (
    "EVERYTHING",
    "AtLimit",
    "CalendarCap",
    "Counting",
    "Event",
    "ExclusiveCampaigns",
    "JourneyCap",
    "LifetimeCap",
    "MinimumGap",
    "NeverAfter",
    "NeverTogether",
    "OrderedGap",
    "Per",
    "PersonalCap",
    "PressurePoints",
    "RollingCap",
    "Rule",
    "SameContent",
    "Scope",
    "UnitOfCount",
)


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
