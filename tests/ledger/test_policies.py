"""Every policy that ever decided something can be read again, to the byte."""

import pytest

from onevoice.ledger.documents import lock_documents
from onevoice.ledger.engine import Engine
from onevoice.ledger.policies import PolicyFile, all_policies, current_policy, policy_at, policy_hash, store_policy
from onevoice.nouns.problem import NotFound


def store(engine: Engine, body: str, at: int) -> PolicyFile:
    with engine.writing() as tx:
        lock_documents(tx)
        return store_policy(tx, name="house rules", body=body, by="staff:1", at=at)


def test_a_store_begins_without_a_policy(engine: Engine) -> None:
    """Before the first one there is none, and asking for one by number says so."""
    with engine.reading() as connection:
        assert current_policy(connection) is None
        with pytest.raises(NotFound):
            policy_at(connection, 1)


def test_each_policy_keeps_its_version(engine: Engine) -> None:
    """The newest is in force; the older ones stay readable, with their text as it was given."""
    first = store(engine, 'name = "a"\n', 1_000)
    second = store(engine, 'name = "b"  # é\r\n', 2_000)
    assert (first.version, second.version) == (1, 2)
    with engine.reading() as connection:
        assert current_policy(connection) == second
        assert policy_at(connection, 1) == first
        assert all_policies(connection) == [second, first]
    assert second.hash == policy_hash('name = "b"  # é\r\n')


def test_the_same_file_again_is_no_new_version(engine: Engine) -> None:
    """Activating what is in force changes nothing; going back to an older text is a new version."""
    first = store(engine, 'name = "a"\n', 1_000)
    assert store(engine, 'name = "a"\n', 2_000) == first
    store(engine, 'name = "b"\n', 3_000)
    assert store(engine, 'name = "a"\n', 4_000).version == 3
