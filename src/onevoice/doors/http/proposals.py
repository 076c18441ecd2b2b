"""Proposals over HTTP: may this message go out? One at a time, as a rehearsal, or many in a stream."""

import msgspec

from onevoice.actions.explain import Explained, explain
from onevoice.doors.http.lines import stream
from onevoice.doors.http.problems import ProblemBody
from onevoice.doors.http.route import Call, Later, Nothing, Route
from onevoice.doors.http.wire import ProposalIn, to_noun
from onevoice.nouns.authority import Authority
from onevoice.nouns.decision import Decision
from onevoice.nouns.problem import Fault, Refused
from onevoice.nouns.proposal import Proposal

KEY_MISSING = Fault("key", "Give an idempotency key, in the body or as the Idempotency-Key header.")
KEYS_DIFFER = Fault("key", "The body and the Idempotency-Key header give different keys. Give one of them.")


class DecidedLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one line of a batch: a decision or a problem, under the line's number, counted from 1."""

    line: int
    decision: Decision | None = None
    problem: ProblemBody | None = None


def propose(call: Call[ProposalIn, Nothing]) -> Later[Decision]:
    """Hands the proposal to the gate; the decision comes after the commit that holds it."""
    proposal = proposal_of(call.body, key_of(call.body.key, call.key), call.onevoice.book.clock())
    return Later(call.onevoice.gate.submit(call.authority, proposal))


def rehearse(call: Call[ProposalIn, Nothing]) -> Decision:
    """What the gate would say now; nothing is written."""
    key = call.body.key or call.key or "rehearsal"
    proposal = proposal_of(call.body, key, call.onevoice.book.clock())
    decision: Decision = call.onevoice.gate.propose(call.authority, proposal, dry_run=True)
    return decision


def explain_now(call: Call[ProposalIn, Nothing]) -> Explained:
    """What the gate would say now, and the smallest change with which it would say yes; nothing is written."""
    key = call.body.key or call.key or "rehearsal"
    proposal = proposal_of(call.body, key, call.onevoice.book.clock())
    return explain(call.onevoice.gate, call.authority, proposal)


def proposal_of(given: ProposalIn, key: str, now: int) -> Proposal:
    """The noun. Raises Refused for moments that cannot be meant."""
    return to_noun(given, Proposal, now, key=key)


def key_of(in_body: str, in_header: str) -> str:
    """The one idempotency key. Raises Refused where there is none, or there are two."""
    if not (in_body or in_header):
        raise Refused([KEY_MISSING])
    if in_body and in_header and in_body != in_header:
        raise Refused([KEYS_DIFFER])
    return in_body or in_header


def _line(call: Call[None, Nothing], given: ProposalIn, number: int) -> Proposal:
    key = given.key or (f"{call.key}:{number}" if call.key else "")
    return proposal_of(given, key_of(key, ""), call.onevoice.book.clock())


def _decide(onevoice: object, authority: Authority, proposals: list[Proposal]) -> list[object]:
    return list(onevoice.gate.propose_many(authority, proposals))  # type: ignore[attr-defined]


propose_lines = stream(ProposalIn, _line, _decide, "decision")

ROUTES = (
    Route(
        method="POST",
        path="/v1/proposals",
        says="May this message go out? The decision is written before it is told.",
        answer=propose,
        takes=ProposalIn,
        gives=Decision,
        keyed=True,
        swift=True,
        also=(409, 503),
    ),
    Route(
        method="POST",
        path="/v1/proposals/dry-run",
        says="What would be decided now? Nothing is written.",
        answer=rehearse,
        takes=ProposalIn,
        gives=Decision,
        keyed=True,
        also=(409, 503),
    ),
    Route(
        method="POST",
        path="/v1/proposals/explain",
        says="What would be decided now, and what is the smallest change that lets it go? Nothing is written.",
        answer=explain_now,
        takes=ProposalIn,
        gives=Explained,
        keyed=True,
        also=(409, 503),
    ),
    Route(
        method="POST",
        path="/v1/proposals/batch",
        says="Many proposals, one a line; answered in their order, each with its own decision or problem. An "
        "Idempotency-Key gives every line without a key of its own the key `KEY:LINE`.",
        stream=propose_lines,
        takes=ProposalIn,
        gives=DecidedLine,
        keyed=True,
    ),
)
