"""Real and hostile mail is read, or parked with a reason, in bounded time."""

import hashlib
import time
from pathlib import Path

import pytest

from onevoice.parsing.mail import Mail, Unreadable, parsed
from onevoice.parsing.mail_words import addresses_in, header_text
from onevoice.parsing.moments import when_of

PLAIN = (
    b"Return-Path: <bounce@shop.example>\r\nReceived: from a by b; Fri, 08 Mar 2024 09:06:00 +0100\r\n"
    b"From: =?utf-8?q?Shop_=C3=A9?= <news@shop.example>\r\nTo: Ann <ann@example.com>, bob@example.com\r\n"
    b"Date: Fri, 08 Mar 2024 09:05:00 +0100\r\nMessage-ID: <1@shop.example>\r\nSubject: =?iso-8859-1?B?4Ok=?= sale\r\n"
    b"List-Unsubscribe: <https://shop.example/u/1>\r\nAuto-Submitted: auto-generated\r\n\r\nHello.\r\n"
)


def mail(raw: bytes) -> Mail:
    found = parsed(raw)
    assert isinstance(found, Mail), found
    return found


def why(raw: bytes) -> str:
    found = parsed(raw)
    assert isinstance(found, Unreadable)
    return found.reason


def test_an_ordinary_mail_is_read_field_by_field() -> None:
    """Both dates, the recipients, the words and what tells an automatic or a list message."""
    assert mail(PLAIN) == Mail(
        sha256=hashlib.sha256(PLAIN).hexdigest(),
        size=len(PLAIN),
        sender="news@shop.example",
        sender_name="Shop é",
        to=("ann@example.com", "bob@example.com"),
        dated=when_of("iso")("2024-03-08T08:05Z"),
        arrived=when_of("iso")("2024-03-08T08:06Z"),
        message_id="<1@shop.example>",
        subject="àé sale",
        words="Hello.",
        list_unsubscribe="<https://shop.example/u/1>",
        auto_submitted="auto-generated",
        return_path="bounce@shop.example",
        parts=1,
    )


def test_the_visible_text_is_the_plain_part_or_the_html_made_text() -> None:
    """An attached text is not what the message says; scripts, styles and comments are not seen."""
    html = b"<style>p{}</style><p>Hi&nbsp;<b>Ann</b></p><!-- no --><script>x()</script><br>1 &lt; 2<p>Bye"
    assert mail(b"From: a@b.example\nContent-Type: text/html\n\n" + html).words == "Hi Ann\n1 < 2\nBye"
    parts = (
        b"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n"
        b"Content-Disposition: attachment\n\nnot this\n--x\nContent-Type: text/html\n\n<p>this\n--x--\n"
    )
    assert mail(parts).words == "this"


@pytest.mark.parametrize(
    ("date", "readable"),
    [
        (b"Fri, 08 Mar 2024 09:05:00 +0100", True),
        (b"8 Mar 24 09:05 GMT", True),
        (b"Fri, 08 Mar 2024 09:05:00 +9999", False),
        (b"Fri, 99 Mar 2024 09:05:00", False),
        (b"Thu, 01 Jan 1903 00:00:00 +0000", False),
        (b"\xff\xfe", False),
        (b"8 Mar 999999999999999999999999 09:05", False),
    ],
)
def test_a_broken_date_is_no_date_and_nothing_worse(date: bytes, readable: bool) -> None:
    """The rest of the mail is still read."""
    found = mail(b"From: a@b.example\nDate: " + date + b"\n\nx")
    assert bool(found.dated) is readable and found.words == "x"


@pytest.mark.parametrize(
    "charset", ["klingon", "zlib", "rot13", "idna", "punycode", "unicode_escape", "utf-7", "\\0", "a" * 5000]
)
def test_a_charset_nobody_has_is_read_all_the_same(charset: str) -> None:
    """Neither an unknown name nor a codec that is no charset is an error; the ordinary words are there."""
    head = f'From: a@b.example\nContent-Type: text/plain; charset="{charset}"\n'.encode()
    found = mail(head + f"Subject: =?{charset[:40]}?q?word?=\n\nplain words".encode())
    assert "plain words" in found.words and "word" in found.subject


def test_encoded_words_are_joined_as_their_authors_meant() -> None:
    """A character split over two encoded words is one character; what is broken stays readable."""
    assert header_text("=?utf-8?B?w6k=?= =?utf-8?B?w6k=?=") == "éé"
    assert header_text("=?utf-8?q?=C3?= =?utf-8?q?=A9?= x") == "é x"
    assert header_text("a\r\n =?utf-8?b?!!!?= b\0c") == "a b c"
    assert header_text("caf\udce9") == "café"


