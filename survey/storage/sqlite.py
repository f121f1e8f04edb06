"""SQLite: its engines, with every commit on the disk before it is told.

Nobody in the server may open the database's file in any other way: who closes a file loses all locks that the
process has on it, SQLite's as well, and the scribe beside it would take itself for the last to leave.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, NullPool, create_engine, event


def reading_engine(url: str, busy_seconds: float) -> Engine:
    """Return the engine whose transactions only read."""
    return _engine(url, busy_seconds, "BEGIN", pool_size=10, max_overflow=90)


def writing_engine(url: str, busy_seconds: float) -> Engine:
    """Return the engine whose transactions take the write lock at once, waiting so many seconds for it."""
    return _engine(url, busy_seconds, "BEGIN IMMEDIATE", poolclass=NullPool)


def changes(connection: Connection) -> int | None:
    """Return how many rows were ever changed through a connection; None where its driver does not count."""
    found: int | None = getattr(connection.connection.dbapi_connection, "total_changes", None)
    return found


def _engine(url: str, busy_seconds: float, begin: str, **options: Any) -> Engine:
    # Statements differ with the size of a batch: there are more of them than the driver keeps by itself.
    given = {"timeout": busy_seconds, "check_same_thread": False, "cached_statements": 1_000}
    engine = create_engine(url, connect_args=given, **options)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # The driver's own BEGIN is switched off: a write must take its lock at once, not at its first change.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA secure_delete=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        # In autocommit mode (VACUUM) there is no transaction to begin.
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            # Straight to the driver: SQLAlchemy's way costs more than a page's question to the database.
            connection.connection.cursor().execute(begin)

    return engine
