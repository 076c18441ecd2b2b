"""What would other systems have let through? One recorded past under the documented semantics of each, side by side."""

import re
from importlib import resources
from typing import Final

import msgspec
from sqlalchemy import func, select

from onevoice.answers.simulate import MESSAGES_MAX, Compile, Progress, Simulated, recorded, under
from onevoice.ledger.book import Reader
from onevoice.ledger.tables import entries
from onevoice.nouns.policy import Policy
from onevoice.nouns.words import EntryKind
from onevoice.rules.files import read_policy

FILES: Final = ("onevoice", "braze", "adobe_journey_optimizer", "iterable", "moengage", "hubspot", "unica")
SOURCE: Final = re.compile(r"^# (https://\S+)$", re.MULTILINE)


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """A named policy that says what a system's documents say it does; `sources` are their addresses."""

    key: str
    policy: Policy
    sources: tuple[str, ...]


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """A profile and what would have gone under it."""

    key: str
    name: str
    rules: tuple[str, ...]
    sources: tuple[str, ...]
    found: Simulated


def profiles() -> tuple[Profile, ...]:
    """All of them: the same intention, two marketing messages a day and five a week, as each system takes it."""
    return tuple(_profile(key) for key in FILES)


def side_by_side(
    reader: Reader,
    compile_policy: Compile,
    since: int,
    until: int,
    *,
    told_too: bool = True,
    most: int = MESSAGES_MAX,
    progress: Progress = lambda done, of: None,
) -> tuple[Beside, ...]:
    """The period (microseconds UTC, `until` not included) under each profile; with `told_too` also messages that were
    only told of. Raises Refused, also where more than `most` messages would have to be read."""
    compiled = [compile_policy(profile.policy, reader.surroundings) for profile in profiles()]
    period = recorded(reader, compiled, since, until, told_too=told_too, most=most)
    found: list[Beside] = []
    for profile, one in zip(profiles(), compiled, strict=True):
        told = under(period, reader, one)
        names = tuple(rule.name for rule in profile.policy.rules)
        found.append(
            Beside(key=profile.key, name=profile.policy.name, rules=names, sources=profile.sources, found=told)
        )
        progress(len(found), len(FILES))
    return tuple(found)


def newest_message(reader: Reader) -> int:
    """When the newest message was decided or went (microseconds UTC); now, where there is none."""
    sent = entries.c.kind.in_((int(EntryKind.DECIDED), int(EntryKind.SENT)))
    return reader.connection.execute(select(func.max(entries.c.occurred)).where(sent)).scalar() or reader.now


def _profile(key: str) -> Profile:
    body = resources.files("onevoice.rules").joinpath("profiles", f"{key}.toml").read_text("utf-8")
    return Profile(key=key, policy=read_policy(body), sources=tuple(SOURCE.findall(body)))
