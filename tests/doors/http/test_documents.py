"""Units, other documents and the policy over HTTP."""

from onevoice.actions.activate_policy import activate_policy
from onevoice.nouns.authority import SYSTEM
from tests.doors.http.house import POLICY, House, faults


def test_documents_come_back_as_rows_that_can_be_put(house: House) -> None:
    """What is read can be written again, and changes nothing."""
    for kind in ("units", "platforms", "contact_points", "topics", "purposes", "offers", "campaigns"):
        told = house.get(f"/v1/documents/{kind}", key="admin")
        rows = [row for row in told["rows"] if row["key"] != "lumen"]
        answer = house.ask("PUT", f"/v1/documents/{kind}", {"rows": rows}, key="admin")
        assert answer.status_code == 200, answer.text
        assert answer.json()["documents"] == 0
        assert answer.json()["surroundings"] == told["version"]
    assert house.ask("GET", "/v1/documents/secrets", key="admin").status_code == 404
    assert house.ask("PUT", "/v1/documents/secrets", {"rows": []}, key="admin").status_code == 404


def test_a_unit_is_added_below_another(house: House) -> None:
    """And stands in the list, with a new version of the documents."""
    before = house.get("/v1/units")
    answer = house.ask("PUT", "/v1/units", {"rows": [{"key": "loans", "name": "Loans", "parent": "bank"}]})
    assert answer.status_code == 200 and answer.json()["documents"] == 1
    after = house.get("/v1/units")
    assert after["version"] == before["version"] + 1
    assert {row["key"] for row in after["rows"]} == {"bank", "savings", "loans"}, "the shop is not the bank's to see"


def test_a_unit_changes_nothing_that_is_not_its_own(house: House) -> None:
    """Neither above itself, nor beside, nor what holds for all."""
    for row in (
        {"key": "shop", "name": "Ours now", "parent": "bank"},
        {"key": "bank", "name": "The Bank", "parent": "bank"},
        {"key": "new", "parent": "shop"},
        {"key": "new", "parent": ""},
    ):
        assert "units[0]" in faults(house.ask("PUT", "/v1/units", {"rows": [row]})), row
    assert "topics[0]" in faults(house.ask("PUT", "/v1/documents/topics", {"rows": [{"key": "t"}]}))
    poster = {"key": "poster", "unit": "bank"}
    assert "platforms[0]" in faults(house.ask("PUT", "/v1/documents/platforms", {"rows": [poster]}))
    assert house.get("/v1/units", key="admin")["version"] == 1


def test_every_fault_of_every_row_is_told_and_nothing_is_written(house: House) -> None:
    """Unknown columns, empty ones that must be filled, and names nobody knows."""
    rows = [{"key": "a", "colour": "red"}, {"name": "x"}, {"key": "b", "zone": "Mars/Base", "parent": "nowhere"}]
    answer = house.ask("PUT", "/v1/units", {"rows": rows}, key="admin")
    assert {"units[0]", "units[1]"} <= set(faults(answer))
    answer = house.ask("PUT", "/v1/units", {"rows": rows[2:]}, key="admin")
    assert "Mars/Base" in answer.text and "nowhere" in answer.text
    assert house.get("/v1/units", key="admin")["version"] == 1


def test_the_policy_is_read_checked_and_put_in_force(house: House) -> None:
    """The same file again is no new version; another one is not put in force by one key; the old ones stay."""
    assert house.get("/v1/policy")["body"] == POLICY
    body = POLICY.replace("at_most = 1", "at_most = 2")
    assert house.post("/v1/policy/check", {"body": body}) == {"name": "Lumen", "rules": 1}
    assert house.get("/v1/policy")["version"] == 1
    assert house.post("/v1/policy", {"body": POLICY}, key="admin")["version"] == 1
    assert "policy" in faults(house.ask("POST", "/v1/policy", {"body": body}, key="admin")), "it takes two people"
    activate_policy(house.onevoice.book.engine, SYSTEM, body, at=house.clock())
    told = house.get("/v1/policy")
    assert (told["version"], told["activated"]) == (2, "2026-10-01T10:00:00Z")
    versions = house.get("/v1/policy/versions")["versions"]
    assert [(one["version"], one["body"]) for one in versions] == [(2, ""), (1, "")]
    assert house.get("/v1/policy/versions/1")["body"] == POLICY
    for number in ("3", "0", "99999999999"):
        assert house.ask("GET", f"/v1/policy/versions/{number}").status_code == 404


def test_a_policy_that_cannot_be_is_told_why(house: House) -> None:
    """Every fault, and the one in force stays; a unit's key changes it for nobody."""
    assert faults(house.ask("POST", "/v1/policy/check", {"body": "name = 3\n[["}))
    bad = POLICY.replace("calendar_cap", "luck")
    assert faults(house.ask("POST", "/v1/policy", {"body": bad}, key="admin"))
    assert "policy" in faults(house.ask("POST", "/v1/policy", {"body": POLICY + "\n"}))
    assert house.get("/v1/policy")["version"] == 1
