"""Somebody says that something happened: written down once, tied to its message and its people, binding at once."""

from concurrent.futures import Future
from typing import Any

import pytest
from sqlalchemy import select

from onevoice.actions.observe import Observed
from onevoice.ledger.tables import due, entries, folios, labels, parked, vault_words
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.moment import DAY
from onevoice.nouns.problem import KeyReused, NotFound, Refused
from onevoice.nouns.words import EntryKind, MarkKind
from tests.book import BANK_AGENT, SHOP_AGENT, Company, check

PHONE = "+4915123456789"
STRICT = """\
name = "strict"

[[rules]]
type = "consent"
name = "permission"
applies = { categories = ["marketing"] }
"""


def faults(company: Company, kind: str, customer: str = "", **fields: object) -> dict[str, str]:
    """What is wrong with an observation; and nothing of it may be in the book."""
    company.observe("received", "C0")
    before = company.counts()
    with pytest.raises(Refused) as refused:
        company.observe(kind, customer, **fields)  # type: ignore[arg-type]
    assert company.counts() == before
    return {fault.where: fault.says for fault in refused.value.faults}


def test_a_stop_by_sms_binds_the_number_and_the_very_next_message(company: Company) -> None:
    """The next decision is suppressed, whoever it is for, as long as it goes to that number."""
    assert company.propose("C1", channel="sms", address=PHONE).verdict == "send"
    company.observe("withdrawn", address=PHONE, channel="sms", words="STOP")
    for decision in (
        company.propose("C1", channel="sms", address=PHONE),
        company.propose("C1", channel="sms"),
        company.propose(channel="sms", address="+49 151 2345 6789"),
    ):
        assert (decision.verdict, decision.reason) == ("suppress", "consent_withdrawn")
    assert company.propose("C2", channel="sms", address="+4915123456780").verdict == "send"


def test_a_stop_and_the_next_message_in_one_breath(company: Company) -> None:
    """Queued one behind the other, the stop comes first: order is the order of asking."""
    company.propose("C1", channel="sms", address=PHONE)
    stop = company.gate.submit_observation(SYSTEM, company.told("withdrawn", address=PHONE, channel="sms"))
    after = company.gate.submit(SYSTEM, company.proposal("C1", channel="sms", address=PHONE))
    assert isinstance(stop.result(), Observed)
    assert after.result().verdict == "suppress"


def test_an_older_consent_that_comes_late_does_not_lift_a_stop(company: Company) -> None:
    """An import of last year's consents changes nothing for who has stopped since; a new one does."""
    company.policy(STRICT)
    proof: dict[str, Any] = {
        "source": "form",
        "evidence": "f-1",
        "wording": "w-1",
        "channel": "email",
        "address": "ana@example.com",
    }
    company.observe("consented", "C1", **proof)
    assert company.propose("C1").verdict == "send"
    company.clock.forward(hours=1)
    company.observe("withdrawn", address="ana@example.com", channel="email")
    company.observe("consented", "C1", **proof, occurred=company.clock() - 300 * DAY)
    assert company.propose("C1").reason == "consent_withdrawn"
    company.clock.forward(hours=1)
    company.observe("consented", "C1", **proof)
    assert company.propose("C1").verdict == "send"


@pytest.mark.parametrize("lacking", ["source", "evidence"])
def test_a_consent_nobody_can_show_is_quarantined(company: Company, lacking: str) -> None:
    """A list from the attic says yes for ten thousand people: without its source or its proof nobody is written to."""
    company.policy(STRICT)
    proof: dict[str, Any] = {"source": "form", "evidence": "f-1", "channel": "email", "address": "ana@example.com"}
    observed = company.observe("consented", "C1", **{**proof, lacking: ""})
    assert company.kinds(observed.touch) == ["quarantined"]
    assert company.propose("C1").reason == "consent_missing"
    (words,) = company.rows(vault_words)
    assert f'"missing":"{lacking}"' in words[5]


