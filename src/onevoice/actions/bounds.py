"""Bounds: what can be taken at all; texts every store can keep, moments and numbers that can be counted."""

import math
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from onevoice.nouns.moment import DAY, NEVER, SECOND
from onevoice.nouns.observation import Observation
from onevoice.nouns.problem import Fault
from onevoice.nouns.proposal import Proposal

NAME_MAX: Final = 200
TOPICS_MAX: Final = 20
WORDS_MAX: Final = 200_000
ZONES_MAX: Final = 500
"""Characters of a list of plausible zones."""

AHEAD_MAX: Final = DAY
LATEST: Final = 2**32 * SECOND
"""The moment (in 2106) from which on seconds no longer fit where touches are kept."""

NUMBER_MAX: Final = 2**63 - 1


def text_of(said: Proposal | Observation) -> tuple[bytes, list[Fault]]:
    """(the canonical body, what no store could keep): NUL and halves of characters, field by field."""
    try:
        body = msgspec.json.encode(said)
    except (UnicodeEncodeError, OverflowError):
        return b"", list(_unkeepable(said))
    return body, list(_unkeepable(said)) if b"\\u0000" in body else []


def proposal_faults(proposal: Proposal, now: int) -> list[Fault]:
    """Numbers and lengths that cannot be meant."""
    faults = _too_long(proposal, ("journey", "package", "template"), NAME_MAX)
    faults += _messages(proposal)
    if min(proposal.created, proposal.send_by) < 0:
        faults.append(Fault("created", "A moment before 1970 cannot be meant."))
    if proposal.created > now + AHEAD_MAX:
        faults.append(Fault("created", "This is more than a day ahead of the clock here. Check the sender's clock."))
    if proposal.send_by >= LATEST:
        faults.append(Fault("send_by", "A moment after the year 2105 cannot be meant; leave it out for no limit."))
    if not math.isfinite(proposal.score):
        faults.append(Fault("score", "A score is an ordinary number."))
    return faults


def observation_faults(observation: Observation) -> list[Fault]:
    """Numbers and lengths that cannot be meant."""
    faults = _too_long(observation, ("template",), NAME_MAX)
    faults += _too_long(observation, ("zone",), ZONES_MAX)
    faults += _too_long(observation, ("source", "wording", "evidence", "detail", "message"), WORDS_MAX)
    faults += _messages(observation)
    if not 0 <= observation.until <= NEVER * SECOND:
        faults.append(Fault("until", "A moment before 1970, or this far in the future, cannot be meant."))
    if not 0 <= observation.touch <= NUMBER_MAX:
        faults.append(Fault("touch", "There is no message of this number."))
    if observation.direction not in ("inbound", "outbound"):
        faults.append(Fault("direction", f"'{observation.direction[:40]}' is not one of: inbound, outbound."))
    return faults


def storable(text: str) -> str:
    """The text as every store can keep it: NUL and halves of characters become marks of something unreadable."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _messages(said: Proposal | Observation) -> list[Fault]:
    faults = []
    if len(said.content) + len(said.words) + len(said.subject) > WORDS_MAX:
        faults.append(Fault("words", f"A message has at most {WORDS_MAX:,} characters."))
    if len(said.topics) > TOPICS_MAX:
        faults.append(Fault("topics", f"A message has at most {TOPICS_MAX} topics."))
    return faults


def _too_long(said: Proposal | Observation, fields: Iterable[str], most: int) -> list[Fault]:
    long = [field for field in fields if len(getattr(said, field)) > most]
    return [Fault(field, f"This has at most {most:,} characters.") for field in long]


def _unkeepable(said: Proposal | Observation) -> Iterator[Fault]:
    for field in said.__struct_fields__:
        value = getattr(said, field)
        texts = [value] if isinstance(value, str) else [*value] if isinstance(value, tuple) else []
        if isinstance(value, dict):
            texts = [*value, *value.values()]
        if any(text != storable(text) for text in texts):
            yield Fault(field, "This holds a NUL or half a character; send it as well-formed UTF-8 text.")
