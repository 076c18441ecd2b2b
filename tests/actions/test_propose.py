"""May this go out? Decided once, answered the same for ever, and refused with everything that is wrong."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec.structs import replace

from onevoice.actions.explain import explain
from onevoice.ledger.engine import Transaction
from onevoice.ledger.tables import due, folios, links, vault_words
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.decision import Decision
from onevoice.nouns.problem import KeyReused, NotFound, Refused
from onevoice.nouns.words import Channel
from tests.book import BANK_AGENT, SHOP_AGENT, TELLER, Company


def faults(company: Company, **fields: object) -> dict[str, str]:
    """What is wrong with a proposal, by field; and nothing of it may be in the book."""
    company.propose("C0")  # everything that the first proposal of all makes is there
    before = company.counts()
    with pytest.raises(Refused) as refused:
        company.propose(**fields)  # type: ignore[arg-type]
    assert company.counts() == before
    return {fault.where: fault.says for fault in refused.value.faults}


def test_the_third_newsletter_of_a_day_waits_until_tomorrow(company: Company) -> None:
    """Two a day: the third is held until midnight, says which rule, and by when it is given up."""
    first, second, third = (company.propose("C1") for _ in range(3))
    assert [one.verdict for one in (first, second, third)] == ["send", "send", "hold"]
    assert first.lease_until == company.clock() + 3_600_000_000
    assert (third.reason, third.until, third.binding) == ("calendar_cap", company.clock.set("2026-10-02T00:00Z"), True)
    assert [(finding.rule, finding.verdict) for finding in third.findings] == [("two a day", "hold")]
    assert third.latest > third.until


def test_the_same_key_gets_the_same_answer(company: Company) -> None:
    """A sender whose line broke asks again and hears what was decided, not another decision."""
    proposal = company.proposal("C1", words="Hello", subject="Hi")
    first = company.gate.propose(SYSTEM, proposal)
    company.clock.forward(days=3)
    again = company.gate.propose(SYSTEM, proposal)
    assert again == replace(first, repeated=True)
    assert len(company.kinds(first.touch)) == 1


def test_the_same_key_gets_the_same_answer_under_a_newer_policy(company: Company) -> None:
    """A repeated question is not decided anew when the rules change: the first verdict stands, with its version."""
    for _ in range(2):
        company.propose("C1")
    proposal = company.proposal("C1")
    first = company.gate.propose(SYSTEM, proposal)
    company.policy('name = "open"\n')
    assert company.gate.propose(SYSTEM, proposal) == replace(first, repeated=True)
    assert company.propose("C1").policy == first.policy + 1


def test_the_same_key_for_another_message_is_an_error(company: Company) -> None:
    """A key stands for one message: with other words it is refused, and nothing is written."""
    company.propose("C1", key="order-7", words="Your order")
    before = company.counts()
    with pytest.raises(KeyReused, match="order-7"):
        company.propose("C1", key="order-7", words="Another order")
    assert company.counts() == before


def test_keys_of_two_senders_do_not_meet(company: Company) -> None:
    """Two systems may both call a message `1`."""
    assert not company.propose("C1", key="1", by=SHOP_AGENT).repeated
    assert not company.propose("C2", key="1", by=SYSTEM).repeated


def test_a_key_twice_in_one_group_is_decided_once(company: Company) -> None:
    """In one batch, the second row of a key is a repeat; with another body it is refused; others are untouched."""
    one, other = company.proposal("C1", key="a"), company.proposal("C2", key="a")
    rows = [one, one, other, company.proposal("C3")]
    answers = list(company.gate.propose_many(SYSTEM, rows))
    assert [type(answer).__name__ for answer in answers] == ["Decision", "Decision", "KeyReused", "Decision"]
    first, second = answers[:2]
    assert isinstance(first, Decision)
    assert second == replace(first, repeated=True)


def test_a_batch_told_again_is_answered_again(company: Company) -> None:
    """Rows of a named batch are known by their place: the same batch again decides nothing anew."""
    rows = [company.proposal(f"C{number % 3}") for number in range(12)]
    first = list(company.gate.propose_many(SYSTEM, rows, batch_key="monday"))
    before = company.counts()
    again = list(company.gate.propose_many(SYSTEM, rows, batch_key="monday"))
    assert [answer.repeated for answer in again if isinstance(answer, Decision)] == [True] * 12
    assert [replace(answer, repeated=False) for answer in again if isinstance(answer, Decision)] == first
    assert company.counts() == before


def test_a_batch_is_answered_in_the_order_of_its_rows(company: Company) -> None:
    """Refusals stand in their places, seen before the store or by it."""
    rows = [
        company.proposal("C1"),
        company.proposal(),
        company.proposal("C2", unit="nowhere"),
        company.proposal("C3"),
    ]
    answers = list(company.gate.propose_many(SYSTEM, rows))
    assert [type(answer).__name__ for answer in answers] == ["Decision", "Refused", "Refused", "Decision"]


def test_many_to_one_person_in_one_batch_obey_the_cap(company: Company) -> None:
    """Ten to one person in one group: the best two go, by category, score and order of asking."""
    rows = [company.proposal("C1", score=float(number)) for number in range(10)]
    answers = [one for one in company.gate.propose_many(SYSTEM, rows) if isinstance(one, Decision)]
    assert [one.verdict for one in answers] == ["hold"] * 8 + ["send"] * 2


def test_many_at_once_obey_the_cap(company: Company) -> None:
    """Sixteen threads ask for one person: two go."""
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: company.propose("C1"), range(32)))
    assert sorted(one.verdict for one in answers) == ["hold"] * 30 + ["send"] * 2


def test_everything_unknown_is_listed_at_once(company: Company) -> None:
    """Nobody mends a message fault by fault: all unknown names come in one answer, and nothing was written."""
    told = faults(
        company,
        customer="New",
        unit="nowhere",
        channel="pigeon",
        category="spam",
        platform="p",
        contact_point="c",
        topics=("offers", "t"),
        campaign="x",
        purpose="y",
        offer="z",
        journey="a new journey",
    )
    expected = {"unit", "channel", "category", "platform", "contact_point", "topics", "campaign", "purpose", "offer"}
    assert set(told) == expected


def test_a_near_miss_is_told_what_there_is(company: Company) -> None:
    """A misspelt key is answered with the ones near it."""
    assert "spring" in faults(company, customer="C1", campaign="sping")["campaign"]


def test_a_unit_does_not_speak_for_another(company: Company) -> None:
    """The bank's agent cannot propose in the shop's name; the answer is that of a unit that does not exist."""
    company.propose("C1")
    before = company.counts()
    with pytest.raises(Refused) as hidden:
        company.propose("C1", by=BANK_AGENT)
    with pytest.raises(Refused) as missing:
        company.propose("C1", by=BANK_AGENT, unit="shup")
    assert [fault.where for fault in hidden.value.faults] == [fault.where for fault in missing.value.faults] == ["unit"]
    assert company.counts() | {"sources": 0} == before | {"sources": 0}


def test_who_may_only_look_may_not_propose(company: Company) -> None:
    """A right that is not given is asked for by its name."""
    looker = dataclasses.replace(TELLER, verbs=frozenset())
    with pytest.raises(NotFound, match="propose"):
        company.gate.propose(looker, company.proposal("C1"))


def test_an_address_of_somebody_else_is_not_taken_over(company: Company) -> None:
    """Two customers claiming one address: the second is told how sharing is said, and nothing of it is written."""
    company.propose("C1", address="ana@example.com")
    told = faults(company, customer="C2", address="ana@example.com")
    assert "belongs to another customer" in told["address"]


def test_two_new_customers_claiming_one_new_address_in_one_batch(company: Company) -> None:
    """The first row has it; the second is refused, and its customer is not opened."""
    rows = [company.proposal(name, address="new@example.com") for name in ("C1", "C2")]
    first, second = company.gate.propose_many(SYSTEM, rows)
    assert isinstance(first, Decision)
    assert isinstance(second, Refused)
    assert len(company.rows(folios)) == 2
    assert len(company.rows(links)) == 1


def test_an_address_that_is_shared_is_both_peoples(company: Company) -> None:
    """A couple's phone: each is written to under their own name, and a STOP from the phone binds both."""
    company.share("+4915123456789", Channel.SMS, "C1", "C2")
    decisions = [company.propose(name, channel="sms", address="+4915123456789") for name in ("C1", "C2")]
    assert [one.verdict for one in decisions] == ["send", "send"]
    company.observe("withdrawn", address="+4915123456789", channel="sms")
    answers = [company.propose(name, channel="sms", address="+4915123456789") for name in ("C1", "C2")]
    assert [(one.verdict, one.reason) for one in answers] == [("suppress", "consent_withdrawn")] * 2


