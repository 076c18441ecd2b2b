"""The policy in a browser's words: what is in force, a draft by forms, tried, approved by somebody else, and back."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from onevoice.actions.staff import invite, set_password
from onevoice.ledger.documents import lock_documents
from onevoice.ledger.policies import current_policy, store_policy
from onevoice.nouns.moment import HOUR
from onevoice.nouns.words import Role, Verdict
from tests.answers.stage import BOSS, POLICY, RETAIL, Stage
from tests.doors.console.house import PASSWORD, signed_in

SECOND_PERSON = "tom@alder.example"


@pytest.fixture(autouse=True)
def fit_policy(stage: Stage) -> None:
    """Version 2 says where people of unknown zone may be, without which no draft of it could come in force."""
    with stage.engine.writing() as tx:
        lock_documents(tx)
        body = POLICY.replace('name = "Starter"', 'name = "Starter"\nplausible_zones = ["Europe/Berlin"]')
        store_policy(tx, name="Starter", body=body, by="system", at=stage.clock())


class Tom:
    """Another person at the same application: the same client, with a session of his own."""

    def __init__(self, client: TestClient[Litestar]) -> None:
        self._client = client
        mine = dict(client.cookies)
        client.cookies.clear()
        signed_in(client, SECOND_PERSON)
        self._cookies, self._others = dict(client.cookies), mine
        self._swap(mine)

    def get(self, where: str) -> Any:
        return self._as_tom(lambda: self._client.get(where))

    def post(self, where: str, data: Any) -> Any:
        return self._as_tom(lambda: self._client.post(where, data=data))

    def _as_tom(self, ask: Callable[[], Any]) -> Any:
        self._swap(self._cookies)
        answer = ask()
        self._swap(self._others)
        return answer

    def _swap(self, cookies: dict[str, str]) -> None:
        self._client.cookies.clear()
        self._client.cookies.update(cookies)


Somebody = TestClient[Litestar] | Tom


@pytest.fixture
def other(client: TestClient[Litestar], stage: Stage) -> Tom:
    """Tom, who may decide on the policy too."""
    invite(stage.engine, BOSS, email=SECOND_PERSON, name="Tom Okafor", unit="alder", role=Role.ADMIN, at=stage.clock())
    set_password(stage.engine, BOSS, SECOND_PERSON, PASSWORD, at=stage.clock())
    return Tom(client)


def fields(page: str, action: str) -> dict[str, list[str]]:
    """What the form with this action would send as it stands."""
    form = next(one for one in re.findall(r"<form.*?</form>", page, re.S) if f'action="{action}"' in one.split(">")[0])
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        told = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if "name" in told and (told.get("type") not in ("checkbox", "radio") or " checked" in tag):
            found.setdefault(told["name"], []).append(told.get("value", ""))
    for name, body in re.findall(r'<select[^>]*?name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        picked = re.search(r'value="([^"]*)" selected', body) or re.search(r'value="([^"]*)"', body)
        found[name] = [picked[1] if picked else ""]
    for name, body in re.findall(r'<textarea[^>]*?name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.S):
        found[name] = [body]
    return found


def send(client: Somebody, page: str, action: str, **said: str | list[str]) -> str:
    """The page to which sending a form leads; `said` is what was changed in it."""
    given = {**fields(page, action), **{name.replace("__", "."): value for name, value in said.items()}}
    answer = client.post(action, data=given)
    assert answer.status_code == 200, answer.text
    return answer.text


def begun(client: TestClient[Litestar]) -> str:
    return send(client, client.get("/policy").text, "/policy/drafts", why="People complain.")


def stricter(client: TestClient[Litestar]) -> str:
    """The page of draft 1, with one message a day."""
    begun(client)
    where = "/policy/drafts/1/rules/0"
    return send(client, client.get(where).text, where, at_most="1")


def steps(client: Somebody, step: str, **said: str) -> str:
    where = "/policy/drafts/1/steps"
    page = client.get("/policy/drafts/1").text
    return send(client, page, where, step=step, **said)


def test_the_policy_is_told_in_words(client: TestClient[Litestar]) -> None:
    """Each rule by its sentence, its demand and whom it is for, with its kind linked; and the versions."""
    page = client.get("/policy").text
    assert "“Starter”" in page and "4 rules" in page
    assert "Nobody gets more than two marketing messages a day" in page
    assert "At most 2 in a day, for marketing." in page
    assert 'href="/policy/rules/calendar_cap"' in page
    assert "At most" in client.get("/policy/rules/calendar_cap").text
    assert client.get("/policy/rules/luck").status_code == 404
    assert "Version 1" in client.get("/policy/versions/1").text
    assert client.get("/policy/versions/7").status_code == 404


def test_a_stricter_cap_from_the_first_word_to_the_way_back(
    client: TestClient[Litestar], other: Tom, stage: Stage
) -> None:
    """Drafted by a form, tried, approved by somebody else, in force, rolled back; each step stands in the history."""
    person = stage.person("C-1", "Ana Ferreira", units=(RETAIL,))
    stage.allowed(person, stage.clock() - 60 * HOUR)
    for place in range(2):
        stage.decided(person, stage.clock() - (28 - 10 * place) * HOUR, Verdict.SEND, unit=RETAIL, campaign=1)
    page = stricter(client)
    assert re.search(r"At most</dt><dd><del>2</del>.*<ins>1</ins>", page)
    page = send(client, page, "/policy/drafts/1/what-if", days="7")
    assert "2 decisions</strong> made from" in page and "1 message</strong> that went would be held" in page
    assert "Ana Ferreira" in page and "Calendar cap" in page
    assert "Waiting for approval" in steps(client, "ask")
    assert "Approve these changes" not in client.get("/policy/drafts/1").text
    forged = client.post(
        "/policy/drafts/1/steps",
        data={**fields(client.get("/policy/drafts/1").text, "/policy/drafts/1/steps"), "step": "approve"},
    )
    assert forged.status_code == 422 and "somebody else must approve it" in forged.text
    assert "Approved" in steps(other, "approve")
    assert "In force since as" in steps(other, "activate", when="now")
    assert "“Starter”" in client.get("/policy").text and "version 3" in client.get("/policy").text
    page = client.get("/policy/versions/2").text
    page = send(client, page, "/policy/versions/2/roll-back", says="Sales fell by half.")
    assert "version 4" in page and "Sales fell by half." in page
    told = client.get("/policy/drafts/1").text
    assert (
        told.index("Tom Okafor put it in force") < told.index("Tom Okafor approved it") < told.index("began the draft")
    )
    assert "<ins>1</ins>" in client.get("/policy/compare?from=2&to=3").text
    with stage.engine.reading() as connection:
        now = current_policy(connection)
    assert now is not None and "at_most = 2" in now.body


def test_a_form_sent_twice_and_a_form_that_came_too_late(client: TestClient[Litestar], other: Tom) -> None:
    """The first changes nothing more; the second is told who was faster, with what it had written."""
    begun(client)
    where = "/policy/drafts/1/rules/0"
    mine, theirs = client.get(where).text, other.get(where).text
    given = {**fields(mine, where), "at_most": ["1"]}
    for _ in range(2):
        answer = client.post(where, data=given)
        assert answer.status_code == 200 and "Draft 1" in answer.text
    late = other.post(where, data={**fields(theirs, where), "at_most": ["5"]})
    assert late.status_code == 409
    assert "Mara Lindqvist changed this draft" in late.text and "<dd>5</dd>" in late.text


def test_findings_stand_at_their_fields(client: TestClient[Litestar]) -> None:
    """What cannot be read is not saved; what is wrong is saved, told, and keeps the draft from being approved."""
    begun(client)
    where = "/policy/drafts/1/rules/0"
    page = client.get(where).text
    answer = client.post(where, data={**fields(page, where), "at_most": ["many"], "name": [""]})
    assert answer.status_code == 422
    assert (
        'id="f-at_most-fault"' in answer.text and 'id="f-name-fault"' in answer.text and 'value="many"' in answer.text
    )
    page = send(client, page, where, at_most="0")
    assert "1 thing must be changed" in page
    assert 'id="f-at_most-fault"' in client.get(where).text
    refused = client.post("/policy/drafts/1/steps", data={**fields(page, "/policy/drafts/1/steps"), "step": ["ask"]})
    assert refused.status_code == 422 and "Give at least 1" in refused.text


def test_a_rule_is_added_and_taken_out(client: TestClient[Litestar]) -> None:
    """By the form of its type: windows, whom it is for, and what the policy says as a whole."""
    begun(client)
    where = "/policy/drafts/1/add"
    page = client.get(f"{where}?type=quiet_hours").text
    told = {"name": "lunch", "windows.0.begin": "12:00", "windows.0.end": "13:00", "applies.channels": ["sms", "voice"]}
    answer = client.post(where, data={**fields(page, where), **told})
    assert answer.status_code == 200
    assert "Quiet from 12:00 to 13:00, for by text message and call." in answer.text
    where = "/policy/drafts/1/rules/4"
    page = client.get(where).text
    assert fields(page, where)["windows.0.begin"] == ["12:00"] and fields(page, where)["windows.1.begin"] == [""]
    page = send(client, page, where, deed="remove")
    assert "It says what version 2 says" in page
    where = "/policy/drafts/1/settings"
    assert "Stricter" in send(client, client.get(where).text, where, name="Stricter")
    assert 'name = "Stricter"' in client.get("/policy/drafts/1/file").text


def test_every_rule_type_has_a_form_that_saves_what_it_shows(client: TestClient[Litestar]) -> None:
    """Also those nobody wrote a line for here: the form is made from the type."""
    from onevoice.answers.policy_words import RULE_TYPES

    begun(client)
    for kind in RULE_TYPES:
        page = client.get(f"/policy/drafts/1/add?type={kind}")
        assert page.status_code == 200, kind
        assert client.get(f"/policy/rules/{kind}").status_code == 200, kind
    for place in range(4):
        where = f"/policy/drafts/1/rules/{place}"
        told = send(client, client.get(where).text, where)
    assert "It says what version 2 says" in told


def test_a_moment_is_taken_by_the_clock_of_the_reader(client: TestClient[Litestar], other: Tom) -> None:
    """10:00 UTC is noon in Berlin; a moment that is past, or that clocks leave out, is refused."""
    stricter(client)
    steps(client, "ask")
    steps(other, "approve")
    where = "/policy/drafts/1/steps"
    for wrong in ("2026-10-01T11:59", "soon", "2027-03-28T02:30"):
        page = other.get("/policy/drafts/1").text
        sent = {**fields(page, where), "step": ["activate"], "when": ["later"], "at": [wrong]}
        assert other.post(where, data=sent).status_code == 422, wrong
    page = steps(other, "activate", when="later", at="2026-10-02T08:00")
    assert "comes in force tomorrow 08:00" in re.sub(r"<[^>]+>", "", page)
