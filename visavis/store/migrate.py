"""Bring a database to the tables of this version."""

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from visavis.store.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

_LOCK = 0x76697361766973  # "visavis": one migrator at a time on Postgres


def alembic_config() -> "Config":
    """Alembic pointed at the packaged migrations."""
    from alembic.config import Config  # the API starts without it

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def migrate(database: Database) -> None:
    """Create or update the tables; safe to call from several processes at once."""
    from alembic import command

    config = alembic_config()
    with database.engine.connect() as connection:
        if database.on_sqlite:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


def head() -> str:
    """Name of the newest migration."""
    from alembic.script import ScriptDirectory

    return str(ScriptDirectory.from_config(alembic_config()).get_current_head())
