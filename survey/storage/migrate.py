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
from survey.storage.keys import Keys

_FOLDER = Path(__file__).parent / "migrations"
# Any number will do, as long as every process asks for the same.
_LOCK = 7_745_321


def upgrade(database: Database, keys: Keys | None = None) -> None:
    """Create the tables or bring them up to date; an upgrade cut short leaves everything as it was.

    Raises NewerDatabase for a database that a newer version made: nothing in it is touched, and
    WrongSecret where the database was set up with another secret than that of `keys`.
    """

    def work(connection: Connection) -> None:
        _upgrade(connection)
        if keys is not None:
            keys.check(connection)

    database.write(work)


def configuration(connection: Connection) -> Config:
    """Return Alembic's configuration for this connection."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    return config


def revision(connection: Connection) -> str | None:
    """Return the revision of the tables that are there; None where there are none."""
    return MigrationContext.configure(connection).get_current_revision()


def known(connection: Connection) -> set[str]:
    """Return the revisions that this program can make."""
    script = ScriptDirectory.from_config(configuration(connection))
    return {one.revision for one in script.walk_revisions()}


def upgrade_to(connection: Connection, wanted: str) -> None:
    """Make the tables of a revision, for rows that were saved from it."""
    command.upgrade(configuration(connection), wanted)


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
    config = configuration(connection)
    there = revision(connection)
    if there is not None and there not in known(connection):
        raise NewerDatabase
    command.upgrade(config, "head")
