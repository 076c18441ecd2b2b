"""Customers, their consents and their timeline over HTTP."""

from urllib.parse import quote

from tests.doors.http.house import House, faults, letter


def test_a_customer_is_added_and_found_by_all_they_are_called(house: House) -> None:
    """By reference, name, e-mail address; and the same again changes nothing."""
    body = {
        "reference": "A/7 é",
        "name": "Zoë Quist",
        "language": "sv",
        "zone": "Europe/Stockholm",
        "units": ["bank"],
        "addresses": [{"channel": "email", "value": "Zoe@Example.COM"}, {"channel": "sms", "value": "+46701234567"}],
    }
    added = house.post("/v1/customers", body)
    assert (added["reference"], added["name"], added["zone"]) == ("A/7 é", "Zoë Quist", "Europe/Stockholm")
    assert {one["value"] for one in added["addresses"]} == {"Zoe@example.com", "+46701234567"}
    assert house.post("/v1/customers", body) == added
    for words in ("A/7 é", "zoe", "Zoe@example.com", "+46701234567"):
        found = house.get(f"/v1/customers?search={quote(words)}")["found"]
        assert [one["reference"] for one in found] == ["A/7 é"], words
    assert house.get(f"/v1/customers/{quote('A/7 é', safe='')}") == added


def test_everything_wrong_with_a_customer_is_told_at_once(house: House) -> None:
    """Unknown unit and zone, a broken address, an address of somebody else."""
    body = {
        "reference": "N1",
        "zone": "Mars/Base",
        "units": ["nowhere"],
        "addresses": [{"channel": "email", "value": "no"}, {"channel": "pigeon", "value": "x"}],
    }
    answer = house.ask("POST", "/v1/customers", body, key="admin")
    assert answer.status_code == 422
    says = " ".join(fault["says"] for fault in answer.json()["faults"])
    assert all(word in says for word in ("nowhere", "Mars/Base", "pigeon"))
    claimed = {"reference": "N2", "units": ["bank"], "addresses": [{"channel": "email", "value": "ada@example.com"}]}
    assert "addresses[0]" in faults(house.ask("POST", "/v1/customers", claimed))
    claimed["addresses"][0]["shared"] = True  # type: ignore[index]
    assert house.ask("POST", "/v1/customers", claimed).status_code == 200


def test_a_unit_adds_customers_of_its_own_only(house: House) -> None:
    """Another unit's customer is not there; another unit is not either; without a unit nobody would see them."""
    theirs = house.ask("POST", "/v1/customers", {"reference": "C2", "units": ["bank"]})
    assert theirs.status_code == 404
    assert "customers[0]" in faults(house.ask("POST", "/v1/customers", {"reference": "N1", "units": ["shop"]}))
    assert "customers[0]" in faults(house.ask("POST", "/v1/customers", {"reference": "N1"}))
    assert house.ask("GET", "/v1/customers/N1", key="admin").status_code == 404
    assert house.ask("POST", "/v1/customers", {"reference": "N1", "units": ["savings"]}).status_code == 200


def test_a_timeline_hides_what_another_unit_said_but_not_that_it_said_something(house: House) -> None:
    """Time, channel and verdict stay; unit and words do not."""
    house.post("/v1/proposals", letter(subject="Spring"), key="bank")
    told = {"key": "s1", "unit": "shop", "channel": "email", "category": "service", "customer": "C1", "subject": "Sale"}
    house.post("/v1/proposals", told, key="shop")
    newest, oldest = house.get("/v1/customers/C1/timeline")["happened"]
    assert newest["seen"]["hidden"] is True and newest["subject"] == "" and newest["seen"]["unit_name"] == ""
    assert (newest["verdict"], newest["seen"]["channel"]) == ("send", "email")
    assert oldest["subject"] == "Spring" and oldest["seen"]["unit_name"] == "Lumen Bank"
    page = house.get("/v1/customers/C1/timeline?limit=1")
    assert len(page["happened"]) == 1
    rest = house.get(f"/v1/customers/C1/timeline?limit=1&before={page['next']}")
    assert rest["happened"] == [oldest] and rest["next"] == ""


def test_a_consent_with_its_proof_counts_and_one_without_waits(house: House) -> None:
    """The newest word on each channel is told, with where it came from."""
    proven = {
        "kind": "consented",
        "key": "web-1",
        "occurred": "2026-09-01T12:00:00Z",
        "customer": "C1",
        "channel": "email",
        "unit": "bank",
        "source": "web form",
        "wording": "Yes, write to me.",
        "evidence": "form 77",
    }
    assert house.post("/v1/consents", proven)["repeated"] is False
    assert house.post("/v1/consents", proven)["repeated"] is True
    house.post("/v1/consents", {**proven, "key": "web-2", "channel": "sms", "evidence": ""})
    (permission,) = house.get("/v1/consents?customer=C1")["permissions"]
    assert (permission["kind"], permission["channel"], permission["proven"]) == ("express", "email", True)
    assert (permission["source"], permission["wording"]) == ("web form", "Yes, write to me.")
    assert permission["since"] == "2026-09-01T12:00:00Z"


def test_a_withdrawal_is_in_force_when_it_is_acknowledged(house: House) -> None:
    """The list shows it at once."""
    body = {"kind": "withdrawn", "key": "stop-1", "occurred": "2026-10-01T09:59:00Z", "customer": "C1", "unit": "bank"}
    house.post("/v1/consents", body)
    kinds = [one["kind"] for one in house.get("/v1/consents?customer=C1")["permissions"]]
    assert kinds == ["withdrawal"]


def test_asking_for_consents_needs_a_customer(house: House) -> None:
    """Said as what it is: missing."""
    assert faults(house.ask("GET", "/v1/consents")) == {"customer": "is missing."}


def test_a_single_fact_is_told_with_its_key(house: House) -> None:
    """And refused without one, or with one used for another fact."""
    fact = {"kind": "replied", "occurred": "2026-10-01T09:00:00Z", "channel": "email", "customer": "C1", "unit": "bank"}
    assert "key" in faults(house.ask("POST", "/v1/observations", fact))
    first = house.post("/v1/observations", fact, idempotency_key="r1")
    assert house.post("/v1/observations", fact, idempotency_key="r1")["entry"] == first["entry"]
    other = {**fact, "kind": "complained"}
    assert house.ask("POST", "/v1/observations", other, idempotency_key="r1").status_code == 409
