"""SQLite's log beside the database (`-wal`): is what was committed in the file that a restart will read?"""

from __future__ import annotations

import logging
import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

_told = logging.getLogger(__name__)


class Log:
    """The log that the writer's connection writes to; of a database that has none, it is always in place."""

    def __init__(self, url: str) -> None:
        name = url.partition(":///")[2] if url.startswith("sqlite") else ""
        self._file = "" if name in ("", ":memory:") else f"{os.path.realpath(name)}-wal"
        self._known: tuple[int, int] | None = None

    def forget(self) -> None:
        """The connection is closed: the next one may write to another file."""
        self._known = None

    def is_in_place(self) -> bool:
        """Say whether what was just committed is where it will be looked for; asked after each commit."""
        if not self._file:
            return True
        try:
            found = os.stat(self._file)
        except FileNotFoundError:
            return False
        self._known = self._known or (found.st_dev, found.st_ino)
        return self._known == (found.st_dev, found.st_ino)

    def move_into_database(self, connection: Connection) -> bool:
        """Move all of the log into the database itself, on the disk; False where that could not be done.

        Who deleted the file has not taken what is in it as long as it is open; with the process it goes.
        """
        _told.error("%s was taken away while the server runs. Votes are moved from it.", self._file)
        try:
            # Past SQLAlchemy, which would begin a transaction.
            driver: Any = connection.connection.dbapi_connection
            (was_held, _, _) = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:
            _told.error("They could not be moved.", exc_info=error)
            return False
        return not was_held


def is_missing(file: Path) -> bool:
    """Say whether a database at rest lacks its log: ended cleanly it has neither of the files beside it."""
    return file.with_name(f"{file.name}-shm").exists() and not file.with_name(f"{file.name}-wal").exists()
