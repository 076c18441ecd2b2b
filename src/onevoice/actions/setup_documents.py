"""Setting up, the documents: rows of the folder become documents with numbers, or faults that say where and what."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from onevoice.actions.staff import staff_address
from onevoice.ledger.staff import Member
from onevoice.nouns.problem import Fault
from onevoice.nouns.surroundings import (
    Campaign,
    CategoryBits,
    ContactPoint,
    Document,
    Offer,
    Platform,
    Purpose,
    Surroundings,
    Topic,
    Unit,
)
from onevoice.nouns.words import Category, Channel, ContactPointStatus, Mode, Role, Word
from onevoice.parsing.addresses import normalised_sender, zone_names
from onevoice.parsing.setup_folder import COMPANY, Folder, Row

Spoken = TypeVar("Spoken", bound=Word)
PURPOSES_MAX: Final = 255
ROOT_KEY: Final = "company"
YES: Final = {"yes": True, "no": False, "true": True, "false": False, "1": True, "0": False}


@dataclass(slots=True)
class Planned:
    """What the folder's documents come to, numbers included, and every fault found on the way."""

    documents: list[Document | CategoryBits] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    plausible_zones: tuple[str, ...] = ()
    region: str = ""
    topics: dict[str, int] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def plan_documents(folder: Folder, now: Surroundings, members: Sequence[Member]) -> Planned:
    """The documents and members of staff the folder asks for, on top of those there are. Pure; call it again when the
    documents changed meanwhile."""
    planned = Planned()
    reading = _Reading(folder, now, planned)
    reading.company()
    reading.units()
    reading.platforms()
    reading.topics()
    reading.contact_points()
    planned.documents += [Purpose(**reading.head(row, "purposes")) for row in reading.rows("purposes")]
    reading.offers()
    reading.campaigns()
    planned.documents += list(_categories(folder.categories, now, planned.faults))
    planned.members = list(reading.staff(members))
    planned.topics, planned.units = reading.numbers["topics"], reading.numbers["units"]
    if len(reading.numbers["purposes"]) > PURPOSES_MAX:
        planned.faults.append(Fault("purposes.csv", f"There can be at most {PURPOSES_MAX} purposes."))
    return planned


