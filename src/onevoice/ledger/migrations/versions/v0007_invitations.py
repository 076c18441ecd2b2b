"""Links by which members of staff set a password once; who made each API key, and when it was used."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds two tables. Keys made before have no maker, and reach as far as they were given."""
    op.create_table(
        "invitations",
        sa.Column("token", sa.LargeBinary(32), nullable=False),
        sa.Column("staff", sa.BigInteger, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("ends", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_invitations"),
    )
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "key_uses",
        sa.Column("key", number, autoincrement=False, nullable=False),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.Column("used", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_key_uses"),
    )
    for key in op.get_bind().execute(sa.text("SELECT number FROM api_keys")).scalars().all():
        op.get_bind().execute(sa.text("INSERT INTO key_uses VALUES (:key, '', 0)"), {"key": key})


def downgrade() -> None:
    """Takes them away."""
    op.drop_table("key_uses")
    op.drop_table("invitations")
