"""Migrations: the steps from an empty store to this version, proven equal to the tables by a test."""

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text

HEAD: Final = "0009"
HERE: Final = Path(__file__).parent


def upgrade(connection: Connection) -> None:
    """Bring the store behind this connection to HEAD; costs one small query when it is there already."""
    if inspect(connection).has_table("alembic_version"):
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if version == HEAD:
            return
    from alembic import command  # imported late: start-up does not pay for it
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
