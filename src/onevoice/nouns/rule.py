"""A rule as people write it: its name, whom it looks at, and what rules have in common."""

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
