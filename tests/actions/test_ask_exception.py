"""Exceptions: a sender asks, the rule's owner answers, and one message passes one rule once; nothing else gives way."""

import pytest
from sqlalchemy import select

from onevoice.actions.ask_exception import answer_exception, ask_exception
from onevoice.actions.dispatch import dispatch_due
from onevoice.actions.erase import erase
from onevoice.answers.exceptions import exceptions_for
from onevoice.answers.why import why
from onevoice.ledger.documents import verify_changes
from onevoice.ledger.exception_tables import vault_exception_words
from onevoice.ledger.tables import changes
from onevoice.nouns.authority import ROLE_VERBS, SYSTEM, Authority
from onevoice.nouns.message import Message, Outcome
from onevoice.nouns.moment import DAY, HOUR, MINUTE
from onevoice.nouns.problem import NotFound, Refused
from onevoice.nouns.words import Role
from tests.book import BANK, BANK_AGENT, GROUP, POLICY, SHOP_AGENT, Company

BECAUSE = "The recall of the blender cannot wait."
ADMIN = Authority(who="staff:1", unit=GROUP, units=frozenset(), verbs=ROLE_VERBS[Role.ADMIN], all_units=True)
BANK_OWNER = Authority(who="staff:9", unit=BANK, units=frozenset({BANK}), verbs=ROLE_VERBS[Role.UNIT_ADMIN])
OWNED = POLICY.replace('name = "two a day"', 'name = "two a day"\nowner = "bank"')
TWO_RULES = """\
name = "two rules"
lease = 3600

[[rules]]
type = "rolling_cap"
name = "one a day"
at_most = 1
seconds = 86400

[[rules]]
type = "minimum_gap"
name = "an hour between"
seconds = 3600
"""


def held(company: Company, customer: str = "C1", **fields: object) -> int:
    """The entry (and touch) of a message that the cap holds until midnight, after two that went."""
    for _ in range(2):
        company.observe("sent", touch=company.propose(customer).touch)
    decision = company.propose(customer, **fields)  # type: ignore[arg-type]
    assert decision.verdict == "hold"
    return decision.touch


def asked(company: Company, entry: int, rule: str = "two a day") -> int:
    return ask_exception(company.gate, SHOP_AGENT, entry, rule=rule, because=BECAUSE)


def grant(company: Company, number: int, lasting: int = HOUR, by: Authority = ADMIN) -> None:
    answer_exception(company.gate, by, number, granted=True, until=company.clock() + lasting)


def newest(company: Company, entry: int) -> tuple[str, str]:
    """(verdict, state of the last exception) as the decision's page tells it."""
    with company.book.reader(SYSTEM) as reader:
        told = why(reader, entry)
        verdict = told.later[-1].verdict if told.later else told.decided.verdict
        return verdict, told.exceptions[-1].state if told.exceptions else ""


def test_a_granted_exception_lets_exactly_that_message_go(company: Company) -> None:
    """It is judged at once as if the one rule were not there; it counts, and the next message is held as before."""
    touch = held(company)
    number = asked(company, touch)
    assert newest(company, touch) == ("hold", "waiting")
    grant(company, number)
    assert newest(company, touch) == ("send", "granted")
    assert company.propose("C1").verdict == "hold"
    company.observe("sent", touch=touch)
    with company.book.reader(ADMIN) as reader:
        told = exceptions_for(reader)
        assert (told.asked, told.granted, told.refused, told.waiting, told.went) == (1, 1, 0, 0, 1)
        (one,) = told.told
        assert (one.rule, one.because, one.owner, one.went) == ("two a day", BECAUSE, "the administrators", True)


def test_no_exception_lifts_a_stop(company: Company) -> None:
    """A STOP that came between asking and granting suppresses the message; the grant changes nothing."""
    touch = held(company, address="ana@example.com")
    number = asked(company, touch)
    company.observe("withdrawn", address="ana@example.com", channel="email")
    grant(company, number)
    assert newest(company, touch)[0] == "suppress"


def test_only_the_companys_own_rules_have_exceptions(company: Company) -> None:
    """A person's own wish, or a rule that did not stop it, cannot be asked about; nor what was suppressed or went."""
    company.policy(POLICY + '\n[[rules]]\ntype = "personal_cap"\nname = "as they wish"\n')
    touch = held(company)
    for rule in ("as they wish", "stop means stop", "no such rule", ""):
        with pytest.raises(Refused):
            asked(company, touch, rule)
    sent = company.propose("C2")
    company.observe("withdrawn", address="bo@example.com", channel="email")
    stopped = company.propose(address="bo@example.com")
    assert stopped.verdict == "suppress"
    for entry in (sent.touch, stopped.touch):
        with pytest.raises(Refused):
            asked(company, entry)
    with pytest.raises(Refused) as refused:
        ask_exception(company.gate, SHOP_AGENT, touch, rule="two a day", because="why?")
    assert [fault.where for fault in refused.value.faults] == ["because"]


