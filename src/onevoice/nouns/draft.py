"""A draft of the policy: a policy file that is being written, and how far it has come on its way into force."""

import msgspec

from onevoice.nouns.words import Word


class DraftState(Word):
    """How far a draft has come. Once in force, or dropped, it never changes again."""

    WRITING = 1
    ASKED = 2
    APPROVED = 3
    IN_FORCE = 4
    DROPPED = 5


class Step(Word):
    """What can be done with a draft beside writing in it."""

    ASK = 1
    APPROVE = 2
    SEND_BACK = 3
    ACTIVATE = 4
    REBASE = 5
    DROP = 6


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """`body` is the policy file as it would be; `base` the version it began from; `revision` grows with every save and
    step; `writers` are all who wrote in it, none of whom may approve it. `planned` is when it comes in force (0: when
    somebody says so), `version` what it became (0: nothing yet). Moments are microseconds UTC."""

    number: int
    name: str
    body: str
    base: int
    state: DraftState = DraftState.WRITING
    revision: int = 1
    writers: tuple[str, ...] = ()
    why: str = ""
    changed: int = 0
    changed_by: str = ""
    asked_by: str = ""
    approved: int = 0
    approved_by: str = ""
    planned: int = 0
    planned_by: str = ""
    version: int = 0

    @property
    def open(self) -> bool:
        """Whether anything can still be done with it."""
        return self.state in (DraftState.WRITING, DraftState.ASKED, DraftState.APPROVED)


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """Recorded decisions of a period judged again under one revision of a draft. `alive` is when it last told how far
    it is (`done` of `total`); `found` is what it found as JSON, empty until it is done. Moments are microseconds UTC.
    """

    number: int
    draft: int
    revision: int
    since: int
    until: int
    asked: int
    asked_by: str
    done: int = 0
    total: int = 0
    alive: int = 0
    found: str = ""
