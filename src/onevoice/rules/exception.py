"""Exceptions: which rules one message may be let through by whoever owns them, and which never."""

from typing import Final

from onevoice.nouns.policy import Blackout, Counting, PersonalCap, QuietHours, Rule, SendWindow

THE_COMPANYS_OWN: Final = (Counting, QuietHours, SendWindow, Blackout)
"""What the company laid upon itself. What a person said (consent, refusal, pause, their own cap and quiet time), who
must not be written to, what an address or contact point cannot do, and how long a message may wait bind everybody."""


def can_be_excepted(rule: Rule) -> bool:
    """Whether the owner of this rule may let one message through it."""
    return isinstance(rule, THE_COMPANYS_OWN) and not isinstance(rule, PersonalCap)
