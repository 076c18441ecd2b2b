"""The server is started and stopped from the command line, and systems get their keys there."""

import json
import logging
import signal

import httpx2

from onevoice.doors.cli.logs import Lines
from tests.doors.cli.processes import run, serving
from tests.doors.http.house import letter


def test_a_key_is_made_used_and_revoked(lumen: dict[str, str]) -> None:
    """Its secret is shown once; the list never shows it; nobody makes one that may nothing."""
    made = run(lumen, "key", "mailer", "--unit", "bank", "--may", "propose", "--may", "ask")
    assert made["secret"].startswith("ov_") and made["verbs"] == ["ask", "propose"]
    assert run(lumen, "key") == [{"number": 1, "name": "mailer", "unit": "bank", "verbs": ["ask", "propose"]}]
    assert run(lumen, "key", "--revoke", "1") == {"revoked": 1}
    assert run(lumen, "key")[0]["revoked"] is True
    assert run(lumen, "key", "x", "--unit", "bank", "--may", "fly", code=1)["faults"][0]["where"] == "--may"
    run(lumen, "key", "x", "--unit", "nowhere", "--may", "ask", code=1)


def test_the_server_decides_and_stops_when_asked(lumen: dict[str, str]) -> None:
    """It tells its address, answers the API and the console, and ends in order on SIGTERM."""
    secret = run(lumen, "key", "mailer", "--unit", "bank", "--may", "propose")["secret"]
    with serving(lumen) as (address, process):
        headers = {"authorization": f"Bearer {secret}"}
        decided = httpx2.post(f"{address}/v1/proposals", json=letter(), headers=headers, timeout=60)
        assert decided.json().get("verdict") == "send", decided.text
        assert httpx2.get(f"{address}/v1/health", timeout=60).json() == {"live": True, "ready": True}
        assert httpx2.get(f"{address}/", timeout=60).headers["location"] == "/login?next=/"
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_a_port_that_is_taken_is_told(lumen: dict[str, str]) -> None:
    """With the setting to change."""
    with serving(lumen) as (address, _):
        taken = {
            **lumen,
            "ONEVOICE_HTTP_PORT": address.rsplit(":", 1)[1],
            "ONEVOICE_DATA_DIR": lumen["ONEVOICE_DATA_DIR"] + "2",
        }
        assert run(taken, "serve", code=1)["faults"][0]["where"] == "http_port"


def test_the_log_tells_where_an_error_arose_but_not_what_it_said() -> None:
    """What an error says may be about a person; a line break cannot forge a second line."""
    try:
        raise ValueError("ada@example.com")
    except ValueError as error:
        record = logging.LogRecord("onevoice.http", logging.ERROR, "f", 1, "it\nbroke", (), (ValueError, error, None))
    line = Lines().format(record)
    assert "\n" not in line and "ada@example.com" not in line
    told = json.loads(line)
    assert (told["says"], told["error"], told["level"]) == ("it\nbroke", "ValueError", "error")
    assert told["where"][-1].endswith("test_the_log_tells_where_an_error_arose_but_not_what_it_said")
