"""What a process keeps in memory of the store: labels, documents and short names, refreshed by version."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, Table, select

from onevoice.ledger.documents import read_surroundings
from onevoice.ledger.engine import Transaction
from onevoice.ledger.tables import journeys, labels, packages, sources, templates, zones
from onevoice.nouns.label import SINGLE_FIELDS, Label
from onevoice.nouns.surroundings import Surroundings

NAMES: Final[tuple[Table, ...]] = (sources, templates, journeys, packages, zones)

NEWEST: Final = """
SELECT (SELECT coalesce(max(number), 0) FROM labels), (SELECT coalesce(max(version), 0) FROM surroundings),
  (SELECT coalesce(max(number), 0) FROM zones), (SELECT coalesce(max(number), 0) FROM sources),
  (SELECT coalesce(max(version), 0) FROM policies),
  (SELECT count(*) FROM (SELECT 1 FROM stopped_addresses LIMIT 1) s)"""
"""What may have grown: labels, documents, zones, sources, policies; and whether any stop outlived an erasure."""


class Known:
    """Append-only numbers and the newest surroundings. One for the writer, which adds, and one for all readers, which
    only refreshes; after a failed write `forget` is called, because numbers given in it never came to be."""

    def __init__(self) -> None:
        self.surroundings = Surroundings()
        self.labels: list[Label] = [Label()]
        self._numbers: dict[Label, int] = {Label(): 0}
        self._names: dict[str, dict[str, int]] = {table.name: {} for table in NAMES}
        self.policy_version = 0
        self.any_stops = False
        self._stale = True

    def forget(self) -> None:
        """Read everything again before the next use."""
        self._stale = True

    def refresh(self, connection: Connection) -> None:
        """Take in what other writers added; one small query when there is nothing new. What is known of later moments
        than this connection's stays known."""
        row = connection.exec_driver_sql(NEWEST).fetchone()
        assert row is not None
        label, version, zone, source, self.policy_version, stops = row
        self.any_stops = bool(stops)
        named = max(self._names[zones.name].values(), default=0), max(self._names[sources.name].values(), default=0)
        labelled = label > len(self.labels) - 1
        if self._stale or labelled or zone > named[0] or source > named[1]:
            self._read_names(connection)  # a new journey or package comes with a new label
        if self._stale or labelled:
            self._read_labels(connection)
        if self._stale or version != self.surroundings.version:
            self.surroundings = read_surroundings(connection)
        self._stale = False

    def label(self, tx: Transaction, label: Label) -> int:
        """The number of a label, given now if it is new."""
        number = self._numbers.get(label)
        if number is None:
            number = len(self.labels)
            topics = ",".join(str(topic) for topic in label.topics)
            tx.add(labels, [(number, *[getattr(label, field) for field in SINGLE_FIELDS], topics)])
            self.labels.append(label)
            self._numbers[label] = number
        return number

    def name(self, tx: Transaction, table: Table, key: str) -> int:
        """The number of a source, template, journey, package or zone set, given now if it is new; 0 for ''."""
        if not key:
            return 0
        names = self._names[table.name]
        if key not in names:
            (number,) = tx.numbers(table, 1)
            tx.add(table, [(number, key)])
            names[key] = number
        return names[key]

    def key_of(self, table: Table, number: int) -> str:
        """The name behind a number, '' for 0 or unknown."""
        return next((key for key, value in self._names[table.name].items() if value == number), "")

    def journeys(self) -> Mapping[str, int]:
        """The number of every journey that a message named, by its key."""
        return self._names[journeys.name]

    def zone_names(self) -> tuple[str, ...]:
        """All zones and sets of plausible zones; index = number, 0 is unknown."""
        named = self._names[zones.name]
        return ("", *sorted(named, key=lambda key: named[key]))

    def _read_labels(self, connection: Connection) -> None:
        rows = connection.execute(select(labels).order_by(labels.c.number)).all()
        read = [Label(), *[_label(row) for row in rows]]
        self._numbers = {label: number for number, label in enumerate(read)}
        self.labels = read

    def _read_names(self, connection: Connection) -> None:
        for table in NAMES:
            column = table.c.name if table is sources else table.c.key
            self._names[table.name] = {
                row[1]: row[0] for row in connection.execute(select(table.c.number, column).order_by(table.c.number))
            }


def _label(row: Sequence[object]) -> Label:
    fields = dict(zip(SINGLE_FIELDS, row[1:], strict=False))
    topics = str(row[len(SINGLE_FIELDS) + 1])
    return Label(**fields, topics=tuple(int(topic) for topic in topics.split(",") if topic))  # type: ignore[arg-type]


Salt = Callable[[], bytes]
"""Returns 16 random bytes."""
