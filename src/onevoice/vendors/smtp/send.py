"""Sends one message as one mail through a mail server."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import blake2b
from typing import Final

from onevoice.nouns.message import MailLine, Message, Outcome
from onevoice.nouns.moment import SECOND, Clock
from onevoice.parsing.mail_words import plausible
from onevoice.vendors.smtp.headers import NotAHeader, fields_of, one_line

SUBJECT_MAX: Final = 900
WORDS_MAX: Final = 1_000_000
KINDS: Final = {"taken": "sent", "refused": "failed", "unknown": "doubted"}


class CannotBeMail(ValueError):
    """This message cannot be sent as a mail; the reason is its text."""


@dataclass(frozen=True, slots=True)
class SmtpSender:
    """Fulfils `Sender`. `secret` makes Message-IDs that are equal for a touch and cannot be guessed by others."""

    line: MailLine
    clock: Clock
    secret: bytes = field(repr=False)

    def send(self, message: Message) -> Outcome:
        """Sent when the server took it, failed when it certainly did not, doubted when it fell silent over it. The
        vendor's id of the message is its Message-ID."""
        try:
            raw = mail_of(message, self.clock(), self.secret)
        except (CannotBeMail, NotAHeader) as error:
            return Outcome(kind="failed", detail=str(error))
        answer = self.line.hand_over(sender=message.sender, recipient=message.recipient, raw=raw)
        detail = f"{answer.code} {answer.detail}" if answer.code else answer.detail
        return Outcome(kind=KINDS[answer.state], vendor_id=message_id(message, self.secret), detail=detail)


def mail_of(message: Message, now: int, secret: bytes) -> bytes:
    """The mail for a message at this moment (microseconds UTC), its lines ended by CRLF. Raises CannotBeMail or
    NotAHeader with the reason."""
    if message.channel != "email":
        raise CannotBeMail("Only e-mail is sent by SMTP.")
    for who, address in (("sender", message.sender), ("recipient", message.recipient)):
        if not plausible(address) or not address.isascii():
            raise CannotBeMail(f"The {who}'s address is not one that SMTP can carry.")
    if not one_line(message.subject) or len(message.subject) > SUBJECT_MAX:
        raise CannotBeMail(f"The subject is one line of at most {SUBJECT_MAX} characters.")
    if len(message.words) > WORDS_MAX or "\0" in message.words:
        raise CannotBeMail(f"The words are at most {WORDS_MAX:,} characters, without zero bytes.")
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = message.sender, message.recipient, message.subject
    mail["Date"] = format_datetime(datetime.fromtimestamp(now / SECOND, UTC))
    mail["Message-ID"] = message_id(message, secret)
    # Encoded, so that no line of ours is longer than SMTP allows and none can be changed on the way.
    mail.set_content("\n".join(message.words.splitlines()) + "\n", cte="quoted-printable")
    # Written as they are: the library encodes long values, and a link to unsubscribe so encoded is dead.
    extra = "".join(f"{field.name}: {field.value}\r\n" for field in fields_of(message.headers))
    return extra.encode("ascii") + mail.as_bytes()


def message_id(message: Message, secret: bytes) -> str:
    """Equal whenever the same touch is sent, so that a mail sent twice by mishap is known by it."""
    name = blake2b(str(message.touch).encode(), key=secret[:64], digest_size=16).hexdigest()
    return f"<{name}@{message.sender.rpartition('@')[2]}>"
