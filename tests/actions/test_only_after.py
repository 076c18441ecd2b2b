"""The second message of a pair goes when the first is known to be out."""

from onevoice.answers.reasons import told, would_pass
from onevoice.answers.simulate import simulate
from onevoice.answers.why import why
from onevoice.ledger.tables import entries
from onevoice.nouns.authority import SYSTEM
from onevoice.rules.files import read_policy
from tests.book import Company

REMINDER = """\
name = "reminders"
longest_hold = 86400

[[rules]]
type = "only_after"
name = "offer before reminder"
applies = { journeys = ["reminder"] }
after = { campaigns = ["spring"] }
within = 604800
at_limit = "AT_LIMIT"
"""


def test_a_reminder_goes_only_after_the_offer_was_sent(company: Company) -> None:
    """Cleared is not sent: the reminder is refused until the offer is known to be out, and again a week later."""
    company.policy(REMINDER.replace("AT_LIMIT", "suppress"))
    refused = company.propose("C1", journey="reminder")
    assert (refused.verdict, refused.reason) == ("suppress", "not_yet_after")
    with company.book.reader(SYSTEM) as reader:
        answer = why(reader, [row[0] for row in company.rows(entries) if row[2] == refused.touch][-1])
    assert told(answer, "UTC") == "Suppressed: they have not had the message it must follow."
    assert would_pass(answer, answer.ruled[0], "UTC") == "the message that must come first"
    offer = company.propose("C1", campaign="spring")
    assert company.propose("C1", journey="reminder").verdict == "suppress"
    company.observe("sent", touch=offer.touch)
    assert company.propose("C1", journey="reminder").verdict == "send"
    assert company.propose("C2", journey="reminder").verdict == "suppress"
    company.clock.forward(days=7)
    assert company.propose("C1", journey="reminder").verdict == "suppress"


def test_an_offer_and_its_reminder_in_one_batch(company: Company) -> None:
    """Asked together, the offer goes and the reminder does not: nobody knows yet whether the offer will be sent."""
    company.policy(REMINDER.replace("AT_LIMIT", "suppress"))
    asked = [company.proposal("C1", campaign="spring"), company.proposal("C1", journey="reminder")]
    futures = [company.gate.submit(SYSTEM, one) for one in asked]
    assert [one.result().verdict for one in futures] == ["send", "suppress"]


def test_a_simulation_knows_what_came_long_before_its_period(company: Company) -> None:
    """The offer went out a year ago; the reminders of today are judged again as they were, in a period of today."""
    company.policy(REMINDER.replace("AT_LIMIT", "suppress").replace("within = 604800\n", ""))
    company.observe("sent", touch=company.propose("C1", campaign="spring").touch)
    since = company.clock.forward(days=365)
    assert [company.propose(one, journey="reminder").verdict for one in ("C1", "C2")] == ["send", "suppress"]
    with company.book.reader(SYSTEM) as reader:
        policy = read_policy(REMINDER.replace("AT_LIMIT", "suppress").replace("within = 604800\n", ""))
        found = simulate(reader, policy, company.gate.bench.compile, since, company.clock() + 1)
    assert (found.decisions, found.changed) == (2, 0)


def test_a_reminder_that_waits_is_asked_again_at_the_end_and_not_for_ever(company: Company) -> None:
    """It waits for a day. Where the offer went out meanwhile it goes; where it did not, that is the end of it."""
    company.policy(REMINDER.replace("AT_LIMIT", "hold"))
    waiting = [company.propose(one, journey="reminder") for one in ("C1", "C2")]
    assert {one.verdict for one in waiting} == {"hold"}
    company.observe("sent", touch=company.propose("C1", campaign="spring").touch)
    company.clock.forward(days=1)
    company.gate.look_again()
    assert [company.thread(one.touch).verdict for one in waiting] == [1, 4]
