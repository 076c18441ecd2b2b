"""API keys at the HTTP door: looked up in the book, remembered for a second, so that a revoked key ends at once."""

import asyncio
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any, Final

from onevoice.doors.http.body import Headers
from onevoice.doors.http.problems import Problem, retry_after
from onevoice.doors.http.throttle import Throttle
from onevoice.nouns.authority import Authority
from onevoice.nouns.moment import SECOND, Clock

REMEMBERED: Final = SECOND
KEYS_MAX: Final = 10_000
SECRET_MAX: Final = 200
SCHEME: Final = b"bearer "


class Keyring:
    """Turns the Authorization header into an Authority. Keys are held as SHA-256 only; wrong ones are counted by
    network and, when there are too many, refused without a look. What is remembered also ends with the `version` of
    the documents it was read from, because a new unit may be the asker's to see."""

    def __init__(
        self,
        look_up: Callable[[str], Awaitable[Authority | None]],
        clock: Clock,
        throttle: Throttle,
        version: Callable[[], int],
    ) -> None:
        self._look_up = look_up
        self._clock = clock
        self._throttle = throttle
        self._version = version
        self._known: dict[bytes, tuple[int, int, Authority]] = {}
        self._asked: dict[bytes, asyncio.Task[Authority | None]] = {}

    async def authority(self, headers: Headers, scope: Any) -> Authority:
        """Who asks. Raises Problem 401 for nobody we know, 429 after too many wrong keys."""
        said = headers.get(b"authorization", b"")
        if said[: len(SCHEME)].lower() != SCHEME or len(said) > SECRET_MAX:
            raise _nobody()
        secret = said[len(SCHEME) :].strip()
        digest = sha256(secret).digest()
        now, version = self._clock(), self._version()
        known = self._known.get(digest)
        if known is not None and known[1] == version and 0 <= now - known[0] < REMEMBERED:
            return known[2]
        network = scope["client"][0] if scope.get("client") else ""
        if wait := self._throttle.wait(network, now):
            raise Problem(429, "Too many wrong keys came from your network.", headers=(retry_after(wait),))
        found = await self._asked_once(digest, secret.decode("latin-1"))
        if found is None:
            self._known.pop(digest, None)
            self._throttle.count(network, now)
            raise _nobody()
        if len(self._known) >= KEYS_MAX:
            self._known.clear()
        self._known[digest] = (now, version, found)
        return found

    async def _asked_once(self, digest: bytes, secret: str) -> Authority | None:
        """Whoever comes with the same key while it is looked up waits for the same answer."""
        task = self._asked.get(digest)
        if task is None:
            task = asyncio.ensure_future(self._look_up(secret))
            self._asked[digest] = task
            task.add_done_callback(lambda _: self._asked.pop(digest, None))
        return await asyncio.shield(task)


def _nobody() -> Problem:
    says = "Send your API key as “Authorization: Bearer ov_…”. It is missing, wrong or revoked."
    return Problem(401, says, headers=((b"www-authenticate", b'Bearer realm="onevoice"'),))
