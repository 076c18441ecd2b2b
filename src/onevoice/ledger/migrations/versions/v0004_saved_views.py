"""The filters of a list, kept under a name by each member of staff."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Adds the table."""
    op.create_table(
        "saved_views",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("staff", sa.BigInteger, nullable=False),
        sa.Column("page", sa.String(40), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("query", sa.String(1000), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_saved_views"),
        sa.UniqueConstraint("staff", "page", "name", name="uq_saved_views_staff_page_name"),
    )


def downgrade() -> None:
    """Takes it away."""
    op.drop_table("saved_views")
