"""While one unit looks after a customer, the others wait at the gate."""

import pytest

from onevoice.answers.reasons import told, would_pass
from onevoice.answers.why import why
from onevoice.ledger.tables import entries
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.moment import DAY
from onevoice.nouns.problem import Refused
from onevoice.nouns.words import EntryKind
from tests.book import SHOP_AGENT, Company

ONE_VOICE = """\
name = "one voice"

[[rules]]
type = "exclusive_window"
name = "one adviser at a time"
"""


def test_the_bank_settles_a_claim_and_the_shop_waits(company: Company) -> None:
    """For two days only the bank speaks; when it says that it is done, the shop's message goes at its next look."""
    company.policy(ONE_VOICE)
    until = company.clock() + 2 * DAY
    company.observe("marked", "C1", mark="owned", unit="bank", until=until)
    shop = company.propose("C1")
    assert (shop.verdict, shop.reason, shop.until) == ("hold", "owned_by_another", until)
    assert company.propose("C1", unit="bank").verdict == "send"
    assert company.propose("C2").verdict == "send"
    held = [row[0] for row in company.rows(entries) if row[2] == shop.touch][-1]
    with company.book.reader(SYSTEM) as reader:
        answer = why(reader, held)
    assert told(answer, "UTC").endswith("Alder Bank alone speaks with this person at present (noted today).")
    assert would_pass(answer, answer.ruled[0], "UTC").startswith("waiting until")
    company.observe("unmarked", "C1", mark="owned", unit="bank")
    assert company.propose("C1").verdict == "send"
    company.clock.forward(days=2)
    company.gate.look_again()
    assert company.kinds(shop.touch) == [EntryKind.DECIDED.spoken] * 2
    assert company.thread(shop.touch).verdict == 1


def test_nobody_is_owned_by_no_unit_or_by_a_foreign_one(company: Company) -> None:
    """Whoever says that a unit owns a customer says which, and speaks for it."""
    with pytest.raises(Refused) as refused:
        company.observe("marked", "C1", mark="owned")
    assert [fault.where for fault in refused.value.faults] == ["unit"]
    with pytest.raises(Refused) as refused:
        company.observe("marked", "C1", by=SHOP_AGENT, mark="owned", unit="bank")
    assert [fault.where for fault in refused.value.faults] == ["unit"]
