"""Tables of the door: invitations of staff that wait for a password, and who made each API key and when it was used."""

from typing import Final

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table

from onevoice.ledger.tables import metadata

invitations: Final = Table(
    "invitations",
    metadata,
    Column("token", LargeBinary(32), primary_key=True),  # SHA-256 of what the link carries
    Column("staff", BigInteger, nullable=False),
    Column("epoch", Integer, nullable=False),  # of the member when the link was made; a change of rights ends it
    Column("ends", BigInteger, nullable=False),
)
key_uses: Final = Table(
    "key_uses",
    metadata,
    Column("key", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("made_by", String(200), nullable=False),  # a key never reaches further than whoever made it does now
    Column("used", BigInteger, nullable=False),  # a moment, to a minute; 0: never
)
