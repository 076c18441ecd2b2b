"""Setting up the company in a browser: with the keyboard, without scripts, in both themes and on a phone."""

import re
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

from onevoice.actions.staff import invite
from onevoice.nouns.words import Role
from tests.answers.stage import BOSS, Stage, ana
from tests.browser.conftest import LONG, sign_in
from tests.browser.test_console import barriers
from tests.clock import HandMovedClock, moment_of
from tests.doors.console.house import house
from tests.doors.console.test_setup_pages import PAGES, with_gate

OPEN = (*PAGES, "/setup/documents/platforms/form", "/setup/documents/campaigns/form?key=spring")


@pytest.fixture(scope="module")
def setup_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A console that can write, with a colleague whose name is long."""
    stage = Stage(tmp_path_factory.mktemp("setup"), HandMovedClock(moment_of("2026-10-01T10:00:00+00:00")))
    ana(stage)
    built = with_gate(house(stage))
    invite(
        stage.engine, BOSS, email="long@alder.example", name=LONG, unit="northside", role=Role.AGENT, at=stage.clock()
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(built.app, port=port, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
        assert thread.is_alive()
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)
    built.app.state["onevoice"].gate.close()
    stage.close()


def opened(browser: Browser, address: str, **given: Any) -> Page:
    """A window in which Mara, an admin, has signed in."""
    page = browser.new_context(base_url=address, **given).new_page()
    sign_in(page)
    return page


def test_a_platform_is_set_to_enforce_and_back_without_scripts(browser: Browser, setup_address: str) -> None:
    """Readiness, the form, the list that says it is saved, and one press to take it back."""
    page = opened(browser, setup_address, java_script_enabled=False)
    page.goto("/setup")
    page.get_by_role("link", name="2 Platforms").click()
    page.get_by_role("link", name="What enforcing changes for Texter").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is Texter ready to obey?")
    page.get_by_role("link", name="Change its mode").click()
    page.get_by_label("Enforce").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("“Texter” is saved")
    page.get_by_role("button", name="Take back the change of Texter").click()
    expect(page.get_by_role("row").filter(has_text="Texter")).to_contain_text("advise")
    page.context.close()


def test_somebody_is_invited_and_comes_in(browser: Browser, setup_address: str) -> None:
    """The link is copied from the page, opened in another browser, and leads to the overview."""
    page = opened(browser, setup_address)
    page.goto("/setup/people")
    page.get_by_label("E-mail").fill("eva@alder.example")
    page.get_by_role("textbox", name="Name", exact=True).fill("Eva Duarte")
    page.get_by_label("Agent", exact=False).first.check()
    page.get_by_label("Where, with all units below").select_option("retail")
    page.get_by_role("button", name="Make the link").click()
    link = re.sub(r"^https?://[^/]+", "", page.get_by_label("The link").input_value())
    guest = browser.new_context(base_url=setup_address).new_page()
    guest.goto(link)
    guest.get_by_label("Password", exact=True).fill("four brass kettles sing")
    guest.get_by_label("The same again").fill("four brass kettles sing")
    guest.get_by_role("button", name="Keep this password").click()
    guest.get_by_label("E-mail").fill("eva@alder.example")
    guest.get_by_label("Password", exact=True).fill("four brass kettles sing")
    guest.get_by_role("button", name="Sign in").click()
    expect(guest.get_by_role("link", name="Overview")).to_be_visible()
    guest.context.close()
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_setting_up_has_no_barrier_axe_can_see(browser: Browser, setup_address: str, scheme: Any) -> None:
    """Every page of Setup in both themes, forms with faults among them."""
    page = opened(browser, setup_address, color_scheme=scheme, bypass_csp=True, viewport={"width": 1280, "height": 900})
    found: dict[str, list[str]] = {}
    for path in OPEN:
        page.goto(path)
        found[path] = barriers(page)
    page.goto("/setup/documents/units/form?parent=dental")
    page.get_by_role("textbox", name="Name", exact=True).fill("Harbour")
    page.get_by_label("Time zone").fill("Mars/Olympus")
    page.get_by_role("button", name="Add a unit").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved")
    found["form with a fault"] = barriers(page)
    page.context.close()
    assert "\n".join(f"{path} {one}" for path, told in found.items() for one in told) == ""


def test_setting_up_fits_a_phone(browser: Browser, setup_address: str) -> None:
    """At 360 pixels no page scrolls sideways, with long names too."""
    page = opened(browser, setup_address, viewport={"width": 360, "height": 740})
    for path in OPEN:
        page.goto(path)
        wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wider <= 0, f"{path} is {wider} pixels wider than the window"
    page.context.close()
