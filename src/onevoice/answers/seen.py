"""Answers: what this asker may see, of a message and of a person; every other answer asks here."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from sqlalchemy import ColumnElement, Select, select

from onevoice.ledger.book import Reader
from onevoice.ledger.tables import customer_units, entries, folios, labels
from onevoice.nouns.label import Label
from onevoice.nouns.problem import NotFound
from onevoice.nouns.words import Category, Channel, FolioKind

PEOPLE: Final = (int(FolioKind.CUSTOMER), int(FolioKind.ADDRESS))


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What names a message, as far as the asker may see it: of another unit only the channel is left, and `hidden`."""

    channel: str = ""
    hidden: bool = False
    category: str = ""
    unit: int = 0
    unit_name: str = ""
    purpose: str = ""
    campaign: str = ""
    topics: tuple[str, ...] = ()
    offer: str = ""
    contact_point: str = ""
    platform: str = ""

    @property
    def title(self) -> str:
        """What people call it: its campaign, else its topics, else nothing."""
        return self.campaign or ", ".join(self.topics)


def seen(reader: Reader, number: int) -> Seen:
    """The names behind a label number; labels this process has not read yet name nothing."""
    known = reader.known.labels
    label = known[number] if number < len(known) else Label()
    channel = Channel(label.channel).spoken if label.channel else ""
    if label.unit and not reader.authority.sees(label.unit):
        return Seen(channel=channel, hidden=True)
    now = reader.surroundings

    def name(documents: str, one: int) -> str:
        document = getattr(now, documents).get(one)
        return document.name if document else ""

    return Seen(
        channel=channel,
        category=Category(label.category).spoken if label.category else "",
        unit=label.unit,
        unit_name=name("units", label.unit),
        purpose=name("purposes", label.purpose),
        campaign=name("campaigns", label.campaign),
        topics=tuple(filter(None, (name("topics", topic) for topic in label.topics))),
        offer=name("offers", label.offer),
        contact_point=name("contact_points", label.contact_point),
        platform=name("platforms", label.platform),
    )


def sees_label(reader: Reader, number: int) -> bool:
    """Whether content under this label may be shown."""
    known = reader.known.labels
    return number < len(known) and (not known[number].unit or reader.authority.sees(known[number].unit))


def own_labels(reader: Reader) -> ColumnElement[bool] | None:
    """The condition on `labels` that keeps to the units the asker sees; None for the whole company."""
    return None if reader.authority.all_units else labels.c.unit.in_(sorted(reader.authority.units))


def own_customers(reader: Reader) -> Select[int]:
    """The customer folios that belong to a unit the asker sees; a subquery."""
    return select(customer_units.c.customer).where(customer_units.c.unit.in_(sorted(reader.authority.units)))


def visible_customers(reader: Reader, customers: Iterable[int]) -> dict[int, FolioKind]:
    """Those of these folios that are people the asker may see (customers, and addresses), with their kind."""
    wanted = sorted(set(customers))
    query = select(folios.c.number, folios.c.kind).where(folios.c.number.in_(wanted), folios.c.kind.in_(PEOPLE))
    if not reader.authority.all_units:
        query = query.where(folios.c.number.in_(own_customers(reader)))
    return {row.number: FolioKind(row.kind) for row in reader.connection.execute(query)} if wanted else {}


def require_customer(reader: Reader, customer: int) -> FolioKind:
    """What kind of folio this person is. Raises NotFound for one that is not there or not the asker's to see: the same
    answer, the same work."""
    found = visible_customers(reader, [customer])
    if customer not in found:
        raise NotFound("There is no customer of that number here for you to see.")
    return found[customer]


def units_below(reader: Reader, units: Sequence[int]) -> frozenset[int]:
    """These units and every unit below them."""
    tree = reader.surroundings.units
    below = set(units)
    while more := {number for number, unit in tree.items() if unit.parent in below} - below:
        below |= more
    return frozenset(below)


ENTRY_COLUMNS = tuple(
    column for column in entries.c if column.name not in ("hash", "commitment", "household", "client")
)
"""What answers read of an entry."""
