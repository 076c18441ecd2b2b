"""Coming in as a person does it: one button and the provider, or a password and a code, on a small screen too."""

import re
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

from onevoice.actions.one_time_codes import code_at
from onevoice.actions.setup import setup
from onevoice.actions.staff import invite, set_password
from onevoice.doors.console.pages import CONSOLE
from onevoice.doors.console.problems import problem_page
from onevoice.doors.http.app import create_app
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.company_account import GroupRights
from onevoice.nouns.moment import SECOND
from onevoice.nouns.words import Role
from onevoice.settings import Secret, Settings
from onevoice.wiring import Onevoice, open_onevoice, real_clock
from tests.browser.test_console import barriers
from tests.identity_provider import CLIENT, SECRET, Provider, identity_provider

BO, PASSWORD = "bo@lumen.example", "a brass kettle sings at six"


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider that knows Ada, an administrator, and agrees at once."""
    with identity_provider(lambda: real_clock() // SECOND) as opened:
        opened.person = {
            "sub": "7",
            "email": "ada@lumen.example",
            "email_verified": True,
            "name": "Ada Berg",
            "groups": ["Admins"],
        }
        yield opened


@pytest.fixture
def onevoice(tmp_path: Path, provider: Provider) -> Iterator[Onevoice]:
    """Lumen, served on this machine, with the provider and with Bo, an administrator who has a password."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = Settings(
        data_dir=tmp_path,
        public_url=f"http://127.0.0.1:{port}",
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret=Secret(SECRET),
        oidc_groups=(GroupRights("Admins", Role.ADMIN, "lumen"),),
        oidc_label="your Lumen account",
        private_hosts=("127.0.0.1",),
    )
    (tmp_path / "setup").mkdir()
    (tmp_path / "setup/company.toml").write_text('key = "lumen"\nname = "Lumen"\nzone = "UTC"\n', "utf-8")
    opened = open_onevoice(settings)
    setup(opened.gate, SYSTEM, tmp_path / "setup")
    engine, at = opened.book.engine, opened.book.clock()
    invite(engine, SYSTEM, email=BO, name="Bo Lind", unit="lumen", role=Role.ADMIN, at=at)
    set_password(engine, SYSTEM, BO, PASSWORD, at=at)
    app = create_app(opened, console=CONSOLE, page=problem_page)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
        assert thread.is_alive()
    yield opened
    server.should_exit = True
    thread.join(10)
    opened.close()


def window(browser: Browser, onevoice: Onevoice, scheme: Any, *, bypass_csp: bool = False) -> Page:
    """A phone's window with nothing in it; the pages' own policy holds unless axe has to be let in."""
    context = browser.new_context(
        base_url=onevoice.settings.address,
        viewport={"width": 360, "height": 740},
        color_scheme=scheme,
        bypass_csp=bypass_csp,
    )
    return context.new_page()


def fits(page: Page) -> None:
    """Nothing runs out of the window sideways."""
    assert page.evaluate("document.documentElement.scrollWidth") <= 360, page.url


def test_one_button_leads_in_and_out_again(browser: Browser, onevoice: Onevoice, provider: Provider) -> None:
    """The page that was wanted comes after the provider; signing out offers the provider's own exit."""
    page = window(browser, onevoice, "light")
    page.goto("/decisions?verdict=hold")
    page.get_by_role("link", name="Sign in with your Lumen account").click()
    page.wait_for_url("**/decisions*")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign out of your Lumen account as well").click()
    page.wait_for_url("**/login")
    assert "/end" in provider.asked
    provider.person["groups"] = []
    page.get_by_role("link", name="Sign in with your Lumen account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You have no rights here yet")
    fits(page)
    page.context.close()


def test_a_password_a_picture_a_code(browser: Browser, onevoice: Onevoice) -> None:
    """Bo enrols under the pages' strict policy: the picture is drawn, the code taken, ten recovery codes are read."""
    page = window(browser, onevoice, "light")
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    give_password(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up your second step")
    picture = page.locator(".qr svg").bounding_box()
    assert picture is not None and 150 < picture["width"] <= 300
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("alert")).to_contain_text("This code is not right")
    page.get_by_label("Code").fill(code_of(onevoice, page))
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Keep your recovery codes")
    codes = page.locator(".recovery code").all_inner_texts()
    assert len(codes) == 10
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_role("button", name="Sign out").click()
    give_password(page)
    page.get_by_label("Code").fill(codes[0])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile(r"/$"))
    assert [text for text in heard if "Content Security Policy" in text] == []
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_coming_in_has_a_barrier(browser: Browser, onevoice: Onevoice, scheme: Any) -> None:
    """WCAG 2.2 AA as far as a machine can tell, at 360 pixels, in both themes."""
    page = window(browser, onevoice, scheme, bypass_csp=True)
    found: dict[str, list[str]] = {}
    for path in ("/login", "/login?wrong=1", "/login?out=company", "/login/refused?why=no-group"):
        page.goto(path)
        fits(page)
        found[path] = barriers(page)
    give_password(page)
    page.goto("/login/second-step?wrong=1")
    fits(page)
    found["enrolment"] = barriers(page)
    page.get_by_label("Code").fill(code_of(onevoice, page))
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator(".recovery")).to_be_visible()
    fits(page)
    found["recovery codes"] = barriers(page)
    page.context.clear_cookies()
    give_password(page)
    fits(page)
    found["second step"] = barriers(page)
    page.context.close()
    assert "\n".join(f"{path} {one}" for path, told in found.items() for one in told) == ""


def give_password(page: Page) -> None:
    page.goto("/login")
    page.get_by_label("E-mail").fill(BO)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile("/login/second-step"))


def code_of(onevoice: Onevoice, page: Page) -> str:
    """What an app shows that scanned the picture on this page."""
    ticket = next(each["value"] for each in page.context.cookies() if each["name"] == "ov_second")
    waiting = onevoice.entrance.waiting(ticket)
    assert waiting is not None
    return code_at(waiting.secret, real_clock() // SECOND // 30)
