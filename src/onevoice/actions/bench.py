"""The bench: the policy in force, compiled for the labels and documents of this moment and kept until they change."""

from collections.abc import Callable

import msgspec
from sqlalchemy import Connection

from onevoice.ledger.engine import Transaction
from onevoice.ledger.known import Known
from onevoice.ledger.policies import policy_at
from onevoice.nouns.label import columns_of
from onevoice.nouns.policy import Policy
from onevoice.nouns.surroundings import Surroundings
from onevoice.rules.files import read_policy
from onevoice.rules.policy import compile_policy, zones_named
from onevoice.rules.tables import Compiled
from onevoice.rules.zones import Zones

MakeZones = Callable[[tuple[str, ...]], Zones]
"""Builds the zone tables for these names (index = zone number); handed in by wiring, which reads the zone files."""


def policy_of(connection: Connection, version: int) -> Policy:
    """A version of the policy as it was put in force."""
    return msgspec.structs.replace(read_policy(policy_at(connection, version).body), version=version)


class Bench:
    """Compiled policies by (policy version, documents version, number of labels); one of each is kept."""

    def __init__(self, known: Known, make_zones: MakeZones) -> None:
        self._known = known
        self._make_zones = make_zones
        self._zones = make_zones(("",))
        self._policy = Policy(name="none")
        self._compiled: tuple[tuple[int, int, int, int], Compiled] | None = None

    def zones(self, policy: Policy, surroundings: Surroundings) -> Zones:
        """The tables of all zones the book knows, by number, and of those that this policy and these units name."""
        known = self._known.zone_names()
        names = (*known, *sorted(set(zones_named(policy, surroundings)) - set(known)))
        if names != self._zones.names:
            self._zones = self._make_zones(names)
        return self._zones

    def policy(self, tx: Transaction) -> Policy:
        """The policy in force, as the writer knows since its transaction began; an empty one, version 0, before any was
        activated."""
        version = self._known.policy_version
        if version != self._policy.version:
            self._policy = policy_of(tx.connection, version)
        return self._policy

    def compiled(self, tx: Transaction) -> Compiled:
        """The policy in force, ready to judge with the labels and documents the writer knows now."""
        policy = self.policy(tx)
        surroundings = self._known.surroundings
        key = (policy.version, surroundings.version, len(self._known.labels), len(self._known.zone_names()))
        if self._compiled is None or self._compiled[0] != key:
            self._compiled = (key, self.compile(policy, surroundings))
        return self._compiled[1]

    def compile(self, policy: Policy, surroundings: Surroundings) -> Compiled:
        """Any policy under any documents, for the labels known now.

        Where the policy names no plausible zones, a person of unknown zone may be wherever the company has units."""
        if not policy.plausible_zones:
            here = tuple(sorted({unit.zone for unit in surroundings.units.values()}))
            policy = msgspec.structs.replace(policy, plausible_zones=here)
        return compile_policy(
            policy,
            columns_of(self._known.labels),
            surroundings,
            self.zones(policy, surroundings),
            self._known.journeys(),
        )

    def forget(self) -> None:
        """Labels given in a write that failed never came to be."""
        self._compiled = None
