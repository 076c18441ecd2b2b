"""Drafts of the policy over HTTP: written, tried, taken step by step on their way, and an earlier version put back."""

from typing import Any, Final, Literal

import msgspec

from onevoice.actions.draft_policy import begin_draft, findings_of, require_draft, roll_back, save_draft, take_step
from onevoice.actions.try_draft import outcome_of, try_draft
from onevoice.answers.what_if import WhatIf
from onevoice.doors.http.policy import PolicyTold, policy_told
from onevoice.doors.http.problems import not_found
from onevoice.doors.http.route import Call, Nothing, Route
from onevoice.doors.http.wire import Moment, instant, microseconds
from onevoice.ledger import drafts
from onevoice.nouns.draft import Draft, Step, Trial
from onevoice.nouns.problem import Fault, Refused
from onevoice.zone_tables import read_zones

NUMBER_MAX: Final = 2**31 - 1
StepWord = Literal["ask", "approve", "send_back", "activate", "rebase", "drop"]


class DraftIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new draft: of this file, or without one of the policy in force."""

    body: str = ""
    why: str = ""


class DraftSaved(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file, in place of the draft as it is at this revision."""

    revision: int
    body: str


class StepIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A step of a draft that is at this revision; `at` is when `activate` puts it in force, now without it."""

    step: StepWord
    revision: int
    at: Moment | None = None
    says: str = ""


class RollBackIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The version to put in force again, and why."""

    version: int
    says: str


class TrialIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many days of the past are judged again: 7, 30, 90 or 365."""

    days: int = 30


class DraftTold(msgspec.Struct, frozen=True, kw_only=True):
    """A draft as it stands; `findings` are what keeps it from being approved. `body` is left out in the list."""

    number: int
    name: str
    state: str
    revision: int
    base: int
    why: str
    writers: tuple[str, ...]
    changed: str
    changed_by: str
    asked_by: str
    approved_by: str
    planned: str
    version: int
    body: str = ""
    findings: tuple[Fault, ...] = ()


class Drafts(msgspec.Struct, frozen=True, kw_only=True):
    """The newest drafts, newest first, without their files."""

    drafts: tuple[DraftTold, ...]


class TrialTold(msgspec.Struct, frozen=True, kw_only=True):
    """How far the past of a period has been judged again under a revision of a draft; `found` when it is done, `says`
    why nothing was found."""

    draft: int
    revision: int
    since: int
    until: int
    done: int
    total: int
    finished: bool
    says: str = ""
    found: WhatIf | None = None


def listed(call: Call[None, Nothing]) -> Drafts:
    """The newest drafts."""
    with call.onevoice.book.reader(call.authority) as reader:
        return Drafts(drafts=tuple(_told(one, body="") for one in drafts.all_drafts(reader.connection)))


def begin(call: Call[DraftIn, Nothing]) -> DraftTold:
    """Begins a draft."""
    given = call.body
    return _whole(call, begin_draft(call.onevoice.book, call.authority, key=_key(call), body=given.body, why=given.why))


def one(call: Call[None, Nothing]) -> DraftTold:
    """One draft with its file."""
    return _whole(call, _draft(call))


def save(call: Call[DraftSaved, Nothing]) -> DraftTold:
    """Writes another file into it."""
    number, given = _number(call), call.body
    book = call.onevoice.book
    saved = save_draft(book, call.authority, number, key=_key(call), revision=given.revision, body=given.body)
    return _whole(call, saved)


def step(call: Call[StepIn, Nothing]) -> DraftTold:
    """Takes one step with it."""
    number, given = _number(call), call.body
    draft = take_step(
        call.onevoice.book,
        call.authority,
        number,
        key=_key(call),
        step=Step[given.step.upper()],
        revision=given.revision,
        at=microseconds(given.at) if given.at else 0,
        says=given.says,
    )
    return _whole(call, draft)


def back(call: Call[RollBackIn, Nothing]) -> PolicyTold:
    """Puts an earlier version in force again."""
    if not 0 < call.body.version <= NUMBER_MAX:
        raise not_found()
    book = call.onevoice.book
    return policy_told(roll_back(book, call.authority, call.body.version, key=_key(call), says=call.body.says))


def try_out(call: Call[TrialIn, Nothing]) -> TrialTold:
    """Begins to judge the past again; what is little is done at once."""
    book = call.onevoice.book
    return _trial(try_draft(book, read_zones, call.authority, _draft(call), days=call.body.days))


def tried(call: Call[None, Nothing]) -> TrialTold:
    """How far the newest replay is."""
    draft = _draft(call)
    with call.onevoice.book.reader(call.authority) as reader:
        trial = drafts.last_trial(reader.connection, draft.number)
    if trial is None:
        raise not_found()
    return _trial(trial)


def _number(call: Call[Any, Nothing]) -> int:
    number = call.number("draft")
    if number > NUMBER_MAX:
        raise not_found()
    return number


def _draft(call: Call[Any, Nothing]) -> Draft:
    return require_draft(call.onevoice.book, _number(call))


def _key(call: Call[Any, Nothing]) -> str:
    if not call.key:
        raise Refused([Fault("Idempotency-Key", "Send this header: a key of your own for this change.")])
    return call.key


def _whole(call: Call[Any, Nothing], draft: Draft) -> DraftTold:
    findings = findings_of(call.onevoice.book, draft.body) if draft.open else ()
    return _told(draft, body=draft.body, findings=findings)


def _told(draft: Draft, *, body: str, findings: tuple[Fault, ...] = ()) -> DraftTold:
    return DraftTold(
        number=draft.number,
        name=draft.name,
        state=draft.state.spoken,
        revision=draft.revision,
        base=draft.base,
        why=draft.why,
        writers=draft.writers,
        changed=_moment(draft.changed),
        changed_by=draft.changed_by,
        asked_by=draft.asked_by,
        approved_by=draft.approved_by,
        planned=_moment(draft.planned),
        version=draft.version,
        body=body,
        findings=findings,
    )


def _moment(moment: int) -> str:
    return instant(moment).isoformat().replace("+00:00", "Z") if moment else ""


def _trial(trial: Trial) -> TrialTold:
    outcome = outcome_of(trial)
    return TrialTold(
        draft=trial.draft,
        revision=trial.revision,
        since=trial.since,
        until=trial.until,
        done=trial.done,
        total=trial.total,
        finished=outcome is not None,
        says=outcome.says if outcome else "",
        found=outcome.found if outcome else None,
    )


_CHANGES: Any = {"gives": DraftTold, "keyed": True, "also": (409,)}
_WHAT_IF: Any = {"path": "/v1/policy/drafts/{draft}/what-if", "gives": TrialTold}

ROUTES = (
    Route(method="GET", path="/v1/policy/drafts", says="Which drafts are there?", answer=listed, gives=Drafts),
    Route(
        method="POST",
        path="/v1/policy/drafts",
        says="Begin a draft of the policy in force, or of a file.",
        answer=begin,
        takes=DraftIn,
        **_CHANGES,
    ),
    Route(
        method="GET",
        path="/v1/policy/drafts/{draft}",
        says="What does this draft say, and how far is it?",
        answer=one,
        gives=DraftTold,
    ),
    Route(
        method="PUT",
        path="/v1/policy/drafts/{draft}",
        says="Write another file into a draft, at the revision you know.",
        answer=save,
        takes=DraftSaved,
        **_CHANGES,
    ),
    Route(
        method="POST",
        path="/v1/policy/drafts/{draft}/steps",
        says="Ask for approval, approve (a second person, signed in), send back, put in force, rebase or drop a draft.",
        answer=step,
        takes=StepIn,
        **_CHANGES,
    ),
    Route(
        method="POST",
        says="Judge the recorded past again under a draft. One replay runs at a time.",
        answer=try_out,
        takes=TrialIn,
        **_WHAT_IF,
    ),
    Route(method="GET", says="What did the newest replay under this draft find?", answer=tried, **_WHAT_IF),
    Route(
        method="POST",
        path="/v1/policy/roll-back",
        says="Put an earlier version in force again, as a new version, with the reason.",
        answer=back,
        takes=RollBackIn,
        gives=PolicyTold,
        keyed=True,
        also=(404, 409),
    ),
)
