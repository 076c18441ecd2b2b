"""The demo tells the stories it promises: each ends with the verdict, the reason and the time that it should."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import msgspec
import pytest

from onevoice.answers.health import rebuild_check
from onevoice.demo.company import ADMIN
from onevoice.demo.files import written
from onevoice.demo.make import begin_demo, make_demo, script_of
from onevoice.demo.world import World
from onevoice.nouns.authority import SYSTEM
from tests.clock import moment_of
from tests.walks.conftest import MADE
from tests.walks.fernhill import Fernhill

COMMAND = [sys.executable, "-c", "from onevoice.doors.cli.main import main; main()"]
TOMORROW_EIGHT = "2026-10-02T07:00:00Z"  # 08:00 in London, where summer time still holds

ENDINGS = [
    # story                       who      subject                         verdict     reason                      until
    ("new domain, not announced", "F-002", "Your new savings rate", "suppress", "contact_point_not_active", ""),
    ("the law's letter", "F-002", "Our new terms", "send", "cleared", ""),
    ("a gate at night", "F-003", "", "send", "cleared", ""),
    ("a deal in a disruption", "F-003", "Weekend in Porto", "hold", "customer_state", "2026-10-02T19:30:00Z"),
    ("the franchisee was first", "F-004", "Your second cup is on us", "send", "cleared", ""),
    ("the other franchisee", "F-004", "A second cup, on the house", "suppress", "same_offer", ""),
    ("and the brand", "F-004", "A second cup for you", "suppress", "same_offer", ""),
    ("the manager's client", "F-005", "Loans for everybody", "hold", "minimum_gap", "2026-10-02T11:30:00Z"),
    ("her colleague", "F-006", "Loans for everybody", "hold", "minimum_gap", "2026-10-02T11:30:00Z"),
    ("third message today", "F-010", "Weekend in Ghent", "hold", "calendar_cap", TOMORROW_EIGHT),
    ("fourth message today", "F-010", "Fernhill news", "hold", "calendar_cap", TOMORROW_EIGHT),
    ("an alert in spite of it", "F-010", "Was this you?", "send", "cleared", ""),
    ("after STOP", "F-011", "", "suppress", "consent_withdrawn", ""),
    ("bought yesterday", "F-012", "We miss you: half price", "suppress", "customer_state", ""),
    ("has the product", "F-013", "Gold card, first year free", "suppress", "customer_state", ""),
    ("open complaint", "F-014", "Weekend in Cork", "hold", "customer_state", "2026-10-06T13:30:00Z"),
    ("died", "F-015", "Fernhill news", "suppress", "do_not_contact", ""),
    ("paused", "F-016", "Weekend in Porto", "hold", "paused_by_customer", "2026-10-07T13:30:00Z"),
    ("once a week", "F-017", "Fernhill news", "hold", "personal_cap", "2026-10-05T10:00:00Z"),
    ("topic refused", "F-018", "Rates, explained", "suppress", "topic_refused", ""),
    ("another topic", "F-018", "Weekend in Trieste", "send", "cleared", ""),
    ("unproven list", "F-019", "Gold card, first year free", "suppress", "consent_missing", ""),
    ("inquiry long ago", "F-020", "Weekend in Cork", "suppress", "consent_expired", ""),
    ("bounced", "F-021", "Rates, explained", "suppress", "address_failed", ""),
    ("called it spam", "F-022", "Weekend in Ghent", "suppress", "address_failed", ""),
    ("shared mailbox", "F-024", "Roast of the week", "suppress", "consent_withdrawn", ""),
    ("night there", "F-025", "Rates, explained", "hold", "quiet_hours", "2026-10-01T19:00:00Z"),
    ("ends before morning", "F-026", "Tonight only", "suppress", "send_by_passed", ""),
    ("sixth in a week", "F-027", "Rates, explained", "hold", "rolling_cap", "2026-10-02T10:00:00Z"),
]


@pytest.mark.parametrize(("story", "who", "subject", "verdict", "reason", "until"), ENDINGS)
def test_a_story_ends_as_it_should(
    demo: Fernhill, story: str, who: str, subject: str, verdict: str, reason: str, until: str
) -> None:
    """Asked over HTTP, the newest decision on the message is the promised one, and its why names the same reason."""
    decided = [one for one in demo.timeline(who) if one["kind"] == "decided" and one["subject"] == subject]
    assert decided, f"{story}: nobody asked"
    newest = decided[0]
    assert (newest["verdict"], newest["reason"]) == (verdict, reason), story
    if until:
        assert newest["until"] == until, story
    why = demo.get(f"/v1/decisions/{newest['touch']}")
    assert [one["reason"] for one in why["ruled"] if one["primary"]] == ([] if verdict == "send" else [reason]), story


def test_every_story_has_its_people(demo: Fernhill) -> None:
    """What the demo tells of when it starts can be found under Customers, by the name in the book."""
    stories = script_of(World(demo.onevoice.book.clock())).stories
    assert len(stories) >= 20
    for story in stories:
        assert demo.get(f"/v1/customers/{story.customer}")["name"], story.title


def test_two_numbers_of_one_dentist_are_told_apart(demo: Fernhill) -> None:
    """Every text is there with its number; one came from a number that nobody had registered."""
    happened = demo.timeline("F-001")
    sent = [one["seen"]["contact_point"] for one in happened if one["kind"] == "sent"]
    heard = [one["seen"]["contact_point"] for one in happened if one["kind"] == "received"]
    assert sent == ["Dental reminder line", "", "Dental reminder line", "Dental office line", "Dental reminder line"]
    assert heard == ["Dental reminder line", "Dental reminder line", "Dental office line", "Dental reminder line"]


def test_a_franchisee_sees_the_pressure_but_not_the_words_of_others(demo: Fernhill) -> None:
    """Hearth North counts what the brand and Hearth South sent to Liam, and reads only its own."""
    theirs = demo.timeline("F-004", unit="hearth-north")
    whole = demo.timeline("F-004")
    assert [(one["kind"], one["occurred"], one["verdict"]) for one in theirs] == [
        (one["kind"], one["occurred"], one["verdict"]) for one in whole
    ]
    subjects = {one["subject"] for one in theirs if one["subject"]}
    assert subjects == {"Your second cup is on us"}
    answer = demo.http.get("/v1/customers/F-013", headers={"authorization": f"Bearer {demo.secrets['hearth-north']}"})
    assert answer.status_code == 404, "the bank's customers are not there for a franchisee"


def test_platforms_are_watched_advised_or_obeyed(demo: Fernhill) -> None:
    """The month holds all three modes, and only one of them keeps anything from going out."""
    with demo.onevoice.book.reader(SYSTEM) as reader:
        modes = {one.key: one.mode.spoken for one in reader.surroundings.platforms.values()}
    assert set(modes.values()) == {"monitor", "advise", "enforce"}
    page = demo.get("/v1/decisions?verdict=kept_back&binding=no&limit=200")
    assert page["total"] > 50
    assert {one["happened"]["seen"]["platform"] for one in page["decisions"]} == {
        "Bank newsletter mailer",
        "Travel deals mailer",
    }


def test_the_overview_has_something_to_tell(demo: Fernhill) -> None:
    """All the reasons of the first release that a company meets in a week are there."""
    reasons = {row["happened"]["reason"] for row in _pages(demo, "/v1/decisions?verdict=kept_back&limit=200")}
    assert reasons >= {reason for *_, reason, _ in ENDINGS if reason != "cleared"}


def _pages(demo: Fernhill, path: str) -> list[Any]:
    rows: list[Any] = []
    before = ""
    while True:
        page = demo.get(f"{path}&before={before}")
        rows += page["decisions"]
        if not (before := page["next"]):
            return rows


def test_everything_in_the_exports_was_taken(demo: Fernhill) -> None:
    """Some thousands of records, none parked, none taken for another; a few hundred customers."""
    made = demo.made
    assert 3_000 < made.read < 8_000 and made.recorded == made.read and made.parked == 0
    assert 300 <= made.customers <= 600
    assert set(made.verdicts) == {"send", "hold", "suppress"} and sum(made.verdicts.values()) == made.proposed


def test_the_book_of_the_demo_is_well(demo: Fernhill) -> None:
    """Made anew from its entries, every contact state is the same to the byte."""
    with demo.onevoice.book.reader(SYSTEM) as reader:
        found = rebuild_check(reader)
    assert found.sound and found.folios > 700


def test_made_twice_the_demo_changes_nothing(demo: Fernhill) -> None:
    """The second time there is nothing to do; and had the first broken off, loading again repeats without a trace."""
    with demo.onevoice.book.reader(SYSTEM) as reader:
        before = reader.connection.exec_driver_sql("SELECT count(*), max(number) FROM entries").one()
    gate, folder = demo.onevoice.gate, demo.folder
    state = begin_demo(folder, gate.book.clock())
    assert state.made and make_demo(gate, folder, state).read == 0
    again = make_demo(gate, folder, msgspec.structs.replace(state, made=False))
    assert (again.read, again.recorded, again.repeated) == (demo.made.read, 0, demo.made.read)
    with demo.onevoice.book.reader(SYSTEM) as reader:
        assert reader.connection.exec_driver_sql("SELECT count(*), max(number) FROM entries").one() == before


def test_the_same_moment_makes_the_same_files(demo: Fernhill) -> None:
    """Another process, with other hashes, writes the same setup folder and logs to the byte."""
    program = (
        "import sys\nfrom hashlib import sha256\nfrom onevoice.demo.files import written\n"
        "from onevoice.demo.make import script_of\nfrom onevoice.demo.world import World\n"
        "world = World(int(sys.argv[1]))\n"
        "print(sha256(repr(list(written(world, script_of(world)))).encode()).hexdigest())"
    )
    moment = moment_of(MADE)
    done = subprocess.run(
        [sys.executable, "-c", program, str(moment)],
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    world = World(moment)
    files = list(written(world, script_of(world)))
    assert done.stdout.strip() == sha256(repr(files).encode()).hexdigest()
    assert {name: (demo.folder / name).read_text("utf-8") for name, _ in files} == dict(files)


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_at_any_hour_it_is_day_for_some_and_night_for_others(hour: int) -> None:
    """Whenever the demo is made: the people by day are past noon and before evening, those by night are asleep."""
    world = World(moment_of(f"2026-12-29T{hour:02d}:40:00+00:00"))
    by_day, by_night = (
        world.present.astimezone(ZoneInfo(world.day_zone)),
        world.present.astimezone(ZoneInfo(world.night_zone)),
    )
    assert 12 <= by_day.hour < 18 and (by_night.hour < 5 or by_night.hour >= 23)
    script = script_of(world)
    told: list[Any] = [*script.texts, *script.mailings, *script.letters, *script.messages]
    moments = [one.at for one in told]
    assert max(moments) <= world.present and (world.present - min(moments)).days <= 30
    assert ADMIN in dict(written(world, script))["setup/staff.csv"]


def test_all_names_and_numbers_are_kept_for_fiction(demo: Fernhill) -> None:
    """Domains end in .example; numbers are of the ranges that regulators keep for drama and documentation."""
    text = (demo.folder / "setup" / "addresses.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    fiction = re.compile(r"'\+(447700900\d{3}|1\d{3}55501\d\d|4917139200\d\d)")
    assert rows
    for row in rows:
        right = row["address"].endswith(".example") if row["channel"] == "email" else fiction.fullmatch(row["address"])
        assert right, row


def test_the_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    """Where the named folder holds other things, above all another installation, nothing is written into it."""
    (tmp_path / "onevoice.sqlite").write_bytes(b"")
    done = subprocess.run(
        [*COMMAND, "demo", "--no-serve", "--data", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1 and "holds something else" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["onevoice.sqlite"]


def test_the_demo_starts_from_an_empty_folder_and_goes_on_where_it_was(tmp_path: Path) -> None:
    """From the command line: it tells where it is and how to sign in, the pages are there, Ctrl-C ends it in order;
    the next start has nothing to do, and the doctor finds the book well."""
    folder = tmp_path / "new" / "demo"
    with _running("demo", "--port", "0", "--data", str(folder), "--json") as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert told["made"]["read"] > 3_000 and told["address"].startswith("http://127.0.0.1:")
        seen = [_overview(told["address"], login["email"], login["password"]) for login in told["logins"]]
        assert "Fernhill Group" in seen[0] and "Hearth North" in seen[1] and "Bank Marketing" not in seen[1]
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    with _running("demo", "--no-serve", "--data", str(folder), "--json") as process:
        again = json.loads(process.communicate(timeout=60)[0])
    assert again["made"]["read"] == 0 and again["logins"] == told["logins"] and again["stories"] == told["stories"]
    with _running("doctor", "--rebuild-check", "--json", ONEVOICE_DATA_DIR=str(folder)) as process:
        assert json.loads(process.communicate(timeout=120)[0])["well"] is True


def _running(*words: str, **settings: str) -> "subprocess.Popen[str]":
    own = {name: value for name, value in os.environ.items() if not name.startswith("ONEVOICE_")}
    return subprocess.Popen([*COMMAND, *words], env={**own, **settings}, stdout=subprocess.PIPE, text=True)


def _overview(address: str, email: str, password: str) -> str:
    """The first page after signing in."""
    with httpx2.Client(base_url=address, timeout=60, follow_redirects=True) as client:
        ticket = re.search(r'name="csrf_token" value="([0-9a-f]+)"', client.get("/login").text)
        assert ticket is not None
        form = {"email": email, "password": password, "csrf_token": ticket[1], "next": "/"}
        return client.post("/login", data=form).text