def test_a_customer_alone_means_the_address_last_used(company: Company) -> None:
    """Who is proposed by reference is reached, and stopped, at the address known for that channel."""
    first = company.propose("C1", address="Ana@Example.com")
    second = company.propose("C1")
    assert company.folios(second.touch) == company.folios(first.touch)


def test_a_customer_alone_means_the_address_used_a_row_before(company: Company) -> None:
    """Also when that was said in the very same batch: a stopped address stays stopped."""
    company.observe("withdrawn", address="ana@example.com", channel="email")
    rows = [company.proposal("C1", address="ana@example.com"), company.proposal("C1")]
    answers = [one for one in company.gate.propose_many(SYSTEM, rows) if isinstance(one, Decision)]
    assert [one.verdict for one in answers] == ["suppress", "suppress"]


def test_an_address_alone_means_its_only_customer(company: Company) -> None:
    """The cap of a person counts what was sent to their address alone; an address of two is nobody's in particular."""
    company.propose("C1", address="ana@example.com")
    assert company.folios(company.propose(address="ana@example.com").touch)[0] != 0
    company.share("both@example.com", Channel.EMAIL, "C1", "C2")
    assert company.folios(company.propose(address="both@example.com").touch)[0] == 0


def test_a_dry_run_says_what_would_be_and_writes_nothing(company: Company) -> None:
    """Trying out counts nothing, opens nobody, and does not use up the key."""
    company.propose("C1")
    before = company.counts()
    proposal = company.proposal("New", address="new@example.com", journey="a journey", template="t", topics=("shoes",))
    tried = company.gate.propose(SYSTEM, proposal, dry_run=True)
    assert (tried.verdict, tried.touch, tried.dry_run) == ("send", 0, True)
    assert company.counts() == before
    with pytest.raises(Refused):
        company.gate.propose(SYSTEM, company.proposal("C1", unit="nowhere"), dry_run=True)
    assert company.counts() == before
    done = company.gate.propose(SYSTEM, proposal)
    assert not done.repeated


