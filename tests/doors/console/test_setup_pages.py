"""Setting up in the console: documents by form, people by link, keys shown once, and rights that end at once."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from onevoice.actions.gate import Gate
from onevoice.doors.http.permissions import PEOPLE, Entry
from onevoice.ledger.documents import lock_documents
from onevoice.ledger.policies import store_policy
from onevoice.nouns.authority import ROLE_VERBS, Verb
from onevoice.nouns.words import Role
from onevoice.zone_tables import read_zones
from tests.answers.stage import POLICY, Stage, ana
from tests.doors.console.house import EMAIL, PASSWORD, House, house, signed_in
from tests.doors.console.test_pages import tags, token

HTML = {"accept": "text/html"}
PHRASE = "four brass kettles sing"
PAGES = (
    "/setup",
    *(f"/setup/documents/{kind}" for kind in ("units", "platforms", "contact_points", "topics", "campaigns", "offers")),
    "/setup/documents/purposes",
    "/setup/documents/platforms/form?key=mailer",
    "/setup/documents/units/form",
    "/setup/categories",
    "/setup/people",
    "/setup/people/1",
    "/setup/keys",
    "/setup/sessions",
    "/setup/activity",
    "/setup/activity?kind=looks",
    "/setup/readiness?platform=texter",
    "/setup/connections",
)


def with_gate(built: House) -> House:
    """The same installation, able to write documents, with a policy that could be put in force."""
    with built.stage.engine.writing() as tx:
        lock_documents(tx)
        body = f'plausible_zones = ["Europe/Berlin"]\n{POLICY}'
        store_policy(tx, name="Starter", body=body, by="test", at=built.stage.clock())
    built.app.state["onevoice"].gate = Gate(built.stage.book, read_zones)
    return built


@pytest.fixture
def setting_up(built: House) -> Iterator[House]:
    with_gate(built)
    yield built
    built.app.state["onevoice"].gate.close()


@pytest.fixture
def mara(setting_up: House) -> Iterator[TestClient[Litestar]]:
    """Mara, an admin of the whole group, signed in."""
    with TestClient(setting_up.app) as made:
        yield signed_in(made)


def enter(app: Litestar, email: str, password: str) -> TestClient[Litestar]:
    client = TestClient(app)
    form = {"email": email, "password": password, "csrf_token": token(client.get("/login").text), "next": "/"}
    assert client.post("/login", data=form, follow_redirects=False).headers["location"] == "/"
    return client


def send(client: TestClient[Litestar], path: str, form: dict[str, Any], page: str = "/setup/sessions") -> Any:
    """Sends a form with the token of a page of this session."""
    given = {**form, "csrf_token": token(client.get(page).text)}
    return client.post(path, data=given, headers=HTML, follow_redirects=False)


def fields(html: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that goes there."""
    form = next(part for part in html.split("<form ")[1:] if f'action="{action}"' in part).split("</form>")[0]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))


def invited(client: TestClient[Litestar], email: str, unit: str, role: str) -> str:
    """The path of the link for somebody new."""
    answer = send(client, "/setup/people", {"email": email, "name": "Eva", "unit": unit, "role": role})
    found = re.search(r'value="http://127.0.0.1(/welcome/[\w-]+)"', answer.text)
    assert found is not None, answer.text
    return found[1]


def arrived(app: Litestar, by: TestClient[Litestar], email: str, unit: str, role: str) -> TestClient[Litestar]:
    """Somebody invited, who set a password by the link and signed in."""
    path = invited(by, email, unit, role)
    client = TestClient(app)
    form = {"csrf_token": token(client.get(path).text), "password": PHRASE, "again": PHRASE}
    assert client.post(path, data=form, follow_redirects=False).headers["location"] == "/login"
    return enter(app, email, PHRASE)


def test_every_page_of_setup_opens_and_its_links_lead_somewhere(mara: TestClient[Litestar], stage: Stage) -> None:
    """Nothing inline that a strict policy would refuse, and no dead link."""
    ana(stage)
    for path in PAGES:
        answer = mara.get(path, headers=HTML)
        assert answer.status_code == 200, (path, answer.text[-400:])
        assert tags(answer.text).inline == [], path
        for link in {one for one in tags(answer.text).links if one.startswith("/setup")}:
            assert mara.get(link.replace("&amp;", "&"), headers=HTML).status_code == 200, (path, link)


