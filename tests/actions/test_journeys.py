"""A rule speaks of a journey by the key under which messages name it; a journey has no document."""

import pytest

from onevoice.answers.why import why
from onevoice.ledger.tables import entries
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.problem import Refused
from onevoice.nouns.words import EntryKind
from tests.book import Company

ONE_WELCOME = """\
name = "journeys"

[[rules]]
type = "rolling_cap"
name = "one welcome a week"
at_most = 1
seconds = 604800
applies = { journeys = ["welcome", "hello"] }
"""
NOTHING_AFTER_A_WELCOME = """\
name = "journeys"

[[rules]]
type = "minimum_gap"
name = "a week of peace after a welcome"
seconds = 604800
counts = { journeys = ["welcome"] }
"""
NOT_IN_WINBACK = """\
name = "journeys"

[[rules]]
type = "rolling_cap"
name = "one a week, but for winning back"
at_most = 1
seconds = 604800
exempts = [{ journeys = ["winback"] }]
"""


def verdicts(company: Company, *asked: str) -> list[str]:
    return [company.propose("C1", journey=journey).verdict for journey in asked]


def test_a_cap_on_a_journey_counts_and_stops_its_messages_alone(company: Company) -> None:
    """The policy names the journeys before any message does. The second welcome waits, under either key; other
    journeys, and messages of none, go."""
    company.policy(ONE_WELCOME)
    assert verdicts(company, "", "winback", "welcome", "winback", "", "hello", "welcome") == [
        "send",
        "send",
        "send",
        "send",
        "send",
        "hold",
        "hold",
    ]
    assert verdicts(company, "Welcome") == ["send"], "keys are spelled exactly alike"


def test_a_journey_can_be_exempt(company: Company) -> None:
    """What a rule's own text leaves alone is left alone."""
    company.policy(NOT_IN_WINBACK)
    assert verdicts(company, "", "", "winback", "winback") == ["send", "hold", "send", "send"]


def test_a_journey_that_another_process_named_is_known_here(company: Company) -> None:
    """Two processes on one store: the welcome that one sent counts for the other, which never named that journey."""
    company.policy(NOTHING_AFTER_A_WELCOME)
    company.propose("C2")
    other = company.another()
    try:
        assert other.propose("C1", key="first", journey="welcome").verdict == "send"
        assert verdicts(company, "") == ["hold"]
    finally:
        if other is not company:
            other.onevoice.close()


def test_a_journey_of_a_trial_was_never_there(company: Company) -> None:
    """A trial gives the journey a number and takes it back; the next message that names it is judged under its own."""
    company.policy(ONE_WELCOME)
    for journey in ("welcome", "winback"):
        company.gate.propose(SYSTEM, company.proposal("C1", journey=journey), dry_run=True)
    assert verdicts(company, "winback", "winback", "welcome", "welcome") == ["send", "send", "send", "hold"]


def test_the_page_says_which_messages_of_the_journey_were_counted(company: Company) -> None:
    """Evidence is read by the same scope: the one welcome, not the message beside it."""
    company.policy(ONE_WELCOME)
    verdicts(company, "welcome", "", "welcome")
    held = [row[0] for row in company.rows(entries) if row[1] == EntryKind.DECIDED][-1]
    with company.book.reader(SYSTEM) as reader:
        (stopped,) = why(reader, held).ruled
    assert len(stopped.counted) == 1


@pytest.mark.parametrize("key", ["", "j" * 201])
def test_a_key_no_message_can_have_is_a_fault_of_the_policy(company: Company, key: str) -> None:
    """A policy may name a journey that nobody named yet, but not one that nobody can name."""
    with pytest.raises(Refused, match="policy") as refused:
        company.policy(ONE_WELCOME.replace('"hello"', f'"{key}"'))
    assert [fault.where for fault in refused.value.faults] == ["rules[0] one welcome a week: applies.journeys"]
