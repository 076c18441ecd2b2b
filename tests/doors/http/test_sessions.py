"""People sign in with a form, and nobody signs in or acts for them from another site."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.response import Response
from litestar.testing import TestClient

from onevoice.actions.staff import invite, set_password
from onevoice.doors.http.app import create_app
from onevoice.doors.http.permissions import PERMISSIONS, Entry, Permission
from onevoice.doors.http.sessions import Sessions, own_page
from onevoice.nouns.authority import SYSTEM, Authority, Verb
from onevoice.nouns.words import Role
from tests.doors.http.house import House

EMAIL, PASSWORD = "ada@lumen.example", "a brass kettle sings at six"


@get("/login", media_type="text/html")
async def sign_in_page(sessions: NamedDependency[Sessions]) -> Response[str]:
    cookie, token = sessions.ticket()
    return Response(token, cookies=[cookie], media_type="text/html")


@get("/mine")
async def mine(authority: NamedDependency[Authority], csrf: NamedDependency[str]) -> dict[str, str]:
    return {"who": authority.who, "csrf": csrf}


@get("/admin")
async def admin() -> str:
    return "in"


@post("/change")
async def change(request: Request[Any, Any, Any]) -> str:
    return str((await request.form()).get("word", ""))


PAGES: dict[str, Permission] = {
    "GET /login": Entry.ANYONE,
    "GET /mine": Entry.SIGNED_IN,
    "GET /admin": Verb.ERASE,
    "POST /change": Entry.SIGNED_IN,
}


@pytest.fixture
def browser(house: House) -> Iterator[TestClient[Any]]:
    """A browser before a console of four pages, and a viewer who may sign in."""
    engine, at = house.onevoice.book.engine, house.clock()
    member = invite(engine, SYSTEM, email=EMAIL, name="Ada", unit="bank", role=Role.VIEWER, at=at)
    set_password(engine, SYSTEM, member.email, PASSWORD, at=at)
    console = [sign_in_page, mine, admin, change]
    app = create_app(house.onevoice, console=console, permissions={**PERMISSIONS, **PAGES})
    with TestClient(app) as opened:
        opened.follow_redirects = False
        yield opened


def sign_in(browser: TestClient[Any], password: str = PASSWORD, **other: str) -> Any:
    token = browser.get("/login").text
    form = {"email": EMAIL, "password": password, "csrf_token": token, "next": "/mine", **other}
    return browser.post("/login", data=form)


def test_signing_in_leads_on_and_sets_a_cookie_no_script_can_read(browser: TestClient[Any]) -> None:
    """HttpOnly, SameSite=Lax, and the page asked for."""
    answer = sign_in(browser)
    assert (answer.status_code, answer.headers["location"]) == (303, "/mine")
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("ov_session=") and "httponly" in cookie and "samesite=lax" in cookie
    assert browser.get("/mine").json()["who"] == "staff:1"


def test_wrong_words_lead_back_with_the_same_answer(browser: TestClient[Any]) -> None:
    """Whether the account is there or not."""
    wrong = sign_in(browser, password="not it at all")
    nobody = sign_in(browser, email="nobody@lumen.example")
    assert wrong.status_code == nobody.status_code == 303
    assert wrong.headers["location"] == nobody.headers["location"] == "/login?wrong=1&next=/mine"
    assert "set-cookie" not in wrong.headers


def test_a_sign_in_form_from_elsewhere_is_refused(browser: TestClient[Any]) -> None:
    """Without the ticket, with another's, or sent by another site."""
    assert sign_in(browser, csrf_token="x").status_code == 403
    token = browser.get("/login").text
    form = {"email": EMAIL, "password": PASSWORD, "csrf_token": token}
    assert browser.post("/login", data=form, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    browser.cookies.clear()
    assert browser.post("/login", data=form).status_code == 403


def test_a_page_asks_to_sign_in_first_and_a_form_is_refused(browser: TestClient[Any]) -> None:
    """GET leads to the sign-in page; anything that changes something is 401."""
    answer = browser.get("/mine")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/mine")
    assert browser.post("/change", data={"word": "x"}).status_code == 401


def test_rights_are_those_of_the_role(browser: TestClient[Any]) -> None:
    """A viewer does not see the administrator's page."""
    sign_in(browser)
    assert browser.get("/admin").status_code == 403


def test_a_form_needs_the_token_of_its_session(browser: TestClient[Any]) -> None:
    """As a field or a header; never a wrong one, and never from another site."""
    sign_in(browser)
    token = browser.get("/mine").json()["csrf"]
    assert browser.post("/change", data={"word": "x"}).status_code == 403
    assert browser.post("/change", data={"word": "x", "csrf_token": "0" * 32}).status_code == 403
    assert browser.post("/change", data={"word": "x", "csrf_token": token}).text == "x"
    assert browser.post("/change", data={"word": "y"}, headers={"x-csrf-token": token}).text == "y"
    foreign = {"x-csrf-token": token, "sec-fetch-site": "same-site"}
    assert browser.post("/change", data={"word": "y"}, headers=foreign).status_code == 403


def test_signing_out_ends_the_session_itself(browser: TestClient[Any]) -> None:
    """The old cookie opens nothing any more."""
    sign_in(browser)
    old = browser.cookies["ov_session"]
    token = browser.get("/mine").json()["csrf"]
    assert browser.post("/logout", data={"csrf_token": token}).headers["location"] == "/login"
    browser.cookies.set("ov_session", old)
    assert browser.get("/mine").status_code == 303


def test_a_session_ends_after_its_hours(browser: TestClient[Any], house: House) -> None:
    """And the next page asks to sign in."""
    sign_in(browser)
    house.clock.forward(hours=12)
    assert browser.get("/mine").status_code == 303


@pytest.mark.parametrize(
    ("then", "page"),
    [
        ("/customers/3", "/customers/3"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/a\r\nset-cookie: x", "/"),
        ("", "/"),
    ],
)
def test_sign_in_leads_to_our_own_pages_only(then: str, page: str) -> None:
    """Whatever the link that brought somebody to the sign-in page said."""
    assert own_page(then) == page


def test_a_public_https_address_makes_the_cookie_secure(house: House, tmp_path: Path) -> None:
    """Then it never travels in the clear."""
    from dataclasses import replace

    settings = replace(house.onevoice.settings, public_url="https://voice.example.com", data_dir=tmp_path)
    app = create_app(
        replace(house.onevoice, settings=settings), console=[sign_in_page], permissions={**PERMISSIONS, **PAGES}
    )
    with TestClient(app) as opened:
        assert "secure" in opened.get("/login").headers["set-cookie"].lower()
