"""The first tables; entries, labels and the change log can be added to, never changed."""

import sqlalchemy as sa
from alembic import op

from onevoice.ledger.tables import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("entries", "labels", "changes", "policies", "surroundings", "seals", "erasures")
NUMBERED = ("entries", "folios")


def upgrade() -> None:
    """Makes every table of version 1, its sequences and the triggers that keep the book append-only."""
    connection = op.get_bind()
    metadata.create_all(connection)
    statements = _postgres() if connection.dialect.name == "postgresql" else _sqlite()
    for statement in statements:
        connection.execute(sa.text(statement))


def _sqlite() -> list[str]:
    return [
        f"CREATE TRIGGER {table}_no_{deed.lower()} BEFORE {deed} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} can only be added to'); END"
        for table in APPEND_ONLY
        for deed in ("UPDATE", "DELETE")
    ]


def _postgres() -> list[str]:
    return [
        *[f"CREATE SEQUENCE {table}_number CACHE 1" for table in NUMBERED],
        "CREATE FUNCTION only_added_to() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% can only be added to', TG_TABLE_NAME; END $$",
        *[
            f"CREATE TRIGGER {table}_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION only_added_to()"
            for table in APPEND_ONLY
        ],
    ]


def downgrade() -> None:
    """There is no way back from the first version."""
    raise RuntimeError("The first version has nothing before it; restore a backup instead.")
