"""Tables of views: the filters of a list that a member of staff keeps under a name."""

from sqlalchemy import BigInteger, Column, Integer, String, Table, UniqueConstraint

from onevoice.ledger.tables import metadata

saved_views = Table(  # the filters of a list under a name, each for one member of staff
    "saved_views",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("staff", BigInteger, nullable=False),
    Column("page", String(40), nullable=False),
    Column("name", String(80), nullable=False),
    Column("query", String(1000), nullable=False),  # as it stands in the page's address
    UniqueConstraint("staff", "page", "name"),
)
