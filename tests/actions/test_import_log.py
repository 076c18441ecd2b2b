"""A log is taken in: every record is accounted for, the second time changes nothing, what cannot be read waits."""

from onevoice.actions.import_log import Account, import_log
from onevoice.answers.parked import parked_rows
from onevoice.ledger.tables import entries, folios, parked
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.observation import Observation, Parked, Read
from onevoice.nouns.words import EntryKind
from tests.book import SHOP_AGENT, Company


def record(number: int, kind: str = "sent", **fields: object) -> Read:
    given = {"kind": kind, "key": f"{kind}{number}", "occurred": 1_790_000_000_000_000 + number, "channel": "email"}
    whole = {**given, "message": f"m{number}", "address": f"c{number}@example.com", **fields}
    return Read(where=f"row {number}", observations=(Observation(**whole),))  # type: ignore[arg-type]


def imported(company: Company, records: list[Read | Parked]) -> Account:
    account = import_log(company.gate, SYSTEM, "export", records)
    assert account.balances
    return account


def test_every_record_is_accounted_for(company: Company) -> None:
    """Read = recorded + repeated + parked: 2,500 rows of which some are twice, some unreadable, some refused."""
    records: list[Read | Parked] = [record(number) for number in range(2_500)]
    records += [record(7), record(8)]
    records += [Parked(where="row 9000", reason="No address.", raw=b"\xff\0,,"), record(9_001, unit="nowhere")]
    account = imported(company, records)
    assert (account.read, account.recorded, account.repeated, account.parked) == (2_504, 2_500, 2, 2)
    assert len(company.rows(entries)) == 2_500
    kept = [(row[3], row[4], bytes(row[5])) for row in company.rows(parked)]
    assert kept[0] == ("row 9000", "No address.", b"\xff\0,,")
    assert kept[1][0] == "row 9001"
    assert "nowhere" in kept[1][1]
    assert sum(account.reasons.values()) == 2


def test_the_same_log_again_changes_nothing(company: Company) -> None:
    """Every record is a repeat or parked already; no row of any table is new."""
    records: list[Read | Parked] = [record(number) for number in range(50)]
    records += [Parked(where="row 99", reason="No address."), record(98, unit="nowhere")]
    imported(company, records)
    before = company.counts()
    again = imported(company, records)
    assert (again.recorded, again.repeated, again.parked) == (0, 50, 2)
    assert company.counts() == before


def test_a_log_that_grew_adds_what_is_new(company: Company) -> None:
    """Tomorrow's export has today's rows and more."""
    imported(company, [record(number) for number in range(10)])
    account = imported(company, [record(number) for number in range(14)])
    assert (account.recorded, account.repeated) == (4, 10)


def test_what_happened_to_a_message_joins_it_across_imports(company: Company) -> None:
    """Today's deliveries belong to yesterday's messages."""
    imported(company, [record(1)])
    imported(company, [record(1, "delivered"), record(1, "opened")])
    assert company.kinds(company.rows(entries)[0][0]) == ["sent", "delivered", "opened"]
    assert len(company.rows(folios)) == 1


def test_a_consent_list_without_proof_is_counted_as_quarantined(company: Company) -> None:
    """The account says how many of the consents bind nobody yet."""
    consents: list[Read | Parked] = [record(number, "consented", message="") for number in range(3)]
    consents.append(record(4, "consented", message="", source="form", evidence="f-4"))
    account = imported(company, consents)
    assert (account.recorded, account.quarantined) == (4, 3)
    assert [row[1] for row in company.rows(entries)].count(EntryKind.QUARANTINED) == 3


def test_what_a_hostile_row_says_does_not_end_the_import(company: Company) -> None:
    """NUL, half a character, a number out of bounds: each row is parked with its reason, the others are in."""
    records: list[Read | Parked] = [
        record(1),
        record(2, words="a\0b"),
        record(3, words="\ud800"),
        record(4, subject="x" * 300_000),
        record(5, kind="marked", mark="paused", until=-5),
        record(6, kind="marked", mark="paused", until=2**80),
        record(7, occurred=-1),
        record(8, address="nobody\r\nBcc: x@example.com"),
        record(9, template="t" * 999),
        record(10, topics=tuple("shoes" for _ in range(900))),
        Parked(where="row\0 11", reason="What is this: \0 \ud800?", raw=b"\0"),
        record(12),
    ]
    account = imported(company, records)
    assert (account.recorded, account.parked) == (2, 10)
    assert all(fault and "could not write" not in fault for fault in account.reasons)


def stop_record(number: int, *, stop: bool = True) -> Read:
    """A row that tells of a message and of what followed; the second thing it says names no unit there is."""
    (sent,) = record(number).observations
    wish = Observation(
        kind="withdrawn" if stop else "consented",
        key=f"wish{number}",
        occurred=sent.occurred + 1,
        channel="email",
        address=sent.address,
        unit="nowhere" if stop else "",
    )
    return Read(where=f"row {number}", observations=(sent, wish))


def test_the_refused_part_of_a_record_waits_too(company: Company) -> None:
    """A row says that a message was sent and that the person withdrew from a unit nobody knows: the message is
    recorded, the withdrawal is parked at the row's place with its reason, and the account still balances by rows."""
    account = imported(company, [record(1), stop_record(2), stop_record(3, stop=False)])
    assert (account.read, account.recorded, account.parked, account.partly) == (3, 3, 0, 1)
    assert [(one.where, "nowhere" in one.reason) for one in account.refused] == [
        ("row 2, part 2 of 2 (withdrawn)", True)
    ]
    ((*_, place, reason, raw, _),) = company.rows(parked)
    assert (place, "nowhere" in reason, b"c2@example.com" in bytes(raw)) == (
        "row 2, part 2 of 2 (withdrawn)",
        True,
        True,
    )
    assert account.reasons == {}, "reasons are those of whole records, and add up to what is parked"


def test_a_refused_part_is_parked_once(company: Company) -> None:
    """The same log again: the row is a repeat, told as one of which a part waits, and nothing is new."""
    imported(company, [stop_record(2)])
    before = company.counts()
    again = imported(company, [stop_record(2)])
    assert (again.recorded, again.repeated, again.parked, again.partly) == (0, 1, 0, 1)
    assert company.counts() == before


def test_what_is_parked_can_be_looked_at(company: Company) -> None:
    """Place, reason and what there was to read, oldest first, by source; nobody without a view of all units sees it."""
    imported(
        company, [Parked(where="row 1", reason="No address.", raw=b"a;b"), stop_record(2), record(3, unit="nowhere")]
    )
    import_log(company.gate, SYSTEM, "other", [Parked(where="row 9", reason="Broken.")])
    with company.book.reader(SYSTEM) as reader:
        rows = list(parked_rows(reader, "export"))
        assert [(row.source, row.where) for row in rows] == [
            ("export", "row 1"),
            ("export", "row 2, part 2 of 2 (withdrawn)"),
            ("export", "row 3"),
        ]
        assert rows[0].raw == "a;b"
        assert "c3@example.com" in rows[2].raw
        assert len(list(parked_rows(reader))) == 4
    with company.book.reader(SHOP_AGENT) as reader:
        assert list(parked_rows(reader)) == []