def test_the_same_fact_told_twice_is_one_fact(company: Company) -> None:
    """A webhook delivered again changes nothing and hears the same entry."""
    told = company.told("received", "C1", words="Hello")
    first = company.gate.observe(SYSTEM, told)
    before = company.counts()
    again = company.gate.observe(SYSTEM, told)
    assert again == Observed(first.entry, first.touch, repeated=True)
    assert company.counts() == before


def test_the_same_id_for_another_fact_is_an_error(company: Company) -> None:
    """A caller who uses one id for two facts is told; a log that tells a fact again in other words is a repeat."""
    company.observe("received", "C1", key="1", words="Hello")
    other = company.told("received", "C1", key="1", words="Bye")
    with pytest.raises(KeyReused):
        company.gate.observe(SYSTEM, other)
    (answer,) = company.gate.observe_many(SYSTEM, [other])
    assert isinstance(answer, Observed)
    assert answer.repeated


def test_a_fact_twice_in_one_log_is_one_fact(company: Company) -> None:
    """Also within one group."""
    told = company.told("received", "C1")
    answers = [one for one in company.gate.observe_many(SYSTEM, [told, told, told]) if isinstance(one, Observed)]
    assert [one.repeated for one in answers] == [False, True, True]
    assert len({one.entry for one in answers}) == 1


def test_what_became_of_a_message_joins_its_thread(company: Company) -> None:
    """Sent, delivered, opened: told in one group or one by one, by the source's own id of the message."""
    told = [company.told(kind, "C1", message="m1", channel="email") for kind in ("sent", "delivered", "opened")]
    answers = [one for one in company.gate.observe_many(SYSTEM, told) if isinstance(one, Observed)]
    assert len({one.touch for one in answers}) == 1
    company.observe("clicked", message="m1")
    assert company.kinds(answers[0].touch) == ["sent", "delivered", "opened", "clicked"]


def test_a_report_about_a_proposed_message_joins_its_decision(company: Company) -> None:
    """The sender's key of the proposal is the message's id, for the same sender."""
    decision = company.propose("C1", key="mail-1")
    observed = company.observe("sent", message="mail-1")
    assert observed.touch == decision.touch
    assert company.kinds(decision.touch) == ["decided", "sent"]
    assert company.rows(due) == []


def test_a_message_confirmed_stays_counted_and_a_released_one_is_free(company: Company) -> None:
    """Two a day: one sent, one given back; there is room for one more."""
    sent, back = company.propose("C1"), company.propose("C1")
    company.gate.confirm(SYSTEM, sent.touch, "s", company.clock())
    company.gate.release(SYSTEM, back.touch, "r")
    assert [company.propose("C1").verdict for _ in range(2)] == ["send", "hold"]
    assert company.kinds(back.touch) == ["decided", "released"]


def test_giving_back_what_was_sent_frees_nothing(company: Company) -> None:
    """It went out: a release that comes after is written down and changes no count."""
    one, _ = company.propose("C1"), company.propose("C1")
    company.gate.confirm(SYSTEM, one.touch, "s", company.clock())
    company.gate.release(SYSTEM, one.touch, "r")
    assert company.propose("C1").verdict == "hold"


def test_reports_in_any_order_end_the_same(company: Company) -> None:
    """Delivered before sent, sent twice: one message that was delivered, counted once."""
    decision = company.propose("C1")
    for number, kind in enumerate(("delivered", "sent", "sent")):
        company.observe(kind, touch=decision.touch, key=f"r{number}")
    assert [company.propose("C1").verdict for _ in range(2)] == ["send", "hold"]


def test_an_agent_does_not_report_on_another_units_message(company: Company) -> None:
    """The bank's agent hears that there is no such message, as for one that never was."""
    decision = company.propose("C1")
    company.observe("received", "C9", by=BANK_AGENT)
    before = company.counts()
    for touch in (decision.touch, 999_999):
        with pytest.raises(NotFound):
            company.observe("sent", by=BANK_AGENT, touch=touch)
    assert company.counts() == before
    assert company.observe("sent", by=SHOP_AGENT, touch=decision.touch).touch == decision.touch


