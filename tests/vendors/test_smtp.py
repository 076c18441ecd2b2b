"""A message leaves as one well-formed mail, and nothing in it can become another header or another mail."""

import email
from email import policy

import msgspec
import pytest

from onevoice.lines.mail_server import MailServer
from onevoice.nouns.message import Answer, Message
from onevoice.vendors.smtp.send import SmtpSender
from tests.lines.mail_servers import Handler, dying_server, real_server

NOW = 1_709_888_700_000_000
MESSAGE = Message(
    touch=7,
    channel="email",
    sender="news@shop.example",
    recipient="ann@example.com",
    subject="Your café order – today",
    words="Hello Ann,\n.\nFrom here on: é\n" + "long " * 400,
    headers={"List-Unsubscribe": "<https://shop.example/u/1>", "X-Campaign": "spring"},
)


class Kept:
    """A line that keeps what it is handed and answers as told."""

    def __init__(self, state: str = "taken") -> None:
        self.state = state
        self.handed: list[bytes] = []

    def hand_over(self, *, sender: str, recipient: str, raw: bytes) -> Answer:
        self.handed.append(raw)
        return Answer(state=self.state, code=250 if self.state == "taken" else 0, detail="as told")


def sender(line: Kept) -> SmtpSender:
    return SmtpSender(line, lambda: NOW, b"secret")


def changed(**fields: object) -> Message:
    return msgspec.structs.replace(MESSAGE, **fields)


def test_a_message_becomes_a_mail_that_any_program_reads() -> None:
    """Through a real server: names, date, words, and what marks it as automatic and lets people leave by one click."""
    handler = Handler()
    with real_server(handler) as port:
        line = MailServer("127.0.0.1", port, security="none")
        outcome = SmtpSender(line, lambda: NOW, b"secret").send(MESSAGE)
    assert outcome.kind == "sent"
    raw = handler.received[0].content
    assert isinstance(raw, bytes)
    mail = email.message_from_bytes(raw, policy=policy.default)
    assert {name: str(mail[name]) for name in mail if name not in ("MIME-Version", "Content-Type")} == {
        "From": "news@shop.example",
        "To": "ann@example.com",
        "Subject": "Your café order – today",
        "Date": "Fri, 08 Mar 2024 09:05:00 +0000",
        "Message-ID": outcome.vendor_id,
        "List-Unsubscribe": "<https://shop.example/u/1>",
        "X-Campaign": "spring",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "Content-Transfer-Encoding": "quoted-printable",
    }
    assert mail.get_content().splitlines() == MESSAGE.words.splitlines()
    assert all(len(part) <= 998 for part in raw.split(b"\r\n")) and raw.isascii()


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\0", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
@pytest.mark.parametrize("where", ["subject", "header", "name", "sender", "recipient"])
def test_nothing_that_ends_a_line_gets_into_a_header(where: str, end: str) -> None:
    """The message fails with a reason, and the mail server is not even asked."""
    evil = f"x{end}Bcc: everyone@example.com"
    fields: dict[str, object] = {
        "subject": {"subject": evil},
        "header": {"headers": {"X-Campaign": evil}},
        "name": {"headers": {f"X-A{end}Bcc": "x"}},
        "sender": {"sender": f"news@shop.example{end}"},
        "recipient": {"recipient": f"ann@example.com{end}x"},
    }[where]  # type: ignore[assignment]
    line = Kept()
    outcome = sender(line).send(changed(**fields))
    assert outcome.kind == "failed" and outcome.detail and not line.handed


@pytest.mark.parametrize(
    "fields",
    [
        {"headers": {"Bcc": "b@example.com"}},
        {"headers": {"To": "b@example.com"}},
        {"headers": {"Content-Type": "text/html"}},
        {"headers": {"Sender": "boss@shop.example"}},
        {"headers": {"X-A": "1", "x-a": "2"}},
        {"headers": {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}},
        {"headers": {"X-Long": "x" * 1_000}},
        {"headers": {"X-Café": "x"}},
        {"headers": {"X-A": "café"}},
        {"recipient": "-oProxyCommand=x@example.com"},
        {"recipient": "ann@example.com, bob@example.com"},
        {"recipient": "ann"},
        {"recipient": "änn@example.com"},
        {"channel": "sms"},
        {"words": "a\0b"},
        {"subject": "x" * 1_000},
    ],
)
def test_what_cannot_be_one_mail_to_one_person_fails_before_it_leaves(fields: dict[str, object]) -> None:
    """A second recipient, a forged structure, an option instead of an address."""
    line = Kept()
    outcome = sender(line).send(changed(**fields))
    assert outcome.kind == "failed" and outcome.detail and not line.handed


def test_a_long_link_to_unsubscribe_stays_a_link() -> None:
    """It is not folded and not encoded: a mail program takes it as it stands."""
    link = f"<https://shop.example/u/{'a' * 400}>, <mailto:leave@shop.example>"
    line = Kept()
    assert sender(line).send(changed(headers={"List-Unsubscribe": link})).kind == "sent"
    assert f"List-Unsubscribe: {link}\r\n".encode() in line.handed[0]


@pytest.mark.parametrize(("state", "kind"), [("taken", "sent"), ("refused", "failed"), ("unknown", "doubted")])
def test_the_servers_word_is_the_outcome(state: str, kind: str) -> None:
    """Only silence over the message itself is a doubt."""
    assert sender(Kept(state)).send(MESSAGE).kind == kind


def test_a_server_that_dies_over_the_message_leaves_the_outcome_unknown() -> None:
    """The whole way: the mail was handed over, and no answer came."""
    with dying_server("text") as port:
        line = MailServer("127.0.0.1", port, security="none", seconds=5)
        outcome = SmtpSender(line, lambda: NOW, b"secret").send(MESSAGE)
    assert outcome.kind == "doubted" and outcome.vendor_id


def test_a_message_id_is_equal_for_a_touch_and_not_to_be_guessed() -> None:
    """The same touch has the same id; another secret has others."""
    first = sender(Kept()).send(MESSAGE).vendor_id
    assert first == sender(Kept()).send(changed(subject="other")).vendor_id
    assert first != sender(Kept()).send(changed(touch=8)).vendor_id
    assert first != SmtpSender(Kept(), lambda: NOW, b"other").send(MESSAGE).vendor_id
    assert "secret" not in repr(sender(Kept()))
