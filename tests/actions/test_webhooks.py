"""Webhooks: a sender hears what became of what waited, signed, once or again until it is taken, and never elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from onevoice.actions.deliver_webhooks import PAUSES, deliver_due
from onevoice.actions.webhooks import (
    change_secret,
    name_endpoint,
    secret_of,
    secret_shown,
    stop_endpoint,
    tell_again,
)
from onevoice.answers.webhooks import webhooks
from onevoice.ledger.documents import verify_changes
from onevoice.ledger.webhook_tables import webhook_messages
from onevoice.lines.http import WebLine
from onevoice.nouns.authority import ROLE_VERBS, SYSTEM, Authority
from onevoice.nouns.moment import DAY, SECOND
from onevoice.nouns.problem import NotFound, Refused
from onevoice.nouns.words import Role
from tests.book import BANK, SHOP, SHOP_AGENT, Company
from tests.lines.web_servers import web_server

HERE = frozenset({"127.0.0.1"})
LINE = WebLine(HERE)
SHOP_ADMIN = Authority(who="staff:5", unit=SHOP, units=frozenset({SHOP}), verbs=ROLE_VERBS[Role.UNIT_ADMIN])
BANK_ADMIN = Authority(who="staff:6", unit=BANK, units=frozenset({BANK}), verbs=ROLE_VERBS[Role.UNIT_ADMIN])


@dataclass
class Receiver:
    """A sender's own server: it keeps what it is told, and answers as the story says."""

    url: str = ""
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def take(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        assert (method, path) == ("POST", "/told")
        self.got.append((headers, body))
        return self.status, self.headers, b""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A real web server on this machine."""
    made = Receiver()
    with web_server(made.take) as address:
        made.url = f"{address}/told"
        yield made


@pytest.fixture(autouse=True)
def today(company: Company) -> None:
    """The library that receivers use compares with its own clock: the story happens now."""
    company.clock.set(datetime.now(UTC).isoformat())


def listening(company: Company, url: str, by: Authority = SHOP_ADMIN, unit: str = "shop") -> int:
    return name_endpoint(company.gate, by, unit=unit, url=url, private_hosts=HERE)


def released(company: Company, customer: str = "C1") -> int:
    """A message that was held, and goes: the gap is over."""
    company.policy('name = "gap"\n\n[[rules]]\ntype = "minimum_gap"\nname = "a minute between"\nseconds = 60\n')
    company.observe("sent", touch=company.propose(customer).touch)
    touch = company.propose(customer).touch
    assert company.thread(touch).verdict == 2
    company.clock.forward(seconds=61)
    company.gate.look_again()
    return touch


def verified(company: Company, receiver: Receiver, endpoint: int, version: int = 1, place: int = -1) -> Any:
    headers, body = receiver.got[place]
    return Webhook(secret_shown(secret_of(company.book, endpoint, version))).verify(body, headers)


def states(company: Company) -> list[tuple[int, int, str]]:
    """(tries, state, fault) of everything that was to be told."""
    return [(row[4], row[6], row[7]) for row in company.rows(webhook_messages)]


def test_a_sender_hears_of_a_release_in_a_signed_message(company: Company, receiver: Receiver) -> None:
    """Once, with the numbers it was given, and not a word about the person."""
    number = listening(company, receiver.url)
    touch = released(company)
    assert deliver_due(company.gate, LINE) == 1
    told = verified(company, receiver, number)
    assert (told["type"], told["data"]["touch"], told["data"]["unit"]) == ("message.released", touch, "shop")
    assert told["data"]["lease_until"] and "C1" not in receiver.got[0][1].decode()
    assert deliver_due(company.gate, LINE) == 0 and len(receiver.got) == 1
    assert states(company) == [(1, 1, "")]
    with pytest.raises(WebhookVerificationError):
        verified(company, receiver, number, version=2)


def test_what_was_given_up_is_told_too(company: Company, receiver: Receiver) -> None:
    """A STOP that came while it waited ends the wait."""
    number = listening(company, receiver.url)
    for _ in range(2):
        company.observe("sent", touch=company.propose("C1", address="ana@example.com").touch)
    touch = company.propose("C1", address="ana@example.com").touch
    company.observe("withdrawn", address="ana@example.com", channel="email")
    company.clock.forward(days=1)
    company.gate.look_again()
    assert deliver_due(company.gate, LINE) == 1
    _, body = receiver.got[0]
    assert f'"touch":{touch}' in body.decode() and "message.given_up" in body.decode() and number == 1


def test_two_secrets_sign_while_one_follows_the_other(company: Company, receiver: Receiver) -> None:
    """For a day after a change either secret verifies; then the new one alone."""
    number = listening(company, receiver.url)
    change_secret(company.gate, SHOP_ADMIN, number)
    released(company)
    deliver_due(company.gate, LINE)
    for version in (1, 2):
        assert verified(company, receiver, number, version)["type"] == "message.released"
    with company.book.engine.writing() as tx:
        tx.connection.exec_driver_sql("UPDATE webhook_endpoints SET older_until = 1")
    released(company, "C2")
    deliver_due(company.gate, LINE)
    assert len(receiver.got[-1][0]["webhook-signature"].split()) == 1
    assert verified(company, receiver, number, 2)


def test_ten_tries_in_three_days_then_a_person_looks_and_tells_it_again(company: Company, receiver: Receiver) -> None:
    """Pauses grow; what was given up stands in a list until somebody has it told again."""
    listening(company, receiver.url)
    released(company)
    receiver.status = 503
    began = company.clock()
    for tries in range(1, 11):
        assert deliver_due(company.gate, LINE) == 1, tries
        assert deliver_due(company.gate, LINE) == 0
        if tries <= len(PAUSES):
            company.clock.forward(seconds=PAUSES[tries - 1] // SECOND)
    assert 2.9 * DAY < company.clock() - began < 3.1 * DAY and list(PAUSES) == sorted(PAUSES)
    assert states(company) == [(10, 2, "The server answered 503.")]
    with company.book.reader(SHOP_ADMIN) as reader:
        (untold,) = webhooks(reader).untold
        assert untold.given_up and untold.tries == 10
    with pytest.raises(NotFound):
        tell_again(company.gate, BANK_ADMIN, untold.number)
    receiver.status = 200
    tell_again(company.gate, SHOP_ADMIN, untold.number)
    assert deliver_due(company.gate, LINE) == 1
    assert states(company) == [(1, 1, "")]
    ids = {headers["webhook-id"] for headers, _ in receiver.got}
    assert ids == {"msg_1"}, "a receiver knows each repeat by its id"
    with pytest.raises(NotFound):
        tell_again(company.gate, SHOP_ADMIN, untold.number)


def test_no_redirect_is_followed_and_no_private_address_is_told(company: Company, receiver: Receiver) -> None:
    """A redirect is a failure; an address inside the network is refused by the line, whatever name leads there."""
    listening(company, receiver.url)
    released(company)
    receiver.status, receiver.headers = 302, {"location": receiver.url}
    deliver_due(company.gate, LINE)
    assert len(receiver.got) == 1 and states(company)[0][2] == "The server answered 302."
    company.clock.forward(seconds=10)
    deliver_due(company.gate, WebLine())
    assert len(receiver.got) == 1 and "address" in states(company)[0][2]


def test_who_says_gone_is_told_no_more(company: Company, receiver: Receiver) -> None:
    """410 ends the telling for good, until somebody turns it on again."""
    number = listening(company, receiver.url)
    released(company)
    receiver.status = 410
    deliver_due(company.gate, LINE)
    assert states(company)[0][1] == 2
    released(company, "C2")
    assert len(states(company)) == 1
    stop_endpoint(company.gate, SHOP_ADMIN, number, active=True)
    released(company, "C3")
    assert len(states(company)) == 2


def test_each_unit_hears_of_its_own(company: Company, receiver: Receiver) -> None:
    """The bank hears nothing of the shop, the group hears of both; only administrators of a unit name its webhooks."""
    listening(company, receiver.url, by=BANK_ADMIN, unit="bank")
    released(company)
    assert states(company) == []
    listening(company, receiver.url, by=SYSTEM, unit="alder")
    released(company, "C2")
    assert len(states(company)) == 1
    with company.book.reader(BANK_ADMIN) as reader:
        assert [one.unit for one in webhooks(reader).endpoints] == ["Alder Bank"]
    for stranger in (SHOP_AGENT, SHOP_ADMIN):
        with pytest.raises(NotFound):
            listening(company, receiver.url, by=stranger, unit="bank")
        with pytest.raises(NotFound):
            change_secret(company.gate, stranger, 1)
    with company.book.engine.reading(SYSTEM) as connection:
        assert verify_changes(connection) == 0


@pytest.mark.parametrize(
    "url",
    ["", "http://example.com/", "ftp://example.com/", "https://", "https://u:p@example.com/", "https://a b/", "//x"],
)
def test_an_address_must_be_whole_and_private_to_nobody(company: Company, url: str) -> None:
    """https, without a password in it."""
    with pytest.raises(Refused):
        listening(company, url)


def test_who_dies_in_the_middle_tells_it_again(company: Company, receiver: Receiver) -> None:
    """A claim ends by itself: better told twice under one id than never."""

    class Dies:
        def fetch(self, *given: Any, **more: Any) -> Any:
            raise KeyboardInterrupt

    listening(company, receiver.url)
    released(company)
    with pytest.raises(KeyboardInterrupt):
        deliver_due(company.gate, Dies())
    assert deliver_due(company.gate, LINE) == 0
    company.clock.forward(seconds=180)
    assert deliver_due(company.gate, LINE) == 1 and states(company) == [(2, 1, "")]
