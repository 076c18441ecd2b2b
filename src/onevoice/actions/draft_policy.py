"""Draft the policy: it is written, approved by somebody who wrote none of it, put in force, and rolled back."""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from onevoice.actions.activate_policy import activate_in, policy_of
from onevoice.actions.repeats import reused
from onevoice.ledger import drafts
from onevoice.ledger.book import Book
from onevoice.ledger.documents import lock_documents, read_surroundings
from onevoice.ledger.draft_tables import policy_drafts
from onevoice.ledger.engine import Transaction
from onevoice.ledger.policies import PolicyFile, current_policy, policy_at
from onevoice.nouns.authority import Authority, Verb
from onevoice.nouns.draft import Draft, DraftState, Step
from onevoice.nouns.moment import DAY
from onevoice.nouns.problem import Fault, NotFound, Refused
from onevoice.parsing.addresses import zone_names
from onevoice.rules.check import check_policy
from onevoice.rules.files import read_policy

APPROVED_FOR: Final = 30 * DAY
"""How long an approval holds, microseconds; it is for documents and a company as they were then."""

PLANNED_MAX: Final = 30 * DAY
KEY_MAX: Final = 200
SAYS_MAX: Final = 1_000
WORDS: Final = {
    DraftState.WRITING: "being written",
    DraftState.ASKED: "waiting for approval",
    DraftState.APPROVED: "approved",
    DraftState.IN_FORCE: "in force already",
    DraftState.DROPPED: "dropped",
}

Rights = Callable[[str], Authority | None]
"""The rights of somebody (`staff:3`) at this moment, None where they have none any more."""


def begin_draft(book: Book, authority: Authority, *, key: str, body: str = "", why: str = "") -> Draft:
    """A new draft: of the policy in force, or (`body`) of this file. `key` makes a repeated call harmless.

    Raises Refused, and KeyReused where the key stood for something else."""
    _require(authority, why)
    told = book.body_hash(msgspec.json.encode(["begin", body, why]))

    def run(tx: Transaction) -> int:
        now = current_policy(tx.connection)
        text = body or (now.body if now else "")
        (number,) = tx.numbers(policy_drafts, 1)
        draft = Draft(
            number=number,
            name=_named(text),
            body=text,
            base=now.version if now else 0,
            writers=_writers(tx, (), authority),
            why=why,
            changed=book.clock(),
            changed_by=authority.who,
        )
        drafts.store_draft(tx, None, draft, step="begin", says=why)
        return number

    return _once(book, authority, key, told, run)


def save_draft(book: Book, authority: Authority, number: int, *, key: str, revision: int, body: str) -> Draft:
    """Write another text into a draft that is at this revision. A text that can be read is kept, whatever is wrong with
    the policy in it; only a whole one can be approved.

    Raises Refused (`revision`: somebody else was faster), NotFound, KeyReused."""
    _require(authority)
    told = book.body_hash(msgspec.json.encode(["save", number, revision, body]))

    def run(tx: Transaction) -> int:
        draft = _at_revision(tx, number, revision)
        _in_state(draft, DraftState.WRITING)
        after = replace(
            draft,
            name=_named(body),
            body=body,
            revision=revision + 1,
            writers=_writers(tx, draft.writers, authority),
            changed=book.clock(),
            changed_by=authority.who,
        )
        drafts.store_draft(tx, draft, after, step="save")
        return number

    return _once(book, authority, key, told, run)


def take_step(
    book: Book, authority: Authority, number: int, *, key: str, step: Step, revision: int, at: int = 0, says: str = ""
) -> Draft:
    """One step of a draft on its way: ask for approval, approve, send back, put in force (`at`: then, microseconds UTC;
    0: now), take the version in force as what it begins from, drop.

    Raises Refused with what stands in the way (`approver`: the same person wrote it), NotFound, KeyReused."""
    _require(authority, says)
    told = book.body_hash(msgspec.json.encode(["step", number, step.spoken, revision, at, says]))

    def run(tx: Transaction) -> int:
        draft = _at_revision(tx, number, revision)
        _step(tx, book, authority, draft, step, at, says)
        return number

    return _once(book, authority, key, told, run)


