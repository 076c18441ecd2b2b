"""Two indexes that answer what pages ask, in place of one that answered it slowly."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

DECIDED = "kind = 1"
WENT_OUT = "kind = 3 AND direction = 1"


def upgrade() -> None:
    """Decisions by when, label, verdict, reason and mode; messages by when and whom. An entry of either kind is in one
    of them, as it was in the one before; entries of other kinds are in none."""
    _index("ix_entries_decided", ["occurred", "number", "label", "verdict", "reason", "mode"], DECIDED)
    _index("ix_entries_went_out", ["occurred", "customer", "address", "touch"], WENT_OUT)
    op.drop_index("ix_entries_occurred", "entries")


def downgrade() -> None:
    """Back to the one index over time."""
    op.create_index("ix_entries_occurred", "entries", ["occurred"], unique=False)
    op.drop_index("ix_entries_went_out", "entries")
    op.drop_index("ix_entries_decided", "entries")


def _index(name: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, "entries", columns, unique=False, sqlite_where=where, postgresql_where=where)