def test_dry_runs_beside_real_ones_disturb_nobody(company: Company) -> None:
    """While people try out and look, messages with labels never seen before are decided, each with its own label."""
    campaigns = [f"journey {number}" for number in range(24)]

    def one(number: int) -> str:
        fields = {"journey": campaigns[number % 24], "topics": ("shoes",) if number % 2 else ()}
        proposal = company.proposal(f"C{number}", **fields)
        if number % 3 == 0:
            company.gate.propose(SYSTEM, proposal, dry_run=True)
        if number % 3 == 1:
            with company.book.reader(SYSTEM) as reader:
                assert len(reader.known.labels) > 0
            explain(company.gate, SYSTEM, proposal)
        return company.gate.propose(SYSTEM, proposal).verdict

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(one, range(96))) == {"send"}


def test_the_words_are_kept_apart_from_the_book(company: Company) -> None:
    """What was said goes to the vault under its person; the book holds a salted commitment."""
    decision = company.propose("C1", subject="Hi", words="Hello Ana")
    (row,) = company.rows(vault_words)
    assert (row[0], row[1], row[3:5]) == (decision.touch, company.folios(decision.touch)[0], ("Hi", "Hello Ana"))


@pytest.mark.parametrize(("platform", "binding"), [("crm", True), ("adviser", False), ("watcher", False), ("", True)])
def test_a_platform_that_only_asks_for_advice_counts_what_it_sends(
    company: Company, platform: str, binding: bool
) -> None:
    """Outside enforce mode the message goes whatever the verdict, so it takes its place and its lease runs."""
    answers = [company.propose("C1", platform=platform) for _ in range(3)]
    assert [one.binding for one in answers] == [binding] * 3
    assert answers[2].verdict == ("send" if platform == "watcher" else "hold")
    assert len(company.rows(due)) == 3
    assert company.propose("C1").verdict == "hold"


def test_a_household_and_a_client_are_remembered(company: Company) -> None:
    """A message names its household and client; each has a folio with that message in it."""
    decision = company.propose("C1", household="H1", client="K1")
    assert all(number for place, number in enumerate(company.folios(decision.touch)) if place != 1)


def test_two_processes_know_each_others_labels_and_zones(company: Company) -> None:
    """What one process named, another reads before it judges: nobody is judged in a zone that is not theirs."""
    other = company.another()
    try:
        company.propose("C1")
        other.propose("C2")
        for _ in range(2):
            assert company.propose("C3", journey="seen by one of them only").verdict == "send"
        assert other.propose("C3").verdict == "hold"
        for number, zone in enumerate(("Europe/Berlin", "Asia/Tokyo", "America/New_York")):
            told = (company, other)[number % 2]
            told.gate.observe(TELLER, told.told("located", "C1", zone=zone, key=f"zone {number}"))
            asked = (other, company)[number % 2]
            decision = asked.gate.propose(TELLER, asked.proposal("C1", key=f"ask {number}", journey=f"j{number}"))
            assert decision.verdict in ("send", "hold")
            assert asked.book.known.zone_names()[-1] == zone
    finally:
        if other is not company:
            other.onevoice.close()


def test_what_is_tried_out_is_undone_to_the_last_row(company: Company) -> None:
    """Whatever a trial writes, read again or not, is gone when its answer comes; a refusal is an answer."""
    company.propose("C1")
    before = company.counts()
    assert company.gate.try_out(lambda tx: tx.add(due, [(1, 1, 1, 0, 0)])) is None

    def refuse(tx: Transaction) -> None:
        tx.add(due, [(1, 1, 1, 0, 0)])
        raise NotFound("Nobody.")

    with pytest.raises(NotFound, match="Nobody"):
        company.gate.try_out(refuse)
    assert company.counts() == before
