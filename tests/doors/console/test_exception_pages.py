"""Waiting messages and exceptions in the console, from the sender's question to the owner's answer."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from onevoice.actions.staff import invite, set_password
from onevoice.answers.held import held
from onevoice.doors.console.pages import CONSOLE
from onevoice.doors.console.problems import problem_page
from onevoice.doors.http.app import create_app
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.moment import HOUR
from onevoice.nouns.problem import Refused
from onevoice.nouns.words import Role
from tests.book import BANK_AGENT, POLICY, SHOP_AGENT, Company, company, settings  # noqa: F401  # fixtures
from tests.doors.console.test_pages import tags, token

PASSWORD = "a long enough password"
BECAUSE = "The recall of the blender cannot wait."


@pytest.fixture
def staffed(company: Company) -> Company:  # noqa: F811
    """The company, with Sia who sends for the shop, Bo of the bank, and Ada, who owns the cap."""
    book = company.book
    cast = (("sia", "shop", Role.SENDER), ("bo", "bank", Role.SENDER), ("vic", "shop", Role.VIEWER))
    for name, unit, role in (*cast, ("ada", "bank", Role.SENDER)):
        email = f"{name}@alder.example"
        invite(book.engine, SYSTEM, email=email, name=name.title(), unit=unit, role=role, at=company.clock())
        set_password(book.engine, SYSTEM, email, PASSWORD, at=company.clock())
    company.policy(POLICY.replace('name = "two a day"', 'name = "two a day"\nowner = "ada@alder.example"'))
    return company


@contextmanager
def signed_in_as(staffed: Company, name: str) -> Iterator[TestClient[Litestar]]:
    app = create_app(staffed.onevoice, console=CONSOLE, page=problem_page)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        ticket = token(client.get("/login").text)
        form = {"email": f"{name}@alder.example", "password": PASSWORD, "csrf_token": ticket, "next": "/held"}
        assert client.post("/login", data=form, follow_redirects=False).status_code == 303
        yield client


def waits(company: Company, customer: str = "C1") -> int:  # noqa: F811
    for _ in range(2):
        company.observe("sent", touch=company.propose(customer).touch)
    return company.propose(customer).touch


def test_a_sender_asks_and_the_owner_lets_the_message_pass(staffed: Company) -> None:
    """From the list of what waits to the decision, the question, the answer, and the message that went."""
    touch = waits(staffed)
    with signed_in_as(staffed, "sia") as sia:
        page = sia.get("/held").text
        assert "<strong>1 message</strong>" in page and f"/decisions/{touch}" in tags(page).links
        page = sia.get(f"/decisions/{touch}").text
        assert tags(page).inline == []
        form = {"entry": touch, "rule": "two a day", "because": BECAUSE, "csrf_token": token(page)}
        assert sia.post("/exceptions", data={**form, "csrf_token": "x"}).status_code == 403
        assert sia.post("/exceptions", data={**form, "because": ""}).status_code == 422
        answer = sia.post("/exceptions", data=form, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/decisions/{touch}")
        page = sia.get(f"/decisions/{touch}").text
        assert BECAUSE in page and "waits for an answer" in page and "Ask for an exception" not in page
        page = sia.get("/exceptions").text
        assert BECAUSE in page and "Let this message pass" not in page
    with signed_in_as(staffed, "ada") as ada:
        page = ada.get("/exceptions").text
        assert "1 request" in page and "Let this message pass" in page and tags(page).inline == []
        form = {"answer": "grant", "hours": "24", "words": "", "csrf_token": token(page)}
        assert ada.post("/exceptions/1/answer", data={**form, "hours": "9999"}).status_code == 422
        assert ada.post("/exceptions/1/answer", data=form).status_code == 200
        assert "Ada granted it" in ada.get("/exceptions").text
    assert staffed.thread(touch).verdict == 1
    with signed_in_as(staffed, "sia") as sia:
        assert "Nothing waits." in sia.get("/held").text
        assert "Ada granted it" in sia.get(f"/decisions/{touch}").text


def test_nobody_is_shown_a_form_they_may_not_use(staffed: Company) -> None:
    """A viewer reads without asking; another unit finds neither the decision nor the request."""
    touch = waits(staffed)
    with signed_in_as(staffed, "vic") as vic:
        page = vic.get(f"/decisions/{touch}").text
        assert "Ask for an exception" not in page and "/held" not in tags(page).links
        assert vic.get("/held").status_code == 403
        form = {"entry": touch, "rule": "two a day", "because": BECAUSE, "csrf_token": token(page)}
        assert vic.post("/exceptions", data=form).status_code == 403
    with signed_in_as(staffed, "bo") as bo:
        page = bo.get("/held").text
        assert "Nothing waits." in page
        form = {"entry": touch, "rule": "two a day", "because": BECAUSE, "csrf_token": token(page)}
        absent = bo.post("/exceptions", data={**form, "entry": 10**9})
        foreign = bo.post("/exceptions", data=form)
        assert (foreign.status_code, absent.status_code) == (404, 404)
        assert re.sub(r"\d+", "", foreign.text) == re.sub(r"\d+", "", absent.text)
        assert bo.post("/exceptions/1/answer", data={**form, "answer": "grant", "hours": "4"}).status_code == 404
        assert "None in 30 days" in bo.get("/exceptions").text


def test_what_waits_is_told_soonest_or_latest_first_a_page_at_a_time(company: Company) -> None:  # noqa: F811
    """Each waiting message once, with the newest reason; nobody sees what another unit holds."""
    first = waits(company)
    company.policy('name = "gap"\n\n[[rules]]\ntype = "minimum_gap"\nname = "an hour between"\nseconds = 3600\n')
    company.observe("sent", touch=company.propose("C2").touch)
    soon = company.propose("C2").touch
    late = company.propose("C3", created=company.clock()).touch
    assert company.thread(late).verdict == 1
    with company.book.reader(SHOP_AGENT) as reader:
        told = held(reader)
        assert ([row.happened.touch for row in told.rows], told.total) == ([soon, first], 2)
        assert [row.happened.touch for row in held(reader, order="latest").rows] == [first, soon]
        page = held(reader, limit=1)
        assert [row.happened.touch for row in held(reader, after=page.next, limit=1).rows] == [first]
        with pytest.raises(Refused):
            held(reader, order="sideways")
        with pytest.raises(Refused):
            held(reader, after="x")
    with company.book.reader(BANK_AGENT) as reader:
        assert held(reader).total == 0
    company.clock.forward(hours=1)
    company.gate.look_again()
    with company.book.reader(SHOP_AGENT) as reader:
        (left,) = held(reader).rows
        assert left.happened.touch == first and left.happened.until > company.clock() + HOUR
