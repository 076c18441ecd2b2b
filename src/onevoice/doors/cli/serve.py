"""`onevoice serve`: the HTTP door, the console and the worker, in one process."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from onevoice.doors.cli.logs import start_logging
from onevoice.doors.cli.telling import answering, opened, say, tell
from onevoice.nouns.problem import Fault, Refused

if TYPE_CHECKING:
    from onevoice.wiring import Onevoice


def serve(*, as_json: bool) -> None:
    """Serve until stopped; the address is told when it can be opened."""
    with answering(as_json=as_json):

        def ready(address: str) -> None:
            tell({"address": address}, lambda: iter([f"Onevoice listens at {address}"]), as_json=as_json)

        with opened() as house:
            start_logging(house.settings.log_level)
            serve_house(house, ready)
        if not as_json:
            say("Stopped. What was acknowledged is in the book.")


def serve_house(house: "Onevoice", ready: Callable[[str], None]) -> None:
    """Serve this installation until SIGINT or SIGTERM; `ready` gets the address people open.

    Raises Refused where the port is taken."""
    from onevoice.doors.cli.attendant import attending
    from onevoice.doors.console.pages import CONSOLE
    from onevoice.doors.console.problems import problem_page
    from onevoice.doors.http.app import create_app
    from onevoice.doors.http.serve import server_of
    from onevoice.doors.worker.timetable import Worker, timetable, told_elsewhere
    from onevoice.wiring import vendors_of

    chosen = house.settings
    app = create_app(house, console=CONSOLE, page=problem_page)
    try:
        server, listening = server_of(app, chosen, ready=ready)
    except OSError as error:
        where = f"{chosen.http_host}:{chosen.http_port}"
        raise Refused([Fault("http_port", f"{where} cannot be listened on: {error.strerror}.")]) from error
    workers = (Worker(timetable(house, vendors_of(chosen))), Worker(told_elsewhere(house)))
    for worker in workers:
        worker.start()
    try:
        with listening, attending(house):
            server.run(sockets=[listening])
    finally:
        for worker in workers:
            worker.stop()
