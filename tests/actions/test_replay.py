"""The same log three times: written down, judged beside, judged and obeyed; each has its documented outcome."""

from collections import Counter

import pytest

from onevoice.actions.import_log import Account, import_log
from onevoice.ledger.tables import due, entries, waiting
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.moment import DAY, HOUR
from onevoice.nouns.observation import Observation, Read
from onevoice.nouns.words import EntryKind, Mode, Verdict
from tests.book import Company, platform_in

START = 1_790_000_000 * 1_000_000  # 21 September 2026, 14:13 UTC


def log(days: int = 3, a_day: int = 4) -> list[Read]:
    """So many messages a day to one person, an hour apart; a stop in the middle of the second day's."""
    records = []
    for number in range(days * a_day):
        at = START + number // a_day * DAY + number % a_day * HOUR
        records.append(told("sent", f"m{number}", at))
    records.append(told("withdrawn", "stop", START + DAY + HOUR + HOUR // 2))
    return records


def told(kind: str, key: str, at: int) -> Read:
    platform = "crm" if kind == "sent" else ""
    observation = Observation(
        kind=kind,
        key=key,
        message=key,
        occurred=at,
        channel="email",
        platform=platform,
        customer="C1" if kind == "sent" else "",
        address="ana@example.com",
        category="marketing" if kind == "sent" else "",
    )
    return Read(where=key, observations=(observation,))


def replayed(company: Company, records: list[Read]) -> Account:
    account = import_log(company.gate, SYSTEM, "crm log", records, replay=True)
    assert account.balances
    return account


def kinds(company: Company) -> Counter[str]:
    return Counter(EntryKind(row[1]).spoken for row in company.rows(entries))


def test_monitor_writes_down_and_judges_nothing(company: Company) -> None:
    """Every message of the log is in the book as sent; nobody said anything about it."""
    platform_in(company, "crm", Mode.MONITOR)
    account = replayed(company, log())
    assert (account.read, account.recorded, account.verdicts) == (13, 13, Counter())
    assert kinds(company) == {"sent": 12, "withdrawn": 1}


def test_advise_says_what_would_have_been_and_counts_what_went(company: Company) -> None:
    """Every message went out and counts; beside it stands the verdict: two a day, and none after the stop."""
    platform_in(company, "crm", Mode.ADVISE)
    account = replayed(company, log())
    assert account.verdicts == {"advise send": 4, "advise hold": 2, "advise suppress": 6}
    assert kinds(company) == {"decided": 12, "sent": 12, "withdrawn": 1}
    assert (company.rows(due), company.rows(waiting)) == ([], [])


def test_enforce_sends_only_what_may_go(company: Company) -> None:
    """Two went on the first day; of the two held over night, both take the second day's places before anybody else;
    after the stop nothing goes."""
    account = replayed(company, log())
    assert account.verdicts == {"enforce send": 2, "enforce hold": 4, "enforce suppress": 6}
    sent = [row for row in company.rows(entries) if row[1] == EntryKind.SENT]
    assert len(sent) == 4
    midnight = (START // DAY + 1) * DAY
    occurred = [row[30] for row in sent]
    assert occurred == [START, START + HOUR, midnight, midnight]
    last = {row[2]: row[16] for row in company.rows(entries) if row[1] == EntryKind.DECIDED}
    assert Counter(last.values()) == {Verdict.SEND: 4, Verdict.SUPPRESS: 8}


def test_holds_left_at_the_end_of_a_log_are_settled_by_the_next_look(company: Company) -> None:
    """What was still held when the log ended is judged at the present: too late. Nothing is stranded."""
    replayed(company, log(days=1)[:-1])
    assert len(company.rows(waiting)) == 2
    company.clock.set("2027-01-01T00:00Z")
    company.gate.look_again()
    assert (company.rows(due), company.rows(waiting)) == ([], [])


@pytest.mark.parametrize("mode", [Mode.MONITOR, Mode.ADVISE, Mode.ENFORCE])
def test_replaying_twice_changes_nothing(company: Company, mode: Mode) -> None:
    """All of it is known: repeated, none recorded, nothing parked, the book as it was."""
    platform_in(company, "crm", mode)
    replayed(company, log())
    before = company.counts()
    again = replayed(company, log())
    assert (again.read, again.repeated, again.recorded, again.parked) == (13, 13, 0, 0)
    assert again.verdicts == Counter()
    assert company.counts() == before


def test_a_log_in_disorder_is_replayed_in_the_order_of_time(company: Company) -> None:
    """Newest first, as many exports are: the outcome is the same."""
    account = replayed(company, list(reversed(log())))
    assert account.verdicts == {"enforce send": 2, "enforce hold": 4, "enforce suppress": 6}


def test_a_live_message_after_a_replay_counts_the_log(company: Company) -> None:
    """The log's last two of today leave no room for a third."""
    today = company.clock()
    replayed(company, [told("sent", f"t{number}", today - (2 - number) * HOUR) for number in range(2)])
    assert company.propose("C1").verdict == "hold"
