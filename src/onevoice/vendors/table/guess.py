"""Proposes a mapping for a table nobody has described, and gives its reason for every line of it."""

import os
import re
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Final, Literal

import msgspec

from onevoice.nouns.observation import Parked
from onevoice.nouns.problem import Fault, Refused
from onevoice.parsing.bounded import Stopped, streamed
from onevoice.parsing.csv import name_of, table_of
from onevoice.parsing.moments import when_of
from onevoice.parsing.ndjson import Record, records_of
from onevoice.parsing.source import head_of, opened
from onevoice.parsing.xlsx import is_workbook
from onevoice.vendors.table.mapping import Key, Mapping, Time
from onevoice.vendors.table.names import (
    CONSENT_ONLY,
    FORMATS,
    HOURS,
    INBOUND_WORDS,
    KEYS,
    NAMES,
    OUTBOUND_WORDS,
    TIMES,
)
from onevoice.vendors.table.read import text_at
from onevoice.vendors.table.signs import (
    ASKERS,
    CALLS,
    are_events,
    channel_of,
    kind_of,
    kind_of_name,
    plain_name,
    tells_people_apart,
)

Form = Literal["csv", "ndjson", "xlsx"]
SAMPLE: Final = 2_000
FITTING: Final = 0.7
"""A format is proposed when at least this share of the values seen has it; the others would be parked."""

EMAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s]{1,253}\.[A-Za-z]{2,24}", re.ASCII)
PHONE: Final = re.compile(r"\+?[0-9][0-9 ()./-]{2,20}", re.ASCII)


class Guessed(msgspec.Struct, frozen=True, kw_only=True):
    """A proposed mapping, the reason for each line by its dotted name, and what a person should check."""

    mapping: Mapping
    reasons: dict[str, str]
    doubts: tuple[str, ...] = ()


def guess_file(path: Path) -> Guessed:
    """A mapping for this file, by its header and first rows. Raises Refused where it is no table, or nothing fits."""
    head = head_of(path)
    if is_workbook(head):
        return _guess_workbook(path)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    with opened(path) as stream:
        if start in (b"{", b"["):
            records = [item[1] for item in islice(records_of(stream, head), SAMPLE) if not isinstance(item, Parked)]
            return guess(*_as_table(records), form="ndjson", name=path.name)
        table = table_of(stream, head)
        if isinstance(table, Parked):
            raise Refused([Fault(table.where, table.reason)])
        rows = [item[1] for item in islice(table.rows, SAMPLE) if not isinstance(item, Parked)]
    return guess(table.header, rows, name=path.name)


def _guess_workbook(path: Path) -> Guessed:
    """By the first sheet that has rows, read in a bounded child."""
    rows = []
    for item in streamed("onevoice.parsing.xlsx:sampled_asked", os.fsencode(path.absolute()), list[str]):
        if isinstance(item, Stopped):
            raise Refused([Fault("workbook", item.reason)])
        rows.append(item)
    if not rows:
        raise Refused([Fault("workbook", "No sheet of it can be read as a table with a header.")])
    return guess(rows[0], rows[1:], form="xlsx", name=path.name)


def _as_table(records: list[Record]) -> tuple[tuple[str, ...], list[list[str]]]:
    header = tuple(dict.fromkeys(name for record in records for name in record))[:500]
    return header, [[text_at(record, name) for name in header] for record in records]


def guess(header: Sequence[str], rows: Sequence[Sequence[str]], form: Form = "csv", name: str = "") -> Guessed:
    """A mapping for a table with this header, these sample rows and this name of its file. Raises Refused with what
    could not be found."""
    return Guesser(header, rows, form, name).guessed()


