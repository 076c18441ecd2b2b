"""Only after protects people from the second message before the first: a reminder of what they never had."""

import numpy as np
import pytest

from onevoice.nouns.label import Label
from onevoice.nouns.moment import NEVER
from onevoice.nouns.policy import MaximumDeferral, OnlyAfter, Policy, QuietHours, Scope, SendBy, Window
from onevoice.nouns.reason import Reason
from onevoice.nouns.surroundings import CategoryBits
from onevoice.nouns.words import Category, TouchState
from onevoice.rules.cases import cases_of
from onevoice.rules.explain import Change, counterfactual, evidence
from onevoice.rules.group import judge_group
from onevoice.rules.judge import judge
from onevoice.rules.policy import compile_policy
from onevoice.rules.reach_back import reads_older
from tests.rules.world import (
    NOW,
    SURROUNDINGS,
    Ask,
    Book,
    Folio,
    Touch,
    mail,
    prepare,
    state_of,
    text,
    told,
    zone_table,
)

HOUR, DAY, YEAR = 3_600, 86_400, 365 * 86_400
TEXTS = Scope(channels=("sms",))
MAILS = Scope(channels=("email",))
RULE = OnlyAfter(name="text first", after=TEXTS, applies=MAILS)
WITHIN = OnlyAfter(name="text today", after=TEXTS, applies=MAILS, within=DAY)
ARRIVED = OnlyAfter(name="text arrived", after=TEXTS, applies=MAILS, event="delivered")
HOLDS = OnlyAfter(name="text first", after=TEXTS, applies=MAILS, at_limit="hold")
HOME = OnlyAfter(name="text at home", after=TEXTS, applies=MAILS, per="household")
THEN = OnlyAfter(name="loans first", after=Scope(topics=("loans",)), applies=MAILS)
NOW_TAGGED = OnlyAfter(name="cards first", after=Scope(topics=("cards",)), applies=MAILS, labels="now")


def sent(ago: int, label: Label | None = None, state: TouchState = TouchState.SENT) -> Folio:
    return Folio([Touch(ago, label or text(), state=state)])


CASES = [
    ("nothing yet", RULE, Ask(), "suppress"),
    ("the text was sent", RULE, Ask(customer=sent(9)), "send"),
    ("it arrived", RULE, Ask(customer=sent(9, state=TouchState.DELIVERED)), "send"),
    ("it is only reserved", RULE, Ask(customer=sent(9, state=TouchState.RESERVED)), "suppress"),
    ("another message was sent", RULE, Ask(customer=sent(9, mail())), "suppress"),
    ("long ago", RULE, Ask(customer=sent(9 * YEAR)), "send"),
    ("forgotten but in the tallies", RULE, Ask(customer=Folio(forgotten=[(text(), 1)])), "send"),
    ("another one in the tallies", RULE, Ask(customer=Folio(forgotten=[(mail(), 3)])), "suppress"),
    ("older, and not read", RULE, Ask(customer=Folio(older=[Touch(YEAR, text(), state=TouchState.SENT)], unread=True)),
     "send"),
    ("an older reservation", RULE, Ask(customer=Folio(older=[Touch(YEAR, text())])), "suppress"),
    ("it needs no text itself", RULE, Ask(message=text()), "send"),
    ("the last second within", WITHIN, Ask(customer=sent(DAY - 1)), "send"),
    ("a day ago", WITHIN, Ask(customer=sent(DAY)), "suppress"),
    ("an old and a new one", WITHIN, Ask(customer=Folio([*sent(3 * DAY).touches, *sent(5).touches])), "send"),
    ("an old one sent, a new one reserved", WITHIN, Ask(customer=Folio([*sent(3 * DAY).touches, Touch(5, text())])),
     "suppress"),
    ("tallies do not say when", WITHIN, Ask(customer=Folio(forgotten=[(text(), 1)])), "suppress"),
    ("by a clock that runs ahead", WITHIN, Ask(customer=sent(-HOUR)), "send"),
    ("sent, not arrived", ARRIVED, Ask(customer=sent(9)), "suppress"),
    ("arrived", ARRIVED, Ask(customer=sent(9, state=TouchState.DELIVERED)), "send"),
    ("arrived, by the tallies only sent", ARRIVED, Ask(customer=Folio(forgotten=[(text(), 1)])), "suppress"),
    ("the household had it", HOME, Ask(household=sent(9)), "send"),
    ("only the person had it", HOME, Ask(customer=sent(9), household=Folio()), "suppress"),
    ("no household", HOME, Ask(customer=sent(9)), "suppress"),
    ("only the address had it", RULE, Ask(address=sent(9)), "suppress"),
    ("a topic below", THEN, Ask(customer=sent(9, mail(topics=(2,)))), "send"),
    ("as its campaign is tagged now", NOW_TAGGED, Ask(customer=sent(9, mail(campaign=1))), "send"),
    ("service waits for it too", RULE, Ask(message=mail(category=Category.SERVICE)), "suppress"),
    ("held until the longest hold ends", HOLDS, Ask(), f"hold {14 * DAY}"),
    ("held until its send-by", HOLDS, Ask(send_by=NOW + HOUR), f"hold {HOUR}"),
    ("its send-by is now", HOLDS, Ask(send_by=NOW), "suppress"),
    ("it has waited for a week", HOLDS, Ask(created=NOW - 7 * DAY), f"hold {7 * DAY}"),
    ("it has waited as long as it may", HOLDS, Ask(created=NOW - 14 * DAY), "suppress"),
    ("held, and the text was sent", HOLDS, Ask(customer=sent(9)), "send"),
]  # fmt: skip