class _Reading:
    """The keys known so far, and the faults; each method turns one file's rows into documents."""

    def __init__(self, folder: Folder, now: Surroundings, planned: Planned) -> None:
        self.folder = folder
        self.planned = planned
        self.faults = planned.faults
        self.now = now
        self.root = min((number for number, unit in now.units.items() if unit.parent == 0), default=1)
        kinds = ("units", "platforms", "contact_points", "topics", "purposes", "offers", "campaigns")
        self.numbers: dict[str, dict[str, int]] = {kind: self._known(kind) for kind in kinds}
        self.company_zone = now.units[self.root].zone if self.root in now.units else "UTC"

    def _known(self, kind: str) -> dict[str, int]:
        """Numbers of the keys there are; then those of the file, in its order, as they will be."""
        there: Mapping[int, Document] = getattr(self.now, kind)
        known = {document.key: number for number, document in there.items()}
        last = max(there, default=1 if kind == "units" else 0)  # the company itself is unit 1
        for row in self.folder.rows[kind]:
            key = row.cells["key"]
            if key and key not in known:
                last += 1
                known[key] = last
        return known

    def company(self) -> None:
        """company.toml: the root unit, and what holds for the whole company."""
        told = self.folder.company
        there = self.now.units.get(self.root)
        for name, value in told.items():
            fine = isinstance(value, list) if name == "plausible_zones" else isinstance(value, str)
            if name not in COMPANY:
                self.faults.append(Fault("company.toml", f"There is no {name[:60]} here; take {', '.join(COMPANY)}."))
            elif not fine or (value == "" and name in ("key", "name", "zone")):
                self.faults.append(Fault("company.toml", f"{name} cannot be read: write a text, or a list of zones."))
        if not told and there is None:
            self.faults.append(Fault("company.toml", 'is missing: write at least name = "…" and zone = "Europe/…".'))
        key = _text(told, "key") or (there.key if there else ROOT_KEY)
        name = _text(told, "name") or (there.name if there else key)
        if told and "name" not in told:
            self.faults.append(Fault("company.toml", "name is missing."))
        zones = told.get("plausible_zones", [])
        self.planned.plausible_zones = tuple(str(zone) for zone in zones) if isinstance(zones, list) else ()
        self.planned.region = _text(told, "region")
        self.company_zone = _text(told, "zone") or self.company_zone
        for zone in (self.company_zone, *self.planned.plausible_zones):
            self.zone("company.toml", zone)
        if self.numbers["units"].get(key, self.root) != self.root:
            self.faults.append(Fault("company.toml", f"“{key}” is the key of a unit below the company already."))
        if any(row.cells["key"] == key for row in self.folder.rows["units"]):
            self.faults.append(Fault("company.toml", f"“{key}” stands among the units too; the company is their root."))
        if there is not None and there.key != key:
            self.faults.append(Fault("company.toml", f"The company's key is “{there.key}” and cannot be changed."))
        self.numbers["units"][key] = self.root
        self.planned.documents.append(
            Unit(number=self.root, key=key, name=name, kind=there.kind if there else "company", zone=self.company_zone)
        )

    def units(self) -> None:
        """units.csv: everything below the company; without a parent, right below it."""
        below: list[Unit] = []
        for row in self.rows("units"):
            zone = row.cells["zone"] or self.company_zone
            self.zone(row.where, zone)
            parent = self.reference(row, "parent", "units") or self.root
            kind = row.cells["kind"] or "department"
            below.append(Unit(**self.head(row, "units"), parent=parent, kind=kind, zone=zone))
        self.planned.documents += below
        self.no_rings("units", {**self.now.units, **{unit.number: unit for unit in below}})

    def platforms(self) -> None:
        """platforms.csv."""
        for row in self.rows("platforms"):
            self.planned.documents.append(
                Platform(
                    **self.head(row, "platforms"),
                    unit=self.reference(row, "unit", "units"),
                    vendor=row.cells["vendor"] or "sandbox",
                    mode=self.word(row, "mode", Mode, Mode.MONITOR),
                )
            )

    def topics(self) -> None:
        """topics.csv; products are topics too."""
        wanted: list[Topic] = []
        for row in self.rows("topics"):
            parent, unit = self.reference(row, "parent", "topics"), self.reference(row, "unit", "units")
            wanted.append(Topic(**self.head(row, "topics"), parent=parent, unit=unit))
        self.planned.documents += wanted
        self.no_rings("topics", {**self.now.topics, **{topic.number: topic for topic in wanted}})

    def contact_points(self) -> None:
        """contact_points.csv."""
        for row in self.rows("contact_points"):
            channel = self.word(row, "channel", Channel, Channel.EMAIL)
            address = normalised_sender(channel, row.cells["address"], self.planned.region, row.where)
            if isinstance(address, Fault):
                self.faults.append(address)
                continue
            self.planned.documents.append(
                ContactPoint(
                    **self.head(row, "contact_points"),
                    channel=channel,
                    address=address,
                    unit=self.reference(row, "unit", "units"),
                    platform=self.reference(row, "platform", "platforms"),
                    status=self.word(row, "status", ContactPointStatus, ContactPointStatus.ACTIVE),
                    sends=self.yes(row, "sends", True),
                    receives=self.yes(row, "receives", False),
                    purpose=row.cells["purpose"],
                )
            )

    def offers(self) -> None:
        """offers.csv."""
        for row in self.rows("offers"):
            topic = self.reference(row, "topic", "topics")
            self.planned.documents.append(Offer(**self.head(row, "offers"), topic=topic, terms=row.cells["terms"]))

    def campaigns(self) -> None:
        """campaigns.csv; several topics are parted by semicolons."""
        for row in self.rows("campaigns"):
            topics = [key.strip() for key in row.cells["topics"].split(";") if key.strip()]
            numbers = {self.key(row.where, "topics", key, "topics") for key in topics}
            self.planned.documents.append(
                Campaign(
                    **self.head(row, "campaigns"),
                    unit=self.reference(row, "unit", "units"),
                    category=self.word(row, "category", Category, Category.MARKETING),
                    topics=tuple(sorted(numbers)),
                    offer=self.reference(row, "offer", "offers"),
                    why=row.cells["why"],
                )
            )

    def staff(self, members: Sequence[Member]) -> Iterator[Member]:
        """staff.csv: no passwords; whoever is new is invited."""
        known = {member.email: member for member in members}
        last = max((member.number for member in members), default=0)
        seen: set[str] = set()
        for row in self.folder.rows["staff"]:
            email = staff_address(row.cells["email"], row.where)
            role, unit = self.word(row, "role", Role, Role.VIEWER), self.reference(row, "unit", "units")
            active = self.yes(row, "active", True)
            if isinstance(email, Fault) or email in seen:
                self.faults.append(email if isinstance(email, Fault) else Fault(row.where, f"{email} is there twice."))
                continue
            seen.add(email)
            there = known.get(email)
            last += there is None
            number, epoch = (there.number, there.epoch) if there else (last, 1)
            invited = there.invited if there else True
            yield Member(
                number=number, email=email, name=row.cells["name"], unit=unit, role=role, active=active, epoch=epoch,
                invited=invited,
            )  # fmt: skip

    def rows(self, kind: str) -> Iterator[Row]:
        """The file's rows, each key once; a second one is a fault."""
        seen: set[str] = set()
        for row in self.folder.rows[kind]:
            key = row.cells["key"]
            if key in seen:
                self.faults.append(Fault(row.where, f"The key “{key}” is there twice."))
            elif ";" in key:
                self.faults.append(Fault(row.where, f"The key “{key}” must not hold a semicolon."))
            elif key:
                seen.add(key)
                yield row

    def head(self, row: Row, kind: str) -> dict[str, Any]:
        """Number, key and name, which every document has."""
        key = row.cells["key"]
        return {"number": self.numbers[kind][key], "key": key, "name": row.cells["name"] or key}

    def reference(self, row: Row, column: str, kind: str) -> int:
        """The number of the document a cell names; 0 for an empty one."""
        return self.key(row.where, column, row.cells[column], kind)

    def key(self, where: str, column: str, key: str, kind: str) -> int:
        number = self.numbers[kind].get(key, 0) if key else 0
        if key and not number:
            self.faults.append(Fault(where, f"{column}: there is no “{key}” in {kind}.csv, nor was there before."))
        return number

    def word(self, row: Row, column: str, words: type[Spoken], default: Spoken) -> Spoken:
        """The word a cell speaks, the default for an empty one."""
        spoken = row.cells[column]
        found = [word for word in words if word and word.spoken == spoken.lower()]
        if spoken and not found:
            choices = ", ".join(word.spoken for word in words if word)
            self.faults.append(Fault(row.where, f"{column}: “{spoken[:60]}” is not one of {choices}."))
        return found[0] if found else default

    def yes(self, row: Row, column: str, default: bool) -> bool:
        told = row.cells[column].lower()
        if told and told not in YES:
            self.faults.append(Fault(row.where, f"{column}: say yes or no."))
        return YES.get(told, default)

    def zone(self, where: str, zone: str) -> None:
        if zone not in zone_names():
            self.faults.append(Fault(where, f"“{zone[:60]}” is not a time zone; they look like Europe/Berlin."))

    def no_rings(self, kind: str, documents: Mapping[int, Unit] | Mapping[int, Topic]) -> None:
        """Nothing may stand below itself."""
        for number, document in documents.items():
            above, steps = document.parent, 0
            while above and above != number and above in documents and steps <= len(documents):
                above, steps = documents[above].parent, steps + 1
            if above == number:
                self.faults.append(Fault(f"{kind}.csv", f"“{document.key}” stands below itself."))


