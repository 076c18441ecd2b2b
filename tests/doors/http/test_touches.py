"""What became of a message is told, and a decision is explained."""

from tests.doors.http.house import House, faults, letter


def test_a_sent_message_is_confirmed_once_however_often_it_is_said(house: House) -> None:
    """A key that may only propose confirms what it proposed; the second time it is known already."""
    touch = house.post("/v1/proposals", letter(), key="sender")["touch"]
    first = house.post(f"/v1/touches/{touch}/confirm", {"occurred": "2026-10-01T10:00:05Z"}, key="sender")
    house.clock.forward(seconds=30)
    again = house.post(f"/v1/touches/{touch}/confirm", {}, key="sender")
    assert (first["touch"], first["repeated"], again["repeated"]) == (touch, False, True)
    told = house.get(f"/v1/decisions/{touch}")
    assert [one["kind"] for one in told["later"]] == ["sent"]
    assert told["later"][0]["occurred"] == "2026-10-01T10:00:05Z"


def test_a_released_place_is_free_again(house: House) -> None:
    """The next letter of the day goes out instead."""
    touch = house.post("/v1/proposals", letter())["touch"]
    assert house.post(f"/v1/touches/{touch}/release", {})["repeated"] is False
    assert house.post("/v1/proposals", letter(key="second"))["verdict"] == "send"


def test_a_clock_that_is_far_off_confirms_nothing(house: House) -> None:
    """The reservation stays."""
    touch = house.post("/v1/proposals", letter())["touch"]
    answer = house.ask("POST", f"/v1/touches/{touch}/confirm", {"occurred": "2026-12-01T00:00:00Z"})
    assert "ahead" in faults(answer)["occurred"]
    assert house.get(f"/v1/decisions/{touch}")["later"] == []


def test_a_decision_tells_what_it_rests_on(house: House) -> None:
    """The rule, its own sentence, the touch it counted, and the policy it was judged by."""
    first = house.post("/v1/proposals", letter())["touch"]
    house.post(f"/v1/touches/{first}/confirm", {})
    second = house.post("/v1/proposals", letter(key="second"))["touch"]
    told = house.get(f"/v1/decisions/{second}")
    (ruled,) = told["ruled"]
    assert (ruled["name"], ruled["type"], ruled["reason"], ruled["primary"]) == (
        "one-a-day", "calendar_cap", "calendar_cap", True,
    )  # fmt: skip
    assert ruled["until"] == "2026-10-02T00:00:00Z"
    assert ruled["rule"]["at_most"] == 1 and ruled["rule"]["type"] == "calendar_cap"
    assert [one["touch"] for one in ruled["counted"]] == [first]
    assert told["decided"]["verdict"] == "hold" and told["policy_name"] == "Lumen"


def test_decisions_are_paged_and_filtered(house: House) -> None:
    """Newest first; `next` leads on; days are both included; wrong words are told together."""
    for number in range(5):
        house.post("/v1/proposals", letter(key=f"k{number}"))
        house.clock.forward(seconds=1)
    first = house.get("/v1/decisions?limit=2")
    assert first["total"] == 5 and len(first["decisions"]) == 2
    second = house.get(f"/v1/decisions?limit=2&before={first['next']}")
    third = house.get(f"/v1/decisions?limit=2&before={second['next']}")
    touches = [one["happened"]["touch"] for page in (first, second, third) for one in page["decisions"]]
    assert touches == sorted(touches, reverse=True) and len(touches) == 5 and third["next"] == ""
    assert house.get("/v1/decisions?verdict=hold&reason=calendar_cap&unit=bank")["total"] == 4
    assert house.get("/v1/decisions?since=2026-10-01&until=2026-10-01")["total"] == 5
    assert house.get("/v1/decisions?since=2026-10-02")["total"] == 0
    told = faults(house.ask("GET", "/v1/decisions?verdict=maybe&since=soon&colour=red&limit=x"))
    assert set(told) == {"verdict", "since", "colour", "limit"}
    assert set(faults(house.ask("GET", "/v1/decisions?reason=luck&unit=nowhere"))) == {"reason", "unit"}
    assert "before" in faults(house.ask("GET", "/v1/decisions?before=yesterday"))