def test_a_unit_is_added_renamed_and_the_change_taken_back(mara: TestClient[Litestar]) -> None:
    """The list says that it is saved, and one press brings the earlier name back."""
    form = {"name": "Südstadt Dental", "key": "", "parent": "dental", "kind": "franchisee", "zone": "Europe/Berlin"}
    answer = send(mara, "/setup/documents/units/form", {**form, "was": "", "seen": ""})
    assert answer.status_code == 303 and "sudstadt-dental" in mara.get(answer.headers["location"]).text
    page = mara.get("/setup/documents/units/form?key=sudstadt-dental").text
    hidden = fields(page, "/setup/documents/units/form")
    moved = {**form, **hidden, "name": "South", "parent": "alder"}
    answer = send(mara, "/setup/documents/units/form", moved)
    listed = mara.get(answer.headers["location"]).text
    assert "“South” is saved" in listed
    back = re.search(r'action="(/setup/changes/\d+/take-back)"', listed)
    assert back is not None
    send(mara, back[1], {"kind": "units"})
    assert "Südstadt Dental" in mara.get("/setup/documents/units").text


def test_faults_stand_at_the_fields_and_nothing_is_lost(mara: TestClient[Litestar]) -> None:
    """What was typed is still there; the zone that is none is marked."""
    form = {"name": "Harbour <b>", "key": "harbour", "parent": "dental", "kind": "team", "zone": "Mars/Olympus"}
    answer = send(mara, "/setup/documents/units/form", {**form, "was": "", "seen": ""})
    assert answer.status_code == 422
    assert 'id="zone-fault"' in answer.text and "Mars/Olympus" in answer.text
    assert "Harbour &lt;b&gt;" in answer.text and "Nothing was saved" in answer.text
    taken = send(mara, "/setup/documents/units/form", {**form, "zone": "UTC", "key": "bank", "was": "", "seen": ""})
    assert taken.status_code == 422 and 'id="key-fault"' in taken.text


def test_a_form_that_is_out_of_date_overwrites_nothing(mara: TestClient[Litestar]) -> None:
    """Two tabs with one form: the second is told; the first sent again changes nothing more."""
    path = "/setup/documents/platforms/form"
    hidden = fields(mara.get(f"{path}?key=mailer").text, path)
    form = {**hidden, "name": "Mailer", "unit": "retail", "vendor": "sandbox", "mode": "advise"}
    assert send(mara, path, form).status_code == 303
    assert send(mara, path, form).status_code == 303
    late = send(mara, path, {**form, "mode": "monitor"})
    assert late.status_code == 422 and "after the page was made" in late.text
    assert "advise" in mara.get("/setup/documents/platforms").text


def test_the_bits_of_a_category_are_set_with_a_reason(mara: TestClient[Litestar]) -> None:
    """Without a reason it is refused beside the form it came from."""
    answer = send(mara, "/setup/categories", {"category": "legal", "counts_towards_caps": "yes", "reason": ""})
    assert answer.status_code == 422 and 'id="legal-fault"' in answer.text
    answer = send(mara, "/setup/categories", {"category": "legal", "obeys_caps": "yes", "counts_towards_caps": "yes"})
    assert "“legal” is saved" in mara.get(answer.headers["location"]).text


def test_somebody_is_invited_sets_a_password_and_comes_in(setting_up: House, mara: TestClient[Litestar]) -> None:
    """The link is shown once and opens once; a short password is refused with its reason."""
    path = invited(mara, "eva@alder.example", "retail", "agent")
    assert path not in mara.get("/setup/people").text
    guest = TestClient(setting_up.app)
    form = {"csrf_token": token(guest.get(path).text), "password": "short", "again": "short"}
    short = guest.post(path, data=form)
    assert short.status_code == 422 and "at least 12 characters" in short.text
    form = {"csrf_token": token(short.text), "password": PHRASE, "again": PHRASE}
    assert guest.post(path, data=form, follow_redirects=False).headers["location"] == "/login"
    assert enter(setting_up.app, "eva@alder.example", PHRASE).get("/").status_code == 200
    gone, never = guest.get(path, headers=HTML), guest.get("/welcome/nothing", headers=HTML)
    assert (gone.status_code, never.status_code) == (404, 404)
    assert gone.text == never.text, "a used link and one that never was are told alike"


