"""Writes down what would have been sent, in memory and, where a file is given, as one JSON object a line."""

from pathlib import Path

import msgspec

from onevoice.nouns.message import Message, Outcome
from onevoice.nouns.moment import Clock


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """One message that was not sent, and when (microseconds UTC)."""

    at: int
    message: Message


class Sandbox:
    """Fulfils `Sender`. `written` keeps the newest messages, at most `keep`. A file holds names and words of customers
    in the clear: it is for invented ones, and readable by its owner alone."""

    def __init__(self, clock: Clock, path: Path | None = None, keep: int = 10_000) -> None:
        self._clock, self._path, self._keep = clock, path, keep
        self.written: list[Written] = []

    def send(self, message: Message) -> Outcome:
        """Always sent, unless the file cannot be written."""
        written = Written(at=self._clock(), message=message)
        if self._path is not None:
            try:
                self._path.touch(mode=0o600, exist_ok=True)
                with self._path.open("ab") as file:
                    file.write(msgspec.json.encode(written) + b"\n")
            except OSError as error:
                return Outcome(kind="failed", detail=f"The sandbox's file cannot be written ({type(error).__name__}).")
        self.written.append(written)
        del self.written[: -self._keep]
        return Outcome(kind="sent", vendor_id=f"sandbox:{message.touch}")
