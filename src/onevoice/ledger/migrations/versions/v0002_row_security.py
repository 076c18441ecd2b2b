"""On PostgreSQL: rows about people are seen by those who were said to see them in this transaction, by nobody else.

`onevoice.sees` is empty (nothing is seen), `all`, or numbers of units joined by commas. It binds the owner too.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# in a sub-select each is computed once for a statement, not once for a row
ALL = "(SELECT current_setting('onevoice.sees', true)) = 'all'"
UNITS = "(SELECT string_to_array(nullif(current_setting('onevoice.sees', true), 'all'), ',')::int[])::int[]"

PEOPLE = ("vault_lookups", "vault_customers", "vault_addresses", "vault_names")


def upgrade() -> None:
    """Adds one policy to each table with names, addresses or words of people. SQLite has none: one program holds it."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        for table, seen in _seen().items():
            for statement in _policy(table, seen):
                connection.execute(sa.text(statement))


def downgrade() -> None:
    """Takes the policies away again."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        for table in _seen():
            connection.execute(sa.text(f"DROP POLICY as_far_as_told ON {table}"))
            connection.execute(sa.text(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY"))


def _seen() -> dict[str, str]:
    """Which rows somebody with a list of units sees, by table; unread records may name anybody: none."""
    return {table: _person(f"{table}.folio") for table in PEOPLE} | {"vault_words": _words(), "parked": "false"}


def _person(folio: str) -> str:
    """A customer of these units, or an address that one of them uses."""
    theirs = f"SELECT FROM customer_units u WHERE u.unit = ANY ({UNITS}) AND u.customer"
    used = f"SELECT FROM links l WHERE l.address = {folio} AND EXISTS ({theirs} = l.customer)"
    return f"EXISTS ({theirs} = {folio}) OR EXISTS ({used})"


def _words() -> str:
    """What was said in a message of these units; or, where no unit is named, with a person of theirs."""
    return (
        "EXISTS (SELECT FROM entries e LEFT JOIN labels b ON b.number = e.label WHERE e.number = vault_words.entry "
        f"AND (b.unit = ANY ({UNITS}) OR (coalesce(b.unit, 0) = 0 AND ({_person('vault_words.folio')}))))"
    )


def _policy(table: str, seen: str) -> list[str]:
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY as_far_as_told ON {table} USING ({ALL} OR {seen}) WITH CHECK ({ALL})",
    ]
