"""What goes wrong with what people give us: a list of faults, all of them at once."""

import msgspec


class Fault(msgspec.Struct, frozen=True):
    """One fault: where it is (a dotted path or `row 12`), and what to do, as a sentence."""

    where: str
    says: str


class Refused(Exception):
    """The input cannot be taken; `faults` lists everything that is wrong with it, and nothing was written."""

    def __init__(self, faults: list[Fault] | tuple[Fault, ...], title: str = "This cannot be taken as it is.") -> None:
        self.faults = tuple(faults)
        self.title = title
        super().__init__(title + " " + " ".join(f"{fault.where}: {fault.says}" for fault in self.faults))


class KeyReused(Exception):
    """This idempotency key was used before with another body. Use a new key for a new message."""


class Unavailable(Exception):
    """The store cannot answer just now; nothing was written. Try again in a moment."""


class NotFound(Exception):
    """There is nothing of that name here for you to see."""
