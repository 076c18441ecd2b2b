"""Requests that one message may pass one rule, their answers, and the words of both."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
ALL = "(SELECT current_setting('onevoice.sees', true)) = 'all'"
UNITS = "(SELECT string_to_array(nullif(current_setting('onevoice.sees', true), 'all'), ',')::int[])"
SEEN = f"ARRAY[owner_unit] <@ {UNITS} OR sees_words(entry, folio, {UNITS})"
"""The words are for those who may see the message, and for the owner of the rule, whom they were written to."""


def upgrade() -> None:
    """Adds the three tables; on PostgreSQL the words are seen as far as a transaction was told."""
    op.create_table(
        "exceptions",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("entry", sa.BigInteger, nullable=False),
        sa.Column("touch", sa.BigInteger, nullable=False),
        sa.Column("rule", sa.String(200), nullable=False),
        sa.Column("owner_unit", sa.Integer, nullable=False),
        sa.Column("owner_staff", sa.BigInteger, nullable=False),
        sa.Column("asked_by", sa.String(200), nullable=False),
        sa.Column("asked", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_exceptions"),
        sa.UniqueConstraint("entry", "rule", name="uq_exceptions_entry_rule"),
    )
    op.create_index("ix_exceptions_touch", "exceptions", ["touch"])
    op.create_table(
        "exception_answers",
        sa.Column("exception", NUMBER, autoincrement=False, nullable=False),
        sa.Column("granted", sa.Boolean, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("answered_by", sa.String(200), nullable=False),
        sa.Column("answered", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("exception", name="pk_exception_answers"),
    )
    op.create_table(
        "vault_exception_words",
        sa.Column("exception", NUMBER, autoincrement=False, nullable=False),
        sa.Column("part", sa.SmallInteger, autoincrement=False, nullable=False),
        sa.Column("folio", sa.BigInteger, nullable=False),
        sa.Column("entry", sa.BigInteger, nullable=False),
        sa.Column("owner_unit", sa.Integer, nullable=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("exception", "part", name="pk_vault_exception_words"),
    )
    op.create_index("ix_vault_exception_words_folio", "vault_exception_words", ["folio"])
    if op.get_bind().dialect.name == "postgresql":
        words = "vault_exception_words"
        op.execute(f"ALTER TABLE {words} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY as_far_as_told ON {words} USING ({ALL} OR {SEEN}) WITH CHECK ({ALL})")


def downgrade() -> None:
    """Takes them away."""
    for table in ("vault_exception_words", "exception_answers", "exceptions"):
        op.drop_table(table)
