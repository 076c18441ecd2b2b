"""Where senders are told what became of what waited, and each thing to tell."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Adds the two tables."""
    op.create_table(
        "webhook_endpoints",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("unit", sa.Integer, nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("secret", sa.Integer, nullable=False),
        sa.Column("older_until", sa.BigInteger, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("made", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_webhook_endpoints"),
    )
    op.create_table(
        "webhook_messages",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("endpoint", sa.BigInteger, nullable=False),
        sa.Column("entry", sa.BigInteger, nullable=False),
        sa.Column("made", sa.BigInteger, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("fault", sa.String(300), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_webhook_messages"),
        sa.UniqueConstraint("endpoint", "entry", name="uq_webhook_messages_endpoint_entry"),
    )
    op.create_index("ix_webhook_messages_state", "webhook_messages", ["state", "at"])


def downgrade() -> None:
    """Takes them away."""
    op.drop_table("webhook_messages")
    op.drop_table("webhook_endpoints")
