"""A decision: what became of a proposal, and why."""

from typing import Any, Final

import msgspec
import numpy as np

FINDING: Final[np.dtype[Any]] = np.dtype([("rule", "<u2"), ("reason", "<u2"), ("until", "<u4"), ("waited", "<u4")])
"""One rule's answer as the book keeps it, 12 bytes: the rule's index in its policy version, why, until which second
(2**32 - 1: never), and the folio's sequence number of the touch or permission it waited for (0: none)."""


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One rule's answer when it was not `send`: `until` is when this rule alone would let it go (microseconds UTC, 0:
    never); `touches` are the book numbers of the touches it counted, oldest first; `facts` name what else it saw."""

    rule: str
    type: str
    reason: str
    verdict: str
    until: int = 0
    sentence: str = ""
    touches: tuple[int, ...] = ()
    facts: dict[str, str | int] = {}


class Decision(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The verdict on one proposal. `touch` is the book number of the thread; `binding` is false where the platform is
    in monitor or advise mode, and then the message goes whatever the verdict. `until` and `latest` belong to a hold;
    `lease_until` to a send, which must be confirmed or released by then. Moments are microseconds UTC, 0: none."""

    key: str
    touch: int
    verdict: str
    reason: str
    sentence: str = ""
    until: int = 0
    latest: int = 0
    lease_until: int = 0
    mode: str = "enforce"
    binding: bool = True
    repeated: bool = False
    dry_run: bool = False
    policy: int = 0
    surroundings: int = 0
    decided: int = 0
    findings: tuple[Finding, ...] = ()
