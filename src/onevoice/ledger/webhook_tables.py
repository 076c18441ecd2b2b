"""Tables of webhooks: where senders are told what became of what waited, and each thing to tell."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, SmallInteger, String, Table
from sqlalchemy import UniqueConstraint as Unique

from onevoice.ledger.tables import metadata


def _number() -> Column[int]:
    return Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False)


webhook_endpoints: Final = Table(
    "webhook_endpoints",
    metadata,
    _number(),
    Column("unit", Integer, nullable=False),  # it hears of this unit's messages and of those below it
    Column("url", String(2000), nullable=False),
    Column("secret", Integer, nullable=False),  # which of its secrets is the newest; they are derived, never stored
    Column("older_until", BigInteger, nullable=False),  # until when the secret before it signs too; 0: there is none
    Column("active", Boolean, nullable=False),
    Column("made", BigInteger, nullable=False),
)
webhook_messages: Final = Table(  # written with what it tells; a row says how far the telling came
    "webhook_messages",
    metadata,
    _number(),
    Column("endpoint", BigInteger, nullable=False),
    Column("entry", BigInteger, nullable=False),  # the decision it tells of
    Column("made", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),  # of the next try, or of the end
    Column("state", SmallInteger, nullable=False),  # 0 waiting, 1 taken, 2 given up
    Column("fault", String(300), nullable=False),
    Unique("endpoint", "entry"),
    Index("ix_webhook_messages_state", "state", "at"),
)
