"""Who may come through which door: nobody by accident."""

import pytest
from litestar import get
from litestar.params import FromPath

from onevoice.doors.http.app import create_app, served
from onevoice.doors.http.permissions import PERMISSIONS, SYSTEMS, Entry, Undeclared
from onevoice.doors.http.route import Route
from onevoice.doors.http.routes import ROUTES
from onevoice.nouns.authority import Verb
from tests.doors.http.house import KEYS, House

PLACES = {"{touch}": "1", "{version}": "1", "{draft}": "1", "{reference}": "C1", "{kind}": "units"}


def path_of(route: Route) -> str:
    path = route.path
    for part, value in PLACES.items():
        path = path.replace(part, value)
    return path


def test_every_route_says_who_may_use_it() -> None:
    """The table and the routes of /v1 are the same list."""
    assert {route.name for route in ROUTES} == set(SYSTEMS)


def test_a_route_without_a_permission_stops_the_start(house: House) -> None:
    """Also a page somebody plugs in."""
    kept = {name: one for name, one in PERMISSIONS.items() if name != "GET /v1/units"}
    with pytest.raises(Undeclared, match="GET /v1/units"):
        create_app(house.onevoice, permissions=kept)

    @get("/secrets/{number:int}")
    async def secrets(number: FromPath[int]) -> str:
        return f"all of them, and {number}"

    with pytest.raises(Undeclared, match=r"GET /secrets/\{number\}"):
        create_app(house.onevoice, console=[secrets])
    app = create_app(
        house.onevoice, console=[secrets], permissions={**PERMISSIONS, "GET /secrets/{number}": Verb.SETUP}
    )
    assert "GET /secrets/{number}" in set(served(app))


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_nobody_enters_without_a_key_or_with_the_wrong_one(house: House, route: Route) -> None:
    """401 without a key; 403 for every key whose verbs do not reach, whatever the body."""
    permission = SYSTEMS[route.name]
    answer = house.ask(route.method, path_of(route), key="")
    if permission is Entry.ANYONE:
        assert answer.status_code == 200
        return
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    for name in ("sender", "teller", "asker"):
        verbs = KEYS[name][1]
        answer = house.ask(route.method, path_of(route), b"{}" if route.takes else None, key=name)
        assert (answer.status_code == 403) == (permission not in verbs), (name, answer.text)


def test_what_is_missing_and_what_is_foreign_are_told_alike(house: House) -> None:
    """The same bytes: nobody learns by asking what another unit has."""
    pages = ["/v1/customers/C2", "/v1/customers/C2/timeline", "/v1/consents?customer=C2", "/v1/decisions/1"]
    missing = ["/v1/customers/C0", "/v1/customers/C0/timeline", "/v1/consents?customer=C0", "/v1/decisions/99999"]
    shop = {"key": "s", "unit": "shop", "channel": "sms", "category": "service", "customer": "C2"}
    touch = house.post("/v1/proposals", shop, key="shop")["touch"]
    pages[3] = f"/v1/decisions/{touch}"
    for foreign, nothing in zip(pages, missing, strict=True):
        theirs, nobodys = house.ask("GET", foreign), house.ask("GET", nothing)
        assert (theirs.status_code, nobodys.status_code) == (404, 404), foreign
        assert theirs.content == nobodys.content
        assert dict(theirs.headers) == dict(nobodys.headers)
    for deed in ("confirm", "release"):
        theirs = house.ask("POST", f"/v1/touches/{touch}/{deed}", {})
        nobodys = house.ask("POST", f"/v1/touches/99999/{deed}", {})
        assert theirs.status_code == nobodys.status_code
        assert theirs.content.replace(str(touch).encode(), b"99999") == nobodys.content


@pytest.mark.parametrize("number", ["0", "-1", "x", "1.5", "9" * 40, "١"])
def test_a_touch_that_cannot_be_one_is_not_there(house: House, number: str) -> None:
    """404, as for any other that is not."""
    assert house.ask("GET", f"/v1/decisions/{number}").status_code == 404


def test_other_methods_are_told_which_ones_there_are(house: House) -> None:
    """405 with Allow; HEAD is GET without a body; OPTIONS tells."""
    answer = house.ask("DELETE", "/v1/units")
    assert answer.status_code == 405 and answer.headers["allow"] == "GET, HEAD, OPTIONS, PUT"
    assert house.ask("OPTIONS", "/v1/units", key="").headers["allow"] == "GET, HEAD, OPTIONS, PUT"
    assert house.ask("HEAD", "/v1/units").status_code == 200
