"""Coming in through the browser's door: by the company's account, and with a code after the password."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from litestar.testing import TestClient

from onevoice.actions.one_time_codes import code_at
from onevoice.actions.setup import setup
from onevoice.actions.staff import invite, set_password
from onevoice.doors.console.pages import CONSOLE
from onevoice.doors.console.problems import problem_page
from onevoice.doors.console.sign_in_pages import TURNED_AWAY
from onevoice.doors.http.app import create_app
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.company_account import GroupRights
from onevoice.nouns.moment import MINUTE, SECOND
from onevoice.nouns.words import Role
from onevoice.settings import Secret, Settings
from onevoice.wiring import Onevoice, open_onevoice
from tests.clock import HandMovedClock
from tests.identity_provider import CLIENT, SECRET, Provider, identity_provider
from tests.stores import KINDS

HOME = "https://onevoice.example"
ADA, PASSWORD = "ada@lumen.example", "a brass kettle sings at six"
HTML = {"accept": "text/html"}


@pytest.fixture
def provider(clock: HandMovedClock) -> Iterator[Provider]:
    """A provider that knows Ada, an administrator."""
    with identity_provider(lambda: clock() // SECOND) as opened:
        opened.person = {"sub": "7", "email": ADA, "email_verified": True, "name": "Ada Berg", "groups": ["Admins"]}
        yield opened


@pytest.fixture(params=KINDS)
def onevoice(
    request: pytest.FixtureRequest, tmp_path: Path, clock: HandMovedClock, provider: Provider
) -> Iterator[Onevoice]:
    """Lumen, reached at its public address, with the provider in its settings."""
    settings = Settings(
        data_dir=tmp_path,
        database_url=Secret(request.getfixturevalue("postgres_url") if request.param == "postgres" else ""),
        public_url=HOME,
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret=Secret(SECRET),
        oidc_groups=(GroupRights("Admins", Role.ADMIN, "lumen"),),
        oidc_label="Lumen Login",
        sign_in_help="the desk, desk@lumen.example",
        private_hosts=("127.0.0.1",),
    )
    files = tmp_path / "setup"
    files.mkdir()
    (files / "company.toml").write_text('key = "lumen"\nname = "Lumen"\nzone = "Europe/Berlin"\n', "utf-8")
    opened = open_onevoice(settings, clock=clock)
    setup(opened.gate, SYSTEM, files)
    yield opened
    opened.close()


@pytest.fixture
def browser(onevoice: Onevoice) -> Iterator[TestClient[Any]]:
    """A browser that has never been here."""
    app = create_app(onevoice, console=CONSOLE, page=problem_page)
    with TestClient(app, base_url=HOME) as client:
        client.follow_redirects = False
        yield client


def returned(browser: TestClient[Any], provider: Provider, then: str = "/decisions") -> str:
    """The address at which somebody comes back, who followed the link and agreed."""
    left = browser.get("/login/company", params={"next": then})
    assert left.status_code == 303
    back = provider.authorize(dict(parse_qsl(urlsplit(left.headers["location"]).query)))
    assert back.startswith(f"{HOME}/login/company/return?")
    return back.removeprefix(HOME)


def form_of(browser: TestClient[Any], path: str) -> str:
    """The ticket in the form of a page."""
    found = re.search(r'name="csrf_token" value="([0-9a-f]+)"', browser.get(path, headers=HTML).text)
    assert found is not None
    return found[1]


def give_password(browser: TestClient[Any]) -> Any:
    said = {"email": ADA, "password": PASSWORD, "csrf_token": form_of(browser, "/login"), "next": "/customers"}
    return browser.post("/login", data=said)


def test_from_the_button_to_the_page_that_was_wanted(browser: TestClient[Any], provider: Provider) -> None:
    """A link, the provider, and back: signed in by a cookie no script and no other site reads."""
    page = browser.get("/login?next=/decisions", headers=HTML).text
    assert "Sign in with Lumen Login" in page and "/login/company?next=/decisions" in page
    answer = browser.get(returned(browser, provider))
    assert (answer.status_code, answer.headers["location"]) == (303, "/decisions")
    cookie = next(each for each in answer.headers.get_list("set-cookie") if each.startswith("ov_session="))
    assert {"HttpOnly", "Secure", "SameSite=lax"} <= set(cookie.split("; "))
    assert "no-store" in answer.headers["cache-control"]
    assert "Ada Berg" in browser.get("/decisions", headers=HTML).text
    first = browser.cookies["ov_session"]
    browser.get(returned(browser, provider))
    assert browser.cookies["ov_session"] != first


def test_the_session_of_before_ends_with_the_new_one(
    browser: TestClient[Any], provider: Provider, onevoice: Onevoice
) -> None:
    """Its token opens nothing, should somebody have kept it."""
    browser.get(returned(browser, provider))
    first = browser.cookies["ov_session"]
    assert onevoice.entrance.authority_of_session(first) is not None
    browser.get(returned(browser, provider))
    assert onevoice.entrance.authority_of_session(first) is None


@pytest.mark.parametrize("onevoice", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "then", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/" * 2]
)
def test_nobody_is_led_elsewhere_afterwards(browser: TestClient[Any], provider: Provider, then: str) -> None:
    """What is no page of ours becomes the first page."""
    assert browser.get(returned(browser, provider, then)).headers["location"] == "/"


@pytest.mark.parametrize("onevoice", ["sqlite"], indirect=True)
def test_an_answer_for_another_browser_signs_nobody_in(
    browser: TestClient[Any], provider: Provider, onevoice: Onevoice
) -> None:
    """A link with somebody else's code, a code twice, a state twice: begin again, without a session."""
    stolen = returned(browser, provider)
    journey = browser.cookies["ov_company"]
    browser.cookies.clear()
    answer = browser.get(stolen)
    assert answer.headers["location"] == "/login/refused?why=again"
    assert "ov_session" not in browser.cookies
    browser.cookies.set("ov_company", journey)
    assert browser.get(f"{stolen}&state=x").headers["location"] == "/login/refused?why=again"
    assert browser.get(returned(browser, provider)).headers["location"] == "/decisions"


