"""A guess reads what a table's words give away, and leaves alone what is no log."""

from pathlib import Path

import pytest

from onevoice.nouns.observation import Given, Read
from onevoice.nouns.problem import Refused
from onevoice.vendors.table.guess import Guessed, guess_file
from onevoice.vendors.table.mapping import read_mapping
from onevoice.vendors.table.read import read_here
from onevoice.vendors.table.signs import channel_of, kind_of, kind_of_name
from onevoice.vendors.table.write import written


def guessed(folder: Path, text: str, name: str = "log.csv") -> Guessed:
    path = folder / name
    path.write_text(text, "utf-8")
    found = guess_file(path)
    assert read_mapping(written(found)) == found.mapping
    return found


@pytest.mark.parametrize(
    ("cell", "kind", "channel"),
    [
        ("Opened Email", "opened", "email"),
        ("Received Email", "delivered", "email"),
        ("received", "received", ""),
        ("emailUnsubscribe", "withdrawn", "email"),
        ("users.messages.sms.Delivery", "delivered", "sms"),
        ("EMAIL_BOUNCE", "bounced", "email"),
        ("whatsapp", "", "whatsapp"),
        ("Placed Order", "", ""),
        ("purchase", "", ""),
        ("", "", ""),
        ("a" * 10_000, "", ""),
    ],
)
def test_the_name_of_an_event_says_what_happened_and_how(cell: str, kind: str, channel: str) -> None:
    """However a platform writes it; what is no event of a message means nothing."""
    assert (kind_of(cell), channel_of(cell)) == (kind, channel)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("unsubscribes", "withdrawn"), ("email_bounces", "bounced"), ("deliveries", "delivered"), ("contacts", "")],
)
def test_the_name_of_a_file_says_what_all_its_rows_are(name: str, kind: str) -> None:
    """Exports of one statistic a file have no column for it."""
    assert kind_of_name(name) == kind


def test_a_file_of_unsubscribes_is_not_a_file_of_messages_sent(tmp_path: Path) -> None:
    """Taken for sent, it would count against a cap, and the stop would be lost."""
    found = guessed(
        tmp_path, "member_id,timestamp\nm1,2024-03-08 09:05:00\nm2,2024-03-08 09:06:00\n", "unsubscribes.csv"
    )
    assert found.mapping.constants["kind"] == "withdrawn"


@pytest.mark.parametrize(
    "text",
    [
        "id,email,created_at,role\n1,a@example.com,2024-03-08 09:05:00,agent\n2,b@example.com,2024-03-09,admin\n",
        "account_id,as_of,count\nAC1,2024-03-08 09:05:00,3\nAC1,2024-03-09 09:05:00,4\n",
        "id,phone_number,created_at\n1,+15555550100,2024-03-08 09:05:00\n",
    ],
    ids=["users", "usage", "numbers"],
)
def test_a_list_of_people_or_settings_is_no_log(text: str, tmp_path: Path) -> None:
    """It has addresses and times, but nothing in it was sent to anybody."""
    with pytest.raises(Refused):
        guessed(tmp_path, text)


def test_sender_and_recipient_change_places_where_a_message_came_in(tmp_path: Path) -> None:
    """Else the company's own number would be taken for a customer's, and a STOP would stop it."""
    text = (
        "id,account_id,date_sent,direction,from,to,body\n"
        "1,AC,2024-03-08 09:05:00,outbound-api,+15005550006,+15558675310,Hello\n"
        "2,AC,2024-03-08 09:06:00,inbound,+15558675310,+15005550006,STOP\n"
    )
    found = guessed(tmp_path, text)
    assert found.mapping.inbound == {"address": "from", "contact_point": "to"}
    assert "customer" not in found.mapping.columns
    items = list(read_here(tmp_path / "log.csv", found.mapping, Given()))
    assert {one.address for item in items if isinstance(item, Read) for one in item.observations} == {"+15558675310"}


def test_a_ticket_came_in_from_whoever_asked(tmp_path: Path) -> None:
    """Its recipient is the company's address, not a customer's."""
    text = (
        "id,requester_id,recipient,created_at,subject,description,via_channel\n"
        "1,11,care@shop.example,2024-03-08 09:05:00,Help,Where is it,email\n"
        "2,12,care@shop.example,2024-03-08 09:06:00,Help,Where is it,chat\n"
    )
    mapping = guessed(tmp_path, text).mapping
    assert mapping.constants == {"kind": "received", "direction": "inbound"}
    assert mapping.columns["customer"] == "requester_id" and mapping.columns["contact_point"] == "recipient"
    assert mapping.values["channel"] == {"chat": "chat", "email": "email"}
