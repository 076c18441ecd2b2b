"""The program's own role on PostgreSQL: it owns nothing, changes only what work needs, and sees as far as it is told.

The role is called as the database with `_app` behind it, so that two installations on one server never share one.
Tables belong to the login that migrates. Every connection of the running program takes the role on; a reading says for
whom it is, and who says nothing sees no row about a person (the policies are in migration 0002).
"""

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Connection, text

from onevoice.ledger.privileges import PERSONAL, allowed
from onevoice.nouns.authority import Authority
from onevoice.nouns.problem import Unavailable

NAME: Final = "left(current_database(), 59) || '_app'"
ALEMBIC: Final = "alembic_version"
SEQUENCES: Final = ("entries_number", "folios_number")
ALL_PRIVILEGES: Final = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")

TAKE_ON: Final = f"""
SELECT set_config('synchronous_commit', 'on', false),
  set_config('search_path',
    (SELECT coalesce(string_agg(quote_ident(s), ', '), '') FROM unnest(current_schemas(false)) s), false),
  set_config('role', {NAME}, false)"""  # noqa: S608 - no word of it comes from outside
"""The path of schemas is that of the login: the role's own name in it would mean another schema."""

SEE_ALL: Final = "SET LOCAL onevoice.sees TO 'all'"

ROLES: Final = f"""
SELECT current_user AS login, {NAME} AS role, r.oid IS NOT NULL AS there, own.rolsuper OR own.rolcreaterole AS creates,
  coalesce(r.rolsuper OR r.rolbypassrls, false) AS unbound,
  current_setting('server_version_num')::int AS version, current_schema() AS place
FROM pg_roles own LEFT JOIN pg_roles r ON r.rolname = {NAME} WHERE own.rolname = current_user"""  # noqa: S608 - ours

SPLIT_MEMBERSHIP: Final = 160_000
"""Since version 16 one may be a member of a role without the right to take it on."""

LENT: Final = """
SELECT pg_has_role(:login, :role, :how), pg_has_role(:role, 'MEMBER WITH ADMIN OPTION')
  OR own.rolcreaterole AND current_setting('server_version_num')::int < :split
FROM pg_roles own WHERE own.rolname = current_user"""

HELD: Final = """
SELECT c.relname, p.privilege, has_table_privilege(:role, c.oid, p.privilege) AS held,
  pg_has_role(:role, c.relowner, 'MEMBER') AS owned, pg_has_role(current_user, c.relowner, 'USAGE') AS ours
FROM pg_class c CROSS JOIN unnest(CAST(:privileges AS text[])) p(privilege)
WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = ANY(:tables) AND c.relkind IN ('r', 'p')"""

STANDING: Final = """
SELECT current_user AS role, session_user AS login,
  (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user) AS unbound,
  bool_or(pg_has_role(current_user, c.relowner, 'MEMBER')) AS owns,
  bool_or(pg_has_role(session_user, c.relowner, 'MEMBER')) AS login_owns,
  string_agg(c.relname, ', ' ORDER BY c.relname) FILTER (WHERE NOT (c.relrowsecurity AND c.relforcerowsecurity)) AS bare
FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = ANY(:tables)"""

MAY_VACUUM: Final = """
SELECT bool_and(pg_has_role(current_user, c.relowner, 'USAGE')) OR (
  SELECT pg_has_role(current_user, datdba, 'USAGE') FROM pg_database WHERE datname = current_database())
FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = ANY(:tables)"""


def seen_by(asker: Authority | None) -> str:
    """What `onevoice.sees` says for this asker: `all`, unit numbers joined by commas, or nothing for nobody."""
    if asker is None:
        return ""
    return "all" if asker.all_units else ",".join(str(int(unit)) for unit in sorted(asker.units))


def begin_reading(asker: Authority | None) -> str:
    """The statements with which a reading begins, in one message to the server; unit numbers are the only words in
    them that are not ours."""
    isolation = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
    return f"{isolation}; SET LOCAL onevoice.sees TO '{seen_by(asker)}'"


def enforce(connection: Connection, login: str = "") -> None:
    """Make the role if it is not there, lend it to `login` ('': to who is connected), and give it what it may do, no
    more. Costs three small queries when all is so already. Raises Unavailable, saying what to run."""
    found = connection.execute(text(ROLES)).one()
    role, login = _quoted(connection, found.role), login or found.login
    lend = f"GRANT {role} TO {_quoted(connection, login)};"
    if not found.there:
        if not found.creates:
            raise Unavailable(
                _ask(f"the login {found.login} may not make the role {found.role}", f"CREATE ROLE {role}; {lend}")
            )
        connection.execute(text(f"CREATE ROLE {role} NOLOGIN"))
    if found.unbound:
        raise Unavailable(
            _ask(f"the role {found.role} passes by row security", f"ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS;")
        )
    _lend(connection, found, login, lend)
    _grant(connection, found)