@pytest.mark.parametrize("onevoice", ["sqlite"], indirect=True)
def test_who_has_no_group_reads_whom_to_ask(browser: TestClient[Any], provider: Provider) -> None:
    """A plain page, for every reason there is; a made-up reason is told as the commonest."""
    provider.person["groups"] = []
    answer = browser.get(returned(browser, provider))
    assert answer.headers["location"] == "/login/refused?why=no-group"
    page = browser.get(answer.headers["location"], headers=HTML).text
    assert "none of your groups may use Onevoice" in page
    assert "Ask the desk, desk@lumen.example." in page
    for why in (*TURNED_AWAY, "<script>"):
        told = browser.get("/login/refused", params={"why": why}, headers=HTML)
        assert told.status_code == 200 and "<script>" not in told.text


@pytest.mark.parametrize("onevoice", ["sqlite"], indirect=True)
def test_a_provider_that_does_not_answer_is_told_so(browser: TestClient[Any], provider: Provider) -> None:
    """And whoever comes again and again from one network waits a minute."""
    provider.down = True
    assert browser.get("/login/company").headers["location"] == "/login/refused?why=unreachable"
    for _ in range(70):
        answer = browser.get("/login/company")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("onevoice", ["sqlite"], indirect=True)
def test_signing_out_offers_the_provider_too(browser: TestClient[Any], provider: Provider) -> None:
    """Only where it has such a page, and only to whoever came by it."""
    browser.get(returned(browser, provider))
    page = browser.get("/", headers=HTML).text
    token = re.search(r'name="csrf_token" value="([0-9a-f]+)"', page)
    assert token is not None
    answer = browser.post("/logout", data={"csrf_token": token[1]})
    assert answer.headers["location"] == "/login?out=company"
    assert "/login/company/out" in browser.get("/login?out=company", headers=HTML).text
    further = browser.get("/login/company/out").headers["location"]
    assert further.startswith(
        f"{provider.issuer}/end?client_id={CLIENT}&post_logout_redirect_uri=https%3A%2F%2Fonevoice"
    )
    assert "Ada" not in further


def test_an_administrator_enrols_after_the_password(
    browser: TestClient[Any], onevoice: Onevoice, clock: HandMovedClock
) -> None:
    """The secret as text and picture, a code, the recovery codes once; and a code at every later sign-in."""
    invite(onevoice.book.engine, SYSTEM, email=ADA, name="Ada", unit="lumen", role=Role.ADMIN, at=clock())
    set_password(onevoice.book.engine, SYSTEM, ADA, PASSWORD, at=clock())
    answer = give_password(browser)
    assert answer.headers["location"] == "/login/second-step?next=/customers"
    assert "ov_session" not in browser.cookies
    assert browser.get("/customers", headers=HTML).headers["location"].startswith("/login")
    page = browser.get(answer.headers["location"], headers=HTML).text
    assert "<svg" in page and "style=" not in page
    waiting = onevoice.entrance.waiting(browser.cookies["ov_second"])
    assert waiting is not None
    code = code_at(waiting.secret, clock() // SECOND // 30)
    said = {"code": code, "next": "/customers", "csrf_token": form_of(browser, "/login/second-step")}
    assert browser.post("/login/second-step", data={**said, "csrf_token": "x"}).status_code == 403
    told = browser.post("/login/second-step", data=said)
    codes = re.findall(r"<code>([a-z2-7-]{19})</code>", told.text)
    assert len(set(codes)) == 10
    assert browser.get("/customers", headers=HTML).status_code == 200
    clock.moment += MINUTE
    browser.cookies.clear()
    give_password(browser)
    ticket = form_of(browser, "/login/second-step")
    wrong = browser.post("/login/second-step", data={"code": code, "csrf_token": ticket, "next": "//evil.example"})
    assert wrong.headers["location"] == "/login/second-step?wrong=1&next=/"
    ticket = form_of(browser, "/login/second-step")
    right = browser.post("/login/second-step", data={"code": codes[0], "csrf_token": ticket, "next": "/customers"})
    assert right.headers["location"] == "/customers"
    assert "Set up" not in browser.get("/login/second-step", headers=HTML).text


@pytest.mark.parametrize("onevoice", ["sqlite"], indirect=True)
def test_without_a_ticket_there_is_no_second_step(browser: TestClient[Any]) -> None:
    """The page leads to the password, and a code alone to nothing."""
    assert browser.get("/login/second-step", headers=HTML).headers["location"] == "/login"
    answer = browser.post("/login/second-step", data={"code": "000000", "csrf_token": form_of(browser, "/login")})
    assert answer.headers["location"].startswith("/login/second-step?wrong=1")
