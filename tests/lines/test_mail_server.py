"""A message handed to a mail server is taken, refused, or nobody can tell; never two of these."""

import socket

import pytest

from onevoice.lines.mail_server import MailServer
from onevoice.nouns.message import Answer
from tests.lines.mail_servers import Handler, dying_server, real_server

RAW = b"Subject: x\r\n\r\nfirst\r\n.\r\n..dots\r\nlast\r\n"


def handed(port: int, seconds: float = 5) -> Answer:
    line = MailServer("127.0.0.1", port, security="none", seconds=seconds)
    return line.hand_over(sender="news@shop.example", recipient="ann@example.com", raw=RAW)


def test_a_message_taken_arrives_whole() -> None:
    """A line with a single dot does not end it, and there is one recipient."""
    handler = Handler()
    with real_server(handler) as port:
        assert handed(port).state == "taken"
    (envelope,) = handler.received
    assert (envelope.mail_from, envelope.rcpt_tos) == ("news@shop.example", ["ann@example.com"])
    assert envelope.content == RAW


@pytest.mark.parametrize(
    ("rcpt", "data", "code"),
    [
        ("550 5.1.1 no such person", "250 OK", 550),
        ("451 4.7.1 come back later", "250 OK", 451),
        ("250 OK", "554 5.7.1 not wanted", 554),
        ("250 OK", "452 4.3.1 full", 452),
    ],
)
def test_a_refusal_in_words_is_a_refusal(rcpt: str, data: str, code: int) -> None:
    """For good or for now, before or after the text: the server did not take it."""
    with real_server(Handler(rcpt, data)) as port:
        answer = handed(port)
    assert (answer.state, answer.code) == ("refused", code)


@pytest.mark.parametrize("after", ["connect", "MAIL", "RCPT"])
def test_a_server_that_dies_before_the_message_did_not_take_it(after: str) -> None:
    """It never saw the text."""
    with dying_server(after) as port:
        assert handed(port).state == "refused"


@pytest.mark.parametrize("after", ["DATA", "text"])
def test_a_server_that_dies_over_the_message_leaves_a_doubt(after: str) -> None:
    """It may have taken it: sending again could send it twice."""
    with dying_server(after) as port:
        assert handed(port).state == "unknown"


def test_no_server_at_all_is_a_refusal() -> None:
    """Nobody listens, or nobody ever says a word."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert handed(int(silent.getsockname()[1]), seconds=0.3).state == "refused"
    assert handed(1).state == "refused"


@pytest.mark.parametrize("user", ["", "u"])
def test_without_encryption_nothing_is_sent_where_encryption_is_asked(user: str) -> None:
    """A server that cannot STARTTLS does not get the message, nor the password."""
    handler = Handler()
    with real_server(handler) as port:
        line = MailServer("127.0.0.1", port, security="starttls", user=user, password="s3cret", seconds=5)
        answer = line.hand_over(sender="a@b.example", recipient="c@d.example", raw=RAW)
    assert answer.state == "refused" and not handler.received
    assert "s3cret" not in repr(line) + answer.detail
