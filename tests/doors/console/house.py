"""An installation around a stage: the application with the console in it, and a member of staff who can sign in."""

import re
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient

from onevoice.actions.entrance import Entrance
from onevoice.actions.staff import invite, set_password
from onevoice.doors.console.pages import CONSOLE
from onevoice.doors.console.problems import problem_page
from onevoice.doors.http.app import create_app
from onevoice.nouns.words import Role
from tests.answers.stage import BOSS, Stage

EMAIL, PASSWORD = "mara@alder.example", "a long enough password"


@dataclass(frozen=True)
class House:
    """What the pages need of an installation."""

    stage: Stage
    entrance: Entrance
    app: Litestar


def house(stage: Stage, *, unit: str = "alder", role: Role = Role.ADMIN) -> House:
    """The application over this stage, with one member of staff in this unit."""
    letters = iter(range(10_000))
    entrance = Entrance(
        engine=stage.engine,
        clock=stage.clock,
        random_bytes=lambda count: next(letters).to_bytes(count, "big"),
        slot_key=bytes(32),
    )
    invite(stage.engine, BOSS, email=EMAIL, name="Mara Lindqvist", unit=unit, role=role, at=stage.clock())
    set_password(stage.engine, BOSS, EMAIL, PASSWORD, at=stage.clock())
    settings = SimpleNamespace(address="http://127.0.0.1", session_hours=12)
    onevoice: Any = SimpleNamespace(book=stage.book, entrance=entrance, settings=settings, gate=None, company=None)
    return House(stage, entrance, create_app(onevoice, console=CONSOLE, page=problem_page))


def signed_in(client: TestClient[Litestar], email: str = EMAIL) -> TestClient[Litestar]:
    """The same client, after the sign-in form."""
    form = client.get("/login").text
    ticket = re.search(r'name="csrf_token" value="([0-9a-f]+)"', form)
    assert ticket is not None
    answer = client.post(
        "/login",
        data={"email": email, "password": PASSWORD, "csrf_token": ticket[1], "next": "/"},
        follow_redirects=False,
    )
    assert answer.headers["location"] == "/", answer.text
    return client
