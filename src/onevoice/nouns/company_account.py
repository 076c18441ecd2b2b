"""Accounts of the company's own identity provider: what they say of a person, and which rights follow from it."""

from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from onevoice.nouns.words import Role


class GroupRights(msgspec.Struct, frozen=True):
    """Whoever is in `group` has this role in the unit with this key."""

    group: str
    role: Role
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRules:
    """How accounts become members of staff. `groups` in order: the first that fits decides; empty: rights are given in
    Onevoice alone. `skew` is what clocks may differ by, in seconds; `domains` are those an e-mail address may have,
    lower case, empty for any."""

    issuer: str
    client: str
    scopes: str = "openid email profile"
    group_claim: str = "groups"
    verified_claim: str = "email_verified"
    groups: tuple[GroupRights, ...] = ()
    domains: frozenset[str] = frozenset()
    skew: int = 60


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What a provider says of itself: its addresses, '' where it has none, and whether its answers name it."""

    authorize: str
    end_session: str = ""
    names_itself: bool = False


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What a code was exchanged for; both texts are as the provider said them and prove nothing yet."""

    id_token: str
    access_token: str = field(default="", repr=False)


class IdentityProvider(Protocol):
    """A line to the company's identity provider. Every method raises Unavailable where it does not answer."""

    def endpoints(self) -> Endpoints:
        """Its addresses."""

    def keys(self, wanted: str) -> list[dict[str, object]]:
        """Its public keys (JWK), asked for anew where none has the id `wanted`, but at most once a minute."""

    def user_info(self, access_token: str) -> dict[str, object] | None:
        """What it says of whoever this access token is for; None where it has no such page or refuses."""

    def exchange(self, *, code: str, verifier: str, redirect: str) -> Exchanged | None:
        """What it gives for a code; None where it refuses it."""
