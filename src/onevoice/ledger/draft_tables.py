"""Tables of the policy's drafts: what is being written, what was replayed under it, and which forms were taken."""

from typing import Final

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, SmallInteger, String, Table, Text

from onevoice.ledger.tables import metadata


def _number() -> Column[int]:
    return Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False)


policy_drafts: Final = Table(
    "policy_drafts",
    metadata,
    _number(),
    Column("name", String(200), nullable=False),
    Column("body", Text, nullable=False),  # the policy file it would be
    Column("base", Integer, nullable=False),  # the version it began from
    Column("state", SmallInteger, nullable=False),
    Column("revision", Integer, nullable=False),  # grows with every save and step
    Column("writers", Text, nullable=False),  # everybody who wrote in it, joined by commas; none of them approves it
    Column("why", Text, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("changed_by", String(200), nullable=False),
    Column("asked_by", String(200), nullable=False),
    Column("approved", BigInteger, nullable=False),  # 0: it is not
    Column("approved_by", String(200), nullable=False),
    Column("planned", BigInteger, nullable=False),  # when it comes in force, 0: when somebody says so
    Column("planned_by", String(200), nullable=False),
    Column("version", Integer, nullable=False),  # the version it became, 0: none yet
)
policy_trials: Final = Table(  # recorded decisions judged again under a draft, whole, for whoever looks
    "policy_trials",
    metadata,
    _number(),
    Column("draft", BigInteger, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("asked", BigInteger, nullable=False),
    Column("asked_by", String(200), nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("alive", BigInteger, nullable=False),  # when it last said how far it is
    Column("found", Text, nullable=False),  # JSON, empty until it is done
)
policy_keys: Final = Table(  # a form sent twice is taken once: the hash of its token, and of what it said
    "policy_keys",
    metadata,
    Column("key", LargeBinary(16), primary_key=True),
    Column("body", LargeBinary(8), nullable=False),
    Column("number", BigInteger, nullable=False),  # the draft, or the version, that came of it
    Column("taken", BigInteger, nullable=False),
)
