"""The system's Chromium and a console to look at, both started once."""

import contextlib
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from tests.answers.stage import NORTHSIDE, RETAIL, Stage, ana
from tests.clock import HandMovedClock, moment_of
from tests.doors.console.house import EMAIL, PASSWORD, house

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LONG = "Wolfeschlegelsteinhausenbergerdorff-Montgomery Maximiliana Josephine von und zu Hohenlohe"


def chromium() -> str:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert found, "The browser tests need Chromium: install your system's chromium package."
    return found


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for all tests of this folder; each test has a profile of its own. It ends with the folder: as long as
    it lives, an event loop runs in this thread, and other tests have loops of their own."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        yield opened
        opened.close()


@contextlib.contextmanager
def served(stage: Stage) -> Iterator[str]:
    """The address of a console over this stage, on this machine; both end together."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(house(stage).app, port=port, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
        assert thread.is_alive()
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)
    with contextlib.suppress(Exception):
        stage.close()


@pytest.fixture(scope="package")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A console over Ana's book, served on this machine."""
    stage = Stage(_folder(tmp_path_factory), HandMovedClock(moment_of("2026-10-01T10:00:00+00:00")))
    ana(stage)
    long = stage.person("C-2002", LONG, units=(RETAIL, NORTHSIDE))
    stage.sent(long, stage.clock() - 1, unit=RETAIL, campaign=1)
    with served(stage) as url:
        yield url


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A desktop window in which Mara has signed in."""
    context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    sign_in(opened)
    yield opened
    context.close()


def sign_in(page: Page) -> None:
    page.goto("/login")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")


def _folder(factory: pytest.TempPathFactory) -> Path:
    return factory.mktemp("console")
