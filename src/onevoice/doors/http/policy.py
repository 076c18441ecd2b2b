"""Policy over HTTP: the file in force, its versions, what is wrong with a new one, and putting it in force."""

import msgspec

from onevoice.actions.activate_policy import activate_policy, policy_of
from onevoice.doors.http.problems import not_found
from onevoice.doors.http.route import Call, Nothing, Route
from onevoice.ledger.policies import PolicyFile, all_policies, current_policy, policy_at

VERSION_MAX = 2**31 - 1


class PolicyIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A policy file: its TOML, to the byte."""

    body: str


class PolicyTold(msgspec.Struct, frozen=True, kw_only=True):
    """A policy file in force since `activated`; `body` is its TOML, left out in the list of versions."""

    version: int
    name: str
    activated: int
    activated_by: str
    hash: str
    body: str = ""


class PolicyVersions(msgspec.Struct, frozen=True, kw_only=True):
    """Every version, newest first."""

    versions: tuple[PolicyTold, ...]


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """A file that could be put in force; one that could not is a problem with every fault."""

    name: str
    rules: int


def current(call: Call[None, Nothing]) -> PolicyTold:
    """The policy in force. Raises Problem 404 before the first one."""
    with call.onevoice.book.reader(call.authority) as reader:
        file = current_policy(reader.connection)
    if file is None:
        raise not_found()
    return policy_told(file)


def versions(call: Call[None, Nothing]) -> PolicyVersions:
    """Every policy there was, without the files."""
    with call.onevoice.book.reader(call.authority) as reader:
        return PolicyVersions(
            versions=tuple(policy_told(file._replace(body="")) for file in all_policies(reader.connection))
        )


def version(call: Call[None, Nothing]) -> PolicyTold:
    """The file of one version."""
    number = call.number("version")
    if number > VERSION_MAX:
        raise not_found()
    with call.onevoice.book.reader(call.authority) as reader:
        return policy_told(policy_at(reader.connection, number))


def check(call: Call[PolicyIn, Nothing]) -> Checked:
    """Reads a file as if it were to be put in force; writes nothing."""
    with call.onevoice.book.reader(call.authority) as reader:
        policy = policy_of(call.body.body, reader.surroundings)
    return Checked(name=policy.name, rules=len(policy.rules))


def activate(call: Call[PolicyIn, Nothing]) -> PolicyTold:
    """Puts a file in force; the one in force again changes nothing."""
    book = call.onevoice.book
    return policy_told(activate_policy(book.engine, call.authority, call.body.body, at=book.clock()))


def policy_told(file: PolicyFile) -> PolicyTold:
    """A version as it is told."""
    return PolicyTold(
        version=file.version,
        name=file.name,
        activated=file.activated,
        activated_by=file.activated_by,
        hash=file.hash.hex(),
        body=file.body,
    )


ROUTES = (
    Route(
        method="GET", path="/v1/policy", says="Which policy is in force?", answer=current, gives=PolicyTold, also=(404,)
    ),
    Route(
        method="POST",
        path="/v1/policy",
        says="Put the first policy in force; another comes by a draft. The file in force again changes nothing.",
        answer=activate,
        takes=PolicyIn,
        gives=PolicyTold,
    ),
    Route(
        method="POST",
        path="/v1/policy/check",
        says="Could this policy be put in force? Every fault is told.",
        answer=check,
        takes=PolicyIn,
        gives=Checked,
    ),
    Route(
        method="GET",
        path="/v1/policy/versions",
        says="Which policies were there?",
        answer=versions,
        gives=PolicyVersions,
    ),
    Route(
        method="GET",
        path="/v1/policy/versions/{version}",
        says="What did this version of the policy say?",
        answer=version,
        gives=PolicyTold,
    ),
)