@pytest.mark.parametrize(
    ("kind", "detail", "mark"),
    [
        ("bounced", "hard: no such user", MarkKind.HARD_BOUNCE),
        ("bounced", "soft: mailbox full", None),
        ("complained", "", MarkKind.COMPLAINT),
    ],
)
def test_a_dead_or_angry_address_is_left_alone(company: Company, kind: str, detail: str, mark: MarkKind | None) -> None:
    """A hard bounce and a complaint stop the address, whichever platform told of them; a full mailbox does not."""
    decision = company.propose("C1", address="ana@example.com")
    company.observe(kind, touch=decision.touch, detail=detail)
    marks = [row for row in company.rows(entries) if row[1] == EntryKind.MARKED]
    assert len(marks) == (mark is not None)
    again = company.propose("C1", address="ana@example.com")
    assert (again.verdict, again.reason) == (("suppress", "address_failed") if mark else ("send", "cleared"))


def test_only_the_person_lifts_what_they_asked_for(company: Company) -> None:
    """No import and no form takes back a complaint or a wish; a recorded act of the person does."""
    company.observe("marked", "C1", mark="paused")
    assert "evidence" in faults(company, "unmarked", "C1", mark="paused")
    company.observe("unmarked", "C1", mark="paused", evidence="letter of 3 March")
    company.observe("marked", "C1", mark="outage")
    company.observe("unmarked", "C1", mark="outage")


def test_a_refused_fact_opens_nobody(company: Company) -> None:
    """Everything wrong at once, and no customer, address, label or word of it in the book."""
    told = faults(
        company, "sent", "Never seen", address="never@example.com", channel="email", unit="x", platform="y", words="w"
    )
    assert set(told) == {"unit", "platform"}
    assert "zone" in faults(company, "located", "Never seen", zone="Mars/Olympus")
    assert "mark" in faults(company, "marked", "Never seen", mark="cheerful")
    assert "permit" in faults(company, "consented", "Never seen", permit="perhaps", source="s", evidence="e")


def test_a_refused_fact_spoils_nothing_in_its_log(company: Company) -> None:
    """One bad row among good ones: the good ones are in."""
    rows = [company.told("received", f"C{number}", unit="nowhere" if number == 2 else "shop") for number in range(5)]
    answers = list(company.gate.observe_many(SYSTEM, rows))
    assert [type(answer).__name__ for answer in answers] == ["Observed", "Observed", "Refused", "Observed", "Observed"]
    assert len(company.rows(folios)) == 4
    assert company.rows(parked) == []


def test_what_a_customer_wishes_binds_at_once(company: Company) -> None:
    """At most one in a week, said on the phone, holds the second message."""
    company.policy('name = "w"\n\n[[rules]]\ntype = "personal_cap"\nname = "as they wish"\n')
    company.observe("wished", "C1", at_most=1, days=7)
    assert [company.propose("C1").verdict for _ in range(2)] == ["send", "hold"]


def test_facts_and_questions_of_many_at_once_keep_the_book_sound(company: Company) -> None:
    """A hundred callers tell and ask at the same time about ten people; afterwards everything adds up."""
    futures: list[Future[object]] = []
    for number in range(120):
        customer = f"C{number % 10}"
        if number % 4 == 0:
            told = company.told("received", customer, channel="sms", message=f"m{number % 7}")
            futures.append(company.gate.submit_observation(SYSTEM, told))  # type: ignore[arg-type]
        else:
            futures.append(company.gate.submit(SYSTEM, company.proposal(customer)))  # type: ignore[arg-type]
    for future in futures:
        future.result()
    check(company)


def test_a_fact_about_nobody_in_particular_names_its_unit(company: Company) -> None:
    """A stop binds the whole company; a message is the contact point's unit's."""
    company.observe("withdrawn", "C1", by=SHOP_AGENT)
    sent = company.observe("sent", "C1", channel="email", contact_point="news@alder.example")
    with company.book.engine.reading() as connection:
        rows = connection.execute(
            select(entries.c.kind, labels.c.unit).join(labels, labels.c.number == entries.c.label, isouter=True)
        ).all()
    assert {tuple(row) for row in rows} == {(EntryKind.WITHDRAWN, None), (EntryKind.SENT, 3)}
    assert sent.touch == sent.entry
