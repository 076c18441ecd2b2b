"""On PostgreSQL: rows about people are seen by those who were said to see them in this transaction, by nobody else.

`onevoice.sees` is empty (nothing is seen), `all`, or numbers of units joined by commas. It binds the owner too.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# in a sub-select it is computed once for a statement, not once for a row
ALL = "(SELECT current_setting('onevoice.sees', true)) = 'all'"

UNITS = "(SELECT string_to_array(nullif(current_setting('onevoice.sees', true), 'all'), ',')::int[])"
PERSON = f"sees_person(folio, {UNITS})"

SEEN = {
    "vault_lookups": PERSON,
    "vault_customers": PERSON,
    "vault_addresses": PERSON,
    "vault_names": PERSON,
    "vault_words": f"sees_words(entry, folio, {UNITS})",
    "parked": "false",  # a record nobody could read may name anybody
}
"""Which rows somebody with a list of units sees. What a function asks, the planner need not plan for the writer, who
sees all and looks up one person or a thousand with every proposal; called cheap, it sends no search to parallel
workers, who take longer to start than the search lasts."""

# a customer of these units, or an address that one of them uses
SEES_PERSON = """
CREATE FUNCTION sees_person(of bigint, units int[]) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 AS $$
BEGIN
  RETURN EXISTS (SELECT FROM customer_units u WHERE u.customer = of AND u.unit = ANY (units))
    OR EXISTS (SELECT FROM links l JOIN customer_units u ON u.customer = l.customer
      WHERE l.address = of AND u.unit = ANY (units));
END $$"""

# said in a message of these units; or, where no unit is named, to or by a person of theirs
SEES_WORDS = """
CREATE FUNCTION sees_words(of bigint, person bigint, units int[]) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 AS $$
DECLARE said_for int := (SELECT b.unit FROM entries e JOIN labels b ON b.number = e.label WHERE e.number = of);
BEGIN
  RETURN CASE WHEN coalesce(said_for, 0) = 0 THEN sees_person(person, units) ELSE said_for = ANY (units) END;
END $$"""


def upgrade() -> None:
    """Adds one policy to each table with names, addresses or words of people. SQLite has none: one program holds it."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        for statement in (SEES_PERSON, SEES_WORDS, *(each for table in SEEN for each in _policy(table))):
            connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Takes the policies away again."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        for table in SEEN:
            connection.exec_driver_sql(f"DROP POLICY as_far_as_told ON {table}")
            connection.exec_driver_sql(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY")
        connection.exec_driver_sql("DROP FUNCTION sees_words(bigint, bigint, int[]), sees_person(bigint, int[])")


def _policy(table: str) -> list[str]:
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY as_far_as_told ON {table} USING ({ALL} OR {SEEN[table]}) WITH CHECK ({ALL})",
    ]
