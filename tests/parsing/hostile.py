"""What a hostile source might make a reader do; run only inside the bounded child."""

import os
from collections.abc import Iterator
from pathlib import Path

from onevoice.nouns.observation import Parked


def obey(raw: bytes) -> str:
    """Does what the bytes say."""
    if raw == b"exit":
        os._exit(3)
    if raw == b"loop":
        while True:
            pass
    if raw == b"memory":
        return "x" * (4 << 30)
    if raw == b"creep":
        held = []
        while True:
            held.append(bytearray(10 << 20))
    if raw == b"raise":
        raise ValueError("a secret word of the mail")
    if raw == b"print":
        print("V\0\0\0\1x", flush=True)  # noqa: T201
    if raw == b"large":
        return "y" * (20 << 20)
    if raw == b"write":
        Path("/tmp/onevoice-hostile").write_text("x" * 100)
    if raw == b"environment":
        return ",".join(sorted(os.environ))
    return raw.decode("latin-1").upper()


def yield_then(raw: bytes) -> Iterator[Parked]:
    """Yields as many as said, then does what is said."""
    count, _, deed = raw.partition(b" ")
    for number in range(int(count)):
        yield Parked(where=f"line {number + 1}", reason="one")
    if deed:
        obey(deed)