def roll_back(book: Book, authority: Authority, version: int, *, key: str, says: str) -> PolicyFile:
    """Put an earlier version in force again, as a new version, with the reason. It was approved when it came in force.

    Raises Refused, NotFound, KeyReused."""
    _require(authority, says)
    if not says.strip():
        raise Refused([Fault("says", "Say why: whoever reads the history will want to know.")])
    told = book.body_hash(msgspec.json.encode(["roll back", version, says]))

    def run(tx: Transaction) -> int:
        earlier, now = policy_at(tx.connection, version), current_policy(tx.connection)
        assert now is not None
        if earlier.hash == now.hash:
            raise Refused([Fault("version", f"Version {version} says what is in force already.")])
        stored = activate_in(tx, earlier.body, read_surroundings(tx.connection), by=authority.who, at=book.clock())
        drafts.log_activation(
            tx,
            stored.version,
            step=f"roll back to {version}",
            says=says,
            by=authority.who,
            at=book.clock(),
        )
        return stored.version

    made = _keyed(book, authority, key, told, run)
    with book.engine.reading() as connection:
        return policy_at(connection, made)


def put_planned_in_force(book: Book, rights: Rights) -> int:
    """Put in force what was planned for a moment that has come; how many drafts were looked at. Whoever planned and
    whoever approved must still have the right; what cannot come in force is asked about again, with the reason."""
    with book.engine.reading() as connection:
        due = drafts.drafts_due(connection, book.clock())
    for draft in due:
        with book.engine.writing() as tx:
            lock_documents(tx)
            there = drafts.draft_of(tx.connection, draft.number)
            if there.revision == draft.revision:
                _planned(tx, book, there, rights)
    return len(due)


def findings_of(book: Book, body: str) -> tuple[Fault, ...]:
    """Everything that keeps this text from coming in force, against the documents of this moment."""
    with book.engine.reading() as connection:
        surroundings = read_surroundings(connection)
    try:
        policy = read_policy(body)
    except Refused as refused:
        return refused.faults
    return tuple(check_policy(policy, surroundings, zone_names()))


def _planned(tx: Transaction, book: Book, draft: Draft, rights: Rights) -> None:
    late = [who for who in (draft.planned_by, draft.approved_by) if not _may(rights(who))]
    try:
        if late:
            raise Refused([Fault("approver", f"{' and '.join(late)} may no longer decide on the policy.")])
        _activate(tx, book, draft, by=draft.planned_by, says="as planned")
    except Refused as refused:
        says = " ".join(fault.says for fault in refused.faults)
        after = _moved(draft, book.clock(), draft.planned_by, state=DraftState.ASKED)
        drafts.store_draft(tx, draft, after, step="not put in force", says=says[:SAYS_MAX])


def _step(tx: Transaction, book: Book, authority: Authority, draft: Draft, step: Step, at: int, says: str) -> None:
    now, who = book.clock(), authority.who
    if step is Step.ASK:
        _in_state(draft, DraftState.WRITING)
        _fit(tx, draft)
        after = _moved(draft, now, who, state=DraftState.ASKED, asked_by=who)
    elif step is Step.APPROVE:
        _in_state(draft, DraftState.ASKED)
        _second_person(draft, authority)
        _fit(tx, draft)
        after = _moved(draft, now, who, state=DraftState.APPROVED, approved=now, approved_by=who)
    elif step is Step.SEND_BACK:
        _in_state(draft, DraftState.ASKED, DraftState.APPROVED)
        after = _moved(draft, now, who, state=DraftState.WRITING)
    elif step is Step.REBASE:
        _in_state(draft, DraftState.WRITING)
        current = current_policy(tx.connection)
        after = replace(_moved(draft, now, who, state=draft.state), base=current.version if current else 0)
    elif step is Step.DROP:
        _in_state(draft, DraftState.WRITING, DraftState.ASKED, DraftState.APPROVED)
        after = _moved(draft, now, who, state=DraftState.DROPPED)
    else:
        _in_state(draft, DraftState.APPROVED)
        if not at:
            _activate(tx, book, draft, by=who, says=says)
            return
        if not now < at <= min(now + PLANNED_MAX, draft.approved + APPROVED_FOR):
            raise Refused([Fault("at", "Give a moment that is still to come, while the approval holds (30 days).")])
        _fit(tx, draft)
        after = replace(draft, revision=draft.revision + 1, changed=now, changed_by=who, planned=at, planned_by=who)
    spoken = "plan" if step is Step.ACTIVATE else step.spoken
    drafts.store_draft(tx, draft, after, step=spoken, says=says)


def _activate(tx: Transaction, book: Book, draft: Draft, *, by: str, says: str) -> None:
    now = book.clock()
    if now > draft.approved + APPROVED_FOR:
        raise Refused([Fault("approver", "The approval is older than 30 days. Send it back and ask again.")])
    _fit(tx, draft)
    stored = activate_in(tx, draft.body, read_surroundings(tx.connection), by=by, at=now)
    after = replace(
        draft,
        state=DraftState.IN_FORCE,
        revision=draft.revision + 1,
        version=stored.version,
        changed=now,
        changed_by=by,
    )
    drafts.store_draft(tx, draft, after, step="activate", says=says)
    drafts.log_activation(tx, stored.version, step=f"from draft {draft.number}", says=says or draft.why, by=by, at=now)


