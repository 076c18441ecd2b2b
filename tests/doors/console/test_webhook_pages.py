"""The page of webhooks: named by a unit's administrator, with a secret that is shown once."""

import re

import pytest
from litestar.testing import TestClient
from sqlalchemy import update

from onevoice.actions.staff import invite, set_password
from onevoice.actions.webhooks import secret_of, secret_shown
from onevoice.doors.console.pages import CONSOLE
from onevoice.doors.console.problems import problem_page
from onevoice.doors.http.app import create_app
from onevoice.ledger.webhook_tables import webhook_messages
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.words import Role
from tests.book import Company, company, settings  # noqa: F401  # fixtures
from tests.doors.console.test_pages import tags, token

PASSWORD = "a long enough password"
ADDRESS = "https://shop.example/told"


@pytest.fixture
def staffed(company: Company) -> Company:  # noqa: F811
    """The company, with Una who administers the shop and Sia who sends for it."""
    for name, role in (("una", Role.UNIT_ADMIN), ("sia", Role.SENDER)):
        email, engine, at = f"{name}@alder.example", company.book.engine, company.clock()
        invite(engine, SYSTEM, email=email, name=name.title(), unit="shop", role=role, at=at)
        set_password(engine, SYSTEM, email, PASSWORD, at=at)
    return company


def signed_in_as(staffed: Company, name: str) -> TestClient:  # type: ignore[type-arg]
    client = TestClient(create_app(staffed.onevoice, console=CONSOLE, page=problem_page), base_url="http://127.0.0.1")
    ticket = token(client.get("/login").text)
    form = {"email": f"{name}@alder.example", "password": PASSWORD, "csrf_token": ticket, "next": "/held"}
    assert client.post("/login", data=form, follow_redirects=False).status_code == 303
    return client


def test_a_secret_is_shown_once_and_changed_by_a_button(staffed: Company) -> None:
    """Naming an address shows its secret; looking again does not; a change shows the next one."""
    una = signed_in_as(staffed, "una")
    page = una.get("/webhooks").text
    form = {"unit": "shop", "url": ADDRESS, "csrf_token": token(page)}
    assert una.post("/webhooks", data={**form, "csrf_token": ""}).status_code == 403
    assert una.post("/webhooks", data={**form, "url": "http://shop.example/"}).status_code == 422
    assert una.post("/webhooks", data={**form, "unit": "bank"}).status_code == 404
    page = una.post("/webhooks", data=form).text
    assert secret_shown(secret_of(staffed.book, 1, 1)) in page and tags(page).inline == []
    assert "whsec_" not in una.get("/webhooks").text and ADDRESS in una.get("/webhooks").text
    page = una.post("/webhooks/1", data={**form, "deed": "secret"}).text
    assert secret_shown(secret_of(staffed.book, 1, 2)) in page and "The secret before signs too" in page
    assert "Stopped" in una.post("/webhooks/1", data={**form, "deed": "stop"}).text
    assert "Stopped" not in una.post("/webhooks/1", data={**form, "deed": "begin"}).text
    assert una.post("/webhooks/1", data={**form, "deed": "explode"}).status_code == 422
    assert una.post("/webhooks/9", data={**form, "deed": "stop"}).status_code == 404


def test_what_was_given_up_is_told_again_by_a_button(staffed: Company) -> None:
    """The list says why it was not taken; a sender, who is no administrator, does not see the page."""
    una = signed_in_as(staffed, "una")
    form = {"unit": "shop", "url": ADDRESS, "csrf_token": token(una.get("/webhooks").text)}
    una.post("/webhooks", data=form)
    staffed.policy('name = "gap"\n\n[[rules]]\ntype = "minimum_gap"\nname = "a minute between"\nseconds = 60\n')
    staffed.observe("sent", touch=staffed.propose("C1").touch)
    staffed.propose("C1")
    staffed.clock.forward(seconds=61)
    staffed.gate.look_again()
    with staffed.book.engine.writing() as tx:
        failed = {"state": 2, "tries": 10, "fault": "The server answered 503."}
        tx.connection.execute(update(webhook_messages).values(failed))
    page = una.get("/webhooks").text
    assert "The server answered 503." in page and "10 tries" in page and "1 given up" in page
    page = una.post("/webhooks/messages/1/again", data=form).text
    assert "1 waiting" in page and not re.search("Tell it once more", page)
    assert una.post("/webhooks/messages/1/again", data=form).status_code == 404
    sia = signed_in_as(staffed, "sia")
    assert sia.get("/webhooks").status_code == 403 and "/webhooks" not in tags(sia.get("/held").text).links
