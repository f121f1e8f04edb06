"""Bring a database up to date, under a lock, once."""

from __future__ import annotations

from survey.storage import schema
from survey.storage.database import Database


def upgrade(database: Database) -> None:
    """Create or upgrade the tables."""
    database.write(schema.metadata.create_all)
