"""Customers over HTTP: who they are, how they are reached, and all that happened with them."""

import msgspec

from onevoice.actions.edit import edit
from onevoice.answers.customer import Customer, customer
from onevoice.answers.customers import Customers, customers
from onevoice.answers.referred import referred
from onevoice.answers.timeline import PAGE_MAX, Timeline, timeline
from onevoice.doors.http.route import Call, Nothing, Route

SEARCH_MAX = 50


class AddressIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a customer is reached; `shared` says that another customer uses it too, which is normal in a family."""

    channel: str
    value: str
    shared: bool = False


class CustomerIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A customer under the company's own `reference`. What is empty stays as it is; units and addresses are added."""

    reference: str
    name: str = ""
    language: str = ""
    zone: str = ""
    units: tuple[str, ...] = ()
    household: str = ""
    client: str = ""
    addresses: tuple[AddressIn, ...] = ()


class SearchQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The beginning of each word of a name, or a whole reference, e-mail address or phone number."""

    search: str = ""
    limit: int = 20


class TimelineQuery(msgspec.Struct, frozen=True, kw_only=True):
    """`before` is the `next` of the page before."""

    before: str = ""
    limit: int = 50


def put_customer(call: Call[CustomerIn, Nothing]) -> Customer:
    """The customer as they are afterwards."""
    given = call.body
    person = {"customer": given.reference}
    rows = {
        "customers": [
            {
                **person,
                "name": given.name,
                "language": given.language,
                "zone": given.zone,
                "units": ";".join(given.units),
            }
        ],
        "addresses": [
            {**person, "channel": one.channel, "address": one.value, "shared": "yes" if one.shared else ""}
            for one in given.addresses
        ],
        "households": [{**person, "household": given.household}] if given.household else [],
        "clients": [{**person, "client": given.client, "name": ""}] if given.client else [],
    }
    edit(call.onevoice.gate, call.authority, rows)
    with call.onevoice.book.reader(call.authority) as reader:
        return customer(reader, referred(reader, given.reference))


def search(call: Call[None, SearchQuery]) -> Customers:
    """The people the asker may see who are meant by these words; without words, the newest."""
    with call.onevoice.book.reader(call.authority) as reader:
        return customers(reader, call.query.search, limit=max(1, min(call.query.limit, SEARCH_MAX)))


def one_customer(call: Call[None, Nothing]) -> Customer:
    """A customer by the company's own reference."""
    with call.onevoice.book.reader(call.authority) as reader:
        return customer(reader, referred(reader, call.path["reference"]))


def timeline_of(call: Call[None, TimelineQuery]) -> Timeline:
    """All that happened with a customer, newest first."""
    with call.onevoice.book.reader(call.authority) as reader:
        number = referred(reader, call.path["reference"])
        return timeline(reader, number, before=call.query.before, limit=min(call.query.limit, PAGE_MAX))


ROUTES = (
    Route(
        method="POST",
        path="/v1/customers",
        says="Add a customer, or what is new about one; the same again changes nothing.",
        answer=put_customer,
        takes=CustomerIn,
        gives=Customer,
        also=(404,),
    ),
    Route(
        method="GET",
        path="/v1/customers",
        says="Who is meant by these words?",
        answer=search,
        asks=SearchQuery,
        gives=Customers,
    ),
    Route(
        method="GET",
        path="/v1/customers/{reference}",
        says="Who is this, what did they allow, what stops us, and what is reserved or due?",
        answer=one_customer,
        gives=Customer,
    ),
    Route(
        method="GET",
        path="/v1/customers/{reference}/timeline",
        says="What happened with this customer, newest first?",
        answer=timeline_of,
        asks=TimelineQuery,
        gives=Timeline,
    ),
)
