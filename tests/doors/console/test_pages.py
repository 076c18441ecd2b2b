"""The pages of the console over HTTP: what they say, whom they let in, and what never leaves them."""

import re
from html.parser import HTMLParser

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from onevoice.nouns.words import Channel, Role
from tests.answers.stage import NORTHSIDE, RETAIL, Stage, ana
from tests.doors.console.house import House, house, signed_in

HTML = {"accept": "text/html"}


class Tags(HTMLParser):
    """Collects what a strict content policy would refuse, and every link."""

    def __init__(self) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "style" or "style" in given or (tag == "script" and "src" not in given):
            self.inline.append(tag)
        self.inline += [name for name in given if name.startswith("on")]
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))


def tags(html: str) -> Tags:
    found = Tags()
    found.feed(html)
    return found


def token(html: str) -> str:
    found = re.search(r'name="csrf_token" value="([0-9a-f]+)"', html)
    assert found is not None
    return found[1]


def test_nobody_reads_a_page_before_signing_in(built: House) -> None:
    """Every page leads to the sign-in form, and that form back to the page."""
    with TestClient(built.app) as client:
        for path in ("/", "/decisions", "/customers", "/customers/1", "/decisions/1"):
            answer = client.get(path, headers=HTML, follow_redirects=False)
            assert (answer.status_code, answer.headers["location"]) == (303, f"/login?next={path}")


def test_wrong_credentials_are_told_without_saying_which(built: House) -> None:
    """One sentence for everything that can be wrong."""
    with TestClient(built.app) as client:
        form = {"email": "mara@alder.example", "password": "no", "csrf_token": token(client.get("/login").text)}
        answer = client.post("/login", data=form)
    assert "E-mail and password do not belong together" in answer.text


def test_every_link_of_every_page_leads_somewhere(client: TestClient[Litestar], stage: Stage) -> None:
    """Following all links from the overview reaches the held message, and nothing is missing or broken."""
    ana(stage)
    waiting: list[str] = ["/"]
    seen: set[str] = set()
    while waiting:
        path = waiting.pop()
        answer = client.get(path, headers=HTML)
        assert answer.status_code == 200, path
        assert tags(answer.text).inline == [], path
        links = {link for link in tags(answer.text).links if link.startswith("/")}
        fresh = links - seen
        seen |= links
        waiting += sorted(fresh)
    assert {"/decisions/5", "/customers/1"} <= seen


def test_a_held_message_says_why_with_its_evidence(client: TestClient[Litestar], stage: Stage) -> None:
    """The page of a decision holds the sentence, each rule, the counted messages, and what would have let it pass."""
    _, hold = ana(stage)
    page = client.get(f"/decisions/{hold}").text
    assert "Held until tomorrow 08:00: Ana already had 2 marketing messages today" in page
    assert "Nobody gets more than two marketing messages a day" in page
    assert "Counted 2 messages" in page
    assert "What would have let it pass" in page
    assert "tomorrow 07:00</time> their time" in page


def test_the_strip_has_a_mark_for_each_message_with_its_sentence(client: TestClient[Litestar], stage: Stage) -> None:
    """Each mark is a link with a name; a hold shows how long it waits."""
    customer, _ = ana(stage)
    page = client.get(f"/customers/{customer}").text
    assert len(re.findall(r'<a class="mark (sent|held)', page)) == 3
    assert 'aria-label="Today, 11:00: “Newsletter” (e-mail, Alder Retail) is held until tomorrow 08:00' in page
    assert 'class="wait"' in page


def test_search_words_stay_out_of_addresses(client: TestClient[Litestar], stage: Stage) -> None:
    """Names and addresses are posted; a form without the session's token is refused."""
    ana(stage)
    form = token(client.get("/customers").text)
    found = client.post("/customers", data={"words": "ferr", "csrf_token": form})
    assert "Ana Ferreira" in found.text and "/customers/1" in tags(found.text).links
    assert client.post("/customers", data={"words": "ferr"}).status_code == 403


def test_hostile_names_are_shown_as_text(client: TestClient[Litestar], stage: Stage) -> None:
    """What people call themselves, and what they write, is never markup."""
    name = "<script>alert(1)</script>\"' onmouseover=x"
    customer = stage.person("<b>C</b>", name, (Channel.EMAIL, "x@example.com"), units=(RETAIL,))
    stage.sent(customer, stage.clock() - 1, unit=RETAIL, campaign=1)
    for path in ("/customers", f"/customers/{customer}", "/", "/decisions"):
        page = client.get(path).text
        assert tags(page).inline == [] and "<script>alert" not in page and "<b>C</b>" not in page


def test_empty_pages_say_what_they_will_show(client: TestClient[Litestar]) -> None:
    """An empty installation explains itself and names the one command that fills it."""
    assert "onevoice import FILES" in client.get("/").text
    assert "Nothing was decided yet" in client.get("/decisions").text
    assert "No customers yet" in client.get("/customers").text


def test_a_filter_nobody_understands_is_told_with_all_its_faults(client: TestClient[Litestar]) -> None:
    """The page of a problem says what happened, what is safe and what to do."""
    answer = client.get("/decisions?verdict=maybe&reason=mood", headers=HTML)
    assert answer.status_code == 422
    assert "no verdict called maybe" in answer.text and "no reason called mood" in answer.text
    assert client.get("/decisions?from=yesterday", headers=HTML).status_code == 422


@pytest.mark.parametrize("path", ["/customers/999", "/decisions/999", "/customers/99999999999999999999999", "/nowhere"])
def test_what_is_not_there_is_told_alike(client: TestClient[Litestar], path: str) -> None:
    """Missing numbers, absurd numbers and unknown pages give one and the same page."""
    answer = client.get(path, headers=HTML)
    assert answer.status_code == 404 and "There is nothing here" in answer.text


def test_a_franchisee_reads_pressure_but_no_other_units_content(stage: Stage) -> None:
    """On no page of the franchisee does another unit's name, campaign or person occur."""
    customer, hold = ana(stage)
    other = stage.person("C-9", "Zoltan Nagy", units=(RETAIL,))
    stage.sent(other, stage.clock() - 1, unit=RETAIL, campaign=1)
    with TestClient(house(stage, unit="northside", role=Role.VIEWER).app) as client:
        signed_in(client)
        pages = [f"/customers/{customer}", f"/customers/{customer}?why={hold}", f"/decisions/{hold}", "/", "/customers"]
        texts = [client.get(path).text for path in [*pages, "/decisions", "/customers?least=1"]]
        assert client.get(f"/customers/{other}", headers=HTML).status_code == 404
    for text in texts:
        for secret in ("Spring offer", "Newsletter", "Gold card", "Alder Retail", "Alder Bank", "Zoltan"):
            assert secret not in text, secret
    assert "of another unit" in texts[0] and stage.book.known.surroundings.units[NORTHSIDE].name in texts[0]


def test_assets_are_kept_and_pages_are_not(client: TestClient[Litestar]) -> None:
    """Built files may be kept for ever under their version; a page of people may not be stored at all."""
    sheet = client.get("/assets/app.css?v=1")
    assert sheet.status_code == 200 and "immutable" in sheet.headers["cache-control"]
    page = client.get("/")
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert client.get("/assets/..%2fsrc%2fapp.js").status_code == 404
