"""A throttle of fixed size: counts by network in keyed slots, so that nobody can fill its memory or aim at a slot."""

from array import array
from hashlib import blake2b
from typing import Final

from onevoice.nouns.moment import MINUTE, SECOND

SLOTS: Final = 4_096
TRIES_MAX: Final = 60
WINDOW: Final = MINUTE


class Throttle:
    """At most `tries_max` counted tries of one network in `window` microseconds. IPv6 networks are /64."""

    def __init__(self, key: bytes, *, tries_max: int = TRIES_MAX, window: int = WINDOW) -> None:
        self._key = key[:64]
        self._tries_max = tries_max
        self._window = window
        self._tries = array("q", [0] * SLOTS)
        self._since = array("q", [0] * SLOTS)

    def wait(self, network: str, now: int) -> int:
        """Seconds until this network may try again, 0 when it may now."""
        slot = self._slot(network)
        left = self._since[slot] + self._window - now
        if self._tries[slot] < self._tries_max or left <= 0:
            return 0
        return -(-left // SECOND)

    def count(self, network: str, now: int) -> None:
        """One more try."""
        slot = self._slot(network)
        if not 0 <= now - self._since[slot] < self._window:
            self._since[slot], self._tries[slot] = now, 0
        self._tries[slot] += 1

    def _slot(self, network: str) -> int:
        digest = blake2b(network_of(network).encode(errors="replace"), key=self._key, digest_size=8).digest()
        return int.from_bytes(digest, "big") % SLOTS


def network_of(address: str) -> str:
    """The part of an IP address that belongs to one customer of a network: all of IPv4, the first 64 bits of IPv6."""
    return ":".join(address.split("%")[0].split(":")[:4]) if address.count(":") > 1 else address