@pytest.mark.parametrize(("title", "rule", "ask", "answer"), CASES, ids=[case[0] for case in CASES])
def test_the_second_comes_after_the_first(title: str, rule: OnlyAfter, ask: Ask, answer: str) -> None:
    """Each line: what the person had, and what becomes of the mail that must come after a text."""
    verdict, reason = told(ask, rule)
    assert (verdict, reason) == (answer, "cleared" if answer == "send" else "not_yet_after")


def test_a_batch_cannot_open_its_own_way() -> None:
    """A text and the mail after it in one group: the text goes and is reserved, the mail does not go yet; once the text
    is known to be sent, it does. Judged together as in turn."""
    book = Book()
    first, second = book.number(text()), book.number(mail())
    compiled = compile_policy(Policy(name="p", rules=(RULE,)), book.columns(), SURROUNDINGS, zone_table())
    rows = [(label, 0, NOW, NEVER, (0, -1, -1, -1)) for label in (first, second, first, second)]
    found, postponed = judge_group([state_of(Folio(), book, NOW)], cases_of(rows), NOW, compiled)
    assert not postponed.any()
    assert [Reason(one).spoken for one in found.reason.tolist()] == ["cleared", "not_yet_after"] * 2
    found, _ = judge_group([state_of(sent(0), book, NOW)], cases_of(rows), NOW, compiled)
    assert (found.when == NOW).all()


def test_it_is_no_cap() -> None:
    """A first message of a category that does not count towards caps has come first all the same."""
    silent = (*SURROUNDINGS.categories[:2], CategoryBits(category=Category.SERVICE, counts_towards_caps=False))
    book = Book()
    service, label = text(category=Category.SERVICE), book.number(mail())
    states = [state_of(sent(9, service), book, NOW)]
    surroundings = SURROUNDINGS.__class__(units=SURROUNDINGS.units, categories=silent)
    compiled = compile_policy(Policy(name="p", rules=(RULE,)), book.columns(), surroundings, zone_table())
    assert judge(states, cases_of([(label, 0, NOW, NEVER, (0, -1, -1, -1))]), NOW, compiled).when[0] == NOW


def test_other_bounds_end_the_hold_sooner() -> None:
    """What may be a day late waits for a day; what would come at night when its hold ends does not wait at all."""
    assert told(Ask(), HOLDS, MaximumDeferral(name="fresh", seconds=DAY)) == (f"hold {DAY}", "not_yet_after")
    assert told(Ask(send_by=NOW + HOUR), HOLDS, SendBy(name="in time")) == (f"hold {HOUR}", "not_yet_after")
    night = QuietHours(name="night", windows=(Window(begin="21:00", end="08:00"),))
    assert told(Ask(send_by=NOW + 10 * HOUR), HOLDS, night) == ("suppress", "no_opening")


def test_how_far_back_it_reads() -> None:
    """A rule with a stretch of time reads older touches that far; for ever is in the tallies."""
    for rule, furthest in ((WITHIN, NOW - DAY), (RULE, NOW)):
        assert reads_older(prepare(Ask(), rule)[2], NOW) == furthest


def test_nothing_is_evidence_for_what_is_not_there() -> None:
    """There is no touch to show, and waiting alone does not help: only the rule stands in the way."""
    for rule in (RULE, HOLDS):
        states, case, compiled = prepare(Ask(), rule)
        assert evidence(states, case, NOW, compiled, 0) is None
        assert counterfactual(states, case, NOW, compiled) == Change("without", rules=(0,))
        assert not np.any(judge(states, case, NOW, compiled).waits)