def _categories(told: dict[str, Any], now: Surroundings, faults: list[Fault]) -> Iterator[CategoryBits]:
    """categories.toml: a table per category with its two bits and, for one that does not obey, the reason."""
    for name, table in told.items():
        category = next((each for each in Category if each.spoken == name), None)
        if category is None or not isinstance(table, dict):
            faults.append(Fault("categories.toml", f"[{name[:60]}] is not a table of {_spoken(Category)}."))
            continue
        bits = {"obeys_caps": True, "counts_towards_caps": True, "reason": ""}
        for key, value in table.items():
            if key not in bits or type(value) is not type(bits[key]):
                faults.append(
                    Fault(f"categories.toml:{name}", f"{key[:60]} is not obeys_caps, counts_towards_caps or reason.")
                )
            else:
                bits[key] = value
        if not bits["reason"] and not (bits["obeys_caps"] and bits["counts_towards_caps"]):
            faults.append(Fault(f"categories.toml:{name}", "A category that is not capped needs a reason."))
        yield CategoryBits(
            category=category,
            obeys_caps=bool(bits["obeys_caps"]),
            counts_towards_caps=bool(bits["counts_towards_caps"]),
            reason=str(bits["reason"]),
        )


def _spoken(words: type[Word]) -> str:
    return ", ".join(word.spoken for word in words if word)


def _text(table: Mapping[str, Any], name: str) -> str:
    value = table.get(name, "")
    return value.strip() if isinstance(value, str) else ""
