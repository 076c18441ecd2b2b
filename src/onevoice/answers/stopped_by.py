"""Answers: in the way of which of these decisions did the rule of this name stand?"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from sqlalchemy import select

from onevoice.ledger.book import Reader
from onevoice.ledger.policies import current_policy, policy_at
from onevoice.ledger.tables import entries
from onevoice.nouns.decision import FINDING
from onevoice.rules.files import read_policy

NOWHERE: Final = -1


def rule_names(reader: Reader) -> tuple[str, ...]:
    """The names of the rules in force, in the order of the policy."""
    file = current_policy(reader.connection)
    return tuple(rule.name for rule in read_policy(file.body).rules) if file else ()


class StoppedBy:
    """One rule by its name, wherever it stood in each version of the policy; versions are read once."""

    def __init__(self, reader: Reader, name: str) -> None:
        self._reader = reader
        self._name = name
        self._places: dict[int, int] = {}

    def among(self, decisions: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        """Those of these (moment, number) of decisions that have a finding of the rule, in the same order."""
        columns = entries.c.number, entries.c.policy, entries.c.findings
        query = select(*columns).where(entries.c.number.in_([number for _, number in decisions]))
        found = {
            row.number
            for row in self._reader.connection.execute(query)
            if row.findings and self._place(row.policy) in np.frombuffer(row.findings, FINDING)["rule"]
        }
        return [one for one in decisions if one[1] in found]

    def _place(self, version: int) -> int:
        if version not in self._places:
            rules = read_policy(policy_at(self._reader.connection, version).body).rules
            self._places[version] = next((at for at, rule in enumerate(rules) if rule.name == self._name), NOWHERE)
        return self._places[version]
