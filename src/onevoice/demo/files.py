"""Demo, the files: the script written as a setup folder and as the exports that real platforms give."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from io import StringIO
from pathlib import Path
from typing import Final

from onevoice.demo.company import COMPANY_TOML, DOCUMENTS, policy
from onevoice.demo.script import Customer, Letter, Mailing, Message, Permission, Script, Text
from onevoice.demo.world import World, iso

SETUP: Final = "setup"
EXPORTS: Final = "exports"

PERMISSIONS_TOML: Final = """\
format = "csv"

[time]
columns = ["at"]

[key]
columns = ["id"]

[columns]
kind = "kind"
customer = "customer"
channel = "channel"
address = "address"
unit = "unit"
permit = "permit"
source = "source"
wording = "wording"
evidence = "evidence"
mark = "mark"
topics = "topic"
until = "until"
at_most = "at_most"
days = "days"
"""
MESSAGES_TOML: Final = """\
format = "csv"

[time]
columns = ["at"]

[key]
columns = ["id"]

[columns]
customer = "customer"
platform = "platform"
unit = "unit"
channel = "channel"
address = "address"
contact_point = "point"
category = "category"
campaign = "campaign"
offer = "offer"
subject = "subject"
words = "words"

[constants]
kind = "sent"
"""


def written(world: World, script: Script) -> Iterator[tuple[str, str]]:
    """(path below the folder, text) of every file of the demo."""
    yield "README.md", "\n".join(_contents(script))
    yield f"{SETUP}/company.toml", COMPANY_TOML
    yield f"{SETUP}/policy.toml", policy()
    for name, table in (*DOCUMENTS.items(), *_people(script.customers)):
        yield f"{SETUP}/{name}.csv", _csv(table)
    for log in sorted({text.log for text in script.texts}):
        yield f"{EXPORTS}/twilio-{log}.csv", _csv(_twilio(world, [one for one in script.texts if one.log == log]))
    for campaign in sorted({mailing.campaign for mailing in script.mailings}):
        mailings = [one for one in script.mailings if one.campaign == campaign]
        yield f"{EXPORTS}/sendgrid-{campaign}.json", "\n".join(_sendgrid(world, mailings)) + "\n"
    yield f"{EXPORTS}/managers.mbox", "".join(_mail(world, letter) for letter in sorted(script.letters))
    yield f"{EXPORTS}/permissions.csv", _csv(_numbered("P", Permission._fields, sorted(script.permissions)))
    yield f"{EXPORTS}/permissions.toml", PERMISSIONS_TOML
    yield f"{EXPORTS}/messages.csv", _csv(_numbered("M", Message._fields, sorted(script.messages)))
    yield f"{EXPORTS}/messages.toml", MESSAGES_TOML


def _contents(script: Script) -> Iterator[str]:
    """What the folder holds, for whoever finds it."""
    yield "# Fernhill Group\n"
    yield "Everybody here is made up. `setup/` is the company as a setup folder, `exports/` is its month as real"
    yield "platforms export it, each table with its mapping file. The rest is Onevoice's store; `sign-in.json` says how"
    yield "to get in. Delete the folder for a new one.\n"
    yield "| Customer | What happens | What to see |\n|---|---|---|"
    for story in script.stories:
        yield f"| {story.customer} | {story.title} | {story.shows} |"
    yield ""


def write(folder: Path, world: World, script: Script) -> None:
    """Write every file of the demo below this folder."""
    for name, text in written(world, script):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="")


def _csv(rows: Iterable[Sequence[str]]) -> str:
    lines = StringIO()
    csv.writer(lines, lineterminator="\n").writerows(rows)
    return lines.getvalue()


def _people(customers: Sequence[Customer]) -> Iterator[tuple[str, Iterable[Sequence[str]]]]:
    yield (
        "customers",
        [
            ("customer", "name", "language", "zone", "units"),
            *((one.reference, one.name, one.language, one.zone, ";".join(one.units)) for one in customers),
        ],
    )
    addresses = [(one, "email", one.email) for one in customers if one.email]
    addresses += [(one, "sms", f"'{one.phone}") for one in customers if one.phone]
    yield (
        "addresses",
        [
            ("customer", "channel", "address", "shared"),
            *((one.reference, channel, address, "yes" if one.shared else "") for one, channel, address in addresses),
        ],
    )
    yield (
        "households",
        [
            ("household", "customer"),
            *((one.household, one.reference) for one in customers if one.household),
        ],
    )
    yield (
        "clients",
        [
            ("client", "name", "customer"),
            *((*one.client, one.reference) for one in customers if one.client[0]),
        ],
    )
    yield (
        "holdings",
        [
            ("customer", "topic", "since"),
            *((one.reference, topic, iso(since)) for one in customers for topic, since in one.holds),
        ],
    )


def _twilio(world: World, texts: Sequence[Text]) -> Iterator[Sequence[str]]:
    """As the console's message log downloads it."""
    yield ("From", "To", "Body", "Status", "SentDate", "NumSegments", "ErrorCode", "AccountSid", "Sid", "Direction")
    account = "AC" + world.name("account")
    for place, text in enumerate(sorted(texts)):
        sid = "SM" + world.name("text", text.log, place)
        sides = (text.theirs, text.ours) if text.inbound else (text.ours, text.theirs)
        direction = "inbound" if text.inbound else "outbound-api"
        yield (*sides, text.body, text.status, iso(text.at), "1", text.error, account, sid, direction)


def _sendgrid(world: World, mailings: Sequence[Mailing]) -> Iterator[str]:
    """As the event webhook posts it, collected one event a line."""
    for place, mailing in enumerate(sorted(mailings)):
        message = world.name("mailing", mailing.campaign, place)
        for event, minutes in mailing.events:
            told = {
                "email": mailing.email,
                "timestamp": round((mailing.at + timedelta(minutes=minutes)).timestamp()),
                "event": event,
                "sg_event_id": world.name("event", message, event),
                "sg_message_id": f"{message}.filter",
            }
            if event == "bounce":
                told |= {"type": "bounce", "bounce_classification": "Invalid Address", "status": "5.1.1"}
            yield json.dumps(told)


def _mail(world: World, letter: Letter) -> str:
    mail = EmailMessage()
    mail["From"] = f"{letter.name} <{letter.sender}>"
    mail["To"] = letter.to
    mail["Date"] = format_datetime(letter.at)
    mail["Subject"] = letter.subject
    mail["Message-ID"] = f"<{world.name('letter', letter)}@{letter.sender.partition('@')[2]}>"
    mail.set_content(letter.words)
    stamp = letter.at.astimezone(UTC).strftime("%a %b %d %H:%M:%S %Y")
    return f"From {letter.sender} {stamp}\n{mail.as_string()}\n"


def _numbered(prefix: str, fields: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[Sequence[str]]:
    yield ("id", *fields)
    for place, row in enumerate(rows):
        yield (f"{prefix}-{place + 1}", *(iso(cell) if isinstance(cell, datetime) else str(cell) for cell in row))
