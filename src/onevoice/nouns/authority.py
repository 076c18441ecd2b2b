"""Authority: what the asker may see and do; a reader of the book cannot be made without one."""

from dataclasses import dataclass
from enum import StrEnum

from onevoice.nouns.words import Role


class Verb(StrEnum):
    """The three verbs, and the three an administrator has besides."""

    PROPOSE = "propose"
    OBSERVE = "observe"
    ASK = "ask"
    SETUP = "setup"
    ERASE = "erase"
    POLICY = "policy"


ROLE_VERBS: dict[Role, frozenset[Verb]] = {
    Role.VIEWER: frozenset({Verb.ASK}),
    Role.SENDER: frozenset({Verb.ASK, Verb.PROPOSE}),
    Role.AGENT: frozenset({Verb.ASK, Verb.PROPOSE, Verb.OBSERVE}),
    Role.UNIT_ADMIN: frozenset({Verb.ASK, Verb.PROPOSE, Verb.OBSERVE, Verb.SETUP}),
    Role.ADMIN: frozenset(Verb),
}


@dataclass(frozen=True, slots=True)
class Authority:
    """`who` names the asker in the log (`staff:3`, `key:7`, `system`); `units` are the unit numbers whose content is
    visible (the subtree of `unit`); `all_units` is true for the whole company."""

    who: str
    unit: int
    units: frozenset[int]
    verbs: frozenset[Verb]
    all_units: bool = False

    def may(self, verb: Verb) -> bool:
        return verb in self.verbs

    @property
    def staff(self) -> int:
        """The number of the member of staff who asks, 0 where it is none."""
        kind, _, number = self.who.partition(":")
        return int(number) if kind == "staff" and number.isdecimal() else 0

    def sees(self, unit: int) -> bool:
        """Whether content of this unit may be shown; its counts and times always may."""
        return self.all_units or unit in self.units


SYSTEM = Authority(who="system", unit=0, units=frozenset(), verbs=frozenset(Verb), all_units=True)
