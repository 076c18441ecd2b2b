"""What a sender and the owner of a rule do in the console: keys, views, what waits, exceptions, webhooks."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from onevoice.ledger.documents import lock_documents
from onevoice.ledger.exceptions import Answer, Request, store_answer, store_request
from onevoice.ledger.tables import entries
from onevoice.ledger.webhook_tables import webhook_endpoints, webhook_messages
from onevoice.nouns.moment import HOUR
from tests.answers.stage import RETAIL, Stage, ana
from tests.browser.conftest import served, sign_in
from tests.browser.test_console import barriers
from tests.clock import HandMovedClock, moment_of

PAGES = (
    "/decisions?verdict=hold&rule=two+a+day",
    "/decisions?order=oldest",
    "/decisions?rule=nights",
    "/decisions/5",
    "/held",
    "/exceptions",
    "/webhooks",
)
WHY = "The recall of the blender cannot wait until tomorrow, and nobody else will tell the people who bought it."
LONG_ADDRESS = "https://a-rather-long-host-name.of-the-shop.example/told/about/what/waited?and=a-long-query-behind-it"


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A console over Ana's book, in which exceptions were asked for and a webhook failed."""
    stage = Stage(tmp_path_factory.mktemp("waiting"), HandMovedClock(moment_of("2026-10-01T10:00:00+00:00")))
    customer, hold = ana(stage)
    fill(stage, customer, hold)
    with served(stage) as url:
        yield url


def fill(stage: Stage, customer: int, hold: int) -> None:
    now = stage.clock()
    with stage.engine.writing() as tx:
        lock_documents(tx)
        (row,) = tx.rows(entries, "number", [hold])
        assert row[0] == hold
        for number, rule in ((1, "breathing space"), (2, "an older rule")):
            request = Request(number, hold, hold, rule, 0, 0, "staff:7", now - HOUR)
            store_request(tx, request, customer, WHY, b"salt")
            if number == 2:
                store_answer(tx, request, Answer(2, False, 0, "staff:8", now), "It can wait.", b"salt")
        tx.add(webhook_endpoints, [(1, RETAIL, LONG_ADDRESS, 2, now + HOUR, True, now)])
        tx.add(webhook_messages, [(1, 1, hold, now - HOUR, 10, now, 2, "The server answered 503.")])


def opened(browser: Browser, address: str, **more: Any) -> Page:
    page = browser.new_context(base_url=address, **more).new_page()
    sign_in(page)
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_new_page_has_a_barrier_axe_can_see(browser: Browser, waiting: str, scheme: Any) -> None:
    """WCAG 2.2 AA as far as a machine can tell, with every form open."""
    page = opened(browser, waiting, color_scheme=scheme, bypass_csp=True, viewport={"width": 1280, "height": 900})
    found = {}
    for path in PAGES:
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        found[path] = barriers(page)
    page.context.close()
    assert "\n".join(f"{path} {one}" for path, told in found.items() for one in told) == ""


def test_nothing_runs_out_of_a_narrow_window(browser: Browser, waiting: str) -> None:
    """At 360 pixels no page scrolls sideways, with every form open and a long address."""
    page = opened(browser, waiting, viewport={"width": 360, "height": 740})
    for path in PAGES:
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wider <= 0, f"{path} is {wider} pixels wider than the window"
    page.context.close()


def test_keys_go_through_decisions_and_what_waits(browser: Browser, waiting: str) -> None:
    """j chooses, enter opens, escape closes; a slash goes to the search."""
    page = opened(browser, waiting, viewport={"width": 1280, "height": 900})
    page.goto("/decisions")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#panel")).to_contain_text("Ask for an exception")
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.locator("[data-search]").last).to_be_focused()
    page.goto("/held")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{waiting}/decisions/5")
    page.context.close()


def test_a_view_is_kept_without_scripts_and_a_file_leaves(browser: Browser, waiting: str) -> None:
    """The form keeps the filters as a chip; the file comes with a name of ours."""
    page = opened(browser, waiting, java_script_enabled=False)
    page.goto("/decisions?verdict=hold")
    page.get_by_text("Keep this view").click()
    page.get_by_label("Name", exact=True).fill("What the cap holds")
    page.get_by_role("button", name="Keep under this name").click()
    page.goto("/decisions")
    page.get_by_role("link", name="What the cap holds").click()
    expect(page).to_have_url(f"{waiting}/decisions?verdict=hold")
    with page.expect_download() as leaving:
        page.get_by_role("link", name="CSV").click()
    assert leaving.value.suggested_filename == "decisions-2026-10-01.csv"
    page.get_by_role("button", name="Forget the view").click()
    expect(page.get_by_role("link", name="What the cap holds")).to_have_count(0)
    page.context.close()
