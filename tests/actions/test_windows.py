"""What comes outside its hours, or in a blackout, is kept at the gate and goes when the clock says so."""

from onevoice.answers.reasons import told
from onevoice.answers.rule_words import rule_words
from onevoice.answers.why import why
from onevoice.ledger.tables import entries
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.words import EntryKind
from tests.book import Company

AFTERNOONS = """\
name = "hours"

[[rules]]
type = "send_window"
name = "afternoons"
windows = [{ begin = "13:00", end = "16:00" }]
unknown_zone = "default"
default_zone = "America/New_York"
"""
MOURNING = """\
name = "crisis"

[[rules]]
type = "blackout"
name = "day of mourning"
begin = "2026-10-01T00:00"
end = "2026-10-02T00:00"
zone = "Europe/Berlin"
why = "a day of mourning"
applies = { units = ["shop"] }
"""


def last_words(company: Company) -> str:
    """What the page says of the last decision, as read in Berlin."""
    decided = [row[0] for row in company.rows(entries) if row[1] == EntryKind.DECIDED][-1]
    with company.book.reader(SYSTEM) as reader:
        answer = why(reader, decided)
    return f"{told(answer, 'Europe/Berlin')} ({rule_words(answer.ruled[0].rule)})"


def test_a_message_waits_for_the_hours_of_the_persons_zone(company: Company) -> None:
    """Ten in the morning, UTC: in Lisbon it is eleven, in New York, which stands in for the unknown, six. Each goes at
    one o'clock there."""
    company.policy(AFTERNOONS)
    company.observe("located", "C1", zone="Europe/Lisbon")
    lisbon, unknown = company.propose("C1"), company.propose("C2")
    assert (lisbon.verdict, lisbon.reason) == ("hold", "send_window")
    assert last_words(company).endswith("not one of the hours for this. (only from 13:00 to 16:00)")
    company.clock.set("2026-10-01T11:59:59Z")
    assert company.gate.look_again() == 0
    company.clock.set("2026-10-01T12:00:00Z")
    assert company.gate.look_again() == 1
    assert (company.thread(lisbon.touch).verdict, company.thread(unknown.touch).verdict) == (1, 2)
    company.clock.set("2026-10-01T17:00:00Z")
    assert company.gate.look_again() == 2, "and the lease of the first lapses"
    assert company.thread(unknown.touch).verdict == 1


def test_a_blackout_of_one_unit_holds_its_messages_until_it_ends(company: Company) -> None:
    """The shop is silent until midnight in Berlin; the bank is not."""
    company.policy(MOURNING)
    assert company.propose("C1", unit="bank").verdict == "send"
    shop = company.propose("C1")
    assert (shop.verdict, shop.reason) == ("hold", "blackout")
    assert last_words(company) == (
        "Held until tomorrow 00:00: nothing went out at this time: a day of mourning."
        " (nothing from 2026-10-01 00:00 to 2026-10-02 00:00 (Europe/Berlin))"
    )
    company.clock.set("2026-10-01T22:00:00Z")
    company.gate.look_again()
    assert company.thread(shop.touch).verdict == 1
