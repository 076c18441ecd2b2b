"""API keys are remembered for a second, and no longer than they are good."""

from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.moment import MINUTE, SECOND
from tests.doors.http.house import House


def test_a_revoked_key_opens_nothing_a_second_later(house: House) -> None:
    """Also when it was used just before."""
    assert house.ask("GET", "/v1/units", key="asker").status_code == 200
    (number,) = [key.number for key in house.onevoice.entrance.keys(SYSTEM) if key.name == "asker"]
    house.onevoice.entrance.revoke_key(SYSTEM, number)
    house.clock.forward(seconds=1)
    assert house.ask("GET", "/v1/units", key="asker").status_code == 401


def test_too_many_wrong_keys_from_one_network_are_not_looked_at(house: House) -> None:
    """429 with the seconds to wait; who came with a right key just before goes on."""
    assert house.ask("GET", "/v1/units").status_code == 200
    wrong = {"authorization": "Bearer ov_wrong"}
    statuses = [house.http.get("/v1/units", headers=wrong).status_code for _ in range(61)]
    assert statuses == [401] * 60 + [429]
    answer = house.http.get("/v1/units", headers=wrong)
    assert answer.headers["retry-after"] == "60"
    assert house.ask("GET", "/v1/units").status_code == 200
    house.clock.forward(seconds=MINUTE // SECOND)
    assert house.http.get("/v1/units", headers=wrong).status_code == 401


def test_only_a_bearer_key_is_a_key(house: House) -> None:
    """Other schemes, nothing, and what no key looks like."""
    secret = house.secrets["bank"]
    for said in ("", "Bearer", "Bearer ", f"Basic {secret}", secret, f"Bearer {secret}x", "Bearer " + "x" * 300):
        assert house.http.get("/v1/units", headers={"authorization": said}).status_code == 401, said
    assert house.http.get("/v1/units", headers={"authorization": f"bearer {secret}"}).status_code == 200
