"""Drafts of the policy over HTTP: what the page does, systems can do, except to approve."""

from typing import Any

from onevoice.actions.draft_policy import require_draft, take_step
from onevoice.nouns.authority import ROLE_VERBS, Authority
from onevoice.nouns.draft import Step
from onevoice.nouns.words import Role
from tests.doors.http.house import POLICY, House, faults, letter

STRICTER = POLICY.replace("at_most = 1", "at_most = 2")
TOM = Authority(who="staff:2", unit=1, units=frozenset(), verbs=ROLE_VERBS[Role.ADMIN], all_units=True)


def begun(house: House, key: str = "begin") -> Any:
    return house.post("/v1/policy/drafts", {"why": "Sales asked."}, key="admin", idempotency_key=key)


def saved(house: House, revision: int = 1, body: str = STRICTER, key: str = "save") -> Any:
    given = {"revision": revision, "body": body}
    return house.ask("PUT", "/v1/policy/drafts/1", given, key="admin", idempotency_key=key)


def step(house: House, one: str, revision: int, **more: object) -> Any:
    given = {"step": one, "revision": revision, **more}
    return house.ask("POST", "/v1/policy/drafts/1/steps", given, key="admin", idempotency_key=f"{one} {revision}")


def test_a_draft_goes_its_way_with_a_person_in_it(house: House) -> None:
    """Begun, written, tried and put in force by a key; approved by a person; rolled back."""
    assert begun(house)["revision"] == 1 and saved(house).json()["revision"] == 2
    assert house.get("/v1/policy/drafts/1", key="asker")["body"] == STRICTER
    told = house.post("/v1/policy/drafts/1/what-if", {"days": 7}, key="admin")
    assert told["finished"] and told["found"]["decisions"] == told["total"] == 0
    assert house.get("/v1/policy/drafts/1/what-if") == told
    assert step(house, "ask", 2).json()["state"] == "asked"
    assert "approver" in faults(step(house, "approve", 3)), "a key is no second person"
    take_step(house.onevoice.book, TOM, 1, key="tom", step=Step.APPROVE, revision=3)
    planned = step(house, "activate", 4, at="2026-10-02T08:00:00Z").json()
    assert (planned["planned"], planned["version"]) == ("2026-10-02T08:00:00Z", 0)
    assert step(house, "activate", 5).json()["version"] == 2
    assert [house.post("/v1/proposals", letter(key=str(one)))["verdict"] for one in range(3)] == [
        "send",
        "send",
        "hold",
    ]
    back = {"version": 1, "says": "Too many."}
    assert house.post("/v1/policy/roll-back", back, key="admin", idempotency_key="b")["version"] == 3
    assert [one["state"] for one in house.get("/v1/policy/drafts")["drafts"]] == ["in_force"]


def test_a_call_repeated_is_one_change_and_a_reused_key_is_refused(house: House) -> None:
    """The same key and body give the same draft; another body is 409; without a key nothing is changed."""
    assert begun(house) == begun(house)
    other = house.ask("POST", "/v1/policy/drafts", {"why": "B"}, key="admin", idempotency_key="begin")
    assert other.status_code == 409
    assert "Idempotency-Key" in faults(house.ask("POST", "/v1/policy/drafts", {}, key="admin"))
    assert saved(house).json() == saved(house).json()
    assert "revision" in faults(saved(house, revision=1, body=POLICY + "\n", key="late"))
    assert require_draft(house.onevoice.book, 1).body == STRICTER


def test_what_is_wrong_with_a_draft_is_told_with_it(house: House) -> None:
    """Findings come with every answer; what cannot be read is not kept; what is not there is 404."""
    begun(house)
    told = saved(house, body=POLICY.replace("at_most = 1", "at_most = 0")).json()
    assert [one["where"] for one in told["findings"]] == ["rules[0] one-a-day: at_most"]
    assert faults(saved(house, revision=2, body="name = [", key="broken"))
    assert house.ask("GET", "/v1/policy/drafts/2").status_code == 404
    assert house.ask("GET", "/v1/policy/drafts/1/what-if").status_code == 404
    assert house.ask("GET", "/v1/policy/drafts/99999999999").status_code == 404
    assert "days" in faults(house.ask("POST", "/v1/policy/drafts/1/what-if", {"days": 8}, key="admin"))
