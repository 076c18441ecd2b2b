"""What a person does in the console, with the mouse, the keyboard, a small screen, and without scripts."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import LONG, sign_in

AXE = Path(__file__).resolve().parents[2] / "frontend/node_modules/axe-core/axe.min.js"
PAGES = (
    "/",
    "/decisions",
    "/decisions?verdict=hold",
    "/decisions/5",
    "/customers",
    "/customers/1",
    "/customers/1?why=5",
)
BROKEN = ("/customers/999", "/decisions?verdict=maybe")


def test_from_the_overview_to_the_evidence_of_a_held_message(page: Page) -> None:
    """Three clicks: the number, the message, and there are the messages that were counted."""
    page.get_by_role("row", name="Calendar cap").get_by_role("link", name="1", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What was decided?")
    page.get_by_role("link", name="Newsletter").click()
    panel = page.locator("#panel")
    expect(panel).to_contain_text("Ana already had 2 marketing messages today (Spring offer 09:00, Gold card 10:00)")
    expect(panel.get_by_role("listitem").filter(has_text="Gold card").first).to_be_visible()
    assert "why=5" in page.url, "the panel has an address of its own"
    page.go_back()
    expect(panel).to_be_hidden()
    expect(page.get_by_role("link", name="Newsletter")).to_be_visible()


def test_search_finds_as_one_types(page: Page) -> None:
    """A slash begins, letters narrow, arrows of the keyboard's own (j, k) choose, enter opens."""
    page.goto("/customers")
    page.locator("main [data-search]").blur()
    page.keyboard.press("/")
    page.keyboard.type("ferr")
    expect(page.locator("#found")).to_contain_text("1 match")
    assert "ferr" not in page.url
    page.locator("main [data-search]").blur()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ana Ferreira")


def test_the_strip_tells_its_sentences_to_the_keyboard_too(page: Page) -> None:
    """Focus reads a mark out under the strip; enter opens why; escape closes and goes back to the mark."""
    page.goto("/customers/1")
    mark = page.locator("a.mark.held")
    mark.focus()
    expect(page.locator("#strip-told")).to_contain_text("is held until tomorrow 08:00")
    page.keyboard.press("Enter")
    expect(page.locator("#panel-title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    expect(mark).to_be_focused()
    assert page.url.endswith("/customers/1?") or page.url.endswith("/customers/1")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_barrier_axe_can_see(browser: Browser, address: str, scheme: Any) -> None:
    """WCAG 2.2 AA as far as a machine can tell, in both themes, with the panel open and on pages of problems."""
    context = browser.new_context(
        base_url=address, color_scheme=scheme, bypass_csp=True, viewport={"width": 1280, "height": 900}
    )
    page = context.new_page()
    page.goto("/login?wrong=1")
    found = {"/login": barriers(page)}
    sign_in(page)
    for path in (*PAGES, *BROKEN):
        page.goto(path)
        found[path] = barriers(page)
    context.close()
    assert "\n".join(f"{path} {one}" for path, told in found.items() for one in told) == ""


def barriers(page: Page) -> list[str]:
    page.evaluate(AXE.read_text("utf-8"))
    result = page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
    )
    return [
        f"{one['id']}: {node['target']} {node['failureSummary'][:200]}"
        for one in result["violations"]
        for node in one["nodes"]
    ]


@pytest.mark.parametrize(("width", "height"), [(360, 740), (640, 450)])
def test_nothing_runs_out_of_a_narrow_or_zoomed_window(browser: Browser, address: str, width: int, height: int) -> None:
    """360 pixels, and 1280 at 200 %: no page scrolls sideways, with long names too."""
    context = browser.new_context(base_url=address, viewport={"width": width, "height": height})
    page = context.new_page()
    sign_in(page)
    for path in (*PAGES, *BROKEN, "/customers/4"):
        page.goto(path)
        wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wider <= 0, f"{path} is {wider} pixels wider than the window"
    expect(page.get_by_role("heading", level=1)).to_have_text(LONG)
    context.close()


def test_everything_can_be_read_without_scripts(browser: Browser, address: str) -> None:
    """The same links lead to the same pages; the panel comes with the page."""
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    sign_in(page)
    page.goto("/customers")
    page.locator("main [data-search]").fill("ferreira")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Ana Ferreira").click()
    page.locator("a.mark.held").click(force=True)
    expect(page.locator("#panel")).to_contain_text("What would have let it pass")
    context.close()


def test_no_page_logs_an_error_or_breaks_its_own_content_policy(page: Page) -> None:
    """The strict policy of content holds: nothing inline, nothing from elsewhere, and nothing shifts while it loads."""
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    for path in PAGES:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        shift = page.evaluate(
            "new Promise(done => {let sum = 0; new PerformanceObserver(list => list.getEntries().forEach(one => {"
            "if (!one.hadRecentInput) sum += one.value})).observe({type: 'layout-shift', buffered: true});"
            "setTimeout(() => done(sum), 120)})"
        )
        assert shift < 0.01, f"{path} shifts by {shift}"
    assert told == []


def test_pages_are_light(page: Page) -> None:
    """All that a first visit loads stays under 300 kB, without counting on compression."""
    sizes: list[int] = []
    page.on("response", lambda answer: sizes.append(len(answer.body())) if answer.status == 200 else None)
    page.goto("/customers/1")
    page.wait_for_load_state("networkidle")
    assert sum(sizes) < 300_000, sizes
