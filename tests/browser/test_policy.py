"""A policy owner in a browser, without files: a stricter cap, who gets less, approval, in force, and back."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

from onevoice.actions.staff import invite, set_password
from onevoice.doors.console.pages import CONSOLE
from onevoice.doors.console.problems import problem_page
from onevoice.doors.http.app import create_app
from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.words import Role
from tests.book import Company, open_company, settings_of
from tests.browser.test_console import barriers
from tests.clock import HandMovedClock, moment_of

PASSWORD = "a long enough password"
PEOPLE = (("mara@alder.example", "Mara Lindqvist"), ("tom@alder.example", "Tom Okafor"))


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """The shop and the bank with a real gate; two people may decide on the policy."""
    clock = HandMovedClock(moment_of("2026-10-01T10:00:00+00:00"))
    with open_company(replace(settings_of(tmp_path_factory.mktemp("policy")), second_step="nobody"), clock) as opened:
        engine = opened.book.engine
        for email, name in PEOPLE:
            invite(engine, SYSTEM, email=email, name=name, unit="alder", role=Role.ADMIN, at=clock())
            set_password(engine, SYSTEM, email, PASSWORD, at=clock())
        yield opened


@pytest.fixture(scope="module")
def address(company: Company) -> Iterator[str]:
    """Its console, served on this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = create_app(company.onevoice, console=CONSOLE, page=problem_page)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
        assert thread.is_alive()
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


def signed_in(browser: Browser, address: str, email: str, **more: Any) -> Page:
    window = {"width": 1280, "height": 900}
    page = browser.new_context(base_url=address, viewport=window, reduced_motion="reduce", **more).new_page()  # type: ignore[arg-type]  # as it is read
    page.goto("/login")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")
    return page


def looked_at(page: Page, name: str) -> list[str]:
    """What axe says of this page in both themes; that it does not run out of 360 pixels. Pictures of it are kept where
    POLICY_PICTURES names a folder."""
    folder = os.environ.get("POLICY_PICTURES", "")
    found = []
    for scheme, width in (("light", 1280), ("dark", 1280), ("light", 360)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of the two
        page.set_viewport_size({"width": width, "height": 900})
        if width == 360:
            wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            found += [f"{name} is {wider} pixels wider than 360"] if wider > 0 else []
        else:
            found += [f"{name} ({scheme}): {one}" for one in barriers(page)]
        if folder:
            page.screenshot(path=str(Path(folder) / f"{name}-{scheme}-{width}.png"), full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    return found


def test_a_policy_owner_tightens_a_cap_without_files(browser: Browser, address: str, company: Company) -> None:
    """Mara drafts and tries it, Tom approves and puts it in force, the next decision follows it, Mara goes back."""
    company.clock.forward(days=-1)
    assert [company.propose("C1").verdict for _ in range(2)] == ["send", "send"]
    company.clock.forward(days=1)
    mara = signed_in(browser, address, PEOPLE[0][0], bypass_csp=True)
    tom = signed_in(browser, address, PEOPLE[1][0], bypass_csp=True)
    mara.get_by_role("link", name="Policy").click()
    expect(mara.get_by_role("heading", level=1)).to_have_text("What are the rules?")
    found = looked_at(mara, "policy")
    mara.get_by_label("What should change").fill("Too many complaints.")
    mara.get_by_role("button", name="Start a draft").click()
    mara.get_by_role("link", name="Change two a day").click()
    found += looked_at(mara, "form")
    mara.get_by_label("At most").fill("0")
    mara.get_by_role("button", name="Save this rule").click()
    expect(mara.get_by_role("heading", name="1 thing must be changed")).to_be_visible()
    found += looked_at(mara, "findings")
    mara.get_by_role("link", name="Change two a day").click()
    expect(mara.get_by_label("At most")).to_have_attribute("aria-invalid", "true")
    mara.get_by_label("At most").fill("1")
    mara.get_by_role("button", name="Save this rule").click()
    mara.get_by_role("button", name="Judge them again").click()
    what_if = mara.locator("#what-if")
    expect(what_if).to_contain_text("Replayed: 2 decisions made from")
    expect(what_if).to_contain_text("1 message that went would be held or lost")
    expect(what_if.get_by_role("listitem")).to_have_count(1)
    found += looked_at(mara, "what-if")
    mara.get_by_role("button", name="Ask for approval").click()
    expect(mara.get_by_role("button", name="Approve")).to_have_count(0)

    tom.goto("/policy")
    tom.get_by_role("link", name="Draft 1: Too many complaints.").click()
    tom.get_by_role("button", name="Approve these changes").click()
    found += looked_at(tom, "approved")
    tom.get_by_role("button", name="Put it in force").click()
    expect(tom.get_by_role("main")).to_contain_text("In force since")
    assert [company.propose("C2").verdict for _ in range(2)] == ["send", "hold"], "the next decision follows it"

    mara.goto("/policy")
    expect(mara.get_by_role("main")).to_contain_text("in force as version 2")
    mara.get_by_role("button", name="Compare").click()
    expect(mara.get_by_role("main")).to_contain_text("At most")
    found += looked_at(mara, "compare")
    mara.goto("/policy/versions/1")
    mara.get_by_label("Why?").fill("Sales fell by half.")
    found += looked_at(mara, "version")
    mara.get_by_role("button", name="Put version 1 in force again").click()
    expect(mara.get_by_role("main")).to_contain_text("in force as version 3")
    assert [company.propose("C3").verdict for _ in range(2)] == ["send", "send"]
    mara.goto("/policy/rules/calendar_cap")
    found += looked_at(mara, "rule-type")
    mara.context.close()
    tom.context.close()
    assert "\n".join(found) == ""


def test_it_all_works_without_scripts(browser: Browser, address: str) -> None:
    """A rule with windows is added by a plain form."""
    page = signed_in(browser, address, PEOPLE[0][0], java_script_enabled=False)
    page.goto("/policy")
    page.get_by_role("button", name="Start a draft").click()
    page.get_by_label("Add a rule").select_option("quiet_hours")
    page.get_by_role("button", name="Write it").click()
    page.get_by_label("Name", exact=True).fill("lunch")
    page.get_by_label("From", exact=True).first.fill("12:00")
    page.get_by_label("To", exact=True).first.fill("13:00")
    page.get_by_label("Where the time zone is not known").select_option("default")
    page.get_by_role("button", name="Add this rule").click()
    expect(page.get_by_role("main")).to_contain_text("Quiet from 12:00 to 13:00, for every message.")
    page.context.close()
