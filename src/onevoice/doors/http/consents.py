"""Consents over HTTP: a permission given or withdrawn, with its proof; and what a customer allows now."""

from typing import Any, Literal

import msgspec

from onevoice.actions.observe import Observed
from onevoice.answers.customer import Permission, State, customer
from onevoice.answers.referred import referred
from onevoice.doors.http.proposals import key_of
from onevoice.doors.http.route import Call, Later, Nothing, Route
from onevoice.doors.http.wire import Moment, to_noun
from onevoice.nouns.observation import Observation


class ConsentIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`kind` is `consented` or `withdrawn`. A consent needs its `source`, the `wording` the person saw and `evidence`
    (where and how it can be shown); without them it waits in quarantine and allows nothing. Empty `channel`, `purpose`
    or `unit` means all of them. `key` is your own id of the fact."""

    kind: Literal["consented", "withdrawn"]
    occurred: Moment
    key: str = ""
    customer: str = ""
    address: str = ""
    channel: str = ""
    purpose: str = ""
    unit: str = ""
    permit: Literal["", "express", "implied_purchase", "implied_inquiry"] = ""
    source: str = ""
    wording: str = ""
    evidence: str = ""


class ConsentsQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Whose: the company's own reference."""

    customer: str


class Consents(msgspec.Struct, frozen=True, kw_only=True):
    """The newest word on each channel, purpose and unit, and what stops or narrows contact just now."""

    customer: int
    permissions: tuple[Permission, ...]
    states: tuple[State, ...]


def tell(call: Call[ConsentIn, Nothing]) -> Later[Observed]:
    """Hands the consent to the book as the observation it is."""
    given: Any = call.body
    key = key_of(given.key, call.key)
    permit = given.permit or ("express" if given.kind == "consented" else "")
    observation = to_noun(given, Observation, call.onevoice.book.clock(), key=key, permit=permit)
    return Later(call.onevoice.gate.submit_observation(call.authority, observation))


def list_consents(call: Call[None, ConsentsQuery]) -> Consents:
    """What this customer allows and does not, as far as the asker sees the units it is about."""
    with call.onevoice.book.reader(call.authority) as reader:
        found = customer(reader, referred(reader, call.query.customer))
    return Consents(customer=found.number, permissions=found.permissions, states=found.states)


ROUTES = (
    Route(
        method="POST",
        path="/v1/consents",
        says="A permission was given or withdrawn.",
        answer=tell,
        takes=ConsentIn,
        gives=Observed,
        keyed=True,
        swift=True,
        also=(404, 409),
    ),
    Route(
        method="GET",
        path="/v1/consents",
        says="What does this customer allow, since when, and how is it proven?",
        answer=list_consents,
        asks=ConsentsQuery,
        gives=Consents,
        also=(404,),
    ),
)
