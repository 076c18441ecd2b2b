"""One customer's history: complete, in the order of time, page by page, and only what the reader may see."""

import time

import pytest

from onevoice.answers.customer import customer as customer_of
from onevoice.answers.sentences import sentence_of
from onevoice.answers.strip import strip
from onevoice.answers.timeline import timeline
from onevoice.nouns.moment import HOUR, MINUTE
from onevoice.nouns.problem import NotFound, Refused
from onevoice.nouns.words import Channel, EntryKind, Verdict
from tests.answers.stage import FRANCHISEE, NORTHSIDE, RETAIL, STRANGER, Stage, ana


def test_every_entry_is_a_plain_sentence_newest_first(stage: Stage) -> None:
    """Each entry reads as speech, with what it was, by which channel and from whom."""
    customer, _ = ana(stage)
    with stage.reader() as reader:
        said = [sentence_of(one, "Europe/Berlin", reader.now) for one in timeline(reader, customer).happened]
    assert said == [
        "“Newsletter” (e-mail, Alder Retail) is held until tomorrow 08:00,"
        " because they had enough messages in this period.",
        "“Gold card” (e-mail, Alder Bank) was sent.",
        "“Spring offer” (e-mail, Alder Retail) was sent.",
        "Permission for marketing by e-mail was given, told by mailer log.",
        "Their time zone became known: Europe/Lisbon.",
    ]


def test_pages_hold_every_entry_once_even_when_a_log_came_late(stage: Stage) -> None:
    """An import of old messages takes its place in time, and turning pages neither repeats nor skips."""
    now = stage.clock()
    customer = stage.person("C-1", units=(RETAIL,))
    for hours in (1, 2, 9, 8, 7, 3):
        stage.sent(customer, now - hours * HOUR, unit=RETAIL, campaign=1)
    seen: list[int] = []
    before = ""
    with stage.reader() as reader:
        while True:
            page = timeline(reader, customer, before=before, limit=2)
            seen += [(now - one.occurred) // HOUR for one in page.happened]
            before = page.next
            if not before:
                break
    assert seen == [1, 2, 3, 7, 8, 9]


def test_a_message_to_the_address_alone_belongs_to_the_history(stage: Stage) -> None:
    """What was told of an address before anybody knew whose it is stands in its owner's timeline."""
    customer = stage.person("C-1", "Ben Osei", (Channel.EMAIL, "ben@example.com"), units=(RETAIL,))
    with stage.reader() as reader:
        (address,) = [one.folio for one in customer_of(reader, customer).addresses]
    stage.write(EntryKind.SENT, 0, stage.clock() - HOUR, address=address, fields={"channel": 1, "unit": RETAIL})
    with stage.reader() as reader:
        assert [one.kind for one in timeline(reader, customer).happened] == ["sent"]


def test_a_franchisee_sees_that_others_wrote_but_not_what(stage: Stage) -> None:
    """Times, channel and verdict of other units stay; names, campaigns, subjects and tellers do not."""
    customer, _ = ana(stage)
    stage.sent(customer, stage.clock() - MINUTE, unit=NORTHSIDE, campaign=5)
    with stage.reader(FRANCHISEE) as reader:
        lines = timeline(reader, customer).happened
        marks = strip(reader, customer).marks
    assert [one.seen.campaign for one in lines[:4]] == ["Six-month check-up", "", "", ""]
    assert all(one.subject == one.told_by == one.reason == "" for one in lines if one.hidden)
    assert [(mark.state, mark.seen.unit_name) for mark in marks] == [
        ("sent", ""),
        ("sent", ""),
        ("held", ""),
        ("sent", "Northside Dental"),
    ]


def test_somebody_elses_customer_is_not_there(stage: Stage) -> None:
    """A customer of other units and one that never was answer alike."""
    customer, _ = ana(stage)
    with stage.reader(STRANGER) as reader:
        for number in (customer, 10_000):
            with pytest.raises(NotFound, match="no customer of that number"):
                timeline(reader, number)


def test_a_made_up_cursor_is_refused(stage: Stage) -> None:
    """A cursor is taken from the page before, not written by hand."""
    customer, _ = ana(stage)
    with stage.reader() as reader, pytest.raises(Refused):
        timeline(reader, customer, before="1 OR 1")


def test_the_strip_follows_each_message_to_its_last_state(stage: Stage) -> None:
    """A hold that was cleared and sent is one filled mark; a reply gives it a tail."""
    customer, _ = ana(stage)
    now = stage.clock()
    held = stage.decided(customer, now - 30 * HOUR, Verdict.HOLD, until=now - 20 * HOUR, unit=RETAIL, campaign=2)
    stage.decided(customer, now - 20 * HOUR, Verdict.SEND, touch=held, unit=RETAIL, campaign=2)
    fields = {"channel": 1, "unit": RETAIL, "campaign": 2}
    stage.write(EntryKind.SENT, customer, now - 19 * HOUR, touch=held, fields=fields)
    stage.write(EntryKind.REPLIED, customer, now - 10 * HOUR, touch=held, fields=fields)
    with stage.reader() as reader:
        (mark,) = [mark for mark in strip(reader, customer).marks if mark.touch == held]
    assert (mark.state, mark.at, mark.replied, mark.until) == ("sent", now - 19 * HOUR, now - 10 * HOUR, 0)


def test_the_first_page_of_ten_thousand_messages_comes_at_once(stage: Stage) -> None:
    """It reads one page, not the folio: well under 50 ms even on a busy machine, the best of five."""
    now = stage.clock()
    customer = stage.person("C-1", units=(RETAIL,))
    stage.many_sent(customer, 10_000, since=now - 9_000 * HOUR, step=50 * MINUTE)
    with stage.reader() as reader:
        timeline(reader, customer)
        took = []
        for _ in range(5):
            begun = time.perf_counter()
            page = timeline(reader, customer)
            took.append(time.perf_counter() - begun)
    assert len(page.happened) == 50 and page.next
    assert min(took) < 0.05, took
