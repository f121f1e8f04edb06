"""Free space still holds what was deleted; here is how PostgreSQL is made to let go of it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

# A row that somebody's older snapshot may still see is copied along when a table is rewritten.
_OLDER_SNAPSHOTS = text(
    "SELECT (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
    "AND pid <> pg_backend_pid() AND backend_xmin IS NOT NULL) "
    "+ (SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database()) "
    "+ (SELECT count(*) FROM pg_replication_slots WHERE xmin IS NOT NULL)"
)


def rewrite(connection: Connection, tables: Sequence[str]) -> bool:
    """Rewrite the tables with nothing but what is in them, on a PostgreSQL connection in autocommit mode.

    Returns False, for another try later, while anybody looks at an older state or uses a table. The old files
    are gone at the server's next checkpoint; its write-ahead log, replicas and backups are not touched.
    """
    if connection.scalar(_OLDER_SNAPSHOTS):
        return False
    try:
        # Whoever waits for a lock holds up all that come after: better to come back.
        connection.execute(text("SET lock_timeout = '500ms'"))
        for name in tables:
            connection.execute(text(f'VACUUM (FULL, ANALYZE) "{name}"'))
    except OperationalError:
        return False
    return True
