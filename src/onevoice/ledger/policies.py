"""Policies: the policy files as they were activated, each under its version; never changed, never deleted."""

from hashlib import blake2b
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select

from onevoice.ledger.engine import Transaction
from onevoice.ledger.tables import policies
from onevoice.nouns.problem import NotFound


class PolicyFile(NamedTuple):
    """A policy file in force since `activated` (microseconds UTC); `body` is its TOML, to the byte."""

    version: int
    name: str
    body: str
    hash: bytes
    activated: int
    activated_by: str


def policy_hash(body: str) -> bytes:
    """BLAKE2b-256 of the file."""
    return blake2b(body.encode(), digest_size=32).digest()


def current_policy(connection: Connection) -> PolicyFile | None:
    """The policy in force, None before the first one."""
    row = connection.execute(select(policies).order_by(policies.c.version.desc()).limit(1)).first()
    return _file(row) if row else None


def policy_at(connection: Connection, version: int) -> PolicyFile:
    """The policy of a version. Raises NotFound when there never was one."""
    row = connection.execute(select(policies).where(policies.c.version == version)).first()
    if row is None:
        raise NotFound(f"There is no version {version} of the policy.")
    return _file(row)


def all_policies(connection: Connection) -> list[PolicyFile]:
    """Every version, newest first."""
    return [_file(row) for row in connection.execute(select(policies).order_by(policies.c.version.desc()))]


def store_policy(tx: Transaction, *, name: str, body: str, by: str, at: int) -> PolicyFile:
    """Put a policy file in force as the next version; the same file again changes nothing and gives what is there.

    Call documents.lock_documents before, so that versions have one order."""
    current = current_policy(tx.connection)
    if current is not None and current.hash == policy_hash(body):
        return current
    version = current.version + 1 if current else 1
    file = PolicyFile(version, name, body, policy_hash(body), at, by)
    tx.add(policies, [tuple(file)])
    return file


def _file(row: Row[Any]) -> PolicyFile:
    return PolicyFile(row.version, row.name, row.body, bytes(row.hash), row.activated, row.activated_by)
