"""Every table, in four rooms of one database: the book, the vault, the documents, and who may enter.

Moments are integer microseconds UTC. Numbers of folios, labels and documents are given once and never used again.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    literal_column,
)

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _number() -> Column[int]:
    return Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False)


# ---- the book ------------------------------------------------------------------------------------------------------

labels = Table(
    "labels",
    metadata,
    _number(),
    *[
        Column(name, Integer, nullable=False)
        for name in (
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
        )
    ],
    Column("topics", String(200), nullable=False),  # topic numbers joined by commas
    UniqueConstraint(
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

folios = Table(
    "folios",
    metadata,
    _number(),
    Column("kind", SmallInteger, nullable=False),
    Column("household", BigInteger),  # of a customer
    Column("client", BigInteger),  # of a customer
)

links = Table(  # which customers use which address; one address shared by two people is normal
    "links",
    metadata,
    Column("customer", BigInteger, primary_key=True, autoincrement=False),
    Column("address", BigInteger, primary_key=True, autoincrement=False),
    Column("channel", SmallInteger, nullable=False),
    Index("ix_links_address", "address"),
    sqlite_with_rowid=False,
)

entries = Table(
    "entries",
    metadata,
    _number(),
    Column("kind", SmallInteger, nullable=False),
    Column("touch", BigInteger, nullable=False),  # the number of the thread's first entry
    Column("customer", BigInteger),
    Column("customer_sequence", Integer),
    Column("address", BigInteger),
    Column("address_sequence", Integer),
    Column("household", BigInteger),
    Column("household_sequence", Integer),
    Column("client", BigInteger),
    Column("client_sequence", Integer),
    Column("label", Integer, nullable=False),
    Column("direction", SmallInteger, nullable=False),
    Column("content", BigInteger, nullable=False),  # keyed fingerprint, 32 bits; 0: none
    Column("template", Integer, nullable=False),
    Column("conversation", BigInteger),
    Column("verdict", SmallInteger),
    Column("reason", SmallInteger),
    Column("mode", SmallInteger),
    Column("until", BigInteger),  # of a hold, a lease, or a mark
    Column("latest", BigInteger),
    Column("findings", LargeBinary),  # records of FINDING, one per rule that did not say send
    Column("policy", Integer),
    Column("surroundings", Integer),
    Column("permit", SmallInteger),
    Column("proof", SmallInteger),
    Column("mark", SmallInteger),
    Column("scope", Integer),
    Column("zone", SmallInteger),
    Column("wish", LargeBinary),  # one record of WISH
    Column("occurred", BigInteger, nullable=False),
    Column("recorded", BigInteger, nullable=False),
    Column("said_by", Integer, nullable=False),
    Column("commitment", LargeBinary),  # salted hash over what the vault keeps of it
    Column("hash", LargeBinary, nullable=False),
    Index("ix_entries_customer", "customer", "customer_sequence"),
    Index("ix_entries_address", "address", "address_sequence"),
    Index(
        "ix_entries_household",
        "household",
        "household_sequence",
        sqlite_where=Column("household").is_not(None),
        postgresql_where=Column("household").is_not(None),
    ),
    Index(
        "ix_entries_client",
        "client",
        "client_sequence",
        sqlite_where=Column("client").is_not(None),
        postgresql_where=Column("client").is_not(None),
    ),
    Index(
        "ix_entries_touch",
        "touch",
        "number",
        sqlite_where=Column("touch") != Column("number"),
        postgresql_where=Column("touch") != Column("number"),
    ),
)

IS_DECISION: Final = entries.c.kind == literal_column("1")
WENT_OUT: Final = and_(entries.c.kind == literal_column("3"), entries.c.direction == literal_column("1"))
"""Kinds DECIDED, and SENT outbound: written out, because an index over some rows serves only those who say so alike."""

_BY_WHEN = (  # what decisions are looked up by; who got which message: read from the index alone, not from the entries
    ("decided", IS_DECISION, ("occurred", "number", "label", "verdict", "reason", "mode")),
    ("went_out", WENT_OUT, ("occurred", "customer", "address", "touch")),
)
for _name, _where, _columns in _BY_WHEN:
    _indexed = [entries.c[column] for column in _columns]
    Index(f"ix_entries_{_name}", *_indexed, sqlite_where=_where, postgresql_where=_where)

heard = Table(  # the one unique key of testimony: who says so, and a keyed hash of their id
    "heard",
    metadata,
    Column("said_by", Integer, nullable=False),
    Column("key", LargeBinary(16), nullable=False),
    Column("body", LargeBinary(8), nullable=False),
    Column("entry", BigInteger, nullable=False),
    PrimaryKeyConstraint("key", "said_by"),  # the key first: one teller may have said millions of things
    sqlite_with_rowid=False,
)

contact_states = Table(
    "contact_states",
    metadata,
    Column("folio", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("sequence", Integer, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("zone", SmallInteger, nullable=False),
    Column("segments", Integer, nullable=False),
    Column("reach", BigInteger, nullable=False),
    Column("touches", LargeBinary, nullable=False),
    Column("tallies", LargeBinary, nullable=False),
    Column("permits", LargeBinary, nullable=False),
    Column("marks", LargeBinary, nullable=False),
    Column("wishes", LargeBinary, nullable=False),
    Column("format", SmallInteger, nullable=False),
)

contact_state_older = Table(
    "contact_state_older",
    metadata,
    Column("folio", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("older", LargeBinary, nullable=False),
)

due = Table(  # what must be looked at, and when; in the same transaction as the decision
    "due",
    metadata,
    Column("at", BigInteger, primary_key=True, autoincrement=False),
    Column("touch", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", SmallInteger, primary_key=True, autoincrement=False),
    Column("token", BigInteger, nullable=False),  # fencing: grows with every claim
    Column("claimed_until", BigInteger, nullable=False),
    Index("ix_due_touch", "touch"),
    sqlite_with_rowid=False,
)

waiting = Table(  # the proposal of a touch that is held or is ours to send, whole, until it is settled
    "waiting",
    metadata,
    Column("touch", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("latest", BigInteger, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("send_by", BigInteger, nullable=False),
    Column("dispatch", Boolean, nullable=False),
)

tallies_by_day = Table(  # a snapshot of the entries, rebuilt from them by a test
    "tallies_by_day",
    metadata,
    Column("day", Integer, primary_key=True, autoincrement=False),  # UTC day of `occurred`, days since 1970-01-01
    Column("label", Integer, primary_key=True, autoincrement=False),
    Column("kind", SmallInteger, primary_key=True, autoincrement=False),
    Column("verdict", SmallInteger, primary_key=True, autoincrement=False),  # 0: none
    Column("reason", SmallInteger, primary_key=True, autoincrement=False),
    Column("mode", SmallInteger, primary_key=True, autoincrement=False),
    Column("count", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

seals = Table(
    "seals",
    metadata,
    _number(),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("entries", BigInteger, nullable=False),  # how many numbers of the range were used
    Column("root", LargeBinary, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("sealed", BigInteger, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)

sources = Table(  # who says so: `key:3`, `staff:2`, `import:twilio`
    "sources",
    metadata,
    _number(),
    Column("name", String(200), nullable=False, unique=True),
)

templates = Table("templates", metadata, _number(), Column("key", String(200), nullable=False, unique=True))
journeys = Table("journeys", metadata, _number(), Column("key", String(200), nullable=False, unique=True))
packages = Table("packages", metadata, _number(), Column("key", String(200), nullable=False, unique=True))
zones = Table("zones", metadata, _number(), Column("key", String(500), nullable=False, unique=True))

policies = Table(
    "policies",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("name", String(200), nullable=False),
    Column("body", Text, nullable=False),  # the policy file as it was activated
    Column("hash", LargeBinary, nullable=False),
    Column("activated", BigInteger, nullable=False),
    Column("activated_by", String(200), nullable=False),
)

surroundings = Table(
    "surroundings",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),  # JSON of the whole snapshot; nothing filters by it
    Column("made", BigInteger, nullable=False),
)

# ---- the vault: everything that can be forgotten ---------------------------------------------------------------------

vault_lookups = Table(
    "vault_lookups",
    metadata,
    Column("hash", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("rest", BigInteger, nullable=False),  # the second half of the keyed hash: a collision is seen, not merged
    Column("folio", BigInteger, nullable=False),
    Index("ix_vault_lookups_folio", "folio"),
)

vault_customers = Table(
    "vault_customers",
    metadata,
    Column("folio", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("reference", String(200), nullable=False),  # the company's own id
    Column("name", String(300), nullable=False),
    Column("language", String(20), nullable=False),
)

vault_addresses = Table(
    "vault_addresses",
    metadata,
    Column("folio", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("channel", SmallInteger, nullable=False),
    Column("value", String(400), nullable=False),  # normalised: E.164, lower-case domain
)

vault_names = Table(  # names for search, folded to lower case without accents; secure delete
    "vault_names",
    metadata,
    Column("word", String(100), primary_key=True),
    Column("folio", BigInteger, primary_key=True, autoincrement=False),
    Index("ix_vault_names_folio", "folio"),
    sqlite_with_rowid=False,
)

vault_words = Table(  # what a message said
    "vault_words",
    metadata,
    Column("entry", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("folio", BigInteger, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("subject", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("refers", Text, nullable=False),  # JSON of what else the source said; nothing filters by it
    Column("raw", LargeBinary),
    Index("ix_vault_words_folio", "folio"),
)

parked = Table(  # what could not be read, waiting for a person
    "parked",
    metadata,
    _number(),
    Column("source", Integer, nullable=False),
    Column("key", LargeBinary(16), nullable=False),
    Column("place", String(300), nullable=False),
    Column("reason", Text, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("recorded", BigInteger, nullable=False),
    UniqueConstraint("source", "key"),
)

stopped_addresses = Table(  # the one thing that survives erasure: kept to honour the stop
    "stopped_addresses",
    metadata,
    Column("hash", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("rest", BigInteger, nullable=False),
    Column("channel", SmallInteger, nullable=False),
    Column("recorded", BigInteger, nullable=False),
)

erasures = Table(
    "erasures",
    metadata,
    _number(),
    Column("folio", BigInteger, nullable=False),
    Column("erased", BigInteger, nullable=False),
    Column("said_by", String(200), nullable=False),
)

# ---- documents -------------------------------------------------------------------------------------------------------


def _document(name: str, *columns: Column[int] | Column[str] | Column[bool]) -> Table:
    return Table(
        name,
        metadata,
        _number(),
        Column("key", String(200), nullable=False, unique=True),
        Column("name", String(300), nullable=False),
        *columns,
    )


units = _document(
    "units",
    Column("parent", Integer, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("zone", String(60), nullable=False),
)
platforms = _document(
    "platforms",
    Column("unit", Integer, nullable=False),
    Column("vendor", String(60), nullable=False),
    Column("mode", SmallInteger, nullable=False),
)
contact_points = _document(
    "contact_points",
    Column("channel", SmallInteger, nullable=False),
    Column("address", String(400), nullable=False),
    Column("unit", Integer, nullable=False),
    Column("platform", Integer, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("sends", Boolean, nullable=False),
    Column("receives", Boolean, nullable=False),
    Column("purpose", String(300), nullable=False),
)
topics = _document("topics", Column("parent", Integer, nullable=False), Column("unit", Integer, nullable=False))
purposes = _document("purposes")
offers = _document("offers", Column("topic", Integer, nullable=False), Column("terms", Text, nullable=False))
campaigns = _document(
    "campaigns",
    Column("unit", Integer, nullable=False),
    Column("category", SmallInteger, nullable=False),
    Column("topics", String(200), nullable=False),
    Column("offer", Integer, nullable=False),
    Column("why", Text, nullable=False),
)
categories = Table(
    "categories",
    metadata,
    Column("category", SmallInteger, primary_key=True, autoincrement=False),
    Column("obeys_caps", Boolean, nullable=False),
    Column("counts_towards_caps", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
)
customer_units = Table(  # which units a customer belongs to
    "customer_units",
    metadata,
    Column("unit", Integer, primary_key=True, autoincrement=False),
    Column("customer", BigInteger, primary_key=True, autoincrement=False),
    Index("ix_customer_units_customer", "customer"),
    sqlite_with_rowid=False,
)
changes = Table(  # the append-only, hash-chained log of every change of a document
    "changes",
    metadata,
    _number(),
    Column("document", String(60), nullable=False),
    Column("key", String(200), nullable=False),
    Column("before", Text, nullable=False),  # JSON, empty when it is new
    Column("after", Text, nullable=False),  # JSON, empty when it is gone
    Column("changed", BigInteger, nullable=False),
    Column("changed_by", String(200), nullable=False),
    Column("hash", LargeBinary, nullable=False),
)

# ---- who may enter ---------------------------------------------------------------------------------------------------

staff = Table(
    "staff",
    metadata,
    _number(),
    Column("email", String(300), nullable=False, unique=True),
    Column("name", String(300), nullable=False),
    Column("unit", Integer, nullable=False),
    Column("role", SmallInteger, nullable=False),
    Column("password", String(300), nullable=False),  # argon2id
    Column("active", Boolean, nullable=False),
    Column("epoch", Integer, nullable=False),  # grows with every change of rights; older sessions end
)
sessions = Table(
    "sessions",
    metadata,
    Column("token", LargeBinary(32), primary_key=True),  # SHA-256 of the cookie
    Column("staff", BigInteger, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("started", BigInteger, nullable=False),
    Column("ends", BigInteger, nullable=False),
)
api_keys = Table(
    "api_keys",
    metadata,
    _number(),
    Column("name", String(200), nullable=False),
    Column("unit", Integer, nullable=False),
    Column("verbs", String(100), nullable=False),
    Column("hash", LargeBinary(32), nullable=False, unique=True),
    Column("made", BigInteger, nullable=False),
    Column("revoked", BigInteger),
)
sign_in_tries = Table(  # throttling by account and network, fixed size by hash
    "sign_in_tries",
    metadata,
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("tries", Integer, nullable=False),
    Column("since", BigInteger, nullable=False),
)
access_log = Table(  # who looked at whose messages
    "access_log",
    metadata,
    _number(),
    Column("who", String(200), nullable=False),
    Column("what", String(60), nullable=False),
    Column("folio", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
)

from onevoice.ledger import door_tables as door_tables  # noqa: E402
from onevoice.ledger import draft_tables as draft_tables  # noqa: E402  # tables of the same metadata
from onevoice.ledger import exception_tables as exception_tables  # noqa: E402
from onevoice.ledger import sign_in_tables as sign_in_tables  # noqa: E402
from onevoice.ledger import view_tables as view_tables  # noqa: E402
from onevoice.ledger import webhook_tables as webhook_tables  # noqa: E402
