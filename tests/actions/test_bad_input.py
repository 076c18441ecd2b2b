"""Whatever is sent, the answer is a sentence for each fault, and nothing of it is in the book."""

from typing import Any

import pytest

from onevoice.actions.bounds import TOPICS_MAX
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.moment import DAY, NEVER, SECOND
from onevoice.nouns.observation import Observation
from onevoice.nouns.problem import Refused
from onevoice.nouns.proposal import Proposal
from tests.book import Company

NOW = 1_790_848_800 * SECOND  # the moment of the stories
HALF = "\ud800"
PROPOSAL: dict[str, Any] = {"unit": "shop", "channel": "email", "category": "marketing", "customer": "New"}
OBSERVATION: dict[str, Any] = {"kind": "received", "key": "k", "occurred": NOW, "customer": "New"}

PROPOSALS: list[tuple[dict[str, Any], set[str]]] = [
    ({"key": ""}, {"key"}),
    ({"key": "k" * 201}, {"key"}),
    ({"key": "a\0b"}, {"key"}),
    ({"key": HALF}, {"key"}),
    ({"customer": ""}, {"customer"}),
    ({"customer": "c" * 201}, {"customer"}),
    ({"customer": "a\0b"}, {"customer"}),
    ({"customer": HALF}, {"customer"}),
    ({"household": "h" * 201, "client": "a\0b"}, {"household", "client"}),
    ({"address": "not an address"}, {"address"}),
    ({"address": "a@example.com\r\nBcc: b@example.com"}, {"address"}),
    ({"address": "-oProxyCommand@example.com"}, {"address"}),
    ({"address": "a" * 500 + "@example.com"}, {"address"}),
    ({"address": f"{HALF}@example.com"}, {"address"}),
    ({"channel": "sms", "address": "12"}, {"address"}),
    ({"channel": ""}, {"channel"}),
    ({"channel": "any"}, {"channel"}),
    ({"category": "MARKETING "}, {"category"}),
    ({"unit": ""}, {"unit"}),
    ({"unit": "a\0b"}, {"unit"}),
    ({"unit": HALF}, {"unit"}),
    ({"topics": ("shoes",) * (TOPICS_MAX + 1)}, {"topics"}),
    ({"topics": (HALF,)}, {"topics"}),
    ({"journey": "j" * 201, "package": "p" * 201, "template": "t" * 201}, {"journey", "package", "template"}),
    ({"journey": "a\0b"}, {"journey"}),
    ({"words": "w" * 200_001}, {"words"}),
    ({"words": "a\0b", "subject": "a\0b"}, {"words", "subject"}),
    ({"content": HALF}, {"content"}),
    ({"created": -1}, {"created"}),
    ({"created": NOW + DAY + 1}, {"created"}),
    ({"created": 2**200}, {"created"}),
    ({"send_by": -(2**63)}, {"created"}),
    ({"send_by": 2**32 * SECOND}, {"send_by"}),
    ({"send_by": 2**200}, {"send_by"}),
    ({"score": float("nan")}, {"score"}),
    ({"score": float("inf")}, {"score"}),
    (
        {"key": "", "customer": "c" * 300, "address": "x", "created": -1, "words": "\0", "score": float("-inf")},
        {"key", "customer", "address", "created", "words", "score"},
    ),
]

