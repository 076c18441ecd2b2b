"""`onevoice key`: API keys of systems: make one, list them, revoke one."""

from collections.abc import Iterator, Sequence

import msgspec

from onevoice.doors.cli.telling import answering, opened, tell
from onevoice.ledger.staff import ApiKey
from onevoice.nouns.authority import SYSTEM, Verb
from onevoice.nouns.problem import Fault, Refused


class Key(msgspec.Struct, frozen=True, omit_defaults=True):
    """An API key as it is told; `secret` only when it was just made."""

    number: int
    name: str
    unit: str
    verbs: tuple[str, ...]
    revoked: bool = False
    secret: str = ""


def make(name: str, unit: str, verbs: Sequence[str], *, as_json: bool) -> None:
    """A new key of a unit; its secret is shown this once."""
    with answering(as_json=as_json):
        wanted = frozenset(_verb(verb) for verb in verbs)
        with opened() as house:
            key, secret = house.entrance.make_key(SYSTEM, name=name, unit=unit, verbs=wanted)
            made = _told(key, {key.unit: unit}, secret)
        tell(made, lambda: iter([*_words([made]), "", secret, "Keep it now; it is not shown again."]), as_json=as_json)


def listed(*, as_json: bool) -> None:
    """Every key there ever was."""
    with answering(as_json=as_json), opened() as house, house.book.reader(SYSTEM) as reader:
        units = {number: unit.key for number, unit in reader.surroundings.units.items()}
        keys = [_told(key, units) for key in house.entrance.keys(SYSTEM)]
        tell(keys, lambda: _words(keys), as_json=as_json)


def revoke(number: int, *, as_json: bool) -> None:
    """The key opens nothing any more; a running server knows within a second."""
    with answering(as_json=as_json), opened() as house:
        house.entrance.revoke_key(SYSTEM, number)
        tell({"revoked": number}, lambda: iter([f"Key {number} opens nothing any more."]), as_json=as_json)


def _verb(word: str) -> Verb:
    try:
        return Verb(word)
    except ValueError:
        raise Refused([Fault("--may", f"“{word[:40]}” is not one of {', '.join(Verb)}.")]) from None


def _told(key: ApiKey, units: dict[int, str], secret: str = "") -> Key:
    verbs = tuple(sorted(key.verbs))
    return Key(key.number, key.name, units.get(key.unit, ""), verbs, key.revoked > 0, secret)


def _words(keys: Sequence[Key]) -> Iterator[str]:
    for key in keys:
        state = "revoked" if key.revoked else "may " + ", ".join(key.verbs)
        yield f"{key.number:>4}  {key.name} ({key.unit}): {state}"
