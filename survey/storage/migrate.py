"""Bring a database up to date by its migrations, in one transaction under the writer's lock."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from survey.errors import NewerDatabase
from survey.storage.database import Database

_FOLDER = Path(__file__).parent / "migrations"
# Any number will do, as long as every process asks for the same.
_LOCK = 7_745_321


def upgrade(database: Database) -> None:
    """Create the tables or bring them up to date; an upgrade cut short leaves everything as it was.

    Raises NewerDatabase for a database that a newer version made: nothing in it is touched.
    """
    database.write(_upgrade)


def configuration(connection: Connection) -> Config:
    """Return Alembic's configuration for this connection."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
    config = configuration(connection)
    known = {revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions()}
    there = MigrationContext.configure(connection).get_current_revision()
    if there is not None and there not in known:
        raise NewerDatabase
    command.upgrade(config, "head")
