"""Tables of signing in: accounts at the company's identity provider, tickets, second steps and recovery codes."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
)

from onevoice.ledger.tables import metadata

staff_accounts: Final = Table(  # an account at the company's identity provider, and whose it is
    "staff_accounts",
    metadata,
    Column("issuer", String(500), nullable=False),
    Column("subject", String(255), nullable=False),
    Column("staff", BigInteger, nullable=False),
    Column("linked", BigInteger, nullable=False),
    PrimaryKeyConstraint("issuer", "subject"),
    UniqueConstraint("staff", "issuer"),
)
sign_in_tickets: Final = Table(  # sign-ins that wait for a second step, and those that were used and must not be again
    "sign_in_tickets",
    metadata,
    Column("ticket", LargeBinary(32), primary_key=True),  # SHA-256 of what the browser holds
    Column("staff", BigInteger, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("used", Boolean, nullable=False),
    Column("ends", BigInteger, nullable=False),
)
second_steps: Final = Table(
    "second_steps",
    metadata,
    Column("staff", BigInteger, primary_key=True, autoincrement=False),
    Column("secret", LargeBinary, nullable=False),  # sealed with a key of the installation
    Column("confirmed", BigInteger, nullable=False),  # a moment, 0 while enrolling
    Column("last_step", BigInteger, nullable=False),  # of 30 seconds; a code is good once
)
recovery_codes: Final = Table(
    "recovery_codes",
    metadata,
    Column("staff", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    PrimaryKeyConstraint("staff", "hash"),
)