def test_a_rule_that_became_the_persons_own_is_not_passed(company: Company) -> None:
    """The policy changed while the request waited: under the same name there is a rule about consent now, and it is
    judged whatever was granted."""
    touch = held(company, address="ana@example.com")
    number = asked(company, touch)
    consent = 'name = "new"\n\n[[rules]]\ntype = "consent"\nname = "two a day"\nneeds = "no_withdrawal"\n'
    company.policy(consent)
    company.observe("withdrawn", address="ana@example.com", channel="email")
    grant(company, number)
    assert newest(company, touch)[0] == "suppress"


def test_a_refusal_comes_with_a_sentence_and_stands(company: Company) -> None:
    """The message stays held; the request is answered once, and not asked again."""
    touch = held(company)
    number = asked(company, touch)
    with pytest.raises(Refused):
        answer_exception(company.gate, ADMIN, number, granted=False)
    answer_exception(company.gate, ADMIN, number, granted=False, words="A blender can wait until tomorrow.")
    assert newest(company, touch) == ("hold", "refused")
    with pytest.raises(Refused):
        grant(company, number)
    with pytest.raises(Refused):
        asked(company, touch)
    company.clock.set("2026-10-02T00:00:00Z")
    company.gate.look_again()
    assert newest(company, touch)[0] == "send"


def test_the_owner_of_the_rule_answers_and_nobody_else(company: Company) -> None:
    """The unit that owns the rule, or an administrator; never who asked. To all others the request is not there."""
    company.policy(OWNED)
    number = asked(company, held(company))
    for stranger in (SHOP_AGENT, BANK_AGENT):
        with pytest.raises(NotFound):
            grant(company, number, by=stranger)
    with company.book.reader(BANK_OWNER) as reader:
        (one,) = exceptions_for(reader).told
        assert one.answerable and one.because == BECAUSE and one.owner == "Alder Bank"
        assert one.decided.hidden, "the owner of the rule does not read another unit's message"
    with company.book.reader(BANK_AGENT) as reader:
        assert exceptions_for(reader).told == ()
    grant(company, number, by=BANK_OWNER)
    own = ask_exception(company.gate, ADMIN, held(company, "C9"), rule="two a day", because=BECAUSE)
    with pytest.raises(NotFound):
        grant(company, own, by=ADMIN)


def test_who_may_not_see_a_message_cannot_ask_about_it(company: Company) -> None:
    """Another unit's decision is not there."""
    touch = held(company)
    for stranger in (BANK_AGENT, BANK_OWNER):
        with pytest.raises(NotFound):
            ask_exception(company.gate, stranger, touch, rule="two a day", because=BECAUSE)


@pytest.mark.parametrize(("lasting", "verdict"), [(30 * MINUTE, "hold"), (2 * HOUR, "send")])
def test_an_exception_ends_and_other_rules_are_kept(company: Company, lasting: int, verdict: str) -> None:
    """The gap still holds the message for an hour; then the cap does, unless the exception lasts so long."""
    company.policy(TWO_RULES)
    company.observe("sent", touch=company.propose("C1").touch)
    touch = company.propose("C1").touch
    number = asked(company, touch, "one a day")
    grant(company, number, lasting)
    assert newest(company, touch) == ("hold", "granted")
    company.clock.forward(hours=1, seconds=1)
    company.gate.look_again()
    assert newest(company, touch) == (verdict, "granted" if verdict == "send" else "ended")


@pytest.mark.parametrize("lasting", [0, -HOUR, 15 * DAY])
def test_an_exception_is_granted_for_days_not_for_ever(company: Company, lasting: int) -> None:
    """It ends within two weeks."""
    number = asked(company, held(company))
    with pytest.raises(Refused) as refused:
        grant(company, number, lasting)
    assert [fault.where for fault in refused.value.faults] == ["until"]


def test_a_message_we_send_ourselves_leaves_under_its_exception(company: Company) -> None:
    """Dispatch judges once more before it hands over, and passes the same rule."""

    class Taker:
        def send(self, message: Message) -> Outcome:
            return Outcome(kind="sent", vendor_id="1")

    touch = held(company, address="ana@example.com", platform="crm", contact_point="news", dispatch=True)
    grant(company, asked(company, touch))
    assert dispatch_due(company.gate, {"sandbox": Taker()}) == 1
    assert company.kinds(touch)[-2:] == ["attempted", "sent"]


def test_request_and_answer_are_in_the_chained_log_and_their_words_can_be_forgotten(company: Company) -> None:
    """The log holds commitments only; when the person is forgotten, the words go and the chain holds."""
    touch = held(company)
    number = asked(company, touch)
    answer_exception(company.gate, ADMIN, number, granted=False, words="No: Ana Ferreira asked for peace.")
    with company.book.engine.reading(SYSTEM) as connection:
        lines = connection.execute(select(changes).where(changes.c.document == "exceptions")).all()
        assert [(row.key, row.changed_by) for row in lines] == [("exception:1", "staff:7"), ("exception:1", "staff:1")]
        assert not any("Ana" in row.after or "blender" in row.after for row in lines)
        assert verify_changes(connection) == 0
    assert len(company.rows(vault_exception_words)) == 2
    erase(company.gate, SYSTEM, "C1")
    assert company.rows(vault_exception_words) == []
    with company.book.reader(ADMIN) as reader:
        (one,) = exceptions_for(reader).told
        assert (one.because, one.answer, one.state) == ("", "", "refused")