def test_what_is_no_address_is_left_out() -> None:
    """A line break, an option or a missing part cannot become an address."""
    values = ["Ann <ann@example.com>, nobody, -oProxy@x.example, a@, @b, undisclosed:;"]
    assert addresses_in(values, 10) == [("Ann", "ann@example.com")]
    assert addresses_in(["(" * 5000 + "a@b.example"], 10) in ([], [("", "a@b.example")])
    assert len(addresses_in([", ".join(f"a{n}@b.example" for n in range(600))], 500)) == 500


DEEP = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(400))
MANY = b"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\ny\n" * 600
NESTED = b"From: a@b.example\n" + b"Content-Type: message/rfc822\n\n" * 2_000


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "It is empty."),
        (b" \r\n\r\n", "It is empty."),
        (b"\nOnly a body.", "It has no header fields; this is no mail."),
        (b"just words\nand more", "It has no header fields; this is no mail."),
        (b"From: a@b.example\n" + DEEP, "Its parts nest deeper than 20."),
        (MANY, "It has more than 500 parts."),
        (NESTED, "It holds more than 100 messages inside."),
        (b"X: y\n" * 1_001 + b"\nz", "Its header has more than 1,000 lines."),
        (b"To: " + b"a@b.example, " * 2_000 + b"\n\nz", "One of its header fields is longer than 16,384 bytes."),
        (
            b"To: a\n" + b" b\n" * 900 + b" " + b"c" * 16_000 + b"\n\n",
            "One of its header fields is longer than 16,384 bytes.",
        ),
        (b"x" * (26 << 20), "It is larger than 26,214,400 bytes."),
        (b"A: b\n\n" + b"\n" * 2_000_001, "It has more than 1,000,000 lines."),
        (b"z" * (2 << 20), "It is one block without an end to its header; this is no mail."),
    ],
)
def test_a_mail_beyond_the_limits_is_refused_with_its_reason_at_once(raw: bytes, reason: str) -> None:
    """Refusing costs a look, not a parse."""
    began = time.process_time()
    assert why(raw) == reason
    assert time.process_time() - began < 1


HOSTILE = {
    "brackets": b"From: " + b"(" * 16_000 + b"\nTo: " + b"<" * 16_000 + b"\n\nx",
    "quotes": b"From: " + b'"\\' * 8_000 + b"\n\nx",
    "encoded words": b"Subject: " + b"=?utf-8?b?" * 1_600 + b"\n\nx",
    "received": b"From: a@b.example\nReceived: " + b";" * 16_000 + b"\n\nx",
    "tags": b"From: a@b.example\nContent-Type: text/html\n\n" + b"<" * 1_000_000,
    "unclosed comments": b"From: a@b.example\nContent-Type: text/html\n\n" + b"<!--" * 250_000,
    "false comments": b"From: a@b.example\nContent-Type: text/html\n\n" + b"<!--x>" * 166_000,
    "unclosed scripts": b"From: a@b.example\nContent-Type: text/html\n\n" + b"<script>" * 125_000,
    "open tags": b"From: a@b.example\nContent-Type: text/html\n\n" + b"<a " * 333_000,
    "entities": b"From: a@b.example\nContent-Type: text/html\n\n" + b"&" * 1_000_000,
    "returns": b"From: a@b.example\n\n" + b"\r" * 900_000,
    "boundaries": b"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n" + b"--y\n" * 250_000,
    "parameters": b"From: a@b.example\nContent-Type: text/plain; " + b"a*0=b;" * 2_700 + b"\n\nx",
    "base64": b"From: a@b.example\nContent-Transfer-Encoding: base64\n\n" + b"=" * 1_000_000,
    "quoted-printable": b"From: a@b.example\nContent-Transfer-Encoding: quoted-printable\n\n" + b"=\n" * 450_000,
    "uuencode": b"From: a@b.example\nContent-Transfer-Encoding: x-uue\n\nbegin 644 a\n" + b"M" * 1_000_000,
}


@pytest.mark.parametrize("kind", sorted(HOSTILE))
def test_a_megabyte_made_to_be_slow_is_not(kind: str) -> None:
    """Each of these is parsed, or refused, in less than two seconds of processor time."""
    began = time.process_time()
    parsed(HOSTILE[kind])
    assert time.process_time() - began < 2


@pytest.mark.parametrize("cut", range(0, len(PLAIN), 7))
def test_a_mail_cut_off_anywhere_is_read_or_refused(cut: int) -> None:
    """There is no place at which a truncated mail is an error."""
    assert isinstance(parsed(PLAIN[:cut]), Mail | Unreadable)


def test_the_words_of_a_mail_fit_the_book(tmp_path: Path) -> None:
    """They are cut at 64 kB and hold no zero bytes and no lone surrogates."""
    found = mail(b"From: a@b.example\n\n" + b"\0\xed\xa0\x80" * 100_000)
    assert len(found.words) <= 65_536 and "\0" not in found.words
    found.words.encode("utf-8")