def standing(connection: Connection) -> tuple[tuple[bool, str], ...]:
    """Sentences on whether the role is in force on this connection of the running program, each with whether it is
    well."""
    found = connection.execute(text(STANDING), {"tables": sorted(PERSONAL)}).one()
    if found.unbound or found.owns:
        return ((False, f"The program works as {found.role}, which owns the tables or passes by row security."),)
    if found.bare:
        back = "ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"
        return (
            (False, f"Anybody sees every row of {found.bare}: let their owner run ALTER TABLE ... {back} on each."),
        )
    good = f"The program works as role {found.role}, which owns nothing; rows about people are seen as far as told."
    if not found.login_owns:
        return ((True, good),)
    advice = "owns the tables and could leave the role; database_owner_url keeps the two apart."
    return ((True, good), (True, f"Its login {found.login} {advice}"))


def may_vacuum(connection: Connection) -> bool:
    """Whether this login may clean the pages of the vault: PostgreSQL would only warn, and leave them."""
    return bool(connection.execute(text(MAY_VACUUM), {"tables": sorted(PERSONAL)}).scalar())


def _lend(connection: Connection, found: Any, login: str, lend: str) -> None:
    how = "SET" if found.version >= SPLIT_MEMBERSHIP else "MEMBER"
    asked = {"login": login, "role": found.role, "how": how, "split": SPLIT_MEMBERSHIP}
    lent, may_lend = connection.execute(text(LENT), asked).one()
    if not lent:
        if not may_lend:
            raise Unavailable(_ask(f"the login {found.login} may not lend {found.role} to {login}", lend))
        connection.execute(text(lend))


def _grant(connection: Connection, found: Any) -> None:
    role = _quoted(connection, found.role)
    for _ in range(2):
        statements, ours = _wanting(connection, found, role)
        if not statements:
            return
        if not ours:
            break
        for statement in statements:
            connection.execute(text(statement))
    raise Unavailable(_ask(f"{found.role} may not do what it should, or more", f"{'; '.join(statements)};"))


def _wanting(connection: Connection, found: Any, role: str) -> tuple[list[str], bool]:
    """The statements that are missing for the role to hold what it may, no more; whether this login may run them."""
    wanted = allowed() | {ALEMBIC: frozenset({"SELECT"})}
    asked = {"role": found.role, "privileges": list(ALL_PRIVILEGES), "tables": sorted(wanted)}
    rows = connection.execute(text(HELD), asked).all()
    if any(row.owned for row in rows):
        raise Unavailable(_ask(f"the role {found.role} owns tables", f"REASSIGN OWNED BY {role} TO {found.login};"))
    statements = []
    for privilege in ALL_PRIVILEGES:
        of = [row for row in rows if row.privilege == privilege]
        missing = sorted(row.relname for row in of if privilege in wanted[row.relname] and not row.held)
        surplus = sorted(row.relname for row in of if privilege not in wanted[row.relname] and row.held)
        statements += [f"GRANT {privilege} ON {', '.join(missing)} TO {role}"] if missing else []
        statements += [f"REVOKE {privilege} ON {', '.join(surplus)} FROM PUBLIC, {role}"] if surplus else []
    return statements + list(_places(connection, found, role)), all(row.ours for row in rows)


def _places(connection: Connection, found: Any, role: str) -> Iterable[str]:
    query = text(
        "SELECT has_schema_privilege(:role, :place, 'USAGE'), "
        "(SELECT bool_and(has_sequence_privilege(:role, s, 'USAGE')) FROM unnest(CAST(:sequences AS text[])) s)"
    )
    asked = {"role": found.role, "place": found.place, "sequences": list(SEQUENCES)}
    schema, sequences = connection.execute(query, asked).one()
    if not schema:
        yield f"GRANT USAGE ON SCHEMA {_quoted(connection, found.place)} TO {role}"
    if not sequences:
        yield f"GRANT USAGE ON SEQUENCE {', '.join(SEQUENCES)} TO {role}"


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote_identifier(name)


def _ask(what: str, statements: str) -> str:
    return f"On PostgreSQL {what}. Let a database administrator run: {statements}"