class Guesser:
    """The state of one guess: which columns are still free, what was chosen and why."""

    def __init__(self, header: Sequence[str], rows: Sequence[Sequence[str]], form: Form, name: str) -> None:
        self.form = form
        self.name = name.split(".", 1)[0]
        self.samples = {column: [row[index] for row in rows] for index, column in enumerate(header) if column}
        self.names = {column: re.sub(r"[\s\-]+", "_", name_of(column).lower()) for column in self.samples}
        self.free = dict.fromkeys(self.samples)
        self.reasons: dict[str, str] = {}
        self.doubts: list[str] = []

    def guessed(self) -> Guessed:
        """The steps, in the order in which one choice helps the next."""
        time = self.time()
        key = self.key()
        columns = self.columns()
        constants: dict[str, str | int] = {}
        values: dict[str, dict[str, str]] = {}
        self.what_happened(columns, constants, values)
        self.channel(columns, constants, values)
        inbound = self.from_the_other_side(columns, values)
        if "category" not in columns:
            self.doubts.append('Say what these messages are, for example [constants] category = "marketing".')
        faults = []
        if time is None:
            faults.append(Fault("time", "No column holds times in a format that is known; name it under [time]."))
        if not {"customer", "address", "household"} & set(columns):
            faults.append(Fault("columns", "No column names a customer or an address; name one under [columns]."))
        elif not self.happened(columns, constants, time):
            faults.append(Fault("kind", "Nothing shows that these rows are messages, or happened to anybody."))
        if time is None or faults:
            raise Refused(faults, "This table cannot be guessed.")
        refers = {self.names[column]: column for column in list(self.free)[:24] if any(self.samples[column])}
        mapping = Mapping(
            format=self.form,
            time=time,
            key=key,
            columns=columns,
            constants=constants,
            values=values,
            inbound=inbound,
            refers=refers,
        )
        return Guessed(mapping=mapping, reasons=self.reasons, doubts=tuple(self.doubts))

    def filled(self, column: str) -> list[str]:
        return [cell.strip() for cell in self.samples[column] if cell.strip()]

    def take(self, column: str, where: str, why: str) -> str:
        self.free.pop(column, None)
        self.reasons[where] = why
        return column

    def named(self, names: Sequence[str]) -> list[str]:
        """Free columns with one of these names, the best name first; with a warehouse's prefix last."""
        exact = [column for name in names for column in self.free if self.names[column] == name]
        plain = [column for name in names for column in self.free if plain_name(self.names[column]) == name]
        return list(dict.fromkeys(exact + plain))

    def time(self) -> Time | None:
        candidates = self.named(TIMES)
        candidates += [c for c in self.free if c not in candidates and re.search("time|date|_at$", self.names[c])]
        for column in candidates:
            form = self.format_of(self.filled(column), self.names[column])
            if not form:
                continue
            hours = [hour for hour in self.named(HOURS) if hour != column] if self.days_only(column) else []
            for hour in hours:
                cells = [f"{day} {at}" for day, at in zip(self.samples[column], self.samples[hour], strict=True)]
                both = self.format_of([cell for cell in cells if cell.strip()], "")
                if both:
                    self.take(column, "time.columns", f"{column} holds days and {hour} the hour of the day.")
                    self.take(hour, "time.format", f"{column} and {hour} read together.")
                    return self.zoned((column, hour), both)
            self.take(column, "time.columns", f"the {len(self.filled(column))} values seen are times.")
            return self.zoned((column,), form)
        return None

    def days_only(self, column: str) -> bool:
        return all(len(cell) <= 10 for cell in self.filled(column)[:50])

    def zoned(self, columns: tuple[str, ...], form: str) -> Time:
        cells = [" ".join(parts) for parts in zip(*[self.samples[column][:50] for column in columns], strict=True)]
        if any(_reads(form, cell) and when_of(form)(cell) != when_of(form, "Asia/Tokyo")(cell) for cell in cells):
            self.reasons["time.zone"] = "for times that name no zone themselves."
            self.doubts.append(
                "Times without a zone are read as UTC; write the zone of the system that wrote the file."
            )
        return Time(columns=columns, format=form)

    def format_of(self, cells: list[str], name: str) -> str:
        """The format all these cells have, or nothing."""
        if not cells:
            return ""
        if all(cell.replace(".", "", 1).isdigit() for cell in cells):
            digits = max(len(cell.split(".")[0]) for cell in cells)
            return {10: "epoch", 13: "epoch_milliseconds", 16: "epoch_microseconds"}.get(digits, "")
        read = {form: sum(_reads(form, cell) for cell in cells) for form in FORMATS}
        best = max(read, key=lambda form: read[form])
        twin = _twin(best)
        if read.get(twin, 0) == read[best]:
            best = twin if "mdy" in name else best
            if "mdy" not in name and "dmy" not in name:
                self.doubts.append("Days and months could be the other way round: no value seen decides it.")
        if read[best] < FITTING * len(cells):
            return ""
        if read[best] < len(cells):
            self.doubts.append(
                f"{len(cells) - read[best]} of {len(cells)} times seen are not {best}; they will be parked."
            )
        return best

    def key(self) -> Key:
        for column in self.named(KEYS):
            cells = self.samples[column]
            if all(cells) and len(set(cells)) == len(cells):
                self.take(column, "key.columns", f"{column} is different in every row seen.")
                return Key(columns=(column,))
        self.reasons["key.columns"] = "no column is a key by its name and values; a row is known by all its cells."
        return Key()

    def columns(self) -> dict[str, str]:
        found: dict[str, str] = {}
        consent = bool(set(self.names.values()) & set(NAMES["evidence"]))
        for field, names in NAMES.items():
            if field in CONSENT_ONLY and not consent:
                continue
            for column in self.named(names):
                if self.fits(field, column):
                    found[field] = self.take(column, f"columns.{field}", "by its name.")
                    break
        return found

    def fits(self, field: str, column: str) -> bool:
        """Whether the values of a column can be this field, where its values can say."""
        values = {cell.lower() for cell in self.filled(column)}
        if field == "direction":
            return bool(values) and values <= {*INBOUND_WORDS, *OUTBOUND_WORDS}
        if field == "kind":
            return any(map(kind_of, values)) and len(values) <= 40
        if field == "channel":
            return bool(values) and 2 * sum(bool(channel_of(value)) for value in values) >= len(values)
        if field == "customer":
            return bool(values) and tells_people_apart(self.filled(column))
        if field == "category":
            return bool(values) and values <= {"safety", "legal", "service", "marketing"}
        return bool(values)

    def what_happened(
        self, columns: dict[str, str], constants: dict[str, str | int], values: dict[str, dict[str, str]]
    ) -> None:
        """Kind and direction, from a column of directions, a column of events, or the assumption that all was sent."""
        if "direction" in columns:
            self.directed(columns, values)
        if "kind" in columns:
            seen = sorted(set(self.filled(columns["kind"])), key=str.lower)
            values["kind"] = {cell.lower(): kind_of(cell) for cell in seen if kind_of(cell)}
            unknown = [cell.lower() for cell in seen if not kind_of(cell)]
            if unknown:
                self.doubts.append(f"Say under [values.kind] what {', '.join(unknown[:8])} mean; else they are parked.")
        elif "direction" in columns:
            columns["kind"] = columns["direction"]
            turn = {"outbound": "sent", "inbound": "received"}
            values["kind"] = {theirs: turn[ours] for theirs, ours in values["direction"].items()}
            self.reasons["columns.kind"] = "what came in was received, what went out was sent."
        elif self.names.get(columns.get("customer", ""), "") in ASKERS:
            self.asked(columns, constants)
        elif kind_of_name(self.name):
            constants["kind"] = kind_of_name(self.name)
            self.reasons["constants.kind"] = f"no column says what happened; the file is named {self.name}."
        else:
            constants["kind"] = "sent"
            self.reasons["constants.kind"] = "no column says what happened, so each row is taken as a message sent."

    def directed(self, columns: dict[str, str], values: dict[str, dict[str, str]]) -> None:
        """`received` in a customer's own inbox went out from the company; in the company's log it came in."""
        customers = self.names.get(columns.get("contact_point", ""), "") == "peer" and "customer" in columns
        into, out = ("outbound", "inbound") if customers else ("inbound", "outbound")
        seen = sorted({cell.lower() for cell in self.filled(columns["direction"])})
        values["direction"] = {cell: into if cell in INBOUND_WORDS else out for cell in seen}
        self.reasons["columns.direction"] = (
            "the table is of customers' own inboxes (it has a peer), so what they received went out from the company."
            if customers
            else "as its values say, seen from the company."
        )

    def asked(self, columns: dict[str, str], constants: dict[str, str | int]) -> None:
        """A table of requests: each came in from whoever asked, and its recipient is the company."""
        constants |= {"kind": "received", "direction": "inbound"}
        self.reasons["constants.kind"] = f"{columns['customer']} names who asked, so each row came in."
        if "address" in columns and "contact_point" not in columns:
            columns["contact_point"] = columns.pop("address")
            self.reasons["columns.contact_point"] = "what was asked went to the company."

    def from_the_other_side(self, columns: dict[str, str], values: dict[str, dict[str, str]]) -> dict[str, str]:
        """Sender and recipient change places where a message came in, in a log that has both directions."""
        both = {"address", "contact_point", "direction"} <= set(columns) and "customer" not in columns
        if not both or self.names[columns["contact_point"]] == "peer":
            return {}
        self.reasons["inbound.address"] = "where a message came in, its sender is the customer."
        return {"address": columns["contact_point"], "contact_point": columns["address"]}

    def happened(self, columns: dict[str, str], constants: dict[str, str | int], time: Time | None) -> bool:
        """Whether something shows that rows happened to somebody."""
        when = " ".join(self.names[column] for column in time.columns) if time else ""
        told = constants.get("kind") not in (None, "sent")
        return told or are_events(columns, when, self.names.get(columns.get("address", ""), ""))

    def channel(
        self, columns: dict[str, str], constants: dict[str, str | int], values: dict[str, dict[str, str]]
    ) -> None:
        """The channel by its own column, by the names of events, or by what the addresses look like."""
        if "channel" in columns:
            seen = sorted({cell.lower() for cell in self.filled(columns["channel"])})
            values["channel"] = {cell: channel_of(cell) for cell in seen}
            return
        named = [channel_of(cell) for cell in dict.fromkeys(self.filled(columns["kind"]))] if "kind" in columns else []
        cells = [c for field in ("address", "contact_point") if field in columns for c in self.filled(columns[field])]
        mails = sum(EMAIL.fullmatch(cell) is not None for cell in cells)
        phones = sum(PHONE.fullmatch(cell) is not None for cell in cells)
        why = ""
        if named and all(named) and len(set(named)) == 1:
            constants["channel"], why = named[0], "the names of the events say so."
        elif "subject" in columns or mails > len(cells) / 2:
            constants["channel"], why = "email", "the addresses are e-mail addresses, or there is a subject."
        elif phones > len(cells) / 2 and CALLS & set(self.names.values()):
            constants["channel"], why = "voice", "the addresses are phone numbers, and there are columns about calls."
        elif phones > len(cells) / 2 or "sms" in " ".join(self.names.values()):
            constants["channel"], why = "sms", "the addresses are phone numbers."
        elif any("email" in name for name in self.names.values()):
            constants["channel"], why = "email", "columns are named after e-mail."
        else:
            self.doubts.append('Nothing tells the channel; add for example [constants] channel = "email".')
        if why:
            self.reasons["constants.channel"] = why


def _twin(form: str) -> str:
    """The same format with day and month exchanged."""
    return form.translate({ord("d"): "m", ord("m"): "d"}) if form.startswith(("%d/%m", "%m/%d")) else ""


def _reads(form: str, cell: str) -> bool:
    try:
        when_of(form)(cell)
    except (ValueError, OverflowError):
        return False
    return True
