"""The page on which one past stands under seven semantics."""

import re

from litestar.testing import TestClient

from onevoice.answers.profiles import profiles
from onevoice.nouns.moment import HOUR
from onevoice.nouns.words import Category, Channel
from tests.answers.stage import RETAIL, Stage
from tests.doors.console.house import House, signed_in


def row(html: str, name: str) -> list[str]:
    """The cells of the row of this name, as words."""
    found = next(one for one in re.findall(r"<tr>.*?</tr>", html, re.S) if f">{name}<" in one)
    cells = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", found, re.S)
    words = [re.sub(r"<[^>]+>", "", cell).strip() for cell in cells]
    return [one for one in words if one]


def test_one_past_under_seven_semantics(built: House, stage: Stage) -> None:
    """Four newsletters within a few hours: all went; two fit into any 24 hours, and each system says so in its way."""
    ana = stage.person("C-1", "Ana Ruiz", units=(RETAIL,))
    for hour in (9, 7, 5, 3):
        stage.sent(
            ana, stage.clock() - hour * HOUR, channel=int(Channel.EMAIL), unit=RETAIL, category=int(Category.MARKETING)
        )
    with TestClient(built.app) as client:
        html = signed_in(client).get("/policy/profiles").text
    assert row(html, "As it went")[1:3] == ["4", "1"]
    assert row(html, "HubSpot") == ["HubSpot", "2", "1", "1"]
    assert row(html, "Unica")[1] == "2"
    for profile in profiles():
        assert f">{profile.policy.name}<" in html
        for source in profile.sources:
            assert f'href="{source}"' in html


def test_a_period_without_messages_says_so(built: House) -> None:
    """And the semantics are explained all the same; a day that is none is refused in a sentence."""
    with TestClient(built.app) as client:
        member = signed_in(client)
        html = member.get("/policy/profiles?from=2026-01-01&to=2026-01-31").text
        wrong = member.get("/policy/profiles?from=soon")
    assert "Nothing went out in this period." in html
    assert "Two e-mails in any 24 hours: what is over is dropped" in html
    assert (wrong.status_code, "Write a day as 2026-01-31." in wrong.text) == (422, True)