def _moved(draft: Draft, now: int, who: str, *, state: DraftState, **fields: str | int) -> Draft:
    """The draft in another state; what was approved or planned before holds no more, unless it is said here."""
    kept = {"asked_by": draft.asked_by if state is DraftState.APPROVED else ""}
    values = {**kept, "approved": 0, "approved_by": "", "planned": 0, "planned_by": "", **fields}
    after: Draft = replace(draft, state=state, revision=draft.revision + 1, changed=now, changed_by=who, **values)
    return after


def _fit(tx: Transaction, draft: Draft) -> None:
    """Raises Refused where the draft could not come in force, or another version did since it was begun."""
    current = current_policy(tx.connection)
    version = current.version if current else 0
    if version != draft.base:
        raise Refused(
            [Fault("base", f"Version {version} came in force since this draft was begun from version {draft.base}.")]
        )
    if current is not None and current.body == draft.body:
        raise Refused([Fault("policy", "It says what is in force already.")])
    policy_of(draft.body, read_surroundings(tx.connection))


def _second_person(draft: Draft, authority: Authority) -> None:
    if not authority.who.startswith("staff:"):
        raise Refused([Fault("approver", "Only a person who signed in may approve; a key or a program is nobody.")])
    if authority.who in (*draft.writers, draft.asked_by):
        raise Refused([Fault("approver", "You wrote in this draft: somebody else must approve it.")])


def _may(authority: Authority | None) -> bool:
    return authority is not None and authority.may(Verb.POLICY) and authority.all_units


def _require(authority: Authority, says: str = "") -> None:
    if not _may(authority):
        raise Refused([Fault("policy", "Only those with the right “policy” over the whole company may change it.")])
    if len(says) > SAYS_MAX:
        raise Refused([Fault("says", f"Say it in at most {SAYS_MAX:,} characters.")])


def _named(body: str) -> str:
    """The name in this policy file. Raises Refused with everything that keeps it from being read."""
    return read_policy(body).name[:200]


def _writers(tx: Transaction, before: Sequence[str], authority: Authority) -> tuple[str, ...]:
    """With whoever writes now; behind a key stands the person who made it."""
    maker = drafts.maker_of_key(tx.connection, authority.who) if authority.who.startswith("key:") else ""
    return tuple(dict.fromkeys([*before, authority.who, *([maker] if maker else [])]))


def _at_revision(tx: Transaction, number: int, revision: int) -> Draft:
    draft = drafts.draft_of(tx.connection, number)
    if draft.revision != revision:
        says = f"{draft.changed_by} changed this draft since you opened it (it is at revision {draft.revision})."
        raise Refused([Fault("revision", says)], "Somebody else was faster.")
    return draft


def _in_state(draft: Draft, *allowed: DraftState) -> None:
    if draft.state not in allowed:
        raise Refused([Fault("state", f"This draft is {WORDS[draft.state]}; the step does not fit.")])


def _once(book: Book, authority: Authority, key: str, told: bytes, run: Callable[[Transaction], int]) -> Draft:
    number = _keyed(book, authority, key, told, run)
    with book.engine.reading() as connection:
        return drafts.draft_of(connection, number)


def _keyed(book: Book, authority: Authority, key: str, told: bytes, run: Callable[[Transaction], int]) -> int:
    """Run once for each key; a repeat gives what came of it before. Raises KeyReused."""
    if not 0 < len(key) <= KEY_MAX:
        raise Refused([Fault("key", f"Give an Idempotency-Key of 1 to {KEY_MAX} characters.")])
    hashed = _hashed(book, authority, key)
    with book.engine.writing() as tx:
        lock_documents(tx)
        before = drafts.taken(tx.connection, hashed)
        if before is not None:
            if before[0] != told:
                raise reused(key)
            return before[1]
        number = run(tx)
        drafts.take(tx, hashed, told, number, at=book.clock())
        return number


def require_draft(book: Book, number: int) -> Draft:
    """The draft of this number. Raises NotFound, also for numbers that cannot be one."""
    if number > 2**31 - 1:
        raise NotFound(f"There is no draft {number} of the policy.")
    with book.engine.reading() as connection:
        return drafts.draft_of(connection, number)


def was_taken(book: Book, authority: Authority, key: str) -> bool:
    """Whether something was done under this key before."""
    with book.engine.reading() as connection:
        return drafts.taken(connection, _hashed(book, authority, key)) is not None


def _hashed(book: Book, authority: Authority, key: str) -> bytes:
    return book.heard_key(f"policy\0{authority.who}\0{key}")
