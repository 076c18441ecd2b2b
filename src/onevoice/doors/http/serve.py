"""Serving: one process, uvloop and httptools; stops when asked, after answering what it has begun."""

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import uvicorn

from onevoice.settings import Settings

GRACE_SECONDS: Final = 15
KEEP_ALIVE_SECONDS: Final = 30
BACKLOG: Final = 2_048

Told = Callable[[str], None]


class Server(uvicorn.Server):
    """Tells the address once it listens."""

    def __init__(self, config: uvicorn.Config, ready: Told, address: str) -> None:
        super().__init__(config)
        self._ready = ready
        self._address = address

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn's own, but a signal that was obeyed is not raised again: what is open must still be closed."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {one: signal.signal(one, self.handle_exit) for one in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready(self._address)


def serve(app: Any, settings: Settings, *, ready: Told = lambda address: None) -> None:
    """Serve until SIGINT or SIGTERM (then at most GRACE_SECONDS more). `ready` gets the address people open.

    Raises OSError where the port is taken."""
    server, listening = server_of(app, settings, ready=ready)
    with listening:
        server.run(sockets=[listening])


def server_of(app: Any, settings: Settings, *, ready: Told = lambda address: None) -> tuple[Server, socket.socket]:
    """A server that is ready to run, and the socket it will listen on (port 0 has become a free one)."""
    listening = _listen(settings.http_host, settings.http_port)
    address = settings.public_url or f"http://{_shown(settings.http_host)}:{listening.getsockname()[1]}"
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        access_log=False,  # paths hold references of customers
        log_config=None,
        proxy_headers=False,  # nobody's word about who calls is taken
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    return Server(config, ready, address), listening


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.set_inheritable(False)
    except OSError:
        listening.close()
        raise
    return listening


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
