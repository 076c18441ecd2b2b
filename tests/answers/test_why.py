"""Why a message was held or suppressed, in words a customer could hear."""

import pytest

from onevoice.actions.bench import Bench
from onevoice.answers.reasons import enough_words, told, would_pass
from onevoice.answers.rule_words import rule_words
from onevoice.answers.why import why
from onevoice.nouns.moment import HOUR, SECOND
from onevoice.nouns.problem import NotFound
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import EntryKind, Verdict
from onevoice.zone_tables import read_zones
from tests.answers.stage import (
    BANK,
    BOSS,
    CAP,
    CONSENT,
    FRANCHISEE,
    GAP,
    NEVER,
    NORTHSIDE,
    RETAIL,
    STRANGER,
    TRAVEL,
    Stage,
    ana,
)

BERLIN = "Europe/Berlin"


def test_a_held_message_names_the_messages_that_filled_the_day(stage: Stage) -> None:
    """The sentence counts the touches the rule counted, with what they were and when, in the reader's zone."""
    _, hold = ana(stage)
    with stage.reader() as reader:
        answer = why(reader, hold)
    assert told(answer, BERLIN) == (
        "Held until tomorrow 08:00: Ana already had 2 marketing messages today (Spring offer 09:00, Gold card 10:00)."
    )
    first, second = answer.ruled
    assert (first.name, first.primary, [one.seen.campaign for one in first.counted]) == (
        "two a day",
        True,
        ["Spring offer", "Gold card"],
    )
    assert (second.name, second.primary, [one.seen.campaign for one in second.counted]) == (
        "breathing space",
        False,
        ["Gold card"],
    )
    assert rule_words(first.rule) == "at most 2 in a day"
    assert would_pass(answer, second, BERLIN) == "waiting until today 14:00"
    assert (answer.policy, answer.policy_name, answer.zone) == (1, "Starter", "Europe/Lisbon")


def test_the_change_that_would_have_been_enough_is_tried(stage: Stage) -> None:
    """Judged again on the book of its moment: waiting is enough for the held one, a permission for the suppressed."""
    now = stage.clock()
    held = stage.person("C-1", "Ada Moss", units=(RETAIL,))
    stage.allowed(held, now - 60 * HOUR)
    sent = stage.sent(held, now - 3 * HOUR, unit=RETAIL, campaign=1)
    until = now + HOUR
    gap = (GAP, Reason.MINIMUM_GAP, until // SECOND, stage.firsts[sent][0])
    hold = stage.decided(held, now, Verdict.HOLD, Reason.MINIMUM_GAP, gap, until=until, unit=RETAIL, campaign=2)
    other = stage.person("C-2", "Ben Osei", units=(RETAIL,))
    finding = (CONSENT, Reason.CONSENT_MISSING, NEVER, 0)
    suppressed = stage.decided(other, now - HOUR, Verdict.SUPPRESS, Reason.CONSENT_MISSING, finding, unit=RETAIL)
    with stage.reader() as reader:
        bench = Bench(reader.known, read_zones)
        waiting = why(reader, hold, bench.compile)
        asking = why(reader, suppressed, bench.compile)
    assert waiting.enough is not None and waiting.enough.kind == "wait"
    assert enough_words(waiting, BERLIN) == "Waiting until today 13:00 is enough."
    assert enough_words(asking, BERLIN) == "A permission by e-mail, given before, would have been enough."


def test_a_place_given_back_before_is_not_counted(stage: Stage) -> None:
    """A message that was cleared and then not sent took nobody's place."""
    now = stage.clock()
    customer = stage.person("C-1", "Ben Osei", units=(RETAIL,))
    first = stage.sent(customer, now - 5 * HOUR, unit=RETAIL, campaign=1)
    given_back = stage.decided(customer, now - 4 * HOUR, Verdict.SEND, unit=BANK, campaign=3)
    stage.write(EntryKind.RELEASED, customer, now - 3 * HOUR, touch=given_back, fields={"channel": 1, "unit": BANK})
    stage.sent(customer, now - 2 * HOUR, unit=TRAVEL, campaign=4)
    finding = (CAP, Reason.CALENDAR_CAP, (now + HOUR) // SECOND, stage.firsts[first][0])
    hold = stage.decided(
        customer, now - HOUR, Verdict.HOLD, Reason.CALENDAR_CAP, finding, until=now + HOUR, unit=RETAIL, campaign=2
    )
    with stage.reader() as reader:
        (ruled,) = why(reader, hold).ruled
    assert [one.seen.campaign for one in ruled.counted] == ["Spring offer", "Lisbon weekend"]


def test_a_withdrawal_is_shown_as_what_the_suppression_rests_on(stage: Stage) -> None:
    """The finding points to the entry in which the customer said no."""
    now = stage.clock()
    customer = stage.person("C-1", "Ben Osei", units=(RETAIL,))
    stage.allowed(customer, now - 60 * HOUR)
    no = stage.write(EntryKind.WITHDRAWN, customer, now - 50 * HOUR, fields={"channel": 1, "category": 0})
    finding = (CONSENT, Reason.CONSENT_WITHDRAWN, NEVER, stage.firsts[no][0])
    entry = stage.decided(customer, now - HOUR, Verdict.SUPPRESS, Reason.CONSENT_WITHDRAWN, finding, unit=RETAIL)
    with stage.reader() as reader:
        answer = why(reader, entry)
    assert answer.ruled[0].relied is not None and answer.ruled[0].relied.entry == no
    assert told(answer, BERLIN) == "Suppressed: Ben withdrew permission on Tuesday 29 September."
    assert would_pass(answer, answer.ruled[0], BERLIN) == "a new permission for marketing by e-mail"


def test_another_units_message_is_seen_as_pressure_only(stage: Stage) -> None:
    """A franchisee of the same customer reads that something is held, not what, nor why."""
    _, hold = ana(stage)
    with stage.reader(FRANCHISEE) as reader:
        answer = why(reader, hold)
    assert told(answer, BERLIN) == "Held until tomorrow 08:00."
    assert answer.decided.hidden and answer.ruled == () and answer.decided.reason == ""


def test_a_decision_about_somebody_elses_customer_is_not_there(stage: Stage) -> None:
    """A foreign decision and one that never was answer alike."""
    _, hold = ana(stage)
    with stage.reader(STRANGER) as reader:
        for entry in (hold, 10_000):
            with pytest.raises(NotFound, match="no decision of that number"):
                why(reader, entry)


def test_a_message_nobody_asked_about_says_so(stage: Stage) -> None:
    """An imported message has no verdict; the answer tells where the book learned of it."""
    customer = stage.person("C-1", "Ben Osei", units=(NORTHSIDE,))
    entry = stage.sent(customer, stage.clock() - HOUR, unit=NORTHSIDE, campaign=5)
    with stage.reader(BOSS) as reader:
        answer = why(reader, entry)
    assert not answer.asked and answer.decided.told_by == "mailer log"
