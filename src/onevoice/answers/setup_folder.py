"""What would the setup folder be? Its files, written from the store; loaded into an empty one they give the same."""

import csv
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from io import StringIO

from onevoice.ledger import people
from onevoice.ledger.book import Reader
from onevoice.ledger.policies import current_policy
from onevoice.ledger.staff import all_members
from onevoice.nouns.moment import DAY, SECOND
from onevoice.nouns.problem import NotFound
from onevoice.nouns.surroundings import Document, Surroundings, Unit
from onevoice.nouns.words import Channel
from onevoice.parsing.setup_folder import COLUMNS, guarded

Cells = Iterable[str]


def setup_files(reader: Reader) -> Iterator[tuple[str, str]]:
    """(file name, text) of every file of the setup folder. Passwords and API keys are not in it; personal data is.

    Raises NotFound for an asker who does not see the whole company."""
    if not reader.authority.all_units:
        raise NotFound("Only an administrator of the whole company may take its setup folder along.")
    now = reader.surroundings
    policy = current_policy(reader.connection)
    zones = tomllib.loads(policy.body).get("plausible_zones", []) if policy else []
    company = next((unit for unit in now.units.values() if unit.parent == 0), None)
    if company is not None:
        yield "company.toml", _company(company, zones)
    yield "categories.toml", _categories(now)
    if policy is not None:
        yield "policy.toml", policy.body
    for name, rows in _documents(now, company).items():
        yield f"{name}.csv", _csv(name, rows)
    units = _keys(now.units)
    members = all_members(reader.connection)
    staff = ((one.email, one.name, units[one.unit], one.role.spoken, _yes(one.active)) for one in members)
    yield "staff.csv", _csv("staff", staff)
    for name, items in _people(reader, now):
        yield f"{name}.csv", _csv(name, items)


def _documents(now: Surroundings, company: Unit | None) -> dict[str, Iterator[Cells]]:
    units, platforms, topics, offers = map(_keys, (now.units, now.platforms, now.topics, now.offers))
    root = company.number if company else 0
    return {
        "units": (
            (one.key, one.name, "" if one.parent == root else units[one.parent], one.kind, one.zone)
            for one in now.units.values()
            if one.number != root
        ),
        "platforms": (
            (one.key, one.name, units[one.unit], one.vendor, one.mode.spoken) for one in now.platforms.values()
        ),
        "contact_points": (
            (
                one.key,
                one.name,
                one.channel.spoken,
                one.address,
                units[one.unit],
                platforms[one.platform],
                one.status.spoken,
                _yes(one.sends),
                _yes(one.receives),
                one.purpose,
            )
            for one in now.contact_points.values()
        ),
        "topics": ((one.key, one.name, topics[one.parent], units[one.unit]) for one in now.topics.values()),
        "purposes": ((one.key, one.name) for one in now.purposes.values()),
        "offers": ((one.key, one.name, topics[one.topic], one.terms) for one in now.offers.values()),
        "campaigns": (
            (
                one.key,
                one.name,
                units[one.unit],
                one.category.spoken,
                ";".join(topics[topic] for topic in one.topics),
                offers[one.offer],
                one.why,
            )
            for one in now.campaigns.values()
        ),
    }


def _people(reader: Reader, now: Surroundings) -> Iterator[tuple[str, Iterable[Cells]]]:
    units, topics = _keys(now.units), _keys(now.topics)
    zones = reader.known.zone_names()
    told = people.everybody(reader.connection)
    yield (
        "customers",
        (
            (one.reference, one.name, one.language, zones[one.zone], ";".join(units[u] for u in one.units))
            for one in told
        ),
    )
    references = {one.folio: one.reference for one in told}
    yield "addresses", _addresses(people.all_links(reader.connection), references)
    yield "households", sorted((one.household, one.reference) for one in told if one.household)
    names = people.client_names(reader.connection)
    yield "clients", sorted((one.client, names.get(one.client, ""), one.reference) for one in told if one.client)
    yield (
        "holdings",
        sorted(
            (references[customer], topics[topic], _day(since), _day(until))
            for customer, topic, since, until in people.all_holdings(reader.connection)
            if customer in references and topic in topics
        ),
    )


def _addresses(links: list[tuple[int, int, int, str]], references: Mapping[int, str]) -> Sequence[Cells]:
    users: dict[int, int] = {}
    for customer, address, _, _ in links:
        users[address] = users.get(address, 0) + (customer in references)
    return sorted(
        (references[customer], Channel(channel).spoken, value, "yes" if users[address] > 1 else "")
        for customer, address, channel, value in links
        if customer in references
    )


def _company(company: Unit, zones: list[str]) -> str:
    lines = [f"{name} = {_quoted(getattr(company, name))}" for name in ("key", "name", "zone")]
    if zones:
        lines.append(f"plausible_zones = [{', '.join(map(_quoted, zones))}]")
    return "\n".join(lines) + "\n"


def _categories(now: Surroundings) -> str:
    return "\n".join(
        f"[{bits.category.spoken}]\nobeys_caps = {_true(bits.obeys_caps)}\n"
        f"counts_towards_caps = {_true(bits.counts_towards_caps)}\nreason = {_quoted(bits.reason)}\n"
        for bits in now.categories
    )


def _csv(name: str, rows: Iterable[Cells]) -> str:
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.rstrip("!") for column in COLUMNS[name]])
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return text.getvalue()


def _keys(documents: Mapping[int, Document]) -> dict[int, str]:
    return {0: ""} | {number: document.key for number, document in documents.items()}


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's, but that DEL is written as an escape too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _true(value: bool) -> str:
    return "true" if value else "false"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _day(moment: int) -> str:
    """A day where the moment is its beginning (UTC), else a time; '' for 0."""
    if not moment:
        return ""
    when = datetime.fromtimestamp(moment // SECOND, UTC)
    return when.date().isoformat() if moment % DAY == 0 else when.isoformat()
