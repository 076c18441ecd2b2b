"""Exported mailboxes become testimony: who wrote to whom, once, whatever the mail looks like."""

from collections import Counter
from pathlib import Path

import pytest

from onevoice.nouns.observation import Given, Parked, Read
from onevoice.vendors.mail.read import read
from tests.shared_data import shared_data

COMPANY = Given(unit="shop", platform="mailbox", category="service", ours=("shop.example", "desk@partner.example"))
CUSTOMER = Given(category="marketing", inbox="customer")
HEAD = "Date: Fri, 08 Mar 2024 09:05:00 +0000\nMessage-ID: <7@x>\nSubject: s\n"


def written(tmp_path: Path, head: str, body: str = "words") -> Path:
    path = tmp_path / "1.eml"
    path.write_text(f"{head}{HEAD}\n{body}\n")
    return path


def test_a_mail_to_the_company_is_received_from_its_sender(tmp_path: Path) -> None:
    """The contact point is the recipient that is ours; the sender's Message-ID ties it to no thread of ours."""
    path = written(tmp_path, "From: Ann <ann@example.com>\nTo: x@other.example, care@eu.shop.example\n")
    (item,) = read(path, COMPANY)
    assert isinstance(item, Read)
    (seen,) = item.observations
    assert (seen.kind, seen.direction, seen.address, seen.contact_point) == (
        "received",
        "inbound",
        "ann@example.com",
        "care@eu.shop.example",
    )
    assert seen.message == seen.key and seen.key.startswith("mail:") and seen.category == ""
    assert seen.words == "words" and seen.refers["message_id"] == "<7@x>"


def test_a_mail_of_the_company_is_one_message_to_each_recipient(tmp_path: Path) -> None:
    """One record of the account, two observations with keys of their own; a colleague in copy is no customer."""
    (item,) = read(
        written(tmp_path, "From: Desk@partner.example\nTo: a@example.com\nCc: b@example.com, care@shop.example\n"),
        COMPANY,
    )
    assert isinstance(item, Read)
    assert [(one.kind, one.address, one.message) for one in item.observations] == [
        ("sent", "a@example.com", "<7@x>#1"),
        ("sent", "b@example.com", "<7@x>#2"),
    ]
    assert len({one.key for one in item.observations}) == 2
    assert {(one.unit, one.category, one.contact_point) for one in item.observations} == {
        ("shop", "service", "Desk@partner.example")
    }


def test_a_domain_that_only_ends_like_ours_is_not_ours(tmp_path: Path) -> None:
    """`myshop.example` is somebody else."""
    (item,) = read(written(tmp_path, "From: a@myshop.example\nTo: care@shop.example\n"), COMPANY)
    assert isinstance(item, Read) and item.observations[0].kind == "received"


def test_in_a_customers_mailbox_everything_was_sent_to_the_customer(tmp_path: Path) -> None:
    """The mailbox's owner is the address; who wrote is the contact point."""
    path = written(tmp_path, "Delivered-To: me@example.com\nFrom: news@brand.example\nTo: list@brand.example\n")
    (item,) = read(path, CUSTOMER)
    assert isinstance(item, Read)
    (seen,) = item.observations
    assert (seen.kind, seen.direction, seen.address, seen.contact_point, seen.message) == (
        "sent",
        "outbound",
        "me@example.com",
        "news@brand.example",
        seen.key,
    )


@pytest.mark.parametrize(
    ("raw", "given", "reason"),
    [
        ("To: a@b.example\nDate: Fri, 08 Mar 2024 09:05:00 +0000\n\nx", COMPANY, "It has no readable sender."),
        ("From: a@b.example\nDate: soon\n\nx", COMPANY, "It has no readable date"),
        ("From: a@shop.example\nDate: Fri, 08 Mar 2024 09:05:00 +0000\n\nx", COMPANY, "It names no recipient."),
        ("From: a@shop.example\nDate: Fri, 08 Mar 2024 09:05:00 +0000\n\nx", CUSTOMER, "It names no recipient."),
        (
            "From: ceo@shop.example\nTo: care@shop.example\nDate: Fri, 08 Mar 2024 09:05:00 +0000\n\nx",
            COMPANY,
            "It is between the company's own addresses",
        ),
        ("nothing", COMPANY, "It has no header fields"),
    ],
)
def test_what_a_mail_lacks_parks_it(tmp_path: Path, raw: str, given: Given, reason: str) -> None:
    """The raw bytes wait with the reason."""
    path = tmp_path / "1.eml"
    path.write_text(raw)
    (item,) = read(path, given)
    assert isinstance(item, Parked) and item.reason.startswith(reason) and item.raw == raw.encode()


def test_the_same_mail_twice_has_the_same_key(tmp_path: Path) -> None:
    """Exported again, alone or in an archive, it is the same fact."""
    path = written(tmp_path, "From: ann@example.com\nTo: care@shop.example\n")
    box = tmp_path / "box"
    box.write_bytes(b"From ann Fri Mar  8 09:05:00 2024\n" + path.read_bytes())
    (first,), (again,), (boxed,) = read(path, COMPANY), read(path, COMPANY), read(box, COMPANY)
    assert first == again and isinstance(first, Read) and isinstance(boxed, Read)
    assert first.observations[0].key == boxed.observations[0].key


def test_a_hostile_mail_costs_itself_and_not_the_archive(tmp_path: Path) -> None:
    """Between two ordinary mails, one too deep and one without end."""
    folder = tmp_path / "mails"
    folder.mkdir()
    ordinary = f"From: ann@example.com\nTo: care@shop.example\n{HEAD}\nx"
    deep = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(3_000))
    for name, raw in {"1": ordinary, "2": "From: a@b.example\n" + deep, "3": "A" * 3_000_000, "4": ordinary}.items():
        (folder / name).write_text(raw)
    assert [type(item) for item in read(folder, COMPANY)] == [Read, Parked, Parked, Read]


@pytest.mark.parametrize(
    ("archive", "messages", "read_customer", "read_company"),
    [
        ("email/spamassassin.tar.gz", 790, 770, 790),
        ("email/phishing-pot.tar.gz", 487, 440, 487),
        ("email/parser-suites.tar.gz", 161, 125, 135),
        ("email/serena-a2p.tar.gz", 25, 25, 25),
    ],
)
def test_real_archives_are_accounted_for_message_by_message(
    archive: str, messages: int, read_customer: int, read_company: int
) -> None:
    """Every message is read or parked with a reason, from either side; the floors keep an empty run from passing."""
    path = shared_data(archive)
    for given, floor in ((CUSTOMER, read_customer), (COMPANY, read_company)):
        found = list(read(path, given))
        kinds = Counter(type(item).__name__ for item in found)
        assert len(found) == messages and kinds["Read"] + kinds["Parked"] == messages
        assert kinds["Read"] >= floor, Counter(item.reason for item in found if isinstance(item, Parked))
        reasons = [item.reason for item in found if isinstance(item, Parked)]
        assert not [reason for reason in reasons if reason.startswith("It could not be read")]
        assert len({item.where for item in found}) == messages


@pytest.mark.parametrize("part", [0.75, 0.33, 0.02])
def test_an_archive_cut_off_gives_its_beginning(tmp_path: Path, part: float) -> None:
    """A broken transfer is read as far as it goes, and says that it broke."""
    packed = shared_data("email/spamassassin.tar.gz").read_bytes()
    cut = tmp_path / "cut.tar.gz"
    cut.write_bytes(packed[: int(len(packed) * part)])
    found = list(read(cut, COMPANY))
    assert isinstance(found[-1], Parked) and 10 < len(found) < 790