OBSERVATIONS: list[tuple[dict[str, Any], set[str]]] = [
    ({"kind": "guessed"}, {"kind"}),
    ({"kind": "decided"}, {"kind"}),
    ({"kind": "erased"}, {"kind"}),
    ({"key": ""}, {"key"}),
    ({"key": "a\0b"}, {"key"}),
    ({"customer": ""}, {"customer"}),
    ({"occurred": 0}, {"occurred"}),
    ({"occurred": -1}, {"occurred"}),
    ({"occurred": 2**32 * SECOND}, {"occurred"}),
    ({"occurred": 2**200}, {"occurred"}),
    ({"occurred": NOW + DAY + 1}, {"occurred"}),
    ({"occurred": NOW // 1_000}, {"occurred"}),
    ({"until": -1, "kind": "marked", "mark": "paused"}, {"until"}),
    ({"until": 2**63, "kind": "marked", "mark": "paused"}, {"until"}),
    ({"channel": "pigeon"}, {"channel"}),
    ({"direction": "sideways"}, {"direction"}),
    ({"touch": -1}, {"touch"}),
    ({"touch": 2**70}, {"touch"}),
    ({"unit": "nowhere"}, {"unit"}),
    ({"category": "spam"}, {"category"}),
    ({"platform": "p", "purpose": "q", "topics": ("r",)}, {"platform", "purpose", "topics"}),
    ({"kind": "marked"}, {"mark"}),
    ({"kind": "marked", "mark": "happy"}, {"mark"}),
    ({"kind": "consented", "permit": "maybe"}, {"permit"}),
    ({"kind": "located"}, {"zone"}),
    ({"kind": "located", "zone": "Europe/Atlantis"}, {"zone"}),
    ({"kind": "located", "zone": "UTC|" * 200}, {"zone"}),
    ({"kind": "wished", "at_most": -1}, {"at_most"}),
    ({"kind": "wished", "at_most": 256, "days": 256}, {"at_most"}),
    ({"kind": "wished", "quiet_begin": 1_441}, {"at_most"}),
    ({"kind": "wished", "at_most": 2**200}, {"at_most"}),
    ({"words": "w" * 200_001}, {"words"}),
    ({"subject": "\0", "evidence": HALF, "refers": {HALF: "x"}}, {"subject", "evidence", "refers"}),
    ({"template": "t" * 201}, {"template"}),
    ({"address": "a@example.com\n", "channel": "email"}, {"address"}),
    ({"address": "a@example.com"}, {"channel"}),
]


def refused(company: Company, said: Proposal | Observation) -> set[str]:
    """Where the faults of a proposal or an observation are; every one has a sentence, and no table has a row more."""
    company.clock.moment = NOW
    company.propose("C0")
    company.observe("received", "C0")
    before = company.counts()
    with pytest.raises(Refused) as told:
        if isinstance(said, Proposal):
            company.gate.propose(SYSTEM, said)
        else:
            company.gate.observe(SYSTEM, said)
    assert company.counts() == before
    assert all(len(fault.says) > 10 and fault.says.endswith((".", ")")) for fault in told.value.faults)
    return {fault.where for fault in told.value.faults}


def test_a_bad_proposal_is_refused_whole(company: Company) -> None:
    """Each with exactly its faults, and nothing half-written."""
    found = [refused(company, Proposal(**{"key": "k", **PROPOSAL, **fields})) for fields, _ in PROPOSALS]
    assert found == [where for _, where in PROPOSALS]


def test_a_bad_observation_is_refused_whole(company: Company) -> None:
    """Each with exactly its faults, and nothing half-written."""
    found = [refused(company, Observation(**{**OBSERVATION, **fields})) for fields, _ in OBSERVATIONS]
    assert found == [where for _, where in OBSERVATIONS]


@pytest.mark.parametrize(
    "fields",
    [
        {"send_by": 2**32 * SECOND - 1},
        {"created": 1},
        {"words": "w" * 200_000},
        {"words": "not a NUL: \\u0000"},
        {"key": "🐑" * 200},
        {"customer": "ü" * 200},
        {"journey": "🐑" * 200, "package": "p" * 200, "template": "t" * 200},
        {"topics": ("shoes",) * TOPICS_MAX},
        {"score": -1e300},
    ],
)
def test_what_is_only_just_in_bounds_is_taken(company: Company, fields: dict[str, Any]) -> None:
    """The last of what may be: decided, written, and the book is sound."""
    decision = company.gate.propose(SYSTEM, Proposal(**{"key": "k", **PROPOSAL, **fields}))
    assert decision.verdict in ("send", "suppress")


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "marked", "mark": "paused", "until": NEVER * SECOND},
        {"kind": "marked", "mark": "paused", "until": 1},
        {"kind": "wished", "at_most": 255, "days": 255, "quiet_begin": 1_440, "quiet_length": 1_440},
        {"occurred": 631_152_000 * SECOND},
        {"kind": "sent", "channel": "email", "refers": {"raw": "x" * 100_000}},
        {"kind": "located", "zone": "Europe/Berlin|Europe/Lisbon"},
    ],
)
def test_what_was_told_only_just_in_bounds_is_taken(company: Company, fields: dict[str, Any]) -> None:
    """The same for observations: the state that follows can be made anew from the entries."""
    observed = company.gate.observe(SYSTEM, Observation(**{**OBSERVATION, **fields, "key": "edge"}))
    assert observed.entry
    assert company.propose("New").verdict


def test_a_clock_that_is_a_day_wrong_is_still_believed(company: Company) -> None:
    """A sender's clock up to a day ahead is a clock; what it says keeps its own order."""
    assert company.propose("C1", created=company.clock() + DAY).verdict == "send"
    company.observe("sent", "C1", occurred=company.clock() + DAY)
    assert company.propose("C1").verdict in ("send", "hold")
