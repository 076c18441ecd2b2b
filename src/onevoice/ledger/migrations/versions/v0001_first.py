"""The first tables; entries, labels and the change log can be added to, never changed."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("entries", "labels", "changes", "policies", "surroundings", "seals", "erasures")
NUMBERED = ("entries", "folios")


def upgrade() -> None:
    """Makes every table of version 1, its sequences and the triggers that keep the book append-only."""
    for make in TABLES:
        make()
    connection = op.get_bind()
    for statement in _postgres() if connection.dialect.name == "postgresql" else _sqlite():
        connection.execute(sa.text(statement))


def downgrade() -> None:
    """There is no way back from the first version."""
    raise RuntimeError("The first version has nothing before it; restore a backup instead.")


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


def _access_log() -> None:
    op.create_table(
        "access_log",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("what", sa.String(length=60), nullable=False),
        sa.Column("folio", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_access_log")),
    )


def _api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.Integer(), nullable=False),
        sa.Column("verbs", sa.String(length=100), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("revoked", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("hash", name=op.f("uq_api_keys_hash")),
    )


def _campaigns() -> None:
    op.create_table(
        "campaigns",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("unit", sa.Integer(), nullable=False),
        sa.Column("category", sa.SmallInteger(), nullable=False),
        sa.Column("topics", sa.String(length=200), nullable=False),
        sa.Column("offer", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("key", name=op.f("uq_campaigns_key")),
    )


def _categories() -> None:
    op.create_table(
        "categories",
        sa.Column("category", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("obeys_caps", sa.Boolean(), nullable=False),
        sa.Column("counts_towards_caps", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("category", name=op.f("pk_categories")),
    )


def _changes() -> None:
    op.create_table(
        "changes",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("document", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_changes")),
    )


def _contact_points() -> None:
    op.create_table(
        "contact_points",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("channel", sa.SmallInteger(), nullable=False),
        sa.Column("address", sa.String(length=400), nullable=False),
        sa.Column("unit", sa.Integer(), nullable=False),
        sa.Column("platform", sa.Integer(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("sends", sa.Boolean(), nullable=False),
        sa.Column("receives", sa.Boolean(), nullable=False),
        sa.Column("purpose", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_contact_points")),
        sa.UniqueConstraint("key", name=op.f("uq_contact_points_key")),
    )


def _contact_state_older() -> None:
    op.create_table(
        "contact_state_older",
        sa.Column("folio", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("older", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("folio", name=op.f("pk_contact_state_older")),
    )


def _contact_states() -> None:
    op.create_table(
        "contact_states",
        sa.Column("folio", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("zone", sa.SmallInteger(), nullable=False),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.Column("reach", sa.BigInteger(), nullable=False),
        sa.Column("touches", sa.LargeBinary(), nullable=False),
        sa.Column("tallies", sa.LargeBinary(), nullable=False),
        sa.Column("permits", sa.LargeBinary(), nullable=False),
        sa.Column("marks", sa.LargeBinary(), nullable=False),
        sa.Column("wishes", sa.LargeBinary(), nullable=False),
        sa.Column("format", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("folio", name=op.f("pk_contact_states")),
    )


def _customer_units() -> None:
    op.create_table(
        "customer_units",
        sa.Column("unit", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("customer", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("unit", "customer", name=op.f("pk_customer_units")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_customer_units_customer", "customer_units", ["customer"], unique=False)


def _due() -> None:
    op.create_table(
        "due",
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("touch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("claimed_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("at", "touch", "kind", name=op.f("pk_due")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_due_touch", "due", ["touch"], unique=False)


def _entries() -> None:
    op.create_table(
        "entries",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("touch", sa.BigInteger(), nullable=False),
        sa.Column("customer", sa.BigInteger(), nullable=True),
        sa.Column("customer_sequence", sa.Integer(), nullable=True),
        sa.Column("address", sa.BigInteger(), nullable=True),
        sa.Column("address_sequence", sa.Integer(), nullable=True),
        sa.Column("household", sa.BigInteger(), nullable=True),
        sa.Column("household_sequence", sa.Integer(), nullable=True),
        sa.Column("client", sa.BigInteger(), nullable=True),
        sa.Column("client_sequence", sa.Integer(), nullable=True),
        sa.Column("label", sa.Integer(), nullable=False),
        sa.Column("direction", sa.SmallInteger(), nullable=False),
        sa.Column("content", sa.BigInteger(), nullable=False),
        sa.Column("template", sa.Integer(), nullable=False),
        sa.Column("conversation", sa.BigInteger(), nullable=True),
        sa.Column("verdict", sa.SmallInteger(), nullable=True),
        sa.Column("reason", sa.SmallInteger(), nullable=True),
        sa.Column("mode", sa.SmallInteger(), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("latest", sa.BigInteger(), nullable=True),
        sa.Column("findings", sa.LargeBinary(), nullable=True),
        sa.Column("policy", sa.Integer(), nullable=True),
        sa.Column("surroundings", sa.Integer(), nullable=True),
        sa.Column("permit", sa.SmallInteger(), nullable=True),
        sa.Column("proof", sa.SmallInteger(), nullable=True),
        sa.Column("mark", sa.SmallInteger(), nullable=True),
        sa.Column("scope", sa.Integer(), nullable=True),
        sa.Column("zone", sa.SmallInteger(), nullable=True),
        sa.Column("wish", sa.LargeBinary(), nullable=True),
        sa.Column("occurred", sa.BigInteger(), nullable=False),
        sa.Column("recorded", sa.BigInteger(), nullable=False),
        sa.Column("said_by", sa.Integer(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_entries")),
    )
    op.create_index("ix_entries_address", "entries", ["address", "address_sequence"], unique=False)
    op.create_index(
        "ix_entries_client",
        "entries",
        ["client", "client_sequence"],
        unique=False,
        sqlite_where=sa.text("client IS NOT NULL"),
        postgresql_where=sa.text("client IS NOT NULL"),
    )
    op.create_index("ix_entries_customer", "entries", ["customer", "customer_sequence"], unique=False)
    op.create_index(
        "ix_entries_household",
        "entries",
        ["household", "household_sequence"],
        unique=False,
        sqlite_where=sa.text("household IS NOT NULL"),
        postgresql_where=sa.text("household IS NOT NULL"),
    )
    op.create_index("ix_entries_occurred", "entries", ["occurred"], unique=False)
    op.create_index(
        "ix_entries_touch",
        "entries",
        ["touch", "number"],
        unique=False,
        sqlite_where=sa.text("touch != number"),
        postgresql_where=sa.text("touch != number"),
    )


def _erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("folio", sa.BigInteger(), nullable=False),
        sa.Column("erased", sa.BigInteger(), nullable=False),
        sa.Column("said_by", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_erasures")),
    )


def _folios() -> None:
    op.create_table(
        "folios",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("household", sa.BigInteger(), nullable=True),
        sa.Column("client", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_folios")),
    )


def _heard() -> None:
    op.create_table(
        "heard",
        sa.Column("said_by", sa.Integer(), nullable=False),
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("body", sa.LargeBinary(length=8), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", "said_by", name=op.f("pk_heard")),
        sqlite_with_rowid=False,
    )


def _journeys() -> None:
    op.create_table(
        "journeys",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_journeys")),
        sa.UniqueConstraint("key", name=op.f("uq_journeys_key")),
    )


def _labels() -> None:
    op.create_table(
        "labels",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("channel", sa.Integer(), nullable=False),
        sa.Column("category", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Integer(), nullable=False),
        sa.Column("contact_point", sa.Integer(), nullable=False),
        sa.Column("platform", sa.Integer(), nullable=False),
        sa.Column("campaign", sa.Integer(), nullable=False),
        sa.Column("journey", sa.Integer(), nullable=False),
        sa.Column("package", sa.Integer(), nullable=False),
        sa.Column("offer", sa.Integer(), nullable=False),
        sa.Column("topics", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_labels")),
        sa.UniqueConstraint(
            "channel",
            "category",
            "purpose",
            "unit",
            "contact_point",
            "platform",
            "campaign",
            "journey",
            "package",
            "offer",
            "topics",
            name="uq_labels_all",
        ),
    )


def _links() -> None:
    op.create_table(
        "links",
        sa.Column("customer", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("address", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("channel", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("customer", "address", name=op.f("pk_links")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_links_address", "links", ["address"], unique=False)


def _offers() -> None:
    op.create_table(
        "offers",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("topic", sa.Integer(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_offers")),
        sa.UniqueConstraint("key", name=op.f("uq_offers_key")),
    )


def _packages() -> None:
    op.create_table(
        "packages",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_packages")),
        sa.UniqueConstraint("key", name=op.f("uq_packages_key")),
    )


def _parked() -> None:
    op.create_table(
        "parked",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("source", sa.Integer(), nullable=False),
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("recorded", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_parked")),
        sa.UniqueConstraint("source", "key", name=op.f("uq_parked_source_key")),
    )


def _platforms() -> None:
    op.create_table(
        "platforms",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("unit", sa.Integer(), nullable=False),
        sa.Column("vendor", sa.String(length=60), nullable=False),
        sa.Column("mode", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_platforms")),
        sa.UniqueConstraint("key", name=op.f("uq_platforms_key")),
    )


def _policies() -> None:
    op.create_table(
        "policies",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("activated", sa.BigInteger(), nullable=False),
        sa.Column("activated_by", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_policies")),
    )


def _purposes() -> None:
    op.create_table(
        "purposes",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_purposes")),
        sa.UniqueConstraint("key", name=op.f("uq_purposes_key")),
    )


def _seals() -> None:
    op.create_table(
        "seals",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.BigInteger(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_seals")),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("token", sa.LargeBinary(length=32), nullable=False),
        sa.Column("staff", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_sessions")),
    )


def _sign_in_tries() -> None:
    op.create_table(
        "sign_in_tries",
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("slot", name=op.f("pk_sign_in_tries")),
    )


def _sources() -> None:
    op.create_table(
        "sources",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_sources")),
        sa.UniqueConstraint("name", name=op.f("uq_sources_name")),
    )


def _staff() -> None:
    op.create_table(
        "staff",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("email", sa.String(length=300), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("unit", sa.Integer(), nullable=False),
        sa.Column("role", sa.SmallInteger(), nullable=False),
        sa.Column("password", sa.String(length=300), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_staff")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_email")),
    )


def _stopped_addresses() -> None:
    op.create_table(
        "stopped_addresses",
        sa.Column("hash", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("rest", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.SmallInteger(), nullable=False),
        sa.Column("recorded", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_stopped_addresses")),
    )


def _surroundings() -> None:
    op.create_table(
        "surroundings",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_surroundings")),
    )


def _tallies_by_day() -> None:
    op.create_table(
        "tallies_by_day",
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("label", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("verdict", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("mode", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "label", "kind", "verdict", "reason", "mode", name=op.f("pk_tallies_by_day")),
        sqlite_with_rowid=False,
    )


def _templates() -> None:
    op.create_table(
        "templates",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_templates")),
        sa.UniqueConstraint("key", name=op.f("uq_templates_key")),
    )


def _topics() -> None:
    op.create_table(
        "topics",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("parent", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_topics")),
        sa.UniqueConstraint("key", name=op.f("uq_topics_key")),
    )


def _units() -> None:
    op.create_table(
        "units",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("parent", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_units")),
        sa.UniqueConstraint("key", name=op.f("uq_units_key")),
    )


def _vault_addresses() -> None:
    op.create_table(
        "vault_addresses",
        sa.Column("folio", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("channel", sa.SmallInteger(), nullable=False),
        sa.Column("value", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("folio", name=op.f("pk_vault_addresses")),
    )


def _vault_customers() -> None:
    op.create_table(
        "vault_customers",
        sa.Column("folio", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("folio", name=op.f("pk_vault_customers")),
    )


def _vault_lookups() -> None:
    op.create_table(
        "vault_lookups",
        sa.Column("hash", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("rest", sa.BigInteger(), nullable=False),
        sa.Column("folio", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_vault_lookups")),
    )
    op.create_index("ix_vault_lookups_folio", "vault_lookups", ["folio"], unique=False)


def _vault_names() -> None:
    op.create_table(
        "vault_names",
        sa.Column("word", sa.String(length=100), nullable=False),
        sa.Column("folio", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("word", "folio", name=op.f("pk_vault_names")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_vault_names_folio", "vault_names", ["folio"], unique=False)


def _vault_words() -> None:
    op.create_table(
        "vault_words",
        sa.Column("entry", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("folio", sa.BigInteger(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("refers", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_vault_words")),
    )
    op.create_index("ix_vault_words_folio", "vault_words", ["folio"], unique=False)


def _waiting() -> None:
    op.create_table(
        "waiting",
        sa.Column("touch", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("latest", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("send_by", sa.BigInteger(), nullable=False),
        sa.Column("dispatch", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("touch", name=op.f("pk_waiting")),
    )


def _zones() -> None:
    op.create_table(
        "zones",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_zones")),
        sa.UniqueConstraint("key", name=op.f("uq_zones_key")),
    )


TABLES = (
    _access_log,
    _api_keys,
    _campaigns,
    _categories,
    _changes,
    _contact_points,
    _contact_state_older,
    _contact_states,
    _customer_units,
    _due,
    _entries,
    _erasures,
    _folios,
    _heard,
    _journeys,
    _labels,
    _links,
    _offers,
    _packages,
    _parked,
    _platforms,
    _policies,
    _purposes,
    _seals,
    _sessions,
    _sign_in_tries,
    _sources,
    _staff,
    _stopped_addresses,
    _surroundings,
    _tallies_by_day,
    _templates,
    _topics,
    _units,
    _vault_addresses,
    _vault_customers,
    _vault_lookups,
    _vault_names,
    _vault_words,
    _waiting,
    _zones,
)
