"""Try a draft: the recorded past is judged again under it, at once where that is little, else beside the rest."""

import logging
import threading
from typing import Final

import msgspec

from onevoice.actions.bench import Bench, MakeZones
from onevoice.answers.what_if import WhatIf, what_if
from onevoice.ledger import drafts
from onevoice.ledger.book import Book
from onevoice.ledger.documents import lock_documents
from onevoice.ledger.draft_tables import policy_trials
from onevoice.ledger.past import count_decisions
from onevoice.nouns.authority import Authority, Verb
from onevoice.nouns.draft import Draft, Trial
from onevoice.nouns.moment import DAY, SECOND
from onevoice.nouns.problem import Fault, Refused
from onevoice.rules.files import read_policy

log: Final = logging.getLogger("onevoice.policy")

DAYS: Final = (7, 30, 90, 365)
AT_ONCE_MAX: Final = 5_000
"""So many decisions are judged while the page waits."""

SILENT_MAX: Final = 120 * SECOND
"""A replay that has not told of itself for so long is dead: its process ended."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay came to: what it found, or in words why it found nothing."""

    found: WhatIf | None = None
    says: str = ""


def try_draft(book: Book, make_zones: MakeZones, authority: Authority, draft: Draft, *, days: int) -> Trial:
    """Judge the decisions of the last so many days again under this revision of a draft; the replay as it stands now,
    which for more than AT_ONCE_MAX decisions is its beginning. One runs at a time.

    Raises Refused."""
    if not authority.may(Verb.POLICY):
        raise Refused([Fault("policy", "Only those with the right “policy” may try a draft.")])
    if days not in DAYS:
        raise Refused([Fault("days", f"Give one of {', '.join(map(str, DAYS))} days.")])
    now = book.clock()
    since = now - days * DAY
    with book.engine.writing() as tx:
        lock_documents(tx)
        if drafts.running_trials(tx.connection, now - SILENT_MAX):
            raise Refused([Fault("days", "Another replay is running. Wait until it is done.")])
        (number,) = tx.numbers(policy_trials, 1)
        total = count_decisions(tx.connection, since, now)
        trial = Trial(
            number=number,
            draft=draft.number,
            revision=draft.revision,
            since=since,
            until=now,
            asked=now,
            asked_by=authority.who,
            total=total,
            alive=now,
        )
        drafts.begin_trial(tx, trial)
    if total > AT_ONCE_MAX:
        given = (book, make_zones, authority, draft, trial)
        threading.Thread(target=_run, args=given, name="onevoice-what-if", daemon=True).start()
    else:
        _run(book, make_zones, authority, draft, trial)
    with book.engine.reading() as connection:
        return drafts.last_trial(connection, draft.number) or trial


def outcome_of(trial: Trial) -> Outcome | None:
    """What a replay came to, None while it is not done."""
    return msgspec.json.decode(trial.found, type=Outcome) if trial.found else None


def _run(book: Book, make_zones: MakeZones, authority: Authority, draft: Draft, trial: Trial) -> None:
    told = book.clock()

    def progress(done: int, of: int) -> None:
        nonlocal told
        if book.clock() >= told + SECOND:
            told = book.clock()
            _tell(book, trial, done=trial.total * done // max(of, 1))

    try:
        policy = read_policy(draft.body)
        with book.reader(authority) as reader:
            compiled = Bench(reader.known, make_zones).compile
            outcome = Outcome(found=what_if(reader, policy, compiled, trial.since, trial.until, progress=progress))
    except Refused as refused:
        outcome = Outcome(says=" ".join(fault.says for fault in refused.faults))
    except Exception:  # nobody waits for this thread: whoever looks at the page is told, and the log has the rest
        log.exception("a replay under draft %d failed", draft.number)
        outcome = Outcome(says="Something broke on our side; it was written to the log.")
    _tell(book, trial, done=trial.total, found=msgspec.json.encode(outcome).decode())


def _tell(book: Book, trial: Trial, *, done: int, found: str = "") -> None:
    with book.engine.writing() as tx:
        drafts.tell_trial(tx, trial.number, done=done, at=book.clock(), found=found)
