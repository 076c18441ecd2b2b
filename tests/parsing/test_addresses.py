"""One person, one address: however it was written."""

import pytest

from onevoice.nouns.problem import Fault
from onevoice.nouns.words import Channel
from onevoice.parsing.addresses import normalised, normalised_sender, zones_of_number

ONE_SPELLING = [
    (Channel.EMAIL, "  Anna@EXAMPLE.com ", "", "Anna@example.com"),
    (Channel.EMAIL, "anna@Bücher.example", "", "anna@xn--bcher-kva.example"),
    (Channel.EMAIL, "jörg@example.com.", "", "jörg@example.com"),
    (Channel.EMAIL, "first.last+shop@mail.example.com", "", "first.last+shop@mail.example.com"),
    (Channel.SMS, "+49 (0)30 123456", "", "+4930123456"),
    (Channel.SMS, "030 123456", "DE", "+4930123456"),
    (Channel.SMS, "(212) 555-0123", "us", "+12125550123"),
    (Channel.WHATSAPP, "whatsapp:+4930123456", "", "+4930123456"),
    (Channel.VOICE, "0044 20 7946 0018", "DE", "+442079460018"),
    (Channel.POST, " 1 Main Street ", "", "1 Main Street"),
    (Channel.SOCIAL, "@anna", "", "@anna"),
]


@pytest.mark.parametrize(("channel", "written", "region", "expected"), ONE_SPELLING)
def test_one_address_has_one_spelling(channel: Channel, written: str, region: str, expected: str) -> None:
    """However people write an address, it becomes the same one, and normalising it again changes nothing."""
    assert normalised(channel, written, region) == expected
    assert normalised(channel, expected) == expected


REFUSED = [
    (Channel.EMAIL, "", "needed"),
    (Channel.EMAIL, "anna", "is not an e-mail address"),
    (Channel.EMAIL, "@example.com", "is not an e-mail address"),
    (Channel.EMAIL, "anna@example", "is not a domain name"),
    (Channel.EMAIL, "anna@-example.com", "is not a domain name"),
    (Channel.EMAIL, "anna@exa mple.com", "is not a domain name"),
    (Channel.EMAIL, "anna@127.0.0.1", "is not a domain name"),
    (Channel.EMAIL, "anna@example..com", "is not a domain name"),
    (Channel.EMAIL, "an na@example.com", "before the @ cannot be used"),
    (Channel.EMAIL, ".anna@example.com", "before the @ cannot be used"),
    (Channel.EMAIL, "an..na@example.com", "before the @ cannot be used"),
    (Channel.EMAIL, "Anna <anna@example.com>", "before the @ cannot be used"),
    (Channel.EMAIL, f"{'a' * 65}@example.com", "longer than 64"),
    (Channel.EMAIL, f"{'a' * 60}@{'.'.join(['b' * 60] * 4)}.com", "longer than 254"),
    (Channel.EMAIL, "a" * 401, "longer than 400"),
    (Channel.EMAIL, "anna@example.com\r\nBcc: all@example.com", "line break"),
    (Channel.EMAIL, "anna@example.com\n", "line break"),
    (Channel.EMAIL, "anna\0@example.com", "line break"),
    (Channel.EMAIL, "anna\u2028@example.com", "line break"),
    (Channel.EMAIL, "-oQ/tmp@example.com", "hyphen"),
    (Channel.SMS, "030 123456", "country code"),
    (Channel.SMS, "+49", "is not a phone number"),
    (Channel.SMS, "+49 30", "digits"),
    (Channel.SMS, "+1 212 555 0123 4567 89", "digits"),
    (Channel.SMS, "+49 30 123456 ext. 7", "extension"),
    (Channel.IN_APP, "user\r7", "line break"),
]


@pytest.mark.parametrize(("channel", "written", "says"), REFUSED)
def test_what_is_no_address_is_refused_with_a_sentence(channel: Channel, written: str, says: str) -> None:
    """A value that could not be sent to, or could smuggle a header or an option, is a fault that says why."""
    fault = normalised(channel, written, where="address")
    assert isinstance(fault, Fault)
    assert fault.where == "address"
    assert says in fault.says


@pytest.mark.parametrize(
    ("channel", "written", "expected"),
    [
        (Channel.EMAIL, "News.Example.com", "news.example.com"),
        (Channel.EMAIL, "Desk@Example.com", "Desk@example.com"),
        (Channel.SMS, "72975", "72975"),
        (Channel.SMS, "LUMEN", "LUMEN"),
        (Channel.SMS, "+49 30 123456", "+4930123456"),
        (Channel.SOCIAL, "@lumen", "@lumen"),
    ],
)
def test_the_company_also_speaks_from_domains_and_short_codes(channel: Channel, written: str, expected: str) -> None:
    """A contact point may be a mail domain, a short code or a sender name; a customer's address may not."""
    assert normalised_sender(channel, written) == expected


def test_a_german_number_is_in_germany() -> None:
    """The plausible zones of a number are those of its country; Zurich's clock also serves a German enclave."""
    assert zones_of_number("+4930123456") == ("Europe/Berlin", "Europe/Zurich")


def test_an_american_number_may_be_anywhere_in_its_country() -> None:
    """A country with several zones gives all of them, because people keep their number when they move."""
    zones = zones_of_number("+12125550123")
    assert {"America/New_York", "America/Los_Angeles", "Pacific/Honolulu"} <= set(zones)
    assert "Europe/Berlin" not in zones


@pytest.mark.parametrize("number", ["+881612345678", "hello", ""])
def test_a_number_without_a_country_has_no_zones(number: str) -> None:
    """A satellite phone or no number at all gives no zones, so that the policy's own plausible zones stand in."""
    assert zones_of_number(number) == ()
