"""Tables of exceptions: who asked that one message may pass one rule, what was answered, and both in words."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, SmallInteger, String, Table, Text
from sqlalchemy import UniqueConstraint as Unique

from onevoice.ledger.tables import metadata


def _key(name: str) -> Column[int]:
    return Column(name, BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False)


exceptions: Final = Table(
    "exceptions",
    metadata,
    _key("number"),
    Column("entry", BigInteger, nullable=False),  # the decision
    Column("touch", BigInteger, nullable=False, index=True),
    Column("rule", String(200), nullable=False),
    Column("owner_unit", Integer, nullable=False),  # whose members answer; 0: the company's administrators
    Column("owner_staff", BigInteger, nullable=False),  # who alone answers; 0: nobody in particular
    Column("asked_by", String(200), nullable=False),
    Column("asked", BigInteger, nullable=False),
    Unique("entry", "rule"),
)
exception_answers: Final = Table(  # one for each request, never changed
    "exception_answers",
    metadata,
    _key("exception"),
    Column("granted", Boolean, nullable=False),
    Column("until", BigInteger, nullable=False),  # a moment, 0 where it was refused
    Column("answered_by", String(200), nullable=False),
    Column("answered", BigInteger, nullable=False),
)
vault_exception_words: Final = Table(
    "vault_exception_words",
    metadata,
    _key("exception"),
    Column("part", SmallInteger, primary_key=True, autoincrement=False),  # 1 asked, 2 answered
    Column("folio", BigInteger, nullable=False, index=True),
    Column("entry", BigInteger, nullable=False),
    Column("owner_unit", Integer, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("words", Text, nullable=False),
)
