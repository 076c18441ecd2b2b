"""Accounts at the company's identity provider, tickets of sign-ins, second steps and recovery codes."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds four tables; nobody has an account or a second step yet."""
    op.create_table(
        "staff_accounts",
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("staff", sa.BigInteger(), nullable=False),
        sa.Column("linked", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_staff_accounts")),
        sa.UniqueConstraint("staff", "issuer", name=op.f("uq_staff_accounts_staff_issuer")),
    )
    op.create_table(
        "sign_in_tickets",
        sa.Column("ticket", sa.LargeBinary(length=32), nullable=False),
        sa.Column("staff", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("ticket", name=op.f("pk_sign_in_tickets")),
    )
    op.create_table(
        "second_steps",
        sa.Column("staff", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed", sa.BigInteger(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("staff", name=op.f("pk_second_steps")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("staff", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("staff", "hash", name=op.f("pk_recovery_codes")),
    )


def downgrade() -> None:
    """Takes the tables away again: second steps are not asked for any more."""
    for table in ("recovery_codes", "second_steps", "sign_in_tickets", "staff_accounts"):
        op.drop_table(table)
