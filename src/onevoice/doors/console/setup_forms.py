"""Console: what each kind of document asks in a form, in words; pure tables and the way from a form to a row."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from onevoice.nouns.problem import Fault
from onevoice.nouns.words import Category, Channel, ContactPointStatus, Mode, Word

Choice = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One question of a form. `kind` is `text`, `long`, `zone`, `yes`, `choice` (of `choices`), `one` (of the documents
    `of` a kind) or `many`; `hint` says what it is for."""

    name: str
    label: str
    kind: str = "text"
    hint: str = ""
    needed: bool = False
    of: str = ""
    choices: tuple[Choice, ...] = ()
    none: str = ""
    default: str = ""
    most: int = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A kind of document: its words, its questions, and which of them stand in the list."""

    title: str
    one: str
    says: str
    fields: tuple[Field, ...]
    listed: tuple[str, ...] = ()
    tree: bool = False
    whole: bool = False


def _plain(word: str) -> str:
    return word.replace("_", " ").capitalize()


def spoken(words: type[Word], told: Mapping[str, str] | None = None) -> tuple[Choice, ...]:
    """The words of an enum as choices, with other words where they are told."""
    return tuple((one.spoken, (told or {}).get(one.spoken) or _plain(one.spoken)) for one in words if one)


MODES: Final = {
    "monitor": "The platform goes on as before. Its logs and webhooks are read; nothing is judged or held.",
    "advise": "The platform asks before it sends and is told the verdict. The message goes whatever it says.",
    "enforce": "The platform asks before it sends and obeys: a held message waits, a suppressed one does not go.",
}
STATUSES: Final = {
    "planned": "Planned: nobody knows it yet; it may not send",
    "announced": "Announced: customers were told; it may not send yet",
    "active": "Active: it may send",
    "retiring": "Retiring: still in use, to be given up",
    "retired": "Retired: it may not send any more",
}
CHANNELS: Final = {"email": "E-mail", "sms": "SMS", "in_app": "In the app", "whatsapp": "WhatsApp"}
KEY: Final = Field(
    name="key", label="Key", hint="The word systems use for it. It never changes; left empty, it is made from the name."
)
NAME: Final = Field(name="name", label="Name", needed=True)
UNIT: Final = Field(name="unit", label="Unit", kind="one", of="units", needed=True)

FORMS: Final[dict[str, Form]] = {
    "units": Form(
        title="Units",
        one="unit",
        says="Who speaks: brands, regions, departments, franchisees. A unit sees its own messages and those below it.",
        tree=True,
        listed=("kind", "zone"),
        fields=(
            NAME,
            KEY,
            Field(name="parent", label="Below", kind="one", of="units", none="The company itself"),
            Field(name="kind", label="What it is", hint="Brand, region, department, franchisee, team …", most=40),
            Field(name="zone", label="Time zone", kind="zone", hint="Such as Europe/Berlin."),
        ),
    ),
    "platforms": Form(
        title="Platforms",
        one="platform",
        says="The systems that send. Each obeys the gate as far as its mode says.",
        listed=("unit", "mode", "vendor"),
        fields=(
            NAME,
            KEY,
            UNIT,
            Field(
                name="vendor", label="Vendor", hint="Who carries what it sends: sandbox only writes it down.", most=60
            ),
            Field(name="mode", label="Mode", kind="mode", choices=spoken(Mode), default="monitor"),
        ),
    ),
    "contact_points": Form(
        title="Contact points",
        one="contact point",
        says="Every address, number and handle from which the company speaks or at which it listens.",
        listed=("channel", "address", "unit", "status"),
        fields=(
            NAME,
            KEY,
            Field(name="channel", label="Channel", kind="choice", choices=spoken(Channel, CHANNELS), needed=True),
            Field(
                name="address", label="Address", needed=True, hint="E-mail address, number with country code, handle."
            ),
            UNIT,
            Field(name="platform", label="Platform", kind="one", of="platforms", none="None, or not known"),
            Field(
                name="status",
                label="Status",
                kind="choice",
                choices=spoken(ContactPointStatus, STATUSES),
                default="active",
            ),
            Field(name="sends", label="It sends", kind="yes", default="yes"),
            Field(name="receives", label="Replies to it are read", kind="yes", default="no"),
            Field(name="purpose", label="What it is for", hint="In a few words, for customers who ask."),
        ),
    ),
    "topics": Form(
        title="Topics",
        one="topic",
        says="What messages are about; products are topics too. Who refuses a topic refuses all below it.",
        tree=True,
        whole=True,
        listed=("unit",),
        fields=(
            NAME,
            KEY,
            Field(name="parent", label="Below", kind="one", of="topics", none="Nothing: it stands at the top"),
            Field(name="unit", label="Unit", kind="one", of="units", none="The whole company"),
        ),
    ),
    "purposes": Form(
        title="Purposes",
        one="purpose",
        says="What a permission is for. Customers give and withdraw permission for a purpose.",
        whole=True,
        fields=(NAME, KEY),
    ),
    "campaigns": Form(
        title="Campaigns",
        one="campaign",
        says="Messages that belong together, as their platform names them.",
        listed=("unit", "category", "topics"),
        fields=(
            NAME,
            KEY,
            UNIT,
            Field(name="category", label="Category", kind="choice", choices=spoken(Category), default="marketing"),
            Field(name="topics", label="Topics", kind="many", of="topics"),
            Field(name="offer", label="Offer", kind="one", of="offers", none="None"),
            Field(name="why", label="Why it exists", kind="long", most=10_000),
        ),
    ),
    "offers": Form(
        title="Offers",
        one="offer",
        says="What is promised: prices, dates, who may have it.",
        whole=True,
        listed=("topic",),
        fields=(
            NAME,
            KEY,
            Field(name="topic", label="Topic", kind="one", of="topics", none="None"),
            Field(name="terms", label="Terms", kind="long", most=10_000),
        ),
    ),
}
"""Every kind with a page of its own, in the order of the overview."""


def row_in(form: Any, kind: str, there: Mapping[str, str] | None) -> dict[str, str]:
    """A form as a row that can be edited; what the form does not ask stays as it is, and so does the key."""
    row = {field.name: _cell(form, field) for field in FORMS[kind].fields}
    key = there["key"] if there else row["key"].strip() or made_key(row["name"])
    return {**(there or {}), **row, "key": key}


def made_key(name: str) -> str:
    """`Größe & Co.` becomes `grosse-co`."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60]


def by_field(faults: Iterable[Fault], kind: str) -> dict[str, list[str]]:
    """Faults under the name of the question they answer; '' holds those of the form as a whole."""
    names = [field.name for field in FORMS[kind].fields]
    found: dict[str, list[str]] = {}
    for fault in faults:
        first, _, rest = fault.says.partition(": ")
        word = re.match(r"\w+", fault.says)
        name, says = "", fault.says
        if fault.where in names:
            name = fault.where
        elif first in names:
            name, says = first, rest
        elif word and word[0] in names:
            name, says = word[0], fault.says.removeprefix(word[0]).strip()
            says = f"This {says}"
        elif "time zone" in says and "zone" in names:
            name = "zone"
        elif "stands below itself" in says:
            name = "parent"
        elif "key" in says.lower():
            name = "key"
        elif kind == "contact_points":
            name = "address"
        found.setdefault(name, []).append(says[:1].upper() + says[1:])
    return found


def _cell(form: Any, field: Field) -> str:
    if field.kind == "many":
        return ";".join(str(one) for one in form.getall(field.name, []) if one)
    if field.kind == "yes":
        return "yes" if form.get(field.name) else "no"
    return str(form.get(field.name, "")).replace("\r\n", "\n").strip()
