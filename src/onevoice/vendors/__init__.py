"""Everything of one vendor is one folder: how to read its logs, how to send through it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from onevoice.nouns.observation import Given, Parked, Read
from onevoice.parsing.source import head_of
from onevoice.vendors.brevo import read as brevo
from onevoice.vendors.mail import read as mail
from onevoice.vendors.mailgun import read as mailgun
from onevoice.vendors.postmark import read as postmark
from onevoice.vendors.sendgrid import read as sendgrid
from onevoice.vendors.ses import read as ses
from onevoice.vendors.table.declared import Exports
from onevoice.vendors.twilio import read as twilio


@dataclass(frozen=True, slots=True)
class LogReader:
    """One kind of log: its name on the command line, what it is in a few words, whether a file looks like it by its
    path and first bytes, and its reader, which gives every record of a file once."""

    name: str
    says: str
    recognises: Callable[[Path, bytes], bool]
    read: Callable[[Path, Given], Iterator[Read | Parked]]


def exports(name: str, says: str) -> LogReader:
    """The reader of the tables that the folder of this name declares (`exports.toml`)."""
    declared = Exports(name)
    return LogReader(name, says, declared.recognises, declared.read)


VENDORS: tuple[LogReader, ...] = (
    LogReader("twilio", "Twilio message logs (CSV, JSON)", twilio.recognises, twilio.read),
    LogReader("sendgrid", "SendGrid event webhooks (JSON, NDJSON)", sendgrid.recognises, sendgrid.read),
    LogReader("mailgun", "Mailgun events (webhooks, pages of its API)", mailgun.recognises, mailgun.read),
    LogReader("postmark", "Postmark webhooks and bounces (JSON, NDJSON)", postmark.recognises, postmark.read),
    LogReader("ses", "Amazon SES events, plain or in envelopes (JSON, NDJSON)", ses.recognises, ses.read),
    LogReader("brevo", "Brevo webhooks (JSON, NDJSON)", brevo.recognises, brevo.read),
    exports("mailchimp", "Mailchimp exports and warehouse copies (CSV)"),
    exports("klaviyo", "Klaviyo warehouse copies (CSV)"),
    exports("zendesk", "Zendesk warehouse copies (CSV)"),
    exports("hubspot", "HubSpot e-mail events (JSON, CSV)"),
    exports("iterable", "Iterable exports (NDJSON, CSV)"),
    exports("intercom", "Intercom receipts of messages (CSV)"),
    exports("marketo", "Marketo bulk extracts of activities (CSV)"),
    exports("pardot", "Pardot, or Account Engagement, visitor activities (CSV)"),
    exports("braze", "Braze Currents events (NDJSON, CSV)"),
    exports("rees46", "tables of messages with flags and times, as REES46's (CSV)"),
    LogReader("mail", "mail (mbox, .eml, folders and tar archives of them)", mail.recognises, mail.read),
)
"""Asked in this order. Any other table is read by a mapping file (`vendors.table`)."""


def reader_named(name: str) -> LogReader | None:
    """The reader of this name, or None."""
    return next((reader for reader in VENDORS if reader.name == name), None)


def reader_for(path: Path) -> LogReader | None:
    """The reader that recognises this file or folder, or None: then a mapping is needed. Raises OSError where there is
    no such file."""
    head = b"" if path.is_dir() else head_of(path)
    return next((reader for reader in VENDORS if reader.recognises(path, head)), None)