@pytest.mark.parametrize("change", [{"role": "viewer"}, {"unit": "bank"}, {"active": ""}])
def test_an_open_session_gets_the_sign_in_page_after_a_change_of_rights(
    setting_up: House, mara: TestClient[Litestar], change: dict[str, str]
) -> None:
    """On the very next request, and so do the keys that person made."""
    eva = arrived(setting_up.app, mara, "eva@alder.example", "retail", "unit_admin")
    made = send(eva, "/setup/keys", key_form(eva), page="/setup/keys")
    secret = re.search(r'value="(ov_[\w-]+)"', made.text)
    assert secret is not None
    key = {"authorization": f"Bearer {secret[1]}"}
    assert mara.put("/v1/units", headers=key, json={"rows": []}).status_code == 200
    assert eva.get("/setup", headers=HTML, follow_redirects=False).status_code == 200
    form = {"name": "Eva", "role": "unit_admin", "unit": "retail", "active": "yes", **change}
    assert send(mara, "/setup/people/2", form).status_code == 303
    answer = eva.get("/setup", headers=HTML, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/setup")
    setting_up.stage.clock.forward(seconds=1)  # the door looks a key up once a second
    assert mara.put("/v1/units", headers=key, json={"rows": []}).status_code == (403 if "role" in change else 401)


def key_form(client: TestClient[Litestar], **more: str) -> dict[str, Any]:
    once = fields(client.get("/setup/keys").text, "/setup/keys")["once"]
    return {"once": once, "name": "CRM", "unit": "retail", "verbs": ["propose", "ask", "setup"], **more}


def test_a_unit_admin_manages_the_own_subtree_and_gives_no_more_than_they_hold(
    setting_up: House, mara: TestClient[Litestar]
) -> None:
    """Not the administrator above, not another unit, not a role above, not a key that erases."""
    eva = arrived(setting_up.app, mara, "eva@alder.example", "retail", "unit_admin")
    page = eva.get("/setup/people").text
    assert EMAIL not in page and 'value="admin"' not in page and 'value="bank"' not in page
    for path in ("/setup/people/1", "/setup/documents/platforms/form?key=texter", "/setup/readiness?platform=texter"):
        assert eva.get(path, headers=HTML).status_code == 404, path
    for form in ({"role": "admin", "unit": "retail"}, {"role": "viewer", "unit": "bank"}):
        answer = send(eva, "/setup/people", {"email": "x@alder.example", "name": "X", **form})
        assert answer.status_code in (404, 422) and "/welcome/" not in answer.text
    answer = send(eva, "/setup/people/1", {"name": "M", "role": "viewer", "unit": "retail"})
    assert answer.status_code == 404
    answer = send(eva, "/setup/people/2", {"name": "Eva E", "role": "admin", "unit": "alder", "active": "yes"})
    assert "Unit admin" in eva.get("/setup/people").text, "nobody changes their own rights"
    for more in ({"verbs": ["erase"]}, {"unit": "bank"}):
        assert "ov_" not in send(eva, "/setup/keys", {**key_form(eva), **more}, page="/setup/keys").text
    assert send(eva, "/setup/documents/topics/form", {"name": "T", "was": "", "seen": ""}).status_code == 422
    assert "Mara" not in eva.get("/setup/activity").text


def test_a_key_is_shown_once_replaced_and_revoked(mara: TestClient[Litestar]) -> None:
    """The same form again makes no second key; a replacement is a second key until the first is revoked."""
    form = key_form(mara)
    first = send(mara, "/setup/keys", form, page="/setup/keys")
    secret = re.search(r'value="(ov_[\w-]+)"', first.text)
    assert secret is not None
    again = send(mara, "/setup/keys", form, page="/setup/keys")
    assert again.status_code == 422 and "was sent before" in again.text and "ov_" not in again.text
    assert secret[1] not in mara.get("/setup/keys").text
    key = {"authorization": f"Bearer {secret[1]}"}
    assert mara.get("/v1/units", headers=key).status_code == 200
    once = fields(mara.get("/setup/keys").text, "/setup/keys/1/rotate")["once"]
    assert "key of CRM" in send(mara, "/setup/keys/1/rotate", {"once": once}, page="/setup/keys").text
    assert send(mara, "/setup/keys/1/revoke", {}).status_code == 303
    assert "revoked" in mara.get("/setup/keys").text


def test_sessions_are_listed_and_ended(setting_up: House, mara: TestClient[Litestar]) -> None:
    """One's own in two browsers; ending the other one leaves this one."""
    other = enter(setting_up.app, EMAIL, PASSWORD)
    page = other.get("/setup/sessions").text
    assert page.count("Another browser") == 1 and page.count("This one") == 1
    handles = re.findall(r'name="handle" value="([0-9a-f]{24})"', page)
    here = page.index("This one")
    mine = min(handles, key=lambda handle: abs(page.index(handle) - here))
    for handle in handles:
        if handle != mine:
            assert send(other, "/setup/sessions", {"handle": handle}).status_code == 303
    assert mara.get("/setup", headers=HTML, follow_redirects=False).status_code == 303
    assert other.get("/setup/sessions").status_code == 200


def test_the_log_of_activity_tells_who_signed_in_and_who_changed_what(
    setting_up: House, mara: TestClient[Litestar]
) -> None:
    """In words, newest first, to be narrowed by kind and by person, with the head of the chain."""
    path = "/setup/documents/platforms/form"
    hidden = fields(mara.get(f"{path}?key=mailer").text, path)
    send(mara, path, {**hidden, "name": "Mailer", "unit": "retail", "vendor": "sandbox", "mode": "advise"})
    page = mara.get("/setup/activity").text
    assert "mode: <del>enforce</del>" in page and "signed in" in page
    assert "signed in" not in mara.get("/setup/activity?kind=documents").text
    assert "signed in" in mara.get("/setup/activity?kind=sign_ins&by=staff:1").text
    assert "Nothing of this kind" in mara.get("/setup/activity?kind=keys").text
    assert mara.get("/setup/activity?kind=nothing", headers=HTML).status_code == 404


def test_readiness_says_for_whom_and_why_enforcing_would_change_something(
    mara: TestClient[Litestar], stage: Stage
) -> None:
    """An advised platform: its figures, and links to the decisions behind them."""
    ana(stage)
    page = mara.get("/setup/readiness?platform=texter", headers=HTML)
    assert page.status_code == 200 and "Before it obeys" in page.text
    assert mara.get("/setup/readiness?platform=none", headers=HTML).status_code == 404


@pytest.mark.parametrize("role", list(Role))
def test_each_role_opens_the_pages_of_setup_its_verbs_reach(stage: Stage, role: Role) -> None:
    """Every route of Setup, as the written table says: 403 for whoever lacks the verb, never for whoever has it."""
    built = with_gate(house(stage, role=role))
    with TestClient(built.app) as made:
        client = signed_in(made)
        for name, permission in PEOPLE.items():
            method, path = name.split(" ")
            if not path.startswith("/setup"):
                continue
            filled = path.replace("{kind}", "units").replace("{number}", "999999")
            if method == "GET":
                status = client.get(filled, headers=HTML, follow_redirects=False).status_code
            else:
                status = send(client, filled, {}).status_code
            may = permission is Entry.SIGNED_IN or Verb(permission) in ROLE_VERBS[role]
            assert (status == 403) == (not may), (name, role, status)
    built.app.state["onevoice"].gate.close()


def test_a_form_from_elsewhere_changes_nothing(mara: TestClient[Litestar]) -> None:
    """Without the session's token every form is refused."""
    for name in PEOPLE:
        method, path = name.split(" ")
        if method == "POST" and path.startswith("/setup"):
            filled = path.replace("{kind}", "units").replace("{number}", "1")
            assert mara.post(filled, data={"csrf_token": "0" * 32}, headers=HTML).status_code == 403, path
